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

bool node_gist(const struct node *n, struct str *gist)
{
	const struct node *same = n->same;
	*gist = STR_NONE;
	return same->entry && facts_gist(same->facts, same->entry, gist);
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

const struct node **node_children(const struct node *dir, struct arena *a, size_t *count)
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
	const struct node **children = node_children(from, scratch, &count);
	for (size_t i = 0; i < count; i++)
		if (!tree_walk(t, children[i], scratch, visit, context))
			return false;
	return true;
}

struct sum {
	uint8_t *seen; /* a bit an inode */
	struct tree_size size;
};

static void add_node(const struct node *n, struct sum *sum)
{
	uint8_t *byte = &sum->seen[n->inode / 8], bit = (uint8_t)(1u << (n->inode % 8));
	if (*byte & bit)
		return;
	*byte |= bit;
	switch (node_type(n)) {
	case ENTRY_FILE:
		sum->size.files++;
		sum->size.file_bytes += node_size_bytes(n);
		break;
	case ENTRY_SYMLINK:
		sum->size.links++;
		sum->size.link_bytes += node_link(n).n;
		break;
	case ENTRY_DIR:
		sum->size.folders++;
		break;
	default:
		break;
	}
}

static void add_up(const struct node *dir, struct sum *sum)
{
	for (const struct node *n = dir->child; n; n = n->next) {
		add_node(n, sum);
		add_up(n, sum);
	}
}

struct tree_size tree_measure(const struct tree *t)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct sum sum = {.seen = arena_alloc(&scratch, t->next_inode / 8 + 1)};
	if (t->root->child)
		add_node(t->root, &sum);
	add_up(t->root, &sum);
	return sum.size;
}

uint64_t tree_size_bytes(const struct tree *t, size_t *files)
{
	enum { FOLDER_BYTES = 4096 }; /* one block; ext4 gives a folder no less */
	struct tree_size size = tree_measure(t);
	if (files)
		*files = size.files;
	return size.file_bytes + size.link_bytes + (uint64_t)size.folders * FOLDER_BYTES;
}
