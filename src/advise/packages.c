#include "advise/packages.h"

#include <stdlib.h>

static const struct str dpkg_status = STR_INIT("/var/lib/dpkg/status");
static const struct str dpkg_lists = STR_INIT("/var/lib/dpkg/info");
static const struct str distroless = STR_INIT("/var/lib/dpkg/status.d");
static const struct str md5sums = STR_INIT(".md5sums");
static const struct str apk_databases[] = {STR_INIT("/lib/apk/db/installed"),
                                           STR_INIT("/usr/lib/apk/db/installed")};

/* ---- Names ---- */

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void add_fields(struct str_vec *names, const struct tree *t, struct str path,
                       struct str field, struct arena *a)
{
	struct str content, line;
	if (!tree_kept(t, path, &content))
		return;
	while (str_next(&content, '\n', &line))
		if (str_starts(line, field))
			*vec_push(names, a) = str_trim(str_skip(line, field.n));
}

struct str_vec packages_of(const struct tree *t, struct arena *a)
{
	struct str_vec names = {0};
	add_fields(&names, t, dpkg_status, STR("Package: "), a);
	for (size_t i = 0; i < sizeof apk_databases / sizeof *apk_databases; i++)
		add_fields(&names, t, apk_databases[i], STR("P:"), a);
	const struct node *d = tree_find(t, distroless);
	for (const struct node *n = d ? d->child : NULL; n; n = n->next)
		if (!str_ends(n->name, md5sums))
			*vec_push(&names, a) = n->name;
	if (names.n)
		qsort(names.p, names.n, sizeof *names.p, by_name);
	size_t kept = 0;
	for (size_t i = 0; i < names.n; i++)
		if (i == 0 || !str_eq(names.p[kept - 1], names.p[i]))
			names.p[kept++] = names.p[i];
	names.n = kept;
	return names;
}

/* ---- Files ---- */

struct listing {
	const struct tree *tree;
	const struct map *names;
	void (*visit)(const struct node *n, void *context);
	void *context;
};

static bool is_wanted(const struct listing *l, struct str package)
{
	return !l->names || map_find(l->names, package);
}

static void tell(const struct listing *l, struct str path)
{
	struct node *n;
	if (path.n && tree_lookup(l->tree, NULL, path, false, &n) == TREE_FOUND)
		l->visit(n, l->context);
}

/* info/NAME[:ARCHITECTURE].list: a path a line. */
static void dpkg_files(const struct listing *l)
{
	static const struct str list = STR_INIT(".list");
	const struct node *d = tree_find(l->tree, dpkg_lists);
	for (const struct node *n = d ? d->child : NULL; n; n = n->next) {
		struct str content, line, package = str_slice(n->name, 0, str_index(n->name, ':'));
		if (str_ends(package, list))
			package = str_slice(package, 0, package.n - list.n);
		if (!str_ends(n->name, list) || !is_wanted(l, package) || !node_kept(n, &content))
			continue;
		while (str_next(&content, '\n', &line))
			tell(l, line);
	}
}

/* status.d/NAME.md5sums: "<digest>  usr/lib/…". */
static void distroless_files(const struct listing *l)
{
	const struct node *d = tree_find(l->tree, distroless);
	for (const struct node *n = d ? d->child : NULL; n; n = n->next) {
		struct str content, line;
		if (!str_ends(n->name, md5sums) || !node_kept(n, &content) ||
		    !is_wanted(l, str_slice(n->name, 0, n->name.n - md5sums.n)))
			continue;
		while (str_next(&content, '\n', &line))
			tell(l, str_skip(line, str_find(line, STR("  ")) + 2));
	}
}

/* apk's installed database (apk-tools, doc/apk-v2.5.scd): P:NAME, then F:FOLDER and R:FILE. */
static void apk_files(const struct listing *l, struct str database, struct arena *a)
{
	struct str content, line, folder = STR("");
	bool wanted = false;
	if (!tree_kept(l->tree, database, &content))
		return;
	while (str_next(&content, '\n', &line)) {
		struct str value = str_skip(line, 2);
		if (str_starts(line, STR("P:")))
			wanted = is_wanted(l, value);
		else if (str_starts(line, STR("F:")))
			folder = value;
		else if (wanted && str_starts(line, STR("R:")))
			tell(l, arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(value)));
	}
}

void packages_files(const struct tree *t, const struct map *names, struct arena *a,
                    void (*visit)(const struct node *n, void *context), void *context)
{
	struct listing l = {t, names, visit, context};
	dpkg_files(&l);
	distroless_files(&l);
	for (size_t i = 0; i < sizeof apk_databases / sizeof *apk_databases; i++)
		apk_files(&l, apk_databases[i], a);
}
