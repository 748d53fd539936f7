/* The dynamic loader of glibc, mapping.
 *
 * Follows elf/rtld.c (dl_main), elf/dl-open.c (dl_open_worker_begin),
 * elf/dl-load.c (_dl_map_object, _dl_map_object_from_fd) and elf/dl-deps.c
 * (_dl_map_object_deps) of glibc 2.36 and 2.41. What is loaded already is found
 * by the names it was asked for, by its path, by DT_SONAME or as the same file;
 * for the rest see glibc_search.c. What is mapped is bound by glibc_bind.c. */
#include "predict/glibc.h"

#include "core/limits.h"
#include "predict/glibc_cache.h"

enum { DF_1_PIE_BIT = 0x08000000, DF_1_NOOPEN_BIT = 0x40 };

/* ---- One object ---- */

/* The first part of _dl_map_object(). */
static struct object *already_loaded(struct process *p, struct str name)
{
	for (size_t i = 0; i < p->objects.n; i++) {
		struct object *o = p->objects.p[i];
		if (str_in(&o->names, name))
			return o;
		if (!o->soname_added && o->elf->soname.p && str_eq(o->elf->soname, name)) {
			*vec_push(&o->names, p->arena) = name;
			o->soname_added = true;
			return o;
		}
	}
	return NULL;
}

static struct object *same_file(struct process *p, const struct node *n)
{
	for (size_t i = 0; i < p->objects.n; i++)
		if (p->objects.p[i]->node && p->objects.p[i]->node->inode == n->inode)
			return p->objects.p[i];
	return NULL;
}

/* Refusals of _dl_map_object_from_fd() after the file was opened. */
static const char *map_refusal(const struct process *p, const struct elf_object *elf)
{
	const uint32_t page = 4096;
	if (!elf->has_load)
		return "object file has no loadable segments";
	if (p->glibc_minor && p->glibc_minor < 35 && elf->min_load_align % page)
		return "ELF load command alignment not page-aligned";
	if (elf->type == ELF_EXEC)
		return "cannot dynamically load executable";
	if (!elf->has_dynamic)
		return "object file has no dynamic section";
	if (elf->dt_flags_1 & DF_1_PIE_BIT)
		return "cannot dynamically load position-independent executable";
	return NULL;
}

static struct object *map_hit(struct process *p, struct object *asker, struct str name,
                              const struct hit *hit)
{
	struct object *o = same_file(p, hit->node);
	if (o) {
		str_add_once(&o->names, name, p->arena);
		return o;
	}
	const struct elf_object *elf = node_elf(hit->node);
	const char *refusal = map_refusal(p, elf);
	if (refusal) {
		process_library_missing(p, asker, name, refusal);
		return NULL;
	}
	o = process_new(p, hit->node, elf, hit->path, asker, name, hit->rule);
	*vec_push(&o->names, p->arena) = name;
	str_add_once(&o->names, hit->path, p->arena);
	if (!glibc_stack_fits(p, o))
		return NULL;
	*vec_push(&p->objects, p->arena) = o;
	*vec_push(&p->out->loaded, p->arena) = (struct loaded){.name = name,
	                                                       .path = hit->path,
	                                                       .rule = hit->rule,
	                                                       .needed_by = asker->path,
	                                                       .depth = o->depth};
	return o;
}

/* setup_vdso(): the kernel's own library is in the list, with nothing to bind. */
static bool is_vdso(struct str name)
{
	return str_eq(name, STR("linux-vdso.so.1")) || str_eq(name, STR("linux-vdso64.so.1")) ||
	       str_eq(name, STR("linux-gate.so.1"));
}

static struct object *map_vdso(struct process *p, struct str name)
{
	static const struct elf_object nothing;
	struct object *o = process_add(p, NULL, &nothing, name, NULL, name, STR("of the kernel"));
	*vec_push(&o->names, p->arena) = name;
	return o;
}

/* _dl_map_object(). NULL where it is not to be had; the finding is made then. */
static struct object *map_object(struct process *p, struct object *asker, struct str name)
{
	struct object *o = already_loaded(p, name);
	if (o)
		return o;
	if (is_vdso(name))
		return map_vdso(p, name);
	struct hit hit = {0};
	enum search s = glibc_search(p, asker, name, &hit);
	if (s == SEARCH_FOUND)
		return map_hit(p, asker, name, &hit);
	const char *why = hit.other_class ? "wrong ELF class" : NULL;
	if (s == SEARCH_REFUSED)
		why = arena_cstr(p->arena, arena_printf(p->arena, "%.*s: %s", STR_ARG(hit.path),
		                                        hit.refused));
	process_library_missing(p, asker, name, why);
	return NULL;
}

