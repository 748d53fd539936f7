/* The dynamic loader of musl.
 *
 * Follows ldso/dynlink.c of musl 1.2.x: load_library(), load_deps(),
 * fixup_rpath(), path_open(), find_sym2(), do_relocs(), get_lfs64().
 *
 * musl is its own loader and libc in one file. It binds everything at load
 * time, data and functions, and takes the first default symbol of a name,
 * whatever version was asked for. Names that begin with "libc.", "libm.",
 * "libpthread." and their like are musl itself, glibc's sonames included. */
#include "predict/process.h"

#include "core/limits.h"

/* ---- Searching ---- */

/* load_library(): the reserved names. */
static bool is_itself(const struct process *p, struct str name)
{
	static const struct str reserved[] = {
		STR_INIT("libc."),  STR_INIT("libpthread."), STR_INIT("librt."),  STR_INIT("libm."),
		STR_INIT("libdl."), STR_INIT("libutil."),    STR_INIT("libxnet."),
	};
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (str_starts(name, reserved[i]))
			return true;
	return str_eq(name, p->loader_path);
}

enum search { SEARCH_MISSED, SEARCH_FOUND, SEARCH_STOPPED };

struct hit {
	struct node *node;
	struct str path, rule;
};

/* path_open(): cut at colons and newlines; ENOENT, ENOTDIR, EACCES and ENAMETOOLONG go on to
 * the next folder, anything else (ELOOP) ends the whole search. */
