/* The dynamic loader of glibc, checking versions and binding symbols.
 *
 * Follows elf/dl-version.c (_dl_check_map_versions), elf/dl-lookup.c
 * (check_match, do_lookup_x), elf/dl-sort-maps.c and elf/dl-reloc.c of glibc
 * 2.36 and 2.41.
 *
 * Every version that an object needs must be defined by the file it names, be
 * it used or not. Every symbol that an eager relocation refers to must be
 * found; functions called through the PLT are bound lazily unless their object
 * asks for DT_BIND_NOW, LD_BIND_NOW is set, or dlopen(RTLD_NOW) opened it. */
#include "predict/glibc.h"

/* ---- Versions ---- */

/* find_needed(): by names alone; DT_SONAME counts where somebody asked for it. */
static struct object *by_name(struct process *p, struct str file)
{
	for (size_t i = 0; i < p->objects.n; i++)
		if (str_in(&p->objects.p[i]->names, file))
			return p->objects.p[i];
	return NULL;
}

/* The highest version of the same family ("GLIBC_") that the library has. */
static struct str newest_of_family(const struct elf_object *elf, struct str version)
{
	struct str family = str_slice(version, 0, str_index(version, '_') + 1), best = STR("");
	for (size_t i = 0; i < elf->version_defs.n; i++) {
		struct str v = elf->version_defs.p[i];
		if (!str_starts(v, family) || str_ends(v, STR("PRIVATE")) || str_contains(v, STR("ABI")))
			continue;
		/* Longer numbers are higher ones here: 2.9 < 2.36. */
		if (v.n > best.n || (v.n == best.n && str_cmp(v, best) > 0))
			best = v;
	}
	return best;
}

static void version_missing(struct process *p, const struct object *o, const struct object *lib,
                            const struct elf_version_need *need)
{
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_VERSION, o, need->name);
	struct str newest = newest_of_family(lib->elf, need->name);
	f->version = need->name;
	*vec_push(&f->searched, p->arena) = lib->path;
	f->message = newest.n ? arena_printf(p->arena, "%.*s has no version %.*s (its newest is %.*s)",
	                                     STR_ARG(lib->path), STR_ARG(need->name), STR_ARG(newest))
	                      : arena_printf(p->arena, "%.*s has no version %.*s", STR_ARG(lib->path),
	                                     STR_ARG(need->name));
}

/* Since 2.36: a file with DT_RELR that needs versions and libc.so.* must name this one. */
static void check_relr_version(struct process *p, const struct object *o)
{
	if (!o->elf->has_relr || !o->elf->has_verneed || (p->glibc_minor && p->glibc_minor < 36))
		return;
	for (size_t i = 0; i < o->elf->version_needs.n; i++)
		if (str_eq(o->elf->version_needs.p[i].name, STR("GLIBC_ABI_DT_RELR")))
			return;
	for (size_t i = 0; i < o->elf->needed.n; i++) {
		if (!str_starts(o->elf->needed.p[i], STR("libc.so.")))
			continue;
		struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_VERSION, o,
		                                    STR("GLIBC_ABI_DT_RELR"));
		f->version = STR("GLIBC_ABI_DT_RELR");
		f->message = STR("it has DT_RELR without needing GLIBC_ABI_DT_RELR");
		return;
	}
}

static void check_versions(struct process *p, const struct object *o)
{
	for (size_t i = 0; i < o->elf->version_needs.n; i++) {
		const struct elf_version_need *need = &o->elf->version_needs.p[i];
		const struct object *lib = by_name(p, need->file);
		if (lib && lib->elf->has_verdef && !need->weak &&
		    !elf_defines_version(lib->elf, need->name))
			version_missing(p, o, lib, need);
		if (lib || p->missing_libraries)
			continue;
		struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_LIBRARY, o, need->file);
		f->message = arena_printf(
			p->arena, "it needs versions of %.*s without needing the library: the loader "
			"aborts (dl-version.c, needed != NULL)", STR_ARG(need->file));
	}
	check_relr_version(p, o);
}

