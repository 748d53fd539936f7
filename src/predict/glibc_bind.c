/* The dynamic loader of glibc, checking versions and binding symbols.
 *
 * Follows elf/dl-version.c (_dl_check_map_versions), elf/dl-lookup.c
 * (check_match, do_lookup_x), elf/dl-reloc.c and sysdeps/x86/dl-prop.h of glibc
 * 2.36 and 2.41.
 *
 * Every version that an object needs must be defined by the file it names, be
 * it used or not. Every symbol that an eager relocation refers to must be
 * found; functions called through the PLT are bound lazily unless their object
 * asks for DT_BIND_NOW, LD_BIND_NOW is set, or dlopen(RTLD_NOW) opened it. */
#include <stdlib.h>

#include "predict/glibc.h"

enum { DF_STATIC_TLS_BIT = 0x10 };

/* ---- Versions ---- */

static struct object *by_name(struct process *p, struct str file)
{
	for (size_t i = 0; i < p->objects.n; i++) {
		const struct object *o = p->objects.p[i];
		if (str_in(&o->names, file) || (o->elf->soname.p && str_eq(o->elf->soname, file)))
			return p->objects.p[i];
	}
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

static void check_versions(struct process *p, const struct object *o)
{
	bool relr_version = false;
	for (size_t i = 0; i < o->elf->version_needs.n; i++) {
		const struct elf_version_need *need = &o->elf->version_needs.p[i];
		relr_version |= str_eq(need->name, STR("GLIBC_ABI_DT_RELR"));
		const struct object *lib = by_name(p, need->file);
		if (!lib) {
			if (p->missing_libraries)
				continue;
			struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_LIBRARY, o,
			                                    need->file);
			f->message = arena_printf(
				p->arena, "it needs versions of %.*s without needing the library: "
				"the loader aborts (dl-version.c, needed != NULL)", STR_ARG(need->file));
			continue;
		}
		if (lib->elf->has_verdef && !need->weak && !elf_defines_version(lib->elf, need->name))
			version_missing(p, o, lib, need);
	}
	/* Since 2.36: a file with DT_RELR that needs libc.so.* must name the version. */
	if (!o->elf->has_relr || relr_version || !o->elf->has_verneed || p->glibc_minor < 36)
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

/* ---- Symbols ---- */

enum match { MATCH_NONE, MATCH_YES, MATCH_ABORT };

/* check_match() over all symbols of that name. An export without a version has index 0 or 1
 * there; index 2, the oldest version, serves an unversioned reference too. */
static enum match match_exports(const struct process *p, const struct object *o,
                                const struct elf_import *want)
{
	size_t count;
	const struct elf_export *e = elf_exports_find(o->elf, want->name, &count);
	size_t defaults = 0;
	for (size_t i = 0; i < count; i++) {
		if (want->version.n) {
			if (!o->elf->has_versym) {
				bool named = str_in(&o->names, want->file) ||
				             (o->elf->soname.p && str_eq(o->elf->soname, want->file));
				return named && p->glibc_minor && p->glibc_minor < 41 ? MATCH_ABORT
				                                                     : MATCH_YES;
			}
			if (str_eq(e[i].version, want->version) || (!e[i].version.n && !e[i].hidden))
				return MATCH_YES;
			continue;
		}
		if (!e[i].version.n)
			return MATCH_YES;
		if (o->elf->version_defs.n && str_eq(e[i].version, o->elf->version_defs.p[0]))
			return MATCH_YES;
		defaults += !e[i].hidden;
	}
	return !want->version.n && defaults == 1 ? MATCH_YES : MATCH_NONE;
}

static enum match lookup(const struct process *p, const struct object *from,
                         const struct elf_import *want, const struct object **where)
{
	/* The global scope, then the module's own; DT_SYMBOLIC puts the object first, which
	 * changes where a symbol is found but not whether. */
	for (size_t i = 0; i < p->scope.n; i++) {
		const struct object *o = p->scope.p[i];
		if (o->is_main && (want->use & ELF_USE_COPY))
			continue;
		enum match m = match_exports(p, o, want);
		if (m != MATCH_NONE) {
			*where = o;
			return m;
		}
	}
	(void)from;
	return MATCH_NONE;
}

static bool provided_by_host(struct process *p, const struct object *o,
                             const struct elf_import *want)
{
	const char *host;
	if (!p->module || want->version.n || !host_provides(want->name, &host))
		return false;
	for (size_t i = 0; i < p->out->findings.n; i++) {
		const struct finding *f = &p->out->findings.p[i];
		if (f->kind == FINDING_RUNTIME && str_eq(f->name, str_of(host)) &&
		    str_eq(f->object, o->path))
			return true;
	}
	struct finding *f = process_finding(p, SEVERITY_NOTE, FINDING_RUNTIME, o, str_of(host));
	f->message = arena_printf(p->arena, "%s provides %.*s and others to its modules", host,
	                          STR_ARG(want->name));
	return true;
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

static void bind_object(struct process *p, const struct object *o, bool now)
{
	bool eager_all = now || o->elf->bind_now;
	for (size_t i = 0; i < o->elf->imports.n; i++) {
		const struct elf_import *want = &o->elf->imports.p[i];
		if (!want->use || want->self_ifunc)
			continue;
		bool lazy = !eager_all && want->use == ELF_USE_LAZY;
		const struct object *where = NULL;
		enum match m = lookup(p, o, want, &where);
		if (m == MATCH_YES || (m == MATCH_NONE && want->weak))
			continue;
		if (m == MATCH_NONE) {
			if (!provided_by_host(p, o, want))
				symbol_missing(p, o, want, lazy);
			continue;
		}
		struct finding *f = process_finding(p, lazy ? SEVERITY_RISK : SEVERITY_BLOCKS,
		                                    FINDING_VERSION, o, want->version);
		f->version = want->version;
		*vec_push(&f->searched, p->arena) = where->path;
		f->message = arena_printf(
			p->arena, "%.*s has no symbol versions, and glibc before 2.41 aborts when "
			"%.*s, version %.*s is bound to it", STR_ARG(where->path), STR_ARG(want->name),
			STR_ARG(want->version));
	}
}

/* ---- Processor, stack, thread storage ---- */

static void check_isa(struct process *p, const struct object *o)
{
	static const char *const level_name[] = {"x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
	uint32_t have = (1u << p->target->x86_level) - 1;
	uint32_t lacking = o->elf->x86_isa_needed & ~have & 0xf;
	if (o->elf->machine != ELF_X86_64 || !lacking || o->is_loader || p->glibc_minor < 33)
		return;
	unsigned level = 31u - (unsigned)__builtin_clz(lacking);
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_ISA, o,
	                                    str_of(level_name[level]));
	f->message = arena_printf(p->arena, "it needs a processor of level %s", level_name[level]);
}

/* DEFAULT_STACK_PERMS: without PT_GNU_STACK, x86 and some others assume an executable one. */
static bool wants_executable_stack(const struct elf_object *elf)
{
	if (elf->stack != ELF_STACK_UNSAID)
		return elf->stack == ELF_STACK_EXECUTABLE;
	return elf->machine == ELF_X86_64 || elf->machine == ELF_386 || elf->machine == ELF_ARM;
}

static void check_stack(struct process *p, const struct object *o)
{
	if (!p->module || !wants_executable_stack(o->elf))
		return;
	bool refused = p->glibc_minor >= 41;
	struct finding *f = process_finding(p, refused ? SEVERITY_BLOCKS : SEVERITY_RISK,
	                                    FINDING_EXECSTACK, o, STR("executable stack"));
	f->message = refused ? STR("it asks for an executable stack, which glibc 2.41 and later refuse "
	                           "to a library opened at run time")
	                     : STR("it asks for an executable stack; hardened kernels and glibc 2.41 refuse");
}

/* Initial-exec TLS of a library opened later must fit into what the loader keeps spare:
 * _dl_tls_static_surplus_init() with its default tunables, 3 * 144 + 4 * 144 + 512, rounded
 * up to 64 with the program's own. */
static void check_static_tls(struct process *p)
{
	enum { SURPLUS_BYTES = 1520, SLACK_BYTES = 192 };
	uint64_t wanted = 0;
	for (size_t i = p->global_count; i < p->scope.n; i++) {
		const struct object *o = p->scope.p[i];
		bool ie = o->elf->static_tls_local || (o->elf->dt_flags & DF_STATIC_TLS_BIT);
		if (!ie || !o->elf->tls_size_bytes)
			continue;
		uint64_t align = o->elf->tls_align_bytes ? o->elf->tls_align_bytes : 1;
		wanted += o->elf->tls_size_bytes + align - 1;
		if (wanted <= SURPLUS_BYTES - SLACK_BYTES)
			continue;
		bool surely = wanted > SURPLUS_BYTES + SLACK_BYTES;
		struct finding *f = process_finding(p, surely ? SEVERITY_BLOCKS : SEVERITY_RISK,
		                                    FINDING_TLS, o, STR("static TLS"));
		f->message = arena_printf(
			p->arena, "it wants %llu bytes of static TLS; a library opened at run time gets "
			"some %d: \"cannot allocate memory in static TLS block\"",
			(unsigned long long)wanted, SURPLUS_BYTES);
		return;
	}
}

void glibc_bind(struct process *p)
{
	bool bind_now = p->module || target_env(p->target, STR("LD_BIND_NOW")).n > 0;
	size_t first = p->module ? p->global_count : 0;

	/* Program start checks the objects in load order, relocates in reverse (dl_main). */
	for (size_t i = first; i < p->scope.n; i++)
		check_versions(p, p->scope.p[i]);
	for (size_t i = first; i < p->scope.n; i++)
		check_isa(p, p->scope.p[i]);
	if (p->missing_libraries)
		return; /* what a missing library would have provided is no finding of its own */
	for (size_t i = p->scope.n; i-- > first;)
		if (!p->scope.p[i]->is_loader)
			bind_object(p, p->scope.p[i], bind_now);
	for (size_t i = first; i < p->scope.n; i++)
		check_stack(p, p->scope.p[i]);
	if (p->module)
		check_static_tls(p);
}
