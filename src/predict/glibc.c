/* The dynamic loader of glibc, searching and mapping.
 *
 * Follows elf/rtld.c (dl_main), elf/dl-load.c (_dl_map_object, open_path,
 * open_verify), elf/dl-deps.c (breadth first) of glibc 2.36 and 2.41, and
 * ld.so(8). A name without a slash is looked for
 *
 *   1. among what is loaded, by the names it was asked for and by DT_SONAME,
 *   2. in DT_RPATH of the asking object and of those that loaded it, unless
 *      the asking object has DT_RUNPATH (an object with both has no RPATH),
 *   3. in LD_LIBRARY_PATH,
 *   4. in DT_RUNPATH of the asking object alone,
 *   5. in ld.so.cache,
 *   6. in the folders built into the loader,
 *
 * in each folder first below glibc-hwcaps. A file of another class or machine
 * is passed over; one that is no ELF file at all ends the start. What is found
 * is bound by glibc_bind.c. */
#include "predict/glibc.h"

#include "core/limits.h"
#include "predict/glibc_cache.h"

enum { DF_1_NODEFLIB_BIT = 0x800, DF_1_PIE_BIT = 0x08000000, DF_1_NOOPEN_BIT = 0x40 };
enum search { SEARCH_MISSED, SEARCH_FOUND, SEARCH_REFUSED };

struct hit {
	struct node *node;
	struct str path, rule;
	const char *refused; /* SEARCH_REFUSED: why */
	bool other_class;
};

/* ---- One file ---- */

/* open_verify(): SEARCH_MISSED lets the search go on, SEARCH_REFUSED ends the start. */
static enum search verify(const struct process *p, struct node *n, struct hit *hit)
{
	const struct elf_object *want = p->loader_elf;
	if (node_type(n) == ENTRY_DIR) {
		hit->refused = "cannot read file data";
		return SEARCH_REFUSED;
	}
	const struct elf_object *elf = node_elf(n);
	if (!elf) {
		hit->refused = node_size_bytes(n) < 64  ? "file too short"
		               : node_elf_error(n).n    ? "damaged ELF file"
		                                        : "invalid ELF header";
		return SEARCH_REFUSED;
	}
	if (elf->class_bits != want->class_bits) {
		hit->other_class = true;
		return SEARCH_MISSED;
	}
	if (elf->big_endian != want->big_endian) {
		hit->refused = "ELF file data encoding is of the other byte order";
		return SEARCH_REFUSED;
	}
	if (elf->osabi != 0 && elf->osabi != 3 && !(elf->machine == ELF_ARM && elf->osabi == 97)) {
		hit->refused = "ELF file OS ABI invalid";
		return SEARCH_REFUSED;
	}
	if (elf->machine != want->machine)
		return SEARCH_MISSED;
	if (elf->type != ELF_DYN && elf->type != ELF_EXEC) {
		hit->refused = "only ET_DYN and ET_EXEC can be loaded";
		return SEARCH_REFUSED;
	}
	hit->node = n;
	return SEARCH_FOUND;
}

static enum search try_path(const struct process *p, struct str path, struct hit *hit)
{
	struct node *n;
	if (process_open(p, path, &n) != TREE_FOUND)
		return SEARCH_MISSED;
	hit->path = path;
	return verify(p, n, hit);
}

/* ---- One folder ---- */

/* _dl_hwcaps_subdirs of sysdeps/x86_64/dl-hwcaps_subdirs.c, best first. */
static enum search try_folder(struct process *p, struct str folder, struct str name,
                              struct str rule, struct hit *hit)
{
	str_add_once(&p->searched, folder, p->arena);
	const char *slash = str_ends(folder, STR("/")) ? "" : "/";
	unsigned best = p->loader_elf->machine == ELF_X86_64 && p->glibc_minor >= 33
	                        ? p->target->x86_level : 0;
	hit->rule = rule;
	for (unsigned level = best; level >= 2; level--) {
		struct str path = arena_printf(p->arena, "%.*s%sglibc-hwcaps/x86-64-v%u/%.*s",
		                               STR_ARG(folder), slash, level, STR_ARG(name));
		enum search s = try_path(p, path, hit);
		if (s != SEARCH_MISSED)
			return s;
	}
	return try_path(p, arena_printf(p->arena, "%.*s%s%.*s", STR_ARG(folder), slash, STR_ARG(name)),
	                hit);
}

