/* Packages of languages: they lie anywhere in a tree. What a package of the distribution brought is
 * that package, and is not counted again. */
#include "package/formats.h"

struct search {
	struct packages *out;
	struct arena *arena;
	struct map names;                /* last components of the records' paths */
	VEC(const struct node *) python; /* records */
	struct map owned;                /* by node: those that the distribution brought */
	const struct tree *tree;
};

static struct str key_of(const struct node *const *n)
{
	return (struct str){(const char *)n, sizeof *n};
}

/* One name of each file. A Go program owned by the distribution holds modules that no other record
 * tells of. */
static bool look(const struct node *n, void *context)
{
	struct search *s = context;
	if (n->same != n || node_type(n) != ENTRY_FILE)
		return true;
	if (is_python_record(n)) {
		*vec_push(&s->python, s->arena) = n;
		map_put(&s->names, s->arena, n->name, NULL);
	} else {
		go_read(s->out, n, s->arena);
	}
	return true;
}

static bool note_owned(const struct package_file *f, void *context)
{
	struct search *s = context;
	struct node *n;
	if (!map_find(&s->names, f->name))
		return true;
	struct str path = arena_printf(s->arena, "/%.*s/%.*s", STR_ARG(f->folder), STR_ARG(f->name));
	if (tree_lookup(s->tree, NULL, path, false, &n) != TREE_FOUND)
		return true;
	const struct node *file = n->same ? n->same : n;
	map_put(&s->owned, s->arena, arena_str(s->arena, key_of(&file)), NULL);
	return true;
}

void languages_read(struct packages *out, const struct tree *t, struct arena *a)
{
	struct search s = {.out = out, .arena = a, .tree = t};
	tree_walk(t, t->root, a, look, &s);
	if (s.python.n)
		package_files(t, NULL, note_owned, &s);
	for (size_t i = 0; i < s.python.n; i++)
		if (!map_find(&s.owned, key_of(&s.python.p[i])))
			python_read(out, s.python.p[i], a);
}
