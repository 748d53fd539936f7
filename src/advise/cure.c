#include "advise/cure.h"

/* Where distributions put libraries for all programs. */
static const struct str folders[] = {
	STR_INIT("/usr/lib/x86_64-linux-gnu"),  STR_INIT("/lib/x86_64-linux-gnu"),
	STR_INIT("/usr/lib/aarch64-linux-gnu"), STR_INIT("/lib/aarch64-linux-gnu"),
	STR_INIT("/usr/lib64"),                 STR_INIT("/lib64"),
	STR_INIT("/usr/lib"),                   STR_INIT("/lib"),
};

static const struct node *find_library(const struct tree *t, struct str name, struct arena *a)
{
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct node *n = tree_find(t, arena_printf(a, "%.*s/%.*s", STR_ARG(folders[i]),
		                                           STR_ARG(name)));
		if (n && node_elf(n))
			return n;
	}
	return NULL;
}

/* ---- Who owns a file ---- */

static bool lists_file(struct str content, struct str path, struct str shorter)
{
	struct str line;
	while (str_next(&content, '\n', &line)) {
		/* A Distroless md5sums line: "<digest>  usr/lib/…", without the first slash. */
		size_t two = str_find(line, STR("  "));
		struct str listed = two < line.n ? str_skip(line, two + 2) : line;
		if (listed.n && listed.p[0] == '/')
			listed = str_skip(listed, 1);
		if (str_eq(listed, path) || str_eq(listed, shorter))
			return true;
	}
	return false;
}

/* The package of dpkg's file lists (info/NAME:ARCH.list, status.d/NAME.md5sums). */
static struct str owner_in(const struct tree *t, struct str folder, struct str ending,
                           struct str path)
{
	/* dpkg records the name that the package has, which on a merged /usr may be the other one. */
	struct str shorter = str_starts(path, STR("usr/")) ? str_skip(path, 4) : path;
	const struct node *d = tree_find(t, folder);
	for (const struct node *n = d ? d->child : NULL; n; n = n->next) {
		struct str content;
		if (!str_ends(n->name, ending) || !node_kept(n, &content) ||
		    !lists_file(content, path, shorter))
			continue;
		struct str package = str_slice(n->name, 0, n->name.n - ending.n);
		return str_slice(package, 0, str_index(package, ':'));
	}
	return STR("");
}

static struct str owner(const struct tree *t, const struct node *n, struct arena *a)
{
	struct str path = str_skip(tree_path(n, a), 1);
	struct str package = owner_in(t, STR("/var/lib/dpkg/info"), STR(".list"), path);
	if (!package.n)
		package = owner_in(t, STR("/var/lib/dpkg/status.d"), STR(".md5sums"), path);
	return package;
}

/* ---- Other bases ---- */

struct cure_base {
	struct base base;
	struct tree tree;
};

static void fill(struct cure_shelf *shelf, struct str architecture, const struct base_context *c,
                 struct arena *a)
{
	size_t count;
	const struct shipped_facts *s = shipped_list(&count);
	*shelf = (struct cure_shelf){.architecture = architecture,
	                             .bases = arena_array(a, count ? count : 1, sizeof *shelf->bases)};
	for (size_t i = 0; i < count; i++) {
		struct cure_base *b = &shelf->bases[shelf->count];
		struct err ignored;
		if (str_eq(s[i].architecture, architecture) &&
		    base_open_shipped(&b->base, &s[i], c, &ignored) &&
		    base_tree(&b->base, &b->tree, a, &ignored))
			shelf->count++;
	}
}

static bool same_libc(const struct base *a, const struct base *b)
{
	return !a->entry || !b->entry || a->entry->libc == b->entry->libc ||
	       a->entry->libc == CATALOGUE_LIBC_NONE;
}

static void cure_library(struct finding *f, const struct base *base, const struct cure_shelf *shelf,
                         struct arena *a)
{
	enum { NAMED_AT_MOST = 3 };
	struct str names = STR(""), package = STR("");
	size_t count = 0;
	for (size_t i = 0; i < shelf->count && count < NAMED_AT_MOST; i++) {
		const struct cure_base *other = &shelf->bases[i];
		const struct node *n = same_libc(base, &other->base)
			? find_library(&other->tree, f->name, a) : NULL;
		if (!n)
			continue;
		names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), count++ ? ", " : "",
		                     STR_ARG(other->base.name));
		if (!package.n)
			package = owner(&other->tree, n, a);
	}
	if (count)
		*vec_push(&f->cure, a) = arena_printf(a, "a base that has it: %.*s", STR_ARG(names));
	if (package.n)
		*vec_push(&f->cure, a) = arena_printf(a, "the Debian package %.*s", STR_ARG(package));
	*vec_push(&f->cure, a) = arena_printf(
		a, "bring %.*s along beside the program (RUNPATH $ORIGIN), or link it statically",
		STR_ARG(f->name));
}

static void cure_in_general(struct finding *f, struct arena *a)
{
	if (f->kind == FINDING_INTERPRETER && str_contains(f->name, STR("ld-linux")))
		*vec_push(&f->cure, a) = STR("a base with glibc (Debian slim, Distroless base or cc), or link statically");
	else if (f->kind == FINDING_INTERPRETER && str_contains(f->name, STR("ld-musl")))
		*vec_push(&f->cure, a) = STR("a base with musl (Alpine), or link statically");
	else if (f->kind == FINDING_VERSION && str_starts(f->name, STR("GLIBC_2")))
		*vec_push(&f->cure, a) = arena_printf(a, "a base with glibc %.*s or later, or build on an "
		                                      "older distribution", STR_ARG(str_skip(f->name, 6)));
	else if ((f->kind == FINDING_SCRIPT || f->kind == FINDING_EXECUTABLE) &&
	         str_index(f->name, ' ') == f->name.n &&
	         !str_eq(f->name, STR("#!")))
		*vec_push(&f->cure, a) = arena_printf(a, "add %.*s to the base, or choose one that has it",
		                                      STR_ARG(f->name));
}

void cure_findings(struct prediction *p, const struct base *base, const struct base_context *c,
                   struct cure_shelf *shelf, struct arena *a)
{
	for (size_t i = 0; i < p->findings.n; i++) {
		struct finding *f = &p->findings.p[i];
		if (f->severity != SEVERITY_BLOCKS || f->cure.n)
			continue;
		if (f->kind != FINDING_LIBRARY || str_index(f->name, '/') < f->name.n) {
			cure_in_general(f, a);
			continue;
		}
		if (!str_eq(shelf->architecture, base->architecture))
			fill(shelf, base->architecture, c, a);
		cure_library(f, base, shelf, a);
	}
}