static enum search path_open(struct process *p, struct str list, struct str name,
                             struct str rule, struct hit *hit)
{
	while (list.n) {
		while (list.n && (list.p[0] == ':' || list.p[0] == '\n'))
			list = str_skip(list, 1);
		size_t end = 0;
		while (end < list.n && list.p[end] != ':' && list.p[end] != '\n')
			end++;
		if (end == 0)
			break;
		struct str folder = str_slice(list, 0, end);
		list = str_skip(list, end);
		str_add_once(&p->searched, folder, p->arena);
		hit->path = arena_printf(p->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
		hit->rule = rule;
		enum tree_miss miss = process_open(p, hit->path, &hit->node);
		if (miss == TREE_FOUND)
			return SEARCH_FOUND;
		if (miss == TREE_ELOOP)
			return SEARCH_STOPPED;
	}
	return SEARCH_MISSED;
}

/* fixup_rpath(): any token but $ORIGIN makes the object's whole path useless. */
static bool usable_rpath(struct process *p, const struct object *o, struct str *list)
{
	struct str text = o->elf->runpath.p ? o->elf->runpath : o->elf->rpath;
	if (!text.p || !text.n)
		return false;
	struct str origin = o->is_main && o->node ? str_dirname(tree_path(o->node, p->arena))
	                                          : str_dirname(o->path);
	*list = STR("");
	while (text.n) {
		size_t plain = str_index(text, '$');
		struct str before = str_slice(text, 0, plain);
		text = str_skip(text, plain);
		size_t token = str_starts(text, STR("$ORIGIN"))     ? 7
		               : str_starts(text, STR("${ORIGIN}")) ? 9
		                                                    : 0;
		if (text.n && !token)
			return false;
		*list = arena_printf(p->arena, "%.*s%.*s%.*s", STR_ARG(*list), STR_ARG(before),
		                     STR_ARG(text.n ? origin : STR("")));
		text = str_skip(text, token);
		if (list->n > LIMIT_PATH_BYTES * 16)
			return false;
	}
	return true;
}

/* The default path: /etc/ld-musl-ARCH.path instead of it, where that file is there. The name's
 * prefix is the loader's folder's parent: "/lib/ld-musl-x86_64.so.1" has "". */
static struct str system_path(struct process *p, struct str *rule)
{
	struct str base = str_basename(p->loader_path);
	struct str prefix = str_dirname(str_dirname(p->loader_path));
	size_t so = str_find(base, STR(".so."));
	struct str content;
	struct str file = arena_printf(p->arena, "%.*s/etc/%.*s.path", STR_ARG(prefix),
	                               STR_ARG(str_slice(base, 0, so)));
	if (tree_kept(p->target->tree, file, &content)) {
		*rule = file;
		return content;
	}
	*rule = STR("default path");
	struct str list = STR("");
	for (size_t i = 0; i < p->loader_elf->system_dirs.n; i++)
		list = arena_printf(p->arena, "%.*s%s%.*s", STR_ARG(list), i ? ":" : "",
		                    STR_ARG(p->loader_elf->system_dirs.p[i]));
	return list.n ? list : STR("/lib:/usr/local/lib:/usr/lib");
}

static enum search search(struct process *p, struct object *asker, struct str name,
                          struct hit *hit)
{
	struct str list, rule;
	p->searched = (struct str_vec){0};
	if (str_index(name, '/') < name.n) {
		*vec_push(&p->searched, p->arena) = name;
		*hit = (struct hit){.path = name, .rule = STR("path as written")};
		return process_open(p, name, &hit->node) == TREE_FOUND ? SEARCH_FOUND : SEARCH_MISSED;
	}
	if (name.n > LIMIT_NAME_BYTES)
		return SEARCH_MISSED;
	enum search s = path_open(p, target_env(p->target, STR("LD_LIBRARY_PATH")), name,
	                          STR("LD_LIBRARY_PATH"), hit);
	for (struct object *o = asker; s == SEARCH_MISSED && o; o = o->loader)
		if (usable_rpath(p, o, &list))
			s = path_open(p, list, name,
			              arena_printf(p->arena, "%s of %.*s",
			                           o->elf->runpath.p ? "RUNPATH" : "RPATH",
			                           STR_ARG(o->path)),
			              hit);
	if (s == SEARCH_MISSED) {
		list = system_path(p, &rule);
		s = path_open(p, list, name, rule, hit);
	}
	return s;
}

/* ---- Loading ---- */

/* The object of musl itself, put into the scope when somebody first asks for it. */
static struct object *itself(struct process *p)
{
	for (size_t i = 0; i < p->objects.n; i++)
		if (p->objects.p[i]->is_loader)
			return p->objects.p[i];
	struct object *o = process_add(p, p->loader_node, p->loader_elf, p->loader_path, NULL,
	                               p->loader_path, STR("musl itself"));
	o->is_loader = true;
	return o;
}

/* "__libc_start_main" and "stdin": a libc, musl's or another; musl then takes itself. */
static bool is_some_libc(const struct elf_object *elf)
{
	size_t count;
	return elf_exports_find(elf, STR("__libc_start_main"), &count) &&
	       elf_exports_find(elf, STR("stdin"), &count);
}

/* map_library() checks little: what it takes for a library of another machine ends in a crash. */
static const char *map_refusal(const struct process *p, const struct node *n)
{
	const struct elf_object *elf = node_elf(n);
	if (node_type(n) == ENTRY_DIR)
		return "Is a directory";
	if (!elf || (elf->type != ELF_DYN && elf->type != ELF_EXEC) || !elf->has_dynamic)
		return "Exec format error";
	if (elf->machine != p->loader_elf->machine ||
	    elf->class_bits != p->loader_elf->class_bits ||
	    elf->big_endian != p->loader_elf->big_endian)
		return "built for another machine";
	return NULL;
}

static struct object *loaded_by_name(struct process *p, struct str name)
{
	for (size_t i = 0; i < p->objects.n; i++)
		if (str_in(&p->objects.p[i]->names, name))
			return p->objects.p[i];
	return NULL;
}

static struct object *load_hit(struct process *p, struct object *asker, struct str name,
                               const struct hit *hit)
{
	bool searched = str_index(name, '/') == name.n;
	for (size_t i = 0; i < p->objects.n; i++) {
		struct object *o = p->objects.p[i];
		if (!o->node || o->is_main || o->node->inode != hit->node->inode)
			continue;
		if (searched && !o->names.n)
			*vec_push(&o->names, p->arena) = str_basename(o->path);
		return o;
	}
	const char *refusal = map_refusal(p, hit->node);
	if (refusal) {
		process_library_missing(p, asker, name, arena_cstr(p->arena, arena_printf(
			p->arena, "%.*s: %s", STR_ARG(hit->path), refusal)));
		return NULL;
	}
	if (is_some_libc(node_elf(hit->node)))
		return itself(p);
	struct object *o = process_add(p, hit->node, node_elf(hit->node), hit->path, asker, name,
	                               hit->rule);
	if (searched)
		*vec_push(&o->names, p->arena) = str_basename(hit->path);
	return o;
}

static struct object *load_library(struct process *p, struct object *asker, struct str name)
{
	if (is_itself(p, name))
		return itself(p);
	struct object *o = str_index(name, '/') == name.n ? loaded_by_name(p, name) : NULL;
	if (o)
		return o;
	struct hit hit = {0};
	switch (name.n ? search(p, asker, name, &hit) : SEARCH_MISSED) {
	case SEARCH_FOUND:
		return load_hit(p, asker, name, &hit);
	case SEARCH_STOPPED:
		process_library_missing(p, asker, name, "too many symbolic links along the path");
		return NULL;
	case SEARCH_MISSED:
		break;
	}
	process_library_missing(p, asker, name, NULL);
	return NULL;
}

static void into_scope(struct process *p, struct object *o, struct object *asker, struct str name)
{
	if (object_in(&p->scope, o))
		return;
	*vec_push(&p->scope, p->arena) = o;
	*vec_push(&p->out->loaded, p->arena) = (struct loaded){
		.name = name,
		.path = o->path,
		.rule = o->rule,
		.needed_by = asker ? asker->path : STR(""),
		.depth = asker ? asker->depth + 1 : 0,
	};
}

/* load_deps(): breadth first over everything loaded. */
static void load_dependencies(struct process *p, size_t first)
{
	for (size_t i = first; i < p->scope.n && p->scope.n < LIMIT_DEPENDENCIES; i++) {
		struct object *asker = p->scope.p[i];
		if (asker->is_loader)
			continue;
		for (size_t k = 0; k < asker->elf->needed.n; k++) {
			struct object *o = load_library(p, asker, asker->elf->needed.p[k]);
			if (o)
				into_scope(p, o, asker, asker->elf->needed.p[k]);
		}
	}
}

/* ---- Binding ---- */

/* find_sym2(): OK_TYPES has no IFUNC, and a version that is not the default one is passed over. */
static bool defines(const struct elf_object *elf, struct str name)
{
	size_t count;
	const struct elf_export *e = elf_exports_find(elf, name, &count);
	for (size_t i = 0; i < count; i++)
		if (!e[i].hidden && e[i].type != ELF_IFUNC)
			return true;
	return false;
}

static bool in_scope(const struct process *p, struct str name, bool skip_main)
{
	for (size_t i = 0; i < p->scope.n; i++)
		if (!(skip_main && p->scope.p[i]->is_main) && defines(p->scope.p[i]->elf, name))
			return true;
	return false;
}

/* "1.2.5", "1.2.4_git20230717": true from major.minor.patch on. */
static bool version_reaches(struct str banner, unsigned minor, unsigned patch)
{
	struct str part;
	uint64_t have[3] = {0};
	for (size_t i = 0; i < 3 && str_next(&banner, '.', &part); i++) {
		size_t digits = 0;
		while (digits < part.n && part.p[digits] >= '0' && part.p[digits] <= '9')
			digits++;
		str_to_u64(str_slice(part, 0, digits), &have[i]);
	}
	return have[0] > 1 || (have[0] == 1 && (have[1] > minor ||
	                                        (have[1] == minor && have[2] >= patch)));
}

/* get_lfs64(), since 1.2.4: programs built before may call NAME64, which is NAME. */
static bool is_lfs64(const struct process *p, struct str name)
{
	static const char list[] =
		" aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write alphasort"
		" creat fallocate fgetpos fopen freopen fseeko fsetpos fstat fstatat fstatfs fstatvfs"
		" ftello ftruncate ftw getdents getrlimit glob globfree lio_listio lockf lseek lstat"
		" mkostemp mkostemps mkstemp mkstemps mmap nftw open openat posix_fadvise"
		" posix_fallocate pread preadv prlimit pwrite pwritev readdir scandir sendfile"
		" setrlimit stat statfs statvfs tmpfile truncate versionsort __fxstat __fxstatat"
		" __lxstat __xstat ";
	if (!version_reaches(p->loader_elf->libc_banner, 2, 4))
		return false;
	if (str_eq(name, STR("readdir64_r")))
		return true;
	if (!str_ends(name, STR("64")) || name.n > 17)
		return false;
	struct str plain = str_slice(name, 0, name.n - 2);
	return str_contains(str_of(list), arena_printf(p->arena, " %.*s ", STR_ARG(plain))) &&
	       defines(p->loader_elf, plain);
}

static bool provided_by_host(struct process *p, const struct object *o, struct str name)
{
	const char *host;
	if (!p->module || !host_provides(name, &host))
		return false;
	for (size_t i = 0; i < p->out->findings.n; i++)
		if (p->out->findings.p[i].kind == FINDING_RUNTIME &&
		    str_eq(p->out->findings.p[i].object, o->path))
			return true;
	struct finding *f = process_finding(p, SEVERITY_NOTE, FINDING_RUNTIME, o, str_of(host));
	f->message = arena_printf(p->arena, "%s provides %.*s and others to its modules", host,
	                          STR_ARG(name));
	return true;
}

static void bind_object(struct process *p, const struct object *o)
{
	for (size_t i = 0; i < o->elf->imports.n; i++) {
		const struct elf_import *want = &o->elf->imports.p[i];
		if (!want->use || (want->weak && !want->self_ifunc) ||
		    in_scope(p, want->name, want->use & ELF_USE_COPY) || is_lfs64(p, want->name) ||
		    provided_by_host(p, o, want->name))
			continue;
		struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_SYMBOL, o, want->name);
		f->version = want->version;
		f->message = want->self_ifunc
			? arena_printf(p->arena, "%.*s is an indirect function, which musl does not know",
		                       STR_ARG(want->name))
			: arena_printf(p->arena, "no library has %.*s, and musl binds everything at load",
		                       STR_ARG(want->name));
	}
	if (o->elf->has_irelative) {
		struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_SYMBOL, o,
		                                    STR("IRELATIVE"));
		f->message = STR("it has relocations for indirect functions, which musl does not know");
	}
}

