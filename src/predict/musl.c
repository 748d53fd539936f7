/* The dynamic loader of musl, searching and loading.
 *
 * Follows ldso/dynlink.c of musl 1.1.22 to 1.2.5: load_library(), load_deps(),
 * fixup_rpath(), path_open(), map_library(), __dls3(), dlopen().
 *
 * musl is its own loader and libc in one file. Names that begin with "libc.",
 * "libm.", "libpthread." and their like are musl itself, glibc's sonames
 * included. What is loaded is bound by musl_bind.c. */
#include "predict/musl.h"

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
 * the next folder, anything else (ELOOP) ends the whole search. A path that does not fit into
 * the buffer is passed over. */
static enum search path_open(struct process *p, struct str list, struct str name,
                             struct str rule, struct hit *hit)
{
	const size_t buffer_bytes = 2 * LIMIT_NAME_BYTES + 2;
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
		if (hit->path.n >= buffer_bytes)
			continue;
		enum tree_miss miss = process_open(p, hit->path, &hit->node);
		if (miss == TREE_FOUND)
			return SEARCH_FOUND;
		if (miss == TREE_ELOOP)
			return SEARCH_STOPPED;
	}
	return SEARCH_MISSED;
}

/* readlink of /proc/self/exe for the program, else the path it was opened by. */
static struct str origin_of(struct process *p, const struct object *o)
{
	struct str path = o->is_main && o->node ? tree_path(o->node, p->arena) : o->path;
	return str_index(path, '/') < path.n ? str_dirname(path) : STR(".");
}

/* fixup_rpath(): any token but $ORIGIN makes the object's whole path useless. */
static bool usable_rpath(struct process *p, const struct object *o, struct str *list)
{
	struct str text = o->elf->runpath.p ? o->elf->runpath : o->elf->rpath;
	if (!text.p || !text.n)
		return false;
	struct str origin = origin_of(p, o);
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

/* LDSO_ARCH: what the loader's own name says, or else the usual name of the machine. */
static struct str loader_arch(const struct process *p)
{
	struct str base = str_basename(p->loader_path);
	if (str_starts(base, STR("ld-musl-")))
		return str_slice(base, 8, str_find(base, STR(".so.")));
	switch (p->loader_elf->machine) {
	case ELF_X86_64: return STR("x86_64");
	case ELF_AARCH64: return STR("aarch64");
	case ELF_386: return STR("i386");
	case ELF_ARM: return STR("armhf");
	case ELF_RISCV: return STR("riscv64");
	case ELF_PPC64: return STR("powerpc64le");
	case ELF_S390: return STR("s390x");
	case ELF_LOONGARCH: return STR("loongarch64");
	default: return STR("");
	}
}

/* /etc/ld-musl-ARCH.path, below the folder that holds the loader's, where that file is there,
 * instead of the default. One that cannot be read leaves nothing. */
static struct str system_path(struct process *p, struct str *rule)
{
	struct str prefix = str_dirname(str_dirname(p->loader_path)), arch = loader_arch(p), content;
	struct str file = arena_printf(p->arena, "%.*s/etc/ld-musl-%.*s.path", STR_ARG(prefix),
	                               STR_ARG(arch));
	struct node *n;
	enum tree_miss miss = process_open(p, file, &n);
	*rule = file;
	if (miss == TREE_FOUND)
		return node_kept(n, &content) ? content : STR("");
	if (miss != TREE_ENOENT)
		return STR("");
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
	if (!name.n || name.n > LIMIT_NAME_BYTES)
		return SEARCH_MISSED;
	enum search s = path_open(p, target_env(p->target, STR("LD_LIBRARY_PATH")), name,
	                          STR("LD_LIBRARY_PATH"), hit);
	for (struct object *o = asker; s == SEARCH_MISSED && o; o = o->loader) {
		if (!usable_rpath(p, o, &list))
			continue;
		rule = arena_printf(p->arena, "%s of %.*s", o->elf->runpath.p ? "RUNPATH" : "RPATH",
		                    STR_ARG(o->path));
		s = path_open(p, list, name, rule, hit);
	}
	if (s == SEARCH_MISSED) {
		list = system_path(p, &rule);
		s = path_open(p, list, name, rule, hit);
	}
	return s;
}

/* ---- Loading ---- */

/* The object of musl itself: linked into the chain when somebody first asks for it. */
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
	return musl_defines(elf, STR("__libc_start_main")) && musl_defines(elf, STR("stdin"));
}