/* ---- A path with dynamic string tokens (ld.so(8), "Dynamic string tokens") ---- */

static struct str origin_of(struct process *p, const struct object *o)
{
	if (o->is_main && o->node) /* readlink of /proc/self/exe: no links are left in it */
		return str_dirname(tree_path(o->node, p->arena));
	return str_dirname(o->path);
}

/* $LIB as the distribution configured it: what stands before the first built-in folder's
 * slash-less name ("lib/x86_64-linux-gnu", "lib64"). */
static struct str lib_token(const struct process *p)
{
	const struct str_vec *dirs = &p->loader_elf->system_dirs;
	if (dirs->n)
		return str_skip(dirs->p[0], 1);
	return p->loader_elf->class_bits == 64 ? STR("lib64") : STR("lib");
}

static struct str platform_token(const struct process *p)
{
	switch (p->loader_elf->machine) {
	case ELF_X86_64:
		return p->target->x86_level >= 3 ? STR("haswell") : STR("x86_64");
	case ELF_386:
		return STR("i686");
	case ELF_AARCH64:
		return STR("aarch64");
	default:
		return STR("");
	}
}

/* is_dst(): $NAME not followed by a name's character, or ${NAME}. Its length, or 0. */
static size_t token_length(struct str at, struct str name)
{
	if (str_starts(at, STR("{")))
		return str_starts(str_skip(at, 1), name) && at.n > name.n + 1 &&
		                       at.p[name.n + 1] == '}'
		               ? name.n + 2 : 0;
	if (!str_starts(at, name))
		return 0;
	char next = at.n > name.n ? at.p[name.n] : '/';
	bool goes_on = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
	               (next >= '0' && next <= '9') || next == '_';
	return goes_on ? 0 : name.n;
}

static struct str expand(struct process *p, const struct object *o, struct str text)
{
	struct str done = STR("");
	while (text.n) {
		size_t plain = str_index(text, '$');
		done = arena_printf(p->arena, "%.*s%.*s", STR_ARG(done),
		                    STR_ARG(str_slice(text, 0, plain)));
		text = str_skip(text, plain);
		if (!text.n)
			break;
		text = str_skip(text, 1);
		struct str value = STR("$");
		size_t len;
		if ((len = token_length(text, STR("ORIGIN"))) != 0)
			value = origin_of(p, o);
		else if ((len = token_length(text, STR("PLATFORM"))) != 0)
			value = platform_token(p);
		else if ((len = token_length(text, STR("LIB"))) != 0)
			value = lib_token(p);
		done = arena_printf(p->arena, "%.*s%.*s", STR_ARG(done), STR_ARG(value));
		text = str_skip(text, len);
		if (done.n > LIMIT_PATH_BYTES * 4)
			break;
	}
	return done;
}

/* fillin_rpath(): empty elements are dropped, trailing slashes too. */
static enum search try_search_path(struct process *p, const struct object *o, struct str list,
                                   struct str name, struct str rule, struct hit *hit)
{
	struct str part;
	while (str_next(&list, ':', &part)) {
		struct str folder = o ? expand(p, o, part) : part;
		while (folder.n > 1 && folder.p[folder.n - 1] == '/')
			folder.n--;
		if (folder.n == 0)
			continue;
		enum search s = try_folder(p, folder, name, rule, hit);
		if (s != SEARCH_MISSED)
			return s;
	}
	return SEARCH_MISSED;
}

/* ---- Where a name is looked for ---- */

static struct str rule_of(struct process *p, const char *tag, const struct object *o)
{
	return arena_printf(p->arena, "%s of %.*s", tag, STR_ARG(o->path));
}

