/* What execve(2) does with a file: permission, format, machine, interpreter.
 *
 * Follows fs/exec.c and fs/binfmt_elf.c of Linux. A script goes on with its
 * interpreter (script.c); an ELF program with an interpreter goes on with that
 * loader's rules; one without runs, whatever DT_NEEDED lists. A library that is
 * an entry is opened by a small program on the base's own libc. */
#include "predict/exec.h"

/* ---- Machines ---- */

static struct str own_architecture(const struct elf_object *elf)
{
	return str_of(elf_architecture(elf));
}

/* The kernel of an amd64 machine also starts 386 programs, and that of arm64 often 32-bit
 * arm ones. */
static bool machine_fits(const struct predict_target *t, const struct elf_object *elf)
{
	struct str own = own_architecture(elf);
	if (t->architecture.n == 0 || str_eq(own, t->architecture))
		return true;
	return str_eq(t->architecture, STR("amd64")) && str_eq(own, STR("386"));
}

/* ---- The base's own loaders ---- */

struct loader_place {
	uint16_t machine;
	uint8_t class_bits;
	struct str glibc, musl;
};

/* ABI names: glibc shlib-versions and sysdeps' ld.so names; musl's LDSO_ARCH. */
static const struct loader_place places[] = {
	{ELF_X86_64, 64, STR_INIT("/lib64/ld-linux-x86-64.so.2"), STR_INIT("/lib/ld-musl-x86_64.so.1")},
	{ELF_X86_64, 32, STR_INIT("/libx32/ld-linux-x32.so.2"), STR_INIT("/lib/ld-musl-x32.so.1")},
	{ELF_386, 32, STR_INIT("/lib/ld-linux.so.2"), STR_INIT("/lib/ld-musl-i386.so.1")},
	{ELF_AARCH64, 64, STR_INIT("/lib/ld-linux-aarch64.so.1"), STR_INIT("/lib/ld-musl-aarch64.so.1")},
	{ELF_ARM, 32, STR_INIT("/lib/ld-linux-armhf.so.3"), STR_INIT("/lib/ld-musl-armhf.so.1")},
	{ELF_ARM, 32, STR_INIT("/lib/ld-linux.so.3"), STR_INIT("/lib/ld-musl-arm.so.1")},
	{ELF_RISCV, 64, STR_INIT("/lib/ld-linux-riscv64-lp64d.so.1"), STR_INIT("/lib/ld-musl-riscv64.so.1")},
	{ELF_PPC64, 64, STR_INIT("/lib64/ld64.so.2"), STR_INIT("/lib/ld-musl-powerpc64le.so.1")},
	{ELF_S390, 64, STR_INIT("/lib/ld64.so.1"), STR_INIT("/lib/ld-musl-s390x.so.1")},
	{ELF_LOONGARCH, 64, STR_INIT("/lib64/ld-linux-loongarch-lp64d.so.1"),
         STR_INIT("/lib/ld-musl-loongarch64.so.1")},
};

static const struct node *loader_at(const struct predict_target *t, struct str path,
                                    const struct elf_object *like)
{
	const struct node *n = tree_find(t->tree, path);
	const struct elf_object *elf = n ? node_elf(n) : NULL;
	bool fits = elf && elf->machine == like->machine && elf->class_bits == like->class_bits;
	return fits && (elf->is_glibc_loader || elf->is_musl) ? n : NULL;
}

/* Which libc a library was linked with, as far as its needs tell. */
static enum libc_family library_family(const struct elf_object *elf)
{
	for (size_t i = 0; i < elf->needed.n; i++) {
		struct str name = elf->needed.p[i];
		if (str_starts(name, STR("libc.musl-")) || str_eq(name, STR("libc.so")))
			return LIBC_MUSL;
		if (str_starts(name, STR("libc.so.")) || str_starts(name, STR("ld-linux")))
			return LIBC_GLIBC;
	}
	return LIBC_NONE;
}

/* The loader of the program that would open `elf` on this base: of the library's own family
 * where the base has both. */
