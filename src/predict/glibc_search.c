/* The dynamic loader of glibc, searching.
 *
 * Follows elf/dl-load.c (_dl_map_object, open_path, open_verify, fillin_rpath),
 * elf/dl-hwcaps.c and elf/dl-cache.c of glibc 2.36 and 2.41, and ld.so(8). A
 * name without a slash is looked for
 *
 *   1. in DT_RPATH of the asking object and of those that loaded it, unless
 *      the asking object has DT_RUNPATH (an object with both has no RPATH),
 *   2. in LD_LIBRARY_PATH,
 *   3. in DT_RUNPATH of the asking object alone,
 *   4. in ld.so.cache,
 *   5. in the folders built into the loader,
 *
 * in each folder first below glibc-hwcaps. A file of another class or machine
 * is passed over; one that is no ELF file at all ends the start. */
#include "predict/glibc.h"

#include "core/limits.h"
#include "predict/glibc_cache.h"

enum { DF_1_NODEFLIB_BIT = 0x800 };

/* ---- One file ---- */

/* open_verify(): SEARCH_MISSED lets the search go on, SEARCH_REFUSED ends the start. */
enum search glibc_verify(const struct process *p, const struct node *n, struct hit *hit)
{
	const struct elf_object *want = p->loader_elf, *elf = node_elf(n);
	hit->refused = NULL;
	if (node_type(n) == ENTRY_DIR)
		hit->refused = "cannot read file data";
	else if (!elf)
		hit->refused = node_size_bytes(n) < 64 ? "file too short"
		               : node_elf_error(n).n   ? "damaged ELF file"
		                                       : "invalid ELF header";
	if (hit->refused)
		return SEARCH_REFUSED;
	if (elf->class_bits != want->class_bits) {
		hit->other_class = true;
		return SEARCH_MISSED;
	}
	const bool arm_osabi = elf->machine == ELF_ARM && elf->osabi == 97;
	if (elf->big_endian != want->big_endian)
		hit->refused = "ELF file data encoding is of the other byte order";
	else if (elf->osabi != 0 && elf->osabi != 3 && !arm_osabi)
		hit->refused = "ELF file OS ABI invalid";
	else if (elf->machine != want->machine)
		return SEARCH_MISSED;
	else if (elf->type != ELF_DYN && elf->type != ELF_EXEC)
		hit->refused = "only ET_DYN and ET_EXEC can be loaded";
	if (hit->refused)
		return SEARCH_REFUSED;
	hit->node = n;
	return SEARCH_FOUND;
}

static enum search try_path(const struct process *p, struct str path, struct hit *hit)
{
	struct node *n;
	switch (process_open(p, path, &n)) {
	case TREE_FOUND:
		hit->path = path;
		return glibc_verify(p, n, hit);
	case TREE_ELOOP:
	case TREE_ENAMETOOLONG:
		return SEARCH_BROKEN;
	case TREE_ENOENT:
	case TREE_ENOTDIR:
		break;
	}
	return SEARCH_MISSED;
}

/* ---- The folders below a folder ---- */

/* Since 2.33 there are folders, and entries of the cache, for levels of x86-64. */
static unsigned hwcaps_level(const struct process *p)
{
	bool known = p->loader_elf->machine == ELF_X86_64 && p->glibc_minor >= 33;
	return known ? p->target->x86_level : 0;
}

/* _dl_hwcaps_subdirs of sysdeps/x86_64, best first. */
static enum search try_hwcaps(struct process *p, struct str folder, struct str name,
                              struct hit *hit)
{
	for (unsigned level = hwcaps_level(p); level >= 2; level--) {
		enum search s = try_path(p, arena_printf(p->arena, "%.*sglibc-hwcaps/x86-64-v%u/%.*s",
		                                         STR_ARG(folder), level, STR_ARG(name)), hit);
		if (s == SEARCH_FOUND || s == SEARCH_REFUSED)
			return s;
	}
	return SEARCH_MISSED;
}

/* What names a processor as a whole: dl_platform. */
static struct str platform(const struct process *p)
{
	switch (p->loader_elf->machine) {
	case ELF_X86_64: /* AT_PLATFORM, but for Intel's (sysdeps/x86/cpu-features.c) */
		return p->target->x86_intel && p->target->x86_level >= 3 ? STR("haswell")
		                                                         : STR("x86_64");
	case ELF_386:
		return STR("i686");
	case ELF_AARCH64:
		return STR("aarch64");
	default:
		return STR("");
	}
}

/* Up to 2.36 every combination of these names is a folder too, the longest first:
 * _dl_important_hwcaps(). Other machines than x86-64 had names of single abilities as well,
 * which no distribution that is still supported uses. */
static size_t legacy_names(const struct process *p, struct str names[static 4])
{
	size_t n = 0;
	bool x86_64 = p->loader_elf->machine == ELF_X86_64;
	if (x86_64)
		names[n++] = STR("x86_64");
	if (x86_64 && p->target->x86_intel && p->target->x86_level >= 4)
		names[n++] = STR("avx512_1");
	if (platform(p).n)
		names[n++] = platform(p);
	names[n++] = STR("tls");
	return n;
}

