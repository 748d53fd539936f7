/* Whose files are whose, by what the records list. */
#include "package/formats.h"

bool package_files(const struct tree *t, const struct map *names,
                   bool (*visit)(const struct package_file *f, void *context), void *context)
{
	return dpkg_files(t, names, visit, context) && apk_files(t, names, visit, context) &&
	       rpm_files(t, names, visit, context);
}

static struct str path_of(const struct package_file *f, struct arena *a)
{
	return arena_printf(a, "%.*s/%.*s", STR_ARG(f->folder), STR_ARG(f->name));
}

/* ---- Files that the tree has ---- */

struct lookup {
	const struct tree *tree;
	struct arena *arena;
	void (*visit)(const struct node *n, void *context);
	void *context;
};

static bool look_up(const struct package_file *f, void *context)
{
	const struct lookup *l = context;
	struct node *n;
	if (tree_lookup(l->tree, NULL, path_of(f, l->arena), false, &n) == TREE_FOUND)
		l->visit(n, l->context);
	return true;
}

void packages_files(const struct tree *t, const struct map *names, struct arena *a,
                    void (*visit)(const struct node *n, void *context), void *context)
{
	struct lookup l = {t, a, visit, context};
	package_files(t, names, look_up, &l);
}

/* ---- The owner of one ---- */

struct wanted {
	struct str folder, shorter, name; /* shorter: without "usr/" */
	struct package_file *owner;
	struct arena *arena;
};

/* What is told ends with the telling. */
static bool is_other(const struct package_file *f, void *context)
{
	const struct wanted *w = context;
	if (!str_eq(f->name, w->name) ||
	    (!str_eq(f->folder, w->folder) && !str_eq(f->folder, w->shorter)))
		return true;
	*w->owner = (struct package_file){.type = f->type,
	                                  .package = arena_str(w->arena, f->package),
	                                  .folder = arena_str(w->arena, f->folder),
	                                  .name = arena_str(w->arena, f->name)};
	return false;
}

bool package_owner(const struct tree *t, const struct node *file, struct package_file *owner,
                   struct arena *a)
{
	struct str path = str_skip(tree_path(file, a), 1);
	struct wanted w = {.folder = str_dirname(path), .name = str_basename(path),
	                   .owner = owner, .arena = a};
	w.shorter = str_starts(w.folder, STR("usr/")) ? str_skip(w.folder, 4) : w.folder;
	return !package_files(t, NULL, is_other, &w);
}