/* Initial-exec TLS must be of the program or loaded with it (do_relocs(), REL_TPOFF). */
static void check_static_tls(struct process *p)
{
	for (size_t i = p->global_count; i < p->scope.n; i++) {
		const struct object *o = p->scope.p[i];
		if (o->is_loader || !o->elf->tls_size_bytes || !o->elf->static_tls_local)
			continue;
		struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_TLS, o,
		                                    STR("initial-exec TLS"));
		f->message = STR("its thread-local storage must be loaded at program start: "
		                 "\"initial-exec TLS resolves to dynamic definition\"");
	}
}

/* musl applies DT_RELR from 1.2.4 on; Alpine's 1.2.3 (3.16, 3.17) has it as a patch. */
static bool knows_relr(const struct process *p)
{
	struct str os, line;
	if (version_reaches(p->loader_elf->libc_banner, 2, 4) || !p->loader_elf->libc_banner.n)
		return true;
	if (!version_reaches(p->loader_elf->libc_banner, 2, 3) ||
	    !tree_kept(p->target->tree, STR("/etc/os-release"), &os))
		return false;
	while (str_next(&os, '\n', &line))
		if (str_eq(line, STR("ID=alpine")))
			return true;
	return false;
}

static void check_relr(struct process *p, const struct object *o)
{
	if (!o->elf->has_relr || o->is_loader || knows_relr(p))
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_RUNTIME, o, STR("DT_RELR"));
	f->message = arena_printf(p->arena,
	                          "it has packed relocations (DT_RELR), which musl %.*s leaves undone: "
	                          "the program crashes", STR_ARG(p->loader_elf->libc_banner));
}

