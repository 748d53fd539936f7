#include "advise/cure.h"

#include <stdlib.h>

#include "advise/owner.h"

/* ---- Other bases ---- */

/* Where distributions put libraries for all programs. */
static const struct str folders[] = {
	STR_INIT("/usr/lib/x86_64-linux-gnu"),  STR_INIT("/lib/x86_64-linux-gnu"),
	STR_INIT("/usr/lib/aarch64-linux-gnu"), STR_INIT("/lib/aarch64-linux-gnu"),
	STR_INIT("/usr/lib64"),                 STR_INIT("/lib64"),
	STR_INIT("/usr/lib"),                   STR_INIT("/lib"),
};
enum { FOLDERS = sizeof folders / sizeof *folders };

struct cure_base {
	struct base base;
	struct tree tree;
	const struct node *folder[FOLDERS]; /* those of the list above that it has */
	size_t folder_count;
};

static bool open_shelf_base(struct cure_base *b, const struct shipped_facts *s,
                            const struct base_context *c, struct arena *a)
{
	struct err ignored;
	*b = (struct cure_base){0};
	if (!base_open_shipped(&b->base, s, c, &ignored) || !base_tree(&b->base, &b->tree, a, &ignored))
		return false;
	for (size_t i = 0; i < FOLDERS; i++) {
		const struct node *n = tree_find(&b->tree, folders[i]);
		bool known = !n;
		for (size_t k = 0; k < b->folder_count; k++)
			known |= b->folder[k] == n;
		if (!known)
			b->folder[b->folder_count++] = n;
	}
	return true;
}

static int by_size(const void *x, const void *y)
{
	const struct cure_base *a = x, *b = y;
	return (a->base.size_bytes > b->base.size_bytes) - (a->base.size_bytes < b->base.size_bytes);
}

static void fill(struct cure_shelf *shelf, struct str architecture, const struct base_context *c,
                 struct arena *a)
{
	size_t count;
	const struct shipped_facts *s = shipped_list(&count);
	*shelf = (struct cure_shelf){.architecture = architecture,
	                             .bases = arena_array(a, count ? count : 1, sizeof *shelf->bases)};
	for (size_t i = 0; i < count; i++)
		if (str_eq(s[i].architecture, architecture) &&
		    open_shelf_base(&shelf->bases[shelf->count], &s[i], c, a))
			shelf->count++;
	qsort(shelf->bases, shelf->count, sizeof *shelf->bases, by_size);
}

static const struct node *find_library(const struct cure_base *b, struct str name)
{
	for (size_t i = 0; i < b->folder_count; i++) {
		struct node *n;
		if (tree_lookup(&b->tree, b->folder[i], name, true, &n) == TREE_FOUND && node_elf(n))
			return n;
	}
	return NULL;
}

/* Where nothing can be loaded at all, either libc's libraries may be what is missing. */
static bool same_libc(const struct base *a, const struct base *b)
{
	return a->libc == b->libc || a->libc == CATALOGUE_LIBC_NONE ||
	       a->libc == CATALOGUE_LIBC_UNSAID;
}

/* Bases that have `library`, with the version of symbols `version` where that is not empty, and
 * its package. False: none has. */
static bool cure_by_bases(struct finding *f, struct str library, struct str version,
                          const struct base *base, const struct cure_shelf *shelf, struct arena *a)
{
	enum { NAMED_AT_MOST = 3 };
	struct str names = STR(""), package = STR("");
	size_t count = 0;
	for (size_t i = 0; i < shelf->count && count < NAMED_AT_MOST; i++) {
		const struct cure_base *other = &shelf->bases[i];
		const struct node *n =
			same_libc(base, &other->base) ? find_library(other, library) : NULL;
		if (!n || (version.n && !elf_defines_version(node_elf(n), version)))
			continue;
		names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), count++ ? ", " : "",
		                     STR_ARG(other->base.name));
		if (!package.n && !version.n)
			package = owner_of(&other->tree, n, a);
	}
	if (count)
		*vec_push(&f->cure, a) = arena_printf(a, "a base that has it: %.*s", STR_ARG(names));
	if (package.n)
		*vec_push(&f->cure, a) = package;
	return count > 0;
}