/* The same for what may be missing: no finding blocks then. */
static struct object *map_optional(struct process *p, struct object *asker, struct str name)
{
	size_t findings = p->out->findings.n, loaded = p->out->loaded.n;
	size_t missing = p->missing_libraries;
	struct object *o = map_object(p, asker, name);
	if (!o) {
		p->out->findings.n = findings;
		p->out->loaded.n = loaded;
		p->missing_libraries = missing;
	}
	return o;
}

/* ---- All that it needs ---- */

static void insert_at(struct object_vec *v, size_t at, struct object *o, struct arena *a)
{
	*vec_push(v, a) = o;
	memmove(&v->p[at + 1], &v->p[at], (v->n - 1 - at) * sizeof *v->p);
	v->p[at] = o;
}

/* DT_FILTER and DT_AUXILIARY: what they name stands in front of the object. Gives the
 * object's place in the list. */
static size_t put_before(struct process *p, struct object_vec *list, size_t at, struct object *o)
{
	size_t is = 0;
	while (is < list->n && list->p[is] != o)
		is++;
	if (is <= at)
		return at;
	if (is < list->n) {
		memmove(&list->p[is], &list->p[is + 1], (list->n - 1 - is) * sizeof *list->p);
		list->n--;
	}
	insert_at(list, at, o, p->arena);
	return at + 1;
}

static void map_needs_of(struct process *p, struct object_vec *list, size_t at)
{
	struct object *asker = list->p[at], *o;
	const struct elf_object *elf = asker->elf;
	asker->needs_mapped = true;
	for (size_t i = 0; i < elf->needed.n; i++) {
		o = map_object(p, asker, glibc_expand(p, asker, elf->needed.p[i]));
		if (!o)
			continue;
		*vec_push(&asker->needs, p->arena) = o;
		if (!object_in(list, o))
			*vec_push(list, p->arena) = o;
	}
	/* Linkers write these tags behind DT_NEEDED. */
	for (size_t i = 0; i < elf->filters.n + elf->auxiliaries.n; i++) {
		bool filter = i < elf->filters.n;
		struct str name = filter ? elf->filters.p[i] : elf->auxiliaries.p[i - elf->filters.n];
		name = glibc_expand(p, asker, name);
		o = filter ? map_object(p, asker, name) : map_optional(p, asker, name);
		if (!o)
			continue;
		*vec_push(&asker->needs, p->arena) = o;
		at = put_before(p, list, at, o);
	}
}

/* _dl_map_object_deps(): breadth first over the list, which grows. */
static void map_needs(struct process *p, struct object_vec *list)
{
	size_t i = 0;
	while (i < list->n && list->n < LIMIT_DEPENDENCIES) {
		if (list->p[i]->needs_mapped)
			i++;
		else
			map_needs_of(p, list, i);
	}
}

/* ---- Preloading ---- */

/* do_preload() warns and goes on. */
static void add_preload(struct process *p, struct str name, const char *from)
{
	struct object *o = map_optional(p, p->main, glibc_expand(p, p->main, name));
	if (!o) {
		struct finding *f = process_finding(p, SEVERITY_RISK, FINDING_LIBRARY, p->main, name);
		f->searched = p->searched;
		f->message = arena_printf(p->arena, "%.*s from %s cannot be preloaded and is ignored",
		                          STR_ARG(name), from);
	} else if (!object_in(&p->scope, o)) {
		*vec_push(&p->scope, p->arena) = o;
	}
}

static bool next_word(struct str *rest, const char *separators, struct str *word)
{
	size_t start = 0, end;
	while (start < rest->n && strchr(separators, rest->p[start]))
		start++;
	end = start;
	while (end < rest->n && !strchr(separators, rest->p[end]))
		end++;
	*word = str_slice(*rest, start, end);
	*rest = str_skip(*rest, end);
	return word->n > 0;
}

static void add_preloads(struct process *p)
{
	struct str list = target_env(p->target, STR("LD_PRELOAD")), line, word, content;
	while (next_word(&list, " :", &word))
		add_preload(p, word, "LD_PRELOAD");
	if (!tree_kept(p->target->tree, STR("/etc/ld.so.preload"), &content))
		return;
	while (str_next(&content, '\n', &line)) {
		line = str_slice(line, 0, str_index(line, '#'));
		while (next_word(&line, " \t:", &word))
			add_preload(p, word, "/etc/ld.so.preload");
	}
}

/* ---- Which glibc ---- */

unsigned glibc_minor(const struct elf_object *libc)
{
	unsigned best = 0;
	for (size_t i = 0; i < libc->version_defs.n; i++) {
		uint64_t minor;
		struct str v = libc->version_defs.p[i];
		if (!str_starts(v, STR("GLIBC_2.")))
			continue;
		v = str_skip(v, 8);
		if (str_to_u64(str_slice(v, 0, str_index(v, '.')), &minor) && minor > best &&
		    minor < 1000)
			best = (unsigned)minor;
	}
	return best;
}