static bool has_rpath(const struct object *o)
{
	return o->elf && o->elf->rpath.p && !o->elf->runpath.p;
}

static enum search try_rpaths(struct process *p, struct object *asker, struct str name,
                              struct hit *hit)
{
	bool saw_main = false;
	if (asker->elf->runpath.p)
		return SEARCH_MISSED;
	for (struct object *o = asker; o; o = o->loader) {
		if (!has_rpath(o))
			continue;
		enum search s = try_search_path(p, o, o->elf->rpath, name,
		                                rule_of(p, "RPATH", o), hit);
		if (s != SEARCH_MISSED)
			return s;
		saw_main |= o->is_main;
	}
	if (!saw_main && has_rpath(p->main))
		return try_search_path(p, p->main, p->main->elf->rpath, name,
		                       rule_of(p, "RPATH", p->main), hit);
	return SEARCH_MISSED;
}

/* _dl_cache_check_flags(): library type (3: libc6) and the architecture's own bits. */
static bool cache_flags_fit(const struct process *p, uint32_t flags)
{
	uint32_t want;
	switch (p->loader_elf->machine) {
	case ELF_X86_64: want = 0x0303; break;
	case ELF_AARCH64: want = 0x0a03; break;
	case ELF_ARM: want = 0x0903; break;
	case ELF_S390: want = 0x0403; break;
	case ELF_PPC64: want = 0x0503; break;
	case ELF_RISCV: want = 0x1003; break;
	default: want = 0x0003; break;
	}
	return flags == want || (p->loader_elf->machine == ELF_ARM && flags == 0x0003);
}

static unsigned hwcap_level(const struct process *p, struct str hwcap)
{
	if (p->loader_elf->machine != ELF_X86_64 || !str_starts(hwcap, STR("x86-64-v")))
		return 0;
	uint64_t level = 0;
	if (!str_to_u64(str_skip(hwcap, 8), &level) || level > p->target->x86_level)
		return 0;
	return (unsigned)level;
}

static enum search try_cache(struct process *p, const struct object *asker, struct str name,
                             struct hit *hit)
{
	const struct libc_cache_entry *best = NULL;
	unsigned best_level = 0;
	if (!p->cache)
		return SEARCH_MISSED;
	str_add_once(&p->searched, STR("/etc/ld.so.cache"), p->arena);
	for (size_t i = 0; i < p->cache->count; i++) {
		const struct libc_cache_entry *c = &p->cache->entry[i];
		if (!str_eq(c->name, name) || c->legacy_hwcap || !cache_flags_fit(p, c->flags))
			continue;
		unsigned level = c->hwcap.n ? hwcap_level(p, c->hwcap) : 1;
		if (level > best_level) {
			best = c;
			best_level = level;
		}
	}
	if (!best)
		return SEARCH_MISSED;
	if (asker->elf->dt_flags_1 & DF_1_NODEFLIB_BIT)
		for (size_t i = 0; i < p->loader_elf->system_dirs.n; i++)
			if (str_starts(best->path, p->loader_elf->system_dirs.p[i]))
				return SEARCH_MISSED;
	hit->rule = STR("ld.so.cache");
	return try_path(p, best->path, hit);
}

static enum search try_built_in(struct process *p, const struct object *asker, struct str name,
                                struct hit *hit)
{
	if (asker->elf->dt_flags_1 & DF_1_NODEFLIB_BIT)
		return SEARCH_MISSED;
	for (size_t i = 0; i < p->loader_elf->system_dirs.n; i++) {
		enum search s = try_folder(p, p->loader_elf->system_dirs.p[i], name,
		                           STR("built-in folder"), hit);
		if (s != SEARCH_MISSED)
			return s;
	}
	return SEARCH_MISSED;
}

static enum search try_library_path(struct process *p, struct str name, struct hit *hit)
{
	for (size_t i = 0; i < p->library_path.n; i++) {
		/* Tokens here are those of the main program (_dl_init_paths). */
		enum search s = try_search_path(p, p->main, p->library_path.p[i], name,
		                                STR("LD_LIBRARY_PATH"), hit);
		if (s != SEARCH_MISSED)
			return s;
	}
	return SEARCH_MISSED;
}