/* ---- What is missing, kind by kind ---- */

static void cure_library(struct finding *f, const struct base *base, const struct cure_shelf *shelf,
                         struct arena *a)
{
	cure_by_bases(f, f->name, STR(""), base, shelf, a);
	*vec_push(&f->cure, a) = arena_printf(
		a, "bring %.*s along beside the program (RUNPATH $ORIGIN), or link it statically",
		STR_ARG(f->name));
}

/* predict names the library that was asked in `searched`. */
static void cure_version(struct finding *f, const struct base *base, const struct cure_shelf *shelf,
                         struct arena *a)
{
	struct str library = f->searched.n ? str_basename(f->searched.p[0]) : STR("");
	bool found = library.n && cure_by_bases(f, library, f->name, base, shelf, a);
	if (str_starts(f->name, STR("GLIBC_2")))
		*vec_push(&f->cure, a) = arena_printf(
			a, "%sbuild on an older distribution", found ? "" : "a base with a newer glibc, or ");
	else if (!found && library.n)
		*vec_push(&f->cure, a) = arena_printf(
			a, "bring a %.*s that has it along beside the program", STR_ARG(library));
}

static void cure_in_general(struct finding *f, const struct base *base, struct arena *a)
{
	bool is_word = str_index(f->name, ' ') == f->name.n && !str_eq(f->name, STR("#!"));
	if (f->kind == FINDING_INTERPRETER && str_contains(f->name, STR("ld-linux")))
		*vec_push(&f->cure, a) =
			STR("a base with glibc (Debian slim, Distroless base or cc), or link statically");
	else if (f->kind == FINDING_INTERPRETER && str_contains(f->name, STR("ld-musl")))
		*vec_push(&f->cure, a) = STR("a base with musl (Alpine), or link statically");
	else if (f->kind == FINDING_SYMBOL)
		*vec_push(&f->cure, a) = base->libc == CATALOGUE_LIBC_MUSL
			? STR("a base with glibc, or build it for musl (on Alpine)")
			: STR("the libraries that it was built with, or build it on this base");
	else if (f->kind == FINDING_MACHINE && is_word)
		*vec_push(&f->cure, a) = arena_printf(a, "a base for it: --platform linux/%.*s",
		                                      STR_ARG(f->name));
	else if (f->kind == FINDING_ISA)
		*vec_push(&f->cure, a) = STR("a newer processor (--cpu tells which), or build it for less");
	else if ((f->kind == FINDING_SCRIPT || f->kind == FINDING_EXECUTABLE ||
	          f->kind == FINDING_RUNTIME) && is_word)
		*vec_push(&f->cure, a) = arena_printf(a, "add %.*s to the base, or choose one that has it",
		                                      STR_ARG(f->name));
}

void cure_findings(struct prediction *p, const struct base *base, const struct base_context *c,
                   struct cure_shelf *shelf, struct arena *a)
{
	for (size_t i = 0; i < p->findings.n; i++) {
		struct finding *f = &p->findings.p[i];
		if (f->severity == SEVERITY_NOTE || f->cure.n)
			continue;
		bool library = f->kind == FINDING_LIBRARY && str_index(f->name, '/') == f->name.n;
		if ((library || f->kind == FINDING_VERSION) &&
		    !str_eq(shelf->architecture, base->architecture))
			fill(shelf, base->architecture, c, a);
		if (library)
			cure_library(f, base, shelf, a);
		else if (f->kind == FINDING_VERSION)
			cure_version(f, base, shelf, a);
		else
			cure_in_general(f, base, a);
	}
}