static unsigned minor_of(const struct node *n, const struct elf_object *loader)
{
	const struct elf_object *elf = n ? node_elf(n) : NULL;
	bool fits = elf && elf->machine == loader->machine && elf->class_bits == loader->class_bits;
	return fits ? glibc_minor(elf) : 0;
}

unsigned glibc_minor_beside(const struct tree *t, const struct elf_object *loader, struct arena *a)
{
	unsigned minor = 0;
	for (size_t i = 0; i < loader->system_dirs.n && !minor; i++)
		minor = minor_of(tree_find(t, arena_printf(a, "%.*s/libc.so.6",
		                                           STR_ARG(loader->system_dirs.p[i]))), loader);
	return minor;
}

/* A loader that an application brings along has its libc.so.6 beside it as a rule. */
static unsigned minor_of_loader(const struct process *p)
{
	const struct node *folder = p->loader_node->parent;
	struct node *n;
	unsigned minor = 0;
	if (tree_lookup(p->target->tree, folder, STR("libc.so.6"), true, &n) == TREE_FOUND)
		minor = minor_of(n, p->loader_elf);
	return minor ? minor : glibc_minor_beside(p->target->tree, p->loader_elf, p->arena);
}

/* ---- Starting ---- */

static void read_cache(struct process *p)
{
	struct err ignored;
	struct str content;
	struct libc_cache *cache = ARENA_NEW(p->arena, struct libc_cache);
	if (tree_kept(p->target->tree, STR("/etc/ld.so.cache"), &content) &&
	    libc_cache_parse(cache, content, p->arena, &ignored))
		p->cache = cache;
}

static void add_loader(struct process *p)
{
	struct object *o = process_add(p, p->loader_node, p->loader_elf, p->loader_path, NULL,
	                               p->loader_path, STR("program interpreter"));
	o->is_loader = true;
	*vec_push(&o->names, p->arena) = p->loader_path;
}

/* A module is opened by a program that has libc and nothing else loaded, but for dlopen(3)
 * itself: before 2.34 that was not in libc. */
static bool start_host(struct process *p)
{
	size_t findings = p->out->findings.n;
	struct object *libc = map_object(p, p->main, STR("libc.so.6"));
	struct object *libdl = p->glibc_minor && p->glibc_minor < 34
	                               ? map_optional(p, p->main, STR("libdl.so.2")) : NULL;
	if (!libc) {
		p->out->findings.p[findings].message =
			STR("libc.so.6 is not there: no program could open this library");
		return false;
	}
	*vec_push(&p->scope, p->arena) = libc;
	if (libdl)
		*vec_push(&p->scope, p->arena) = libdl;
	map_needs(p, &p->scope);
	p->global_count = p->scope.n;
	p->out->loaded.n = 0;
	return true;
}

/* dlopen(RTLD_NOW): its own list lies behind the program's scope. */
static void open_module(struct process *p)
{
	struct object *m = p->module;
	struct hit hit = {0};
	enum search s = glibc_verify(p, m->node, &hit);
	const char *refusal = s == SEARCH_FOUND ? map_refusal(p, m->elf)
	                      : hit.refused     ? hit.refused
	                                        : "built for another machine";
	if (!refusal && (m->elf->dt_flags_1 & DF_1_NOOPEN_BIT))
		refusal = "shared object cannot be dlopen()ed";
	if (refusal) {
		process_library_missing(p, p->main, m->path, refusal);
		return;
	}
	p->opening = true;
	if (!glibc_stack_fits(p, m))
		return;
	*vec_push(&p->objects, p->arena) = m;
	*vec_push(&m->names, p->arena) = m->path;
	*vec_push(&p->own, p->arena) = m;
	map_needs(p, &p->own);
	for (size_t i = 0; i < p->own.n; i++)
		if (!object_in(&p->scope, p->own.p[i]))
			*vec_push(&p->scope, p->arena) = p->own.p[i];
}

void glibc_start(struct process *p)
{
	p->glibc_minor = minor_of_loader(p);
	read_cache(p);
	*vec_push(&p->objects, p->arena) = p->main;
	*vec_push(&p->main->names, p->arena) = STR(""); /* its l_name */
	add_loader(p);
	*vec_push(&p->scope, p->arena) = p->main;
	add_preloads(p);
	if (p->module) {
		if (!start_host(p))
			return;
		open_module(p);
	} else {
		map_needs(p, &p->scope);
		p->global_count = p->scope.n;
	}
	glibc_bind(p);
}