/* Before 2.36 the relocations are left undone without a word, but for a libc that had them
 * brought back (Red Hat's 2.34), which defines the version. */
static void check_relr(struct process *p, const struct object *o)
{
	const struct object *libc = by_name(p, STR("libc.so.6"));
	bool known = !p->glibc_minor || p->glibc_minor >= 36 ||
	             (libc && elf_defines_version(libc->elf, STR("GLIBC_ABI_DT_RELR")));
	if (!o->elf->has_relr || known || o->is_loader)
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_RUNTIME, o, STR("DT_RELR"));
	f->message = arena_printf(p->arena, "it has packed relocations (DT_RELR), which glibc 2.%u leaves "
	                          "undone: the program crashes", p->glibc_minor);
}

/* ---- Order of relocation ---- */

/* dfs_traversal(), since 2.35 the default: what is needed comes before who needs it. */
static void visit(struct process *p, struct object *o, const struct object *top,
                  struct object_vec *order)
{
	if (o->visited)
		return;
	o->visited = true;
	for (size_t i = 0; o != top && i < o->needs.n; i++)
		if (!o->needs.p[i]->is_main)
			visit(p, o->needs.p[i], top, order);
	*vec_push(order, p->arena) = o;
}

struct object_vec glibc_relocation_order(struct process *p)
{
	const struct object_vec *list = p->module ? &p->own : &p->scope;
	const struct object *top = p->module ? p->module : p->main;
	struct object_vec sorted = {0}, order = {0};
	for (size_t i = list->n; i-- > 0;)
		visit(p, list->p[i], top, &sorted);
	for (size_t i = 0; i < sorted.n; i++)
		if (!p->module || !process_has_started_with(p, sorted.p[i]))
			*vec_push(&order, p->arena) = sorted.p[i];
	return order;
}

/* ---- Symbols ---- */

enum match { MATCH_NONE, MATCH_YES, MATCH_ABORT };

/* A reference with a version, and an object without any: before 2.41 an assertion fails where
 * the version was to come from that very file. */
static enum match match_unversioned(const struct process *p, const struct object *o,
                                    const struct elf_import *want)
{
	bool old = p->glibc_minor && p->glibc_minor < 41;
	return old && str_in(&o->names, want->file) ? MATCH_ABORT : MATCH_YES;
}

/* check_match() over all symbols of that name. An export without a version has index 0 or 1
 * there; index 2, the oldest version, serves an unversioned reference too. */
static enum match match_exports(const struct process *p, const struct object *o,
                                const struct elf_import *want)
{
	size_t count, defaults = 0;
	const struct elf_export *e = elf_exports_find(o->elf, want->name, &count);
	/* l_versyms is set where versions are needed or defined. */
	bool versioned = o->elf->has_versym && (o->elf->has_verneed || o->elf->has_verdef);
	if (count && !versioned)
		return want->version.n ? match_unversioned(p, o, want) : MATCH_YES;
	for (size_t i = 0; i < count; i++) {
		bool base = !e[i].version.n;
		if (want->version.n) {
			if (str_eq(e[i].version, want->version) || (base && !e[i].hidden))
				return MATCH_YES;
			continue;
		}
		if (base || (o->elf->version_defs.n && str_eq(e[i].version, o->elf->version_defs.p[0])))
			return MATCH_YES;
		defaults += !e[i].hidden;
	}
	return !want->version.n && defaults == 1 ? MATCH_YES : MATCH_NONE;
}

/* The global scope, then the module's own. DT_SYMBOLIC puts the object first, which changes
 * where a symbol is found but not whether. */
static enum match lookup(const struct process *p, const struct elf_import *want,
                         struct object **where)
{
	for (size_t i = 0; i < p->scope.n; i++) {
		struct object *o = p->scope.p[i];
		if (o->is_main && (want->use & ELF_USE_COPY))
			continue;
		enum match m = match_exports(p, o, want);
		if (m != MATCH_NONE) {
			*where = o;
			return m;
		}
	}
	return MATCH_NONE;
}