void musl_start(struct process *p)
{
	*vec_push(&p->objects, p->arena) = p->main;
	*vec_push(&p->scope, p->arena) = p->main;

	struct str list = target_env(p->target, STR("LD_PRELOAD")), word, part;
	while (str_word(&list, &word))
		while (str_next(&word, ':', &part)) {
			struct object *o = load_library(p, p->main, part);
			if (o)
				into_scope(p, o, p->main, part);
		}

	size_t first = 0;
	if (p->module) {
		into_scope(p, itself(p), p->main, p->loader_path);
		p->global_count = first = p->scope.n;
		p->out->loaded.n = 0;
		p->module->loader = p->main;
		const char *refusal = map_refusal(p, p->module->node);
		if (refusal) {
			process_library_missing(p, p->main, p->module->path, refusal);
			return;
		}
		*vec_push(&p->objects, p->arena) = p->module;
		*vec_push(&p->scope, p->arena) = p->module;
	}
	load_dependencies(p, first);
	/* A program that needs no library at all still runs inside musl. */
	into_scope(p, itself(p), p->main, p->loader_path);
	if (!p->module)
		p->global_count = p->scope.n;
	if (p->missing_libraries)
		return;
	for (size_t i = first; i < p->scope.n; i++) {
		if (p->scope.p[i]->is_loader)
			continue;
		check_relr(p, p->scope.p[i]);
		bind_object(p, p->scope.p[i]);
	}
	if (p->module)
		check_static_tls(p);
}
