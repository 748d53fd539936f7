/* The dynamic loader of glibc: processor, stack and thread storage.
 *
 * Follows sysdeps/x86/dl-prop.h (dl_isa_level_check), elf/dl-load.c
 * (_dl_map_object_from_fd, PT_GNU_STACK), elf/dl-tls.c
 * (_dl_tls_static_surplus_init, _dl_determine_tlsoffset) and elf/dl-reloc.c
 * (_dl_try_allocate_static_tls) of glibc 2.36 and 2.41. */
#include "predict/glibc.h"

/* ---- Processor ---- */

/* Since 2.33 a GNU property may name the level that a file needs; all that is new is
 * checked between versions and relocations. */
void glibc_check_isa(struct process *p, const struct object_vec *order)
{
	static const char *const level_name[] = {"x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
	if (p->loader_elf->machine != ELF_X86_64 || (p->glibc_minor && p->glibc_minor < 33))
		return;
	uint32_t have = (1u << p->target->x86_level) - 1;
	for (size_t i = 0; i < order->n; i++) {
		const struct object *o = order->p[i];
		uint32_t lacking = o->elf->x86_isa_needed & ~have;
		if (!lacking || o->is_loader)
			continue;
		unsigned level = 31u - (unsigned)__builtin_clz(lacking);
		const char *name = level < 4 ? level_name[level] : "beyond x86-64-v4";
		struct finding *f = process_finding(p, SEVERITY_BLOCKS, FINDING_ISA, o, str_of(name));
		f->message = arena_printf(p->arena, "it needs a processor of level %s", name);
	}
}

/* ---- Stack ---- */

/* DEFAULT_STACK_PERMS: without PT_GNU_STACK, x86 and some others assume an executable one. */
static bool wants_executable_stack(const struct elf_object *elf)
{
	if (elf->stack != ELF_STACK_UNSAID)
		return elf->stack == ELF_STACK_EXECUTABLE;
	return elf->machine == ELF_X86_64 || elf->machine == ELF_386 || elf->machine == ELF_ARM;
}

/* At the start of a program the stack is simply made executable; for what is opened later
 * only before 2.41. */
bool glibc_stack_fits(struct process *p, const struct object *o)
{
	if (!p->opening || !wants_executable_stack(o->elf))
		return true;
	bool refused = p->glibc_minor >= 41;
	struct finding *f = process_finding(p, refused ? SEVERITY_BLOCKS : SEVERITY_RISK,
	                                    FINDING_EXECSTACK, o, STR("executable stack"));
	f->message = refused ? STR("it asks for an executable stack, which glibc 2.41 and later refuse "
	                           "to a library opened at run time")
	                     : STR("it asks for an executable stack; hardened kernels and glibc 2.41 refuse");
	if (refused)
		p->missing_libraries++;
	return !refused;
}

/* ---- Thread storage ---- */

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return to > 1 ? (n + to - 1) / to * to : n;
}

/* Where the thread pointer stands (sysdeps/<machine>/nptl/tls.h, nptl/descr.h): on x86 and
 * s390x the blocks lie below it, TLS_TCB_AT_TP; elsewhere above it, behind `tcb_bytes`. */
struct tls_layout {
	bool below;
	uint64_t tcb_bytes, align_bytes;
};

static struct tls_layout tls_layout(const struct process *p)
{
	uint64_t align = p->glibc_minor && p->glibc_minor < 35 ? 16 : 32;
	switch (p->loader_elf->machine) {
	case ELF_X86_64:
	case ELF_386:
		return (struct tls_layout){.below = true, .align_bytes = 64};
	case ELF_S390:
		return (struct tls_layout){.below = true, .align_bytes = align};
	case ELF_AARCH64:
		return (struct tls_layout){.tcb_bytes = 16, .align_bytes = align};
	case ELF_ARM:
		return (struct tls_layout){.tcb_bytes = 8, .align_bytes = align};
	default: /* RISC-V and PowerPC keep it below the thread pointer */
		return (struct tls_layout){.align_bytes = align};
	}
}

/* Thread storage of initial-exec kind of a library opened later must fit into what was kept
 * spare at the start: 1664 bytes, and what aligning the whole leaves. Since 2.41 an area
 * for rseq(2) lies behind the rest, whose size and alignment are the kernel's: 32 at least.
 * Above the thread pointer the whole is aligned no more than that area is. */
struct static_tls glibc_static_tls(const struct process *p)
{
	enum { SURPLUS_BYTES = 1664, RSEQ_ALIGN_MIN = 32 };
	const struct tls_layout of = tls_layout(p);
	uint64_t offset = of.tcb_bytes, align = of.align_bytes;
	for (size_t i = 0; i < p->global_count; i++) {
		const struct elf_object *elf = p->scope.p[i]->elf;
		if (!elf->tls_size_bytes)
			continue;
		uint64_t start = of.below ? offset + elf->tls_size_bytes : offset;
		offset = round_up(start, elf->tls_align_bytes) + (of.below ? 0 : elf->tls_size_bytes);
		if (elf->tls_align_bytes > align)
			align = elf->tls_align_bytes;
	}
	bool rseq = p->glibc_minor >= 41;
	if (rseq)
		offset = round_up(offset, RSEQ_ALIGN_MIN) + RSEQ_ALIGN_MIN;
	uint64_t whole = of.below ? align : of.align_bytes;
	return (struct static_tls){
		.below = of.below,
		.align_bytes = align,
		.used_bytes = offset,
		.left_bytes = rseq ? SURPLUS_BYTES
		                   : round_up(offset + SURPLUS_BYTES, whole) - offset,
		.doubtful_bytes = rseq ? whole - RSEQ_ALIGN_MIN : 0,
	};
}

static void tls_does_not_fit(struct process *p, const struct object *o, bool surely)
{
	struct finding *f = process_finding(p, surely ? SEVERITY_BLOCKS : SEVERITY_RISK, FINDING_TLS,
	                                    o, STR("static TLS"));
	f->undecided = !surely;
	f->message = arena_printf(p->arena, "it wants %llu bytes of static TLS; libraries opened at run "
	                          "time share some 1664: \"cannot allocate memory in static TLS block\"",
	                          (unsigned long long)o->elf->tls_size_bytes);
}

/* _dl_try_allocate_static_tls(): below, the block ends where its alignment allows; above, it
 * begins there. */
void glibc_place_tls(struct process *p, struct static_tls *tls, struct object *o)
{
	uint64_t size = o->elf->tls_size_bytes;
	uint64_t align = o->elf->tls_align_bytes ? o->elf->tls_align_bytes : 1;
	if (!size || object_in(&tls->placed, o) || process_has_started_with(p, o))
		return;
	*vec_push(&tls->placed, p->arena) = o;
	uint64_t skipped = tls->below ? 0 : round_up(tls->used_bytes, align) - tls->used_bytes;
	if (align > tls->align_bytes || skipped + size > tls->left_bytes) {
		tls_does_not_fit(p, o, align > tls->align_bytes ||
		                       skipped + size > tls->left_bytes + tls->doubtful_bytes);
		return;
	}
	uint64_t left = tls->left_bytes - skipped - size;
	if (tls->below)
		left = left / align * align;
	tls->used_bytes += tls->left_bytes - left;
	tls->left_bytes = left;
}