static enum search try_legacy(struct process *p, struct str folder, struct str name,
                              struct hit *hit)
{
	struct str part[4];
	if (!p->glibc_minor || p->glibc_minor > 36)
		return SEARCH_MISSED;
	size_t n = legacy_names(p, part);
	for (unsigned set = (1u << n) - 1; set > 0; set--) {
		struct str path = folder;
		for (size_t i = n; i-- > 0;)
			if (set >> i & 1)
				path = arena_printf(p->arena, "%.*s%.*s/", STR_ARG(path),
				                    STR_ARG(part[i]));
		enum search s = try_path(p, arena_printf(p->arena, "%.*s%.*s", STR_ARG(path),
		                                         STR_ARG(name)), hit);
		if (s == SEARCH_FOUND || s == SEARCH_REFUSED)
			return s;
	}
	return SEARCH_MISSED;
}

/* `folder` ends in a slash or is empty, which is the working folder. Nothing is looked for
 * below a folder that is not there, which spares most of the work. */
static enum search try_folder(struct process *p, struct str folder, struct str name,
                              struct str rule, struct hit *hit)
{
	struct node *n;
	str_add_once(&p->searched, folder.n > 1 ? str_slice(folder, 0, folder.n - 1)
	                           : folder.n   ? folder
	                                        : STR("."), p->arena);
	if (process_open(p, folder.n ? folder : STR("."), &n) != TREE_FOUND)
		return SEARCH_MISSED;
	hit->rule = rule;
	enum search s = try_hwcaps(p, folder, name, hit);
	if (s == SEARCH_MISSED)
		s = try_legacy(p, folder, name, hit);
	if (s == SEARCH_MISSED)
		s = try_path(p, arena_printf(p->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(name)), hit);
	return s;
}

/* ---- Dynamic string tokens (ld.so(8)) ---- */

static struct str absolute(struct process *p, struct str path)
{
	if (str_starts(path, STR("/")))
		return path;
	struct str cwd = p->target->working_dir.n ? p->target->working_dir : STR("/");
	return arena_printf(p->arena, "%.*s/%.*s", STR_ARG(cwd), STR_ARG(path));
}

static struct str origin_of(struct process *p, const struct object *o)
{
	/* readlink of /proc/self/exe for the program: no links are left in it. */
	struct str path = o->is_main && o->node ? tree_path(o->node, p->arena)
	                                        : absolute(p, o->path);
	struct str folder = str_dirname(path);
	return folder.n ? folder : STR("/");
}

/* DL_DST_LIB as the distribution configured it: its first built-in folder ("lib64",
 * "lib/x86_64-linux-gnu") without the slash. */
static struct str lib_token(const struct process *p)
{
	const struct str_vec *dirs = &p->loader_elf->system_dirs;
	if (dirs->n)
		return str_skip(dirs->p[0], 1);
	return p->loader_elf->class_bits == 64 ? STR("lib64") : STR("lib");
}

/* is_dst(): $NAME not followed by a name's character, or ${NAME}. Its length, or 0. */
static size_t token_length(struct str at, struct str name)
{
	if (str_starts(at, STR("{"))) {
		bool whole = str_starts(str_skip(at, 1), name) && at.n > name.n + 1 &&
		             at.p[name.n + 1] == '}';
		return whole ? name.n + 2 : 0;
	}
	if (!str_starts(at, name))
		return 0;
	char next = at.n > name.n ? at.p[name.n] : '/';
	bool goes_on = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
	               (next >= '0' && next <= '9') || next == '_';
	return goes_on ? 0 : name.n;
}

/* _dl_dst_substitute(): a token that has no value here empties the whole. */
struct str glibc_expand(struct process *p, const struct object *o, struct str text)
{
	struct str done = STR("");
	while (text.n && done.n < LIMIT_PATH_BYTES * 4) {
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
			value = platform(p);
		else if ((len = token_length(text, STR("LIB"))) != 0)
			value = lib_token(p);
		if (!value.n)
			return STR("");
		done = arena_printf(p->arena, "%.*s%.*s", STR_ARG(done), STR_ARG(value));
		text = str_skip(text, len);
	}
	return done;
}

/* ---- A list of folders ---- */

/* strsep(): cuts at each separator, so that "a:" gives "a" and "". */
static bool next_element(struct str *list, const char *separators, struct str *element)
{
	if (!list->p)
		return false;
	size_t end = 0;
	while (end < list->n && !strchr(separators, list->p[end]))
		end++;
	*element = str_slice(*list, 0, end);
	*list = end < list->n ? str_skip(*list, end + 1) : STR_NONE;
	return true;
}