static enum search search(struct process *p, struct object *asker, struct str name,
                          struct hit *hit)
{
	p->searched = (struct str_vec){0};
	if (str_index(name, '/') < name.n) {
		struct str path = expand(p, asker, name);
		hit->rule = STR("path as written");
		*vec_push(&p->searched, p->arena) = path;
		return try_path(p, path, hit);
	}
	enum search s = try_rpaths(p, asker, name, hit);
	if (s == SEARCH_MISSED)
		s = try_library_path(p, name, hit);
	if (s == SEARCH_MISSED && asker->elf->runpath.p)
		s = try_search_path(p, asker, asker->elf->runpath, name,
		                    rule_of(p, "RUNPATH", asker), hit);
	if (s == SEARCH_MISSED)
		s = try_cache(p, asker, name, hit);
	if (s == SEARCH_MISSED)
		s = try_built_in(p, asker, name, hit);
	return s;
}

/* ---- Mapping ---- */

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
static const char *map_refusal(const struct elf_object *elf)
{
	if (!elf->has_load)
		return "object file has no loadable segments";
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
	const char *refusal = map_refusal(elf);
	if (refusal) {
		process_library_missing(p, asker, name, refusal);
		return NULL;
	}
	o = process_add(p, hit->node, elf, hit->path, asker, name, hit->rule);
	*vec_push(&o->names, p->arena) = name;
	str_add_once(&o->names, hit->path, p->arena);
	*vec_push(&p->out->loaded, p->arena) = (struct loaded){.name = name,
	                                                       .path = hit->path,
	                                                       .rule = hit->rule,
	                                                       .needed_by = asker->path,
	                                                       .depth = o->depth};
	return o;
}

struct object *glibc_map(struct process *p, struct object *asker, struct str name)
{
	struct object *o = already_loaded(p, name);
	if (o)
		return o;
	struct hit hit = {0};
	switch (search(p, asker, name, &hit)) {
	case SEARCH_FOUND:
		return map_hit(p, asker, name, &hit);
	case SEARCH_REFUSED:
		process_library_missing(
			p, asker, name,
			arena_cstr(p->arena, arena_printf(p->arena, "%.*s: %s", STR_ARG(hit.path),
		                                          hit.refused)));
		return NULL;
	case SEARCH_MISSED:
		break;
	}
	process_library_missing(p, asker, name, hit.other_class ? "wrong ELF class" : NULL);
	return NULL;
}

/* _dl_map_object_deps(): breadth first from scope[first] on. */
static void map_dependencies(struct process *p, struct object_vec *scope, size_t first)
{
	for (size_t i = first; i < scope->n && scope->n < LIMIT_DEPENDENCIES; i++) {
		struct object *asker = scope->p[i];
		for (size_t k = 0; k < asker->elf->needed.n; k++) {
			struct object *o = glibc_map(p, asker, asker->elf->needed.p[k]);
			if (o && !object_in(scope, o))
				*vec_push(scope, p->arena) = o;
		}
	}
}

/* ---- Starting ---- */

static void add_preload(struct process *p, struct str name, const char *from)
{
	size_t findings = p->out->findings.n, missing = p->missing_libraries;
	struct object *o = glibc_map(p, p->main, name);
	if (o) {
		if (!object_in(&p->scope, o))
			*vec_push(&p->scope, p->arena) = o;
		return;
	}
	/* do_preload() warns and goes on. */
	p->missing_libraries = missing;
	if (p->out->findings.n > findings) {
		struct finding *f = &p->out->findings.p[findings];
		f->severity = SEVERITY_RISK;
		f->message = arena_printf(p->arena, "%.*s from %s cannot be preloaded and is ignored",
		                          STR_ARG(name), from);
		p->out->findings.n = findings + 1;
	}
}

