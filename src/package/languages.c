/* Packages of languages: they lie anywhere in a tree. What a package of the distribution brought is
 * that package, and is not counted again. */
#include "package/formats.h"

/* Which files are records of packages, and who reads them; the first that says so does. */
static const struct reader {
	bool (*is_record)(const struct node *n);
	void (*read)(struct packages *p, const struct node *n, struct arena *a);
} readers[] = {
	{is_python_record, python_read},
	{is_npm_record, npm_read},
	{is_gem_record, gem_read},
	{is_composer_record, composer_read},
	{is_nuget_record, nuget_read},
	{is_conda_record, conda_read},
	{is_java_archive, java_read},
	{is_known_program, program_read},
};
enum { READERS = sizeof readers / sizeof *readers };

struct record {
	const struct node *node;
	const struct reader *reader;
};

struct search {
	struct packages *out;
	struct arena *arena;
	struct map names; /* last components of the records' paths */
	VEC(struct record) records;
	struct map owned; /* by node: those that the distribution brought */
	const struct tree *tree;
};

static struct str key_of(const struct node *const *n)
{
	return (struct str){(const char *)n, sizeof *n};
}

static const struct reader *reader_of(const struct node *n)
{
	for (size_t i = 0; i < READERS; i++)
		if (readers[i].is_record(n))
			return &readers[i];
	return NULL;
}

/* One name of each file. A Go or Rust program owned by the distribution holds modules that no other
 * record tells of. */
static bool look(const struct node *n, void *context)
{
	struct search *s = context;
	if (n->same != n || node_type(n) != ENTRY_FILE)
		return true;
	const struct reader *reader = reader_of(n);
	if (reader) {
		*vec_push(&s->records, s->arena) = (struct record){n, reader};
		map_put(&s->names, s->arena, n->name, NULL);
	}
	go_read(s->out, n, s->arena);
	cargo_read(s->out, n, s->arena);
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
	if (s.records.n)
		package_files(t, NULL, note_owned, &s);
	for (size_t i = 0; i < s.records.n; i++) {
		const struct record *r = &s.records.p[i];
		if (!map_find(&s.owned, key_of(&r->node)))
			r->reader->read(out, r->node, a);
	}
}