/* A program that is not relocatable must get its own addresses, which the first one has. */
static bool address_taken(const struct process *p)
{
	for (size_t i = 0; i < p->objects.n; i++)
		if (p->objects.p[i]->elf->type == ELF_EXEC)
			return true;
	return false;
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
	if (elf->type == ELF_EXEC && address_taken(p))
		return "Resource busy";
	return NULL;
}

static struct object *loaded_by_name(struct process *p, struct str name)
{
	for (size_t i = 0; i < p->objects.n; i++)
		if (str_in(&p->objects.p[i]->names, name))
			return p->objects.p[i];
	return NULL;
}

/* By inode; the program itself is not looked at. A search gives it its short name. */
static struct object *loaded_already(struct process *p, const struct node *n, bool searched)
{
	for (size_t i = 0; i < p->objects.n; i++) {
		struct object *o = p->objects.p[i];
		if (!o->node || o->is_main || o->is_loader || o->node->inode != n->inode)
			continue;
		if (searched && !o->names.n)
			*vec_push(&o->names, p->arena) = str_basename(o->path);
		return o;
	}
	return NULL;
}

/* load_library(). NULL where it is not to be had, with the reason where it was found. */
static struct object *load_library(struct process *p, struct object *asker, struct str name,
                                   const char **why)
{
	bool searched = str_index(name, '/') == name.n;
	struct hit hit = {0};
	*why = NULL;
	if (is_itself(p, name))
		return itself(p);
	struct object *o = searched ? loaded_by_name(p, name) : NULL;
	if (o)
		return o;
	switch (search(p, asker, name, &hit)) {
	case SEARCH_MISSED:
		return NULL;
	case SEARCH_STOPPED:
		*why = "too many symbolic links along the path";
		return NULL;
	case SEARCH_FOUND:
		break;
	}
	o = loaded_already(p, hit.node, searched);
	if (o)
		return o;
	*why = map_refusal(p, hit.node);
	if (*why)
		return NULL;
	if (is_some_libc(node_elf(hit.node)))
		return itself(p);
	o = process_add(p, hit.node, node_elf(hit.node), hit.path, asker, name, hit.rule);
	if (searched)
		*vec_push(&o->names, p->arena) = str_basename(hit.path);
	return o;
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
	const char *why;
	for (size_t i = first; i < p->scope.n && p->scope.n < LIMIT_DEPENDENCIES; i++) {
		struct object *asker = p->scope.p[i];
		for (size_t k = 0; !asker->is_loader && k < asker->elf->needed.n; k++) {
			struct str name = asker->elf->needed.p[k];
			struct object *o = load_library(p, asker, name, &why);
			if (o)
				into_scope(p, o, asker, name);
			else
				process_library_missing(p, asker, name, why);
		}
	}
}

/* ---- Starting ---- */

/* load_preload(): nobody asks for them, so that no rpath serves; a failure is passed over
 * without a word. */
static void add_preloads(struct process *p)
{
	struct str list = target_env(p->target, STR("LD_PRELOAD")), word, name;
	const char *why;
	while (str_word(&list, &word))
		while (str_next(&word, ':', &name)) {
			struct object *o = name.n ? load_library(p, NULL, name, &why) : NULL;
			if (o)
				into_scope(p, o, NULL, name);
			else if (name.n)
				process_finding(p, SEVERITY_RISK, FINDING_LIBRARY, p->main, name)->message =
					arena_printf(p->arena, "%.*s from LD_PRELOAD cannot be preloaded and is "
					             "ignored", STR_ARG(name));
		}
}

/* dlopen(RTLD_NOW) by a program that has musl and nothing else loaded. */
static void open_module(struct process *p)
{
	struct object *m = p->module;
	into_scope(p, itself(p), p->main, p->loader_path);
	p->global_count = p->scope.n;
	p->out->loaded.n = 0;
	m->loader = p->main;
	const char *refusal = map_refusal(p, m->node);
	if (refusal) {
		process_library_missing(p, p->main, m->path, refusal);
		return;
	}
	if (is_some_libc(m->elf))
		return; /* it gets musl itself */
	*vec_push(&p->objects, p->arena) = m;
	*vec_push(&p->scope, p->arena) = m;
	load_dependencies(p, p->global_count);
}

void musl_start(struct process *p)
{
	*vec_push(&p->objects, p->arena) = p->main;
	*vec_push(&p->scope, p->arena) = p->main;
	add_preloads(p);
	if (p->module) {
		open_module(p);
	} else {
		load_dependencies(p, 0);
		p->global_count = p->scope.n;
	}
	if (!p->missing_libraries)
		musl_bind(p);
}