static void add_preloads(struct process *p)
{
	struct str list = target_env(p->target, STR("LD_PRELOAD")), word, part, content;
	while (str_word(&list, &word))
		while (str_next(&word, ':', &part))
			if (part.n)
				add_preload(p, part, "LD_PRELOAD");
	if (!tree_kept(p->target->tree, STR("/etc/ld.so.preload"), &content))
		return;
	while (str_next(&content, '\n', &part)) {
		part = str_slice(part, 0, str_index(part, '#'));
		while (str_word(&part, &word))
			add_preload(p, word, "/etc/ld.so.preload");
	}
}

/* The highest GLIBC_2.x of the libc.so.6 that the loader would find. */
static unsigned libc_minor(const struct elf_object *libc)
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

unsigned glibc_minor_beside(const struct tree *t, const struct elf_object *loader, struct arena *a)
{
	for (size_t i = 0; i < loader->system_dirs.n; i++) {
		struct node *n = tree_find(t, arena_printf(a, "%.*s/libc.so.6",
		                                           STR_ARG(loader->system_dirs.p[i])));
		const struct elf_object *elf = n ? node_elf(n) : NULL;
		if (elf && elf->machine == loader->machine && elf->class_bits == loader->class_bits)
			return libc_minor(elf);
	}
	return 0;
}

static void read_environment(struct process *p)
{
	struct str content;
	struct str path = target_env(p->target, STR("LD_LIBRARY_PATH"));
	/* fillin_rpath() of _dl_init_paths() also cuts at semicolons. */
	struct str part, piece;
	while (str_next(&path, ';', &part))
		while (str_next(&part, ':', &piece))
			*vec_push(&p->library_path, p->arena) = piece.n ? piece : STR(".");

	struct err ignored;
	struct libc_cache *cache = ARENA_NEW(p->arena, struct libc_cache);
	if (tree_kept(p->target->tree, STR("/etc/ld.so.cache"), &content) &&
	    libc_cache_parse(cache, content, p->arena, &ignored))
		p->cache = cache;
	p->glibc_minor = glibc_minor_beside(p->target->tree, p->loader_elf, p->arena);
}

static void add_loader(struct process *p)
{
	struct object *o = process_add(p, p->loader_node, p->loader_elf, p->loader_path, NULL,
	                               p->loader_path, STR("program interpreter"));
	o->is_loader = true;
	*vec_push(&o->names, p->arena) = p->loader_path;
}

/* A module is opened by a program that has libc and nothing else loaded. */
static void open_module(struct process *p)
{
	size_t findings = p->out->findings.n;
	struct object *libc = glibc_map(p, p->main, STR("libc.so.6"));
	if (!libc) {
		p->out->findings.p[findings].message =
			STR("libc.so.6 is not there: no program could open this library");
		return;
	}
	*vec_push(&p->scope, p->arena) = libc;
	map_dependencies(p, &p->scope, 1);
	p->global_count = p->scope.n;
	p->out->loaded.n = 0;

	struct object *m = p->module;
	const char *refusal = map_refusal(m->elf);
	if (!refusal && (m->elf->dt_flags_1 & DF_1_NOOPEN_BIT))
		refusal = "shared object cannot be dlopen()ed";
	if (refusal) {
		process_library_missing(p, p->main, m->path, refusal);
		return;
	}
	m->loader = p->main;
	*vec_push(&p->objects, p->arena) = m;
	*vec_push(&m->names, p->arena) = m->path;
	struct object_vec own = {0};
	*vec_push(&own, p->arena) = m;
	map_dependencies(p, &own, 0);
	for (size_t i = 0; i < own.n; i++)
		if (!object_in(&p->scope, own.p[i]))
			*vec_push(&p->scope, p->arena) = own.p[i];
}

void glibc_start(struct process *p)
{
	read_environment(p);
	*vec_push(&p->objects, p->arena) = p->main;
	add_loader(p);
	*vec_push(&p->scope, p->arena) = p->main;
	add_preloads(p);
	if (p->module) {
		open_module(p);
	} else {
		map_dependencies(p, &p->scope, 0);
		p->global_count = p->scope.n;
	}
	glibc_bind(p);
}