static void symbol_missing(struct process *p, const struct object *o,
                           const struct elf_import *want, bool lazy)
{
	struct finding *f = process_finding(p, lazy ? SEVERITY_RISK : SEVERITY_BLOCKS,
	                                    FINDING_SYMBOL, o, want->name);
	f->version = want->version;
	const char *what = want->use & ELF_USE_DATA ? "data" : "function";
	f->message = lazy ? arena_printf(p->arena,
	                                 "no library has the function %.*s; it is bound when first "
	                                 "called, and then the program ends", STR_ARG(want->name))
	                  : arena_printf(p->arena, "no library has the %s %.*s%s%.*s", what,
	                                 STR_ARG(want->name), want->version.n ? ", version " : "",
	                                 STR_ARG(want->version));
}

static void version_aborts(struct process *p, const struct object *o,
                           const struct elf_import *want, const struct object *where, bool lazy)
{
	struct finding *f = process_finding(p, lazy ? SEVERITY_RISK : SEVERITY_BLOCKS,
	                                    FINDING_VERSION, o, want->version);
	f->version = want->version;
	*vec_push(&f->searched, p->arena) = where->path;
	f->message = arena_printf(p->arena, "%.*s has no symbol versions, and glibc before 2.41 aborts "
	                          "when %.*s, version %.*s is bound to it", STR_ARG(where->path),
	                          STR_ARG(want->name), STR_ARG(want->version));
}

static void bind_object(struct process *p, struct object *o, bool now, struct static_tls *tls)
{
	if (tls && o->elf->static_tls_local)
		glibc_place_tls(p, tls, o);
	for (size_t i = 0; i < o->elf->imports.n; i++) {
		const struct elf_import *want = &o->elf->imports.p[i];
		if (!want->use || want->self_missed)
			continue;
		bool lazy = !now && !o->elf->bind_now && want->use == ELF_USE_LAZY;
		struct object *where = NULL;
		switch (lookup(p, want, &where)) {
		case MATCH_YES:
			if (tls && (want->use & ELF_USE_TPOFF))
				glibc_place_tls(p, tls, where);
			break;
		case MATCH_ABORT:
			version_aborts(p, o, want, where, lazy);
			break;
		case MATCH_NONE:
			if (!want->weak && !process_host_provides(p, o, want))
				symbol_missing(p, o, want, lazy);
			break;
		}
	}
}

/* The loader and libc share structures that every release changes: of two releases they crash
 * where they do not already lack symbols of one another. */
static void check_libc(struct process *p)
{
	const struct object *libc = by_name(p, STR("libc.so.6"));
	unsigned minor = libc ? glibc_minor(libc->elf) : 0;
	if (!minor || !p->glibc_minor || minor == p->glibc_minor || process_is_blocked(p))
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_LIBRARY, libc, STR("libc.so.6"));
	f->message = arena_printf(p->arena, "%.*s is of glibc 2.%u and the loader of 2.%u: they must be of "
	                          "one release", STR_ARG(libc->path), minor, p->glibc_minor);
}

void glibc_bind(struct process *p)
{
	bool now = p->module || target_env(p->target, STR("LD_BIND_NOW")).n > 0;
	struct object_vec order = glibc_relocation_order(p);

	const struct object_vec *list = p->module ? &p->own : &p->objects;
	for (size_t i = 0; i < list->n; i++)
		if (object_in(&order, list->p[i]))
			check_versions(p, list->p[i]);
	glibc_check_isa(p, &order);
	if (p->missing_libraries)
		return; /* what a missing library would have provided is no finding of its own */
	struct static_tls tls = glibc_static_tls(p);
	for (size_t i = 0; i < order.n; i++)
		if (!order.p[i]->is_loader)
			bind_object(p, order.p[i], now, p->module ? &tls : NULL);
	for (size_t i = 0; i < order.n; i++)
		check_relr(p, order.p[i]);
	check_libc(p);
}