/* fillin_rpath(): an empty element is the working folder, one that becomes empty is none. */
static enum search try_list(struct process *p, const struct object *o, struct str list,
                            const char *separators, struct str name, struct str rule,
                            struct hit *hit)
{
	struct str element;
	if (!list.n)
		return SEARCH_MISSED;
	while (next_element(&list, separators, &element)) {
		struct str folder = glibc_expand(p, o, element);
		if (element.n && !folder.n)
			continue;
		while (folder.n > 1 && folder.p[folder.n - 1] == '/')
			folder.n--;
		if (folder.n && !str_ends(folder, STR("/")))
			folder = arena_printf(p->arena, "%.*s/", STR_ARG(folder));
		enum search s = try_folder(p, folder, name, rule, hit);
		if (s == SEARCH_BROKEN)
			break;
		if (s != SEARCH_MISSED)
			return s;
	}
	return SEARCH_MISSED;
}

/* ---- The lists in their order ---- */

static struct str rule_of(struct process *p, const char *tag, const struct object *o)
{
	return arena_printf(p->arena, "%s of %.*s", tag, STR_ARG(o->path));
}

static enum search try_rpath(struct process *p, const struct object *o, struct str name,
                             struct hit *hit)
{
	if (o->elf->runpath.p || !o->elf->rpath.p)
		return SEARCH_MISSED;
	return try_list(p, o, o->elf->rpath, ":", name, rule_of(p, "RPATH", o), hit);
}

static enum search try_rpaths(struct process *p, const struct object *asker, struct str name,
                              struct hit *hit)
{
	if (asker->elf->runpath.p)
		return SEARCH_MISSED;
	bool saw_main = false;
	for (const struct object *o = asker; o; o = o->loader) {
		enum search s = try_rpath(p, o, name, hit);
		if (s != SEARCH_MISSED)
			return s;
		saw_main |= o->is_main;
	}
	return saw_main ? SEARCH_MISSED : try_rpath(p, p->main, name, hit);
}

/* The prefixes carry their slash there: "/lib/" is none of "/lib64/libz.so.1". */
static bool in_built_in_folder(const struct process *p, struct str path)
{
	for (size_t i = 0; i < p->loader_elf->system_dirs.n; i++) {
		struct str dir = p->loader_elf->system_dirs.p[i];
		if (str_starts(path, dir) && path.n > dir.n && path.p[dir.n] == '/')
			return true;
	}
	return false;
}

static enum search try_cache(struct process *p, const struct object *asker, struct str name,
                             struct hit *hit)
{
	struct str path;
	if (!p->cache)
		return SEARCH_MISSED;
	str_add_once(&p->searched, STR("/etc/ld.so.cache"), p->arena);
	if (!libc_cache_find(p->cache, name, p->loader_elf->machine, hwcaps_level(p), &path))
		return SEARCH_MISSED;
	if ((asker->elf->dt_flags_1 & DF_1_NODEFLIB_BIT) && in_built_in_folder(p, path))
		return SEARCH_MISSED;
	hit->rule = STR("ld.so.cache");
	enum search s = try_path(p, path, hit);
	return s == SEARCH_BROKEN ? SEARCH_MISSED : s;
}

static enum search try_built_in(struct process *p, const struct object *asker, struct str name,
                                struct hit *hit)
{
	if (asker->elf->dt_flags_1 & DF_1_NODEFLIB_BIT)
		return SEARCH_MISSED;
	for (size_t i = 0; i < p->loader_elf->system_dirs.n; i++) {
		struct str dir = p->loader_elf->system_dirs.p[i];
		enum search s = try_folder(p, arena_printf(p->arena, "%.*s/", STR_ARG(dir)), name,
		                           STR("built-in folder"), hit);
		if (s == SEARCH_BROKEN)
			break;
		if (s != SEARCH_MISSED)
			return s;
	}
	return SEARCH_MISSED;
}

enum search glibc_search(struct process *p, struct object *asker, struct str name,
                         struct hit *hit)
{
	p->searched = (struct str_vec){0};
	if (str_index(name, '/') < name.n) {
		struct str path = glibc_expand(p, asker, name);
		hit->rule = STR("path as written");
		*vec_push(&p->searched, p->arena) = path;
		enum search s = try_path(p, path, hit);
		return s == SEARCH_BROKEN ? SEARCH_MISSED : s;
	}
	enum search s = try_rpaths(p, asker, name, hit);
	if (s == SEARCH_MISSED) /* its tokens are those of the program (_dl_init_paths) */
		s = try_list(p, p->main, target_env(p->target, STR("LD_LIBRARY_PATH")), ":;", name,
		             STR("LD_LIBRARY_PATH"), hit);
	if (s == SEARCH_MISSED && asker->elf->runpath.p)
		s = try_list(p, asker, asker->elf->runpath, ":", name, rule_of(p, "RUNPATH", asker), hit);
	if (s == SEARCH_MISSED)
		s = try_cache(p, asker, name, hit);
	if (s == SEARCH_MISSED)
		s = try_built_in(p, asker, name, hit);
	return s;
}