static const struct node *host_loader(const struct predict_target *t, const struct elf_object *elf,
                                      struct str *path)
{
	const struct node *found = NULL;
	enum libc_family want = library_family(elf);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (places[i].machine != elf->machine || places[i].class_bits != elf->class_bits)
			continue;
		const struct node *glibc = loader_at(t, places[i].glibc, elf);
		const struct node *musl = loader_at(t, places[i].musl, elf);
		if (glibc && (!found || want == LIBC_GLIBC)) {
			found = glibc;
			*path = places[i].glibc;
		}
		if (musl && (!found || want == LIBC_MUSL)) {
			found = musl;
			*path = places[i].musl;
		}
	}
	return found;
}

/* ---- Findings of the kernel's part ---- */

struct finding *exec_finding(struct process *p, enum finding_severity s, enum finding_kind k,
                             const struct node *n, struct str name)
{
	struct finding *f = process_finding(p, s, k, NULL, name);
	f->object = tree_path(n, p->arena);
	return f;
}

/* ---- ELF programs ---- */

static void start(struct process *p, const struct node *loader)
{
	p->loader_node = loader;
	p->loader_elf = node_elf(loader);
	if (p->loader_elf->is_musl) {
		p->family = LIBC_MUSL;
		musl_start(p);
	} else {
		p->family = LIBC_GLIBC;
		glibc_start(p);
	}
}

static void judge_static(struct process *p, const struct node *n, const struct elf_object *elf)
{
	if (!elf->packer.n)
		return;
	struct finding *f = exec_finding(p, SEVERITY_RISK, FINDING_PACKED, n, elf->packer);
	f->undecided = true;
	f->message = arena_printf(p->arena, "it is packed with %.*s, which hides what it needs; "
	                          "unpack it (upx -d) and ask again", STR_ARG(elf->packer));
}

static void no_interpreter(struct process *p, const struct node *n, const struct elf_object *elf,
                           const char *why)
{
	struct finding *f = exec_finding(p, SEVERITY_BLOCKS, FINDING_INTERPRETER, n, elf->interp);
	*vec_push(&f->searched, p->arena) = elf->interp;
	f->message = arena_printf(p->arena, "its program interpreter %.*s %s",
	                          STR_ARG(elf->interp), why);
}

static const char *interpreter_refusal(const struct node *loader, const struct elf_object *elf)
{
	const struct elf_object *l = node_elf(loader);
	if (node_type(loader) != ENTRY_FILE)
		return "is no file";
	if (!(node_mode(loader) & 0111))
		return "may not be executed";
	if (!l)
		return "is no ELF file";
	if (l->machine != elf->machine || l->class_bits != elf->class_bits ||
	    l->big_endian != elf->big_endian)
		return "is built for another machine";
	/* The kernel does not load an interpreter's interpreter. */
	if (l->has_interp && l->needed.n)
		return "is a program that needs a loader itself";
	return NULL;
}

static void judge_dynamic(struct process *p, const struct node *n, const struct elf_object *elf)
{
	struct node *loader;
	/* The kernel opens the name as it is, relative ones from the working folder. */
	if (process_open(p, elf->interp, &loader) != TREE_FOUND) {
		no_interpreter(p, n, elf, "is not there");
		return;
	}
	const char *refusal = interpreter_refusal(loader, elf);
	if (refusal) {
		no_interpreter(p, n, elf, refusal);
		return;
	}
	const struct elf_object *l = node_elf(loader);
	if (!l->is_glibc_loader && !l->is_musl) {
		struct finding *f = exec_finding(p, SEVERITY_RISK, FINDING_INTERPRETER, n, elf->interp);
		f->undecided = true;
		f->message = arena_printf(p->arena, "its program interpreter %.*s is neither glibc's nor "
		                          "musl's loader; socle does not know its rules",
		                          STR_ARG(elf->interp));
		return;
	}
	p->loader_path = elf->interp;
	p->main = process_new(p, n, elf, tree_path(n, p->arena), NULL, STR(""), STR(""));
	p->main->is_main = true;
	start(p, loader);
}

