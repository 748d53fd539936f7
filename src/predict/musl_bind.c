/* The dynamic loader of musl, binding symbols.
 *
 * Follows ldso/dynlink.c of musl 1.1.22 to 1.2.5: find_sym2(), get_lfs64(),
 * do_relocs(), reloc_all().
 *
 * musl binds everything at load time, data and functions, and takes the first
 * default symbol of a name, whatever version was asked for. */
#include "predict/musl.h"

/* OK_TYPES has no IFUNC, and a version that is not the default one is passed over. */
bool musl_defines(const struct elf_object *elf, struct str name)
{
	size_t count;
	const struct elf_export *e = elf_exports_find(elf, name, &count);
	for (size_t i = 0; i < count; i++)
		if (!e[i].hidden && e[i].type != ELF_IFUNC)
			return true;
	return false;
}

/* A copied variable is looked up behind the program itself. */
static const struct object *find(const struct process *p, struct str name, bool skip_main)
{
	for (size_t i = 0; i < p->scope.n; i++)
		if (!(skip_main && p->scope.p[i]->is_main) && musl_defines(p->scope.p[i]->elf, name))
			return p->scope.p[i];
	return NULL;
}

/* "1.2.5", "1.2.4_git20230717": true from 1.minor.patch on. */
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

/* ---- Names of large files ---- */

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
	const size_t buffer_bytes = 16;
	if (!version_reaches(p->loader_elf->libc_banner, 2, 4))
		return false;
	if (str_eq(name, STR("readdir64_r")))
		return true;
	if (!str_ends(name, STR("64")) || name.n > buffer_bytes)
		return false;
	struct str plain = str_slice(name, 0, name.n - 2);
	return str_contains(str_of(list), arena_printf(p->arena, " %.*s ", STR_ARG(plain))) &&
	       musl_defines(p->loader_elf, plain);
}

/* ---- Relocations ---- */

/* Initial-exec TLS must be of the program or loaded with it (REL_TPOFF). */
static void check_tpoff(struct process *p, const struct object *o, const struct object *where)
{
	if (process_has_started_with(p, where) || !where->elf->tls_size_bytes)
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_TLS, o,
	                                    STR("initial-exec TLS"));
	f->message = STR("its thread-local storage must be loaded at program start: "
	                 "\"initial-exec TLS resolves to dynamic definition\"");
}

static void symbol_missing(struct process *p, const struct object *o,
                           const struct elf_import *want)
{
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_SYMBOL, o, want->name);
	f->version = want->version;
	f->message = want->self_missed && want->type == ELF_IFUNC
		? arena_printf(p->arena, "%.*s is an indirect function, which musl does not know",
	                       STR_ARG(want->name))
	: want->self_missed
		? arena_printf(p->arena, "it has %.*s in an old version alone, which musl passes over",
	                       STR_ARG(want->name))
		: arena_printf(p->arena, "no library has %.*s, and musl binds everything at load",
	                       STR_ARG(want->name));
}

static void bind_import(struct process *p, struct object *o, const struct elf_import *want)
{
	const struct object *where = find(p, want->name, want->use & ELF_USE_COPY);
	if (where && (want->use & ELF_USE_TPOFF))
		check_tpoff(p, o, where);
	if (where || is_lfs64(p, want->name) || (want->weak && !want->self_missed) ||
	    process_host_provides(p, o, want))
		return;
	symbol_missing(p, o, want);
}

/* reloc_all(): the slots of functions (DT_JMPREL) come first. */
static void bind_object(struct process *p, struct object *o)
{
	for (int slots = 1; slots >= 0; slots--)
		for (size_t i = 0; i < o->elf->imports.n; i++) {
			const struct elf_import *want = &o->elf->imports.p[i];
			if (want->use && ((want->use & ELF_USE_LAZY) != 0) == slots)
				bind_import(p, o, want);
		}
	if (o->elf->static_tls_local)
		check_tpoff(p, o, o);
	if (!o->elf->has_irelative)
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_SYMBOL, o, STR("IRELATIVE"));
	f->message = STR("it has relocations for indirect functions, which musl does not know");
}

/* ---- Packed relocations ---- */

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
	if (!o->elf->has_relr || knows_relr(p))
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_RUNTIME, o, STR("DT_RELR"));
	f->message = arena_printf(p->arena,
	                          "it has packed relocations (DT_RELR), which musl %.*s leaves undone: "
	                          "the program crashes", STR_ARG(p->loader_elf->libc_banner));
}

/* map_library() makes the code of a library writable for DT_TEXTREL; the program was mapped by
 * the kernel. */
static void check_text_relocations(struct process *p, const struct object *o)
{
	if (!o->is_main || !o->elf->text_relocations || o->elf->writable_code)
		return;
	struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_RUNTIME, o, STR("DT_TEXTREL"));
	f->message = STR("it has relocations in its code, which musl cannot write to: the program crashes");
}

static void bind(struct process *p, struct object *o)
{
	if (o->is_loader)
		return;
	bind_object(p, o);
	check_relr(p, o);
	check_text_relocations(p, o);
}

/* Libraries in the order of loading, the program last: it may copy what they initialise. */
void musl_bind(struct process *p)
{
	for (size_t i = p->module ? p->global_count : 1; i < p->scope.n; i++)
		bind(p, p->scope.p[i]);
	if (!p->module)
		bind(p, p->main);
}
