/* What a node is, and walks over many. */
#include <stdlib.h>

#include "facts/tree.h"

uint8_t node_type(const struct node *n)
{
	const struct entry *entry = n->same->entry;
	return entry ? entry->type : ENTRY_DIR;
}

/* Folders that no layer lists get what mkdir -p gives them. */
uint16_t node_mode(const struct node *n)
{
	const struct entry *entry = n->same->entry;
	return entry ? entry->mode : 0755;
}

uint64_t node_size_bytes(const struct node *n)
{
	const struct entry *entry = n->same->entry;
	return entry && entry->type == ENTRY_FILE ? entry->size_bytes : 0;
}

struct str node_link(const struct node *n)
{
	const struct entry *entry = n->same->entry;
	return entry && entry->type == ENTRY_SYMLINK ? entry->link : STR_NONE;
}

struct str node_shebang(const struct node *n)
{
	const struct entry *entry = n->same->entry;
	return entry ? entry->shebang : STR_NONE;
}

struct str node_elf_error(const struct node *n)
{
	const struct entry *entry = n->same->entry;
	return entry ? entry->elf_error : STR_NONE;
}

const struct elf_object *node_elf(const struct node *n)
{
	const struct node *same = n->same;
	return same->entry ? facts_elf(same->facts, same->entry) : NULL;
}

bool node_kept(const struct node *n, struct str *content)
{
	const struct node *same = n->same;
	*content = STR_NONE;
	return same->entry && facts_kept(same->facts, same->entry, content);
}

struct str tree_path(const struct node *n, struct arena *a)
{
	if (!n->parent)
		return STR("/");
	size_t bytes = 0;
	for (const struct node *at = n; at->parent; at = at->parent)
		bytes += 1 + at->name.n;
	char *out = arena_alloc(a, bytes + 1);
	size_t end = bytes;
	for (const struct node *at = n; at->parent; at = at->parent) {
		end -= at->name.n;
		memcpy(out + end, at->name.p, at->name.n);
		out[--end] = '/';
	}
	return (struct str){out, bytes};
}

static int by_name(const void *a, const void *b)
{
	const struct node *const *left = a, *const *right = b;
	return str_cmp((*left)->name, (*right)->name);
}

static const struct node **sorted_children(const struct node *dir, struct arena *a, size_t *count)
{
	*count = 0;
	for (const struct node *n = dir->child; n; n = n->next)
		++*count;
	const struct node **children = arena_array(a, *count + 1, sizeof *children);
	size_t i = 0;
	for (const struct node *n = dir->child; n; n = n->next)
		children[i++] = n;
	qsort(children, *count, sizeof(const struct node *), by_name);
	return children;
}

/* As deep as a path has parts: LIMIT_PATH_BYTES / 2 at most. */
bool tree_walk(const struct tree *t, const struct node *from, struct arena *scratch,
               bool (*visit)(const struct node *n, void *context), void *context)
{
	if (!visit(from, context))
		return false;
	size_t count;
	const struct node **children = sorted_children(from, scratch, &count);
	for (size_t i = 0; i < count; i++)
		if (!tree_walk(t, children[i], scratch, visit, context))
			return false;
	return true;
}

struct sum {
	uint8_t *seen; /* a bit an inode */
	uint64_t bytes;
	size_t files;
};

static void add_up(const struct node *dir, struct sum *sum)
{
	for (const struct node *n = dir->child; n; n = n->next) {
		uint8_t *byte = &sum->seen[n->inode / 8], bit = (uint8_t)(1u << (n->inode % 8));
		if (node_type(n) == ENTRY_FILE && !(*byte & bit)) {
			*byte |= bit;
			sum->bytes += node_size_bytes(n);
			sum->files++;
		}
		add_up(n, sum);
	}
}

uint64_t tree_size_bytes(const struct tree *t, size_t *files)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct sum sum = {.seen = arena_alloc(&scratch, t->next_inode / 8 + 1)};
	add_up(t->root, &sum);
	if (files)
		*files = sum.files;
	return sum.bytes;
}