static void judge_library(struct process *p, const struct node *n, const struct elf_object *elf)
{
	static const struct elf_object nothing;
	const struct node *loader = host_loader(p->target, elf, &p->loader_path);
	if (!loader) {
		struct finding *f = exec_finding(p, SEVERITY_BLOCKS, FINDING_INTERPRETER, n,
		                                 STR("dynamic loader"));
		f->message = arena_printf(p->arena, "it is a library for %s, and there is no dynamic loader "
		                          "for that here: no program could open it",
		                          elf_architecture(elf));
		return;
	}
	struct elf_object *host = ARENA_NEW(p->arena, struct elf_object);
	*host = nothing;
	host->class_bits = elf->class_bits;
	host->machine = elf->machine;
	host->big_endian = elf->big_endian;
	p->main = process_new(p, NULL, host, STR("(program that opens it)"), NULL, STR(""), STR(""));
	p->main->is_main = true;
	p->module = process_new(p, n, elf, tree_path(n, p->arena), NULL, STR(""), STR("entry"));
	start(p, loader);
}

/* ---- One file ---- */

/* What execve() is asked to start is a program whatever its make, but a library that is an
 * entry is opened. */
static void judge_elf(struct process *p, const struct node *n, const struct elf_object *elf,
                      const struct start_chain *chain)
{
	if (!machine_fits(p->target, elf)) {
		struct finding *f = exec_finding(p, SEVERITY_BLOCKS, FINDING_MACHINE, n, own_architecture(elf));
		f->message = arena_printf(p->arena, "it is built for %s, the base is for %.*s",
		                          elf_architecture(elf), STR_ARG(p->target->architecture));
		return;
	}
	if (elf->type == ELF_REL || elf->type == ELF_CORE) {
		exec_finding(p, SEVERITY_BLOCKS, FINDING_MACHINE, n, STR("ELF type"))->message =
			STR("it is an object file, not a program or a library");
		return;
	}
	if (!elf_is_program(elf) && chain->files == 1) {
		judge_library(p, n, elf);
		return;
	}
	if (!(node_mode(n) & 0111)) {
		exec_finding(p, SEVERITY_BLOCKS, FINDING_EXECUTABLE, n, STR("execute permission"))->message =
			STR("it has no execute permission (chmod +x)");
		return;
	}
	if (elf->has_interp && !elf->packer.n)
		judge_dynamic(p, n, elf);
	else
		judge_static(p, n, elf);
}

void exec_file(struct process *of, const struct node *n, struct start_chain *chain)
{
	/* Each program is a process of its own, also where a script starts several. */
	struct process own = {.target = of->target, .out = of->out, .arena = of->arena}, *p = &own;
	const struct elf_object *elf = node_elf(n);
	chain->files++;
	if (node_type(n) != ENTRY_FILE) {
		exec_finding(p, SEVERITY_BLOCKS, FINDING_EXECUTABLE, n, STR("regular file"))->message =
			STR("it is no regular file");
		return;
	}
	if (elf) {
		judge_elf(p, n, elf, chain);
		return;
	}
	if (!(node_mode(n) & 0111)) {
		exec_finding(p, SEVERITY_BLOCKS, FINDING_EXECUTABLE, n, STR("execute permission"))->message =
			STR("it has no execute permission (chmod +x)");
		return;
	}
	if (node_shebang(n).n) {
		script_judge(p, n, chain);
		return;
	}
	if (node_elf_error(n).n) {
		exec_finding(p, SEVERITY_BLOCKS, FINDING_EXECUTABLE, n, STR("ELF"))->message =
			arena_printf(p->arena, "it begins like an ELF file, but is damaged: %.*s",
		                     STR_ARG(node_elf_error(n)));
		return;
	}
	exec_finding(p, SEVERITY_BLOCKS, FINDING_SCRIPT, n, STR("#!"))->message =
		STR("it is neither an ELF program nor a script with a #! line: the kernel does not start it");
}

void exec_judge(const struct predict_target *target, const struct node *entry,
                struct prediction *out, struct arena *a)
{
	struct process p = {.target = target, .out = out, .arena = a};
	struct start_chain chain = {0};
	exec_file(&p, entry, &chain);
}
