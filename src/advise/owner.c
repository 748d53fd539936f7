#include "advise/owner.h"

/* Packages record the name that a file has in them; on a merged /usr the tree's may be the other
 * one. Both without the first slash. */
struct wanted {
	struct str path, shorter;
};

static bool is_wanted(const struct wanted *w, struct str path)
{
	return str_eq(path, w->path) || str_eq(path, w->shorter);
}

/* ---- dpkg ---- */

static bool lists_file(struct str content, const struct wanted *w)
{
	struct str line;
	while (str_next(&content, '\n', &line)) {
		/* A Distroless md5sums line: "<digest>  usr/lib/…", without the first slash. */
		size_t two = str_find(line, STR("  "));
		struct str listed = two < line.n ? str_skip(line, two + 2) : line;
		if (listed.n && listed.p[0] == '/')
			listed = str_skip(listed, 1);
		if (is_wanted(w, listed))
			return true;
	}
	return false;
}

/* The package of dpkg's file lists (info/NAME:ARCH.list, status.d/NAME.md5sums). */
static struct str dpkg_owner(const struct tree *t, struct str folder, struct str ending,
                             const struct wanted *w)
{
	const struct node *d = tree_find(t, folder);
	for (const struct node *n = d ? d->child : NULL; n; n = n->next) {
		struct str content;
		if (!str_ends(n->name, ending) || !node_kept(n, &content) || !lists_file(content, w))
			continue;
		struct str package = str_slice(n->name, 0, n->name.n - ending.n);
		return str_slice(package, 0, str_index(package, ':'));
	}
	return STR("");
}

/* ---- apk ---- */

/* apk's installed database (apk-tools, doc/apk-v2.5.scd): a block a package with P:NAME, and
 * F:FOLDER before the R:FILEs in it. */
static struct str apk_owner(const struct tree *t, struct str database, const struct wanted *w,
                            struct arena *a)
{
	struct str content, line, package = STR(""), folder = STR("");
	if (!tree_kept(t, database, &content))
		return STR("");
	struct str name = str_basename(w->path);
	while (str_next(&content, '\n', &line)) {
		if (str_starts(line, STR("P:")))
			package = str_skip(line, 2);
		else if (str_starts(line, STR("F:")))
			folder = str_skip(line, 2);
		else if (str_starts(line, STR("R:")) && str_eq(str_skip(line, 2), name) &&
		         is_wanted(w, arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name))))
			return package;
	}
	return STR("");
}

struct str owner_of(const struct tree *t, const struct node *file, struct arena *a)
{
	struct wanted w = {.path = str_skip(tree_path(file, a), 1)};
	w.shorter = str_starts(w.path, STR("usr/")) ? str_skip(w.path, 4) : w.path;
	struct str package = dpkg_owner(t, STR("/var/lib/dpkg/info"), STR(".list"), &w);
	if (!package.n)
		package = dpkg_owner(t, STR("/var/lib/dpkg/status.d"), STR(".md5sums"), &w);
	if (package.n)
		return arena_printf(a, "the Debian package %.*s", STR_ARG(package));
	package = apk_owner(t, STR("/lib/apk/db/installed"), &w, a);
	if (!package.n)
		package = apk_owner(t, STR("/usr/lib/apk/db/installed"), &w, a);
	return package.n ? arena_printf(a, "the Alpine package %.*s", STR_ARG(package)) : STR("");
}
