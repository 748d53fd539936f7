/* What the application itself has, found by the last component of its path.
 *
 * Where exactly a loader would look is the prediction's matter. Here a library
 * that lies anywhere in the application counts as brought along. */
#include "needs/collect.h"

struct named {
	const struct node *node;
	struct named *next;
};

static bool add_file(const struct node *n, void *context)
{
	struct collector *c = context;
	uint8_t type = node_type(n);
	if (type != ENTRY_FILE && type != ENTRY_SYMLINK)
		return true;
	struct named *named = ARENA_NEW(c->arena, struct named);
	uintptr_t *first = map_put(&c->files, c->arena, n->name, NULL);
	*named = (struct named){n, (struct named *)*first};
	*first = (uintptr_t)named;
	return true;
}

void files_index(struct collector *c)
{
	tree_walk(c->app, c->app->root, c->arena, add_file, c);
}

const struct node *files_resolve(const struct collector *c, const struct node *n)
{
	struct node *target;
	if (node_type(n) != ENTRY_SYMLINK)
		return n;
	return tree_lookup(c->app, n->parent, n->name, true, &target) == TREE_FOUND ? target : NULL;
}

static bool is_library_like(const struct node *n, const struct elf_object *elf)
{
	const struct elf_object *found = n ? node_elf(n) : NULL;
	return found && found->type == ELF_DYN && found->machine == elf->machine &&
	       found->class_bits == elf->class_bits && found->big_endian == elf->big_endian;
}

/* ld.so(8): $ORIGIN is the folder of the object that asks. */
static const struct node *find_from(const struct collector *c, const struct node *from,
                                    struct str path)
{
	static const struct str spellings[] = {STR_INIT("$ORIGIN/"), STR_INIT("${ORIGIN}/")};
	struct node *found;
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		if (str_starts(path, spellings[i])) {
			path = str_skip(path, spellings[i].n);
			return tree_lookup(c->app, from->parent, path, true, &found) == TREE_FOUND
			               ? found
			               : NULL;
		}
	return tree_find(c->app, path);
}

const struct node *files_library(const struct collector *c, struct str name,
                                 const struct node *from)
{
	const struct elf_object *elf = node_elf(from);
	if (str_index(name, '/') < name.n) {
		const struct node *n = find_from(c, from, name);
		return is_library_like(n, elf) ? n : NULL;
	}
	for (const struct named *f = map_get(&c->files, name); f; f = f->next) {
		const struct node *n = files_resolve(c, f->node);
		if (is_library_like(n, elf))
			return n;
	}
	return NULL;
}

static bool is_executable(const struct node *n)
{
	return n && node_type(n) == ENTRY_FILE && (node_mode(n) & 0111);
}

const struct node *files_executable(const struct collector *c, struct str name)
{
	if (str_index(name, '/') < name.n) {
		const struct node *n = tree_find(c->app, name);
		return is_executable(n) ? n : NULL;
	}
	for (const struct named *f = map_get(&c->files, name); f; f = f->next) {
		const struct node *n = files_resolve(c, f->node);
		if (is_executable(n))
			return n;
	}
	return NULL;
}

bool files_have(const struct collector *c, struct str name)
{
	return map_find(&c->files, name) != NULL;
}

bool files_is_dependency(const struct node *n)
{
	for (const struct node *up = n->parent; up; up = up->parent)
		if (is_one_of(up->name, "node_modules site-packages dist-packages vendor"))
			return true;
	return false;
}

void files_enqueue(struct collector *c, const struct node *n, bool aside)
{
	bool added;
	n = n ? files_resolve(c, n) : NULL;
	if (!n || node_type(n) != ENTRY_FILE)
		return;
	map_put(&c->seen, c->arena, (struct str){(const char *)&n->inode, sizeof n->inode}, &added);
	if (added)
		*vec_push(&c->queue, c->arena) = (struct visit){.node = n, .aside = aside};
}
