/* Relocations: which symbol each one names, and what follows for its lookup.
 *
 * A loader looks a symbol up only because a relocation names it. Whether that
 * happens at the start or at the first call, and whether the symbol must be
 * data or lie in static TLS, depends on the relocation's type, whose numbers
 * each processor supplement gives anew. */
#include "core/limits.h"
#include "elf/parse.h"

enum reloc_kind {
	RELOC_NO_SYMBOL, /* NONE, RELATIVE: no lookup whatever the symbol index says */
	RELOC_IRELATIVE,
	RELOC_SYMBOL, /* GLOB_DAT, absolute, DTPMOD, DTPOFF, TLSDESC … */
	RELOC_COPY,
	RELOC_JUMP_SLOT,
	RELOC_TPOFF
};

/* Type 0 is NONE on every one of them. */
static const struct machine {
	uint16_t machine;
	uint16_t relative, irelative, copy, jump_slot, tpoff, tpoff_other;
} machines[] = {
	{ELF_X86_64, 8, 37, 5, 7, 18, 23},
	{ELF_386, 8, 42, 5, 7, 14, 37},
	{ELF_AARCH64, 1027, 1032, 1024, 1026, 1030, 1030},
	{ELF_ARM, 23, 160, 20, 22, 19, 19},
	{ELF_RISCV, 3, 58, 4, 5, 11, 10},
	{ELF_PPC64, 22, 248, 19, 21, 73, 73},
	{ELF_S390, 12, 61, 9, 11, 56, 56},
	{ELF_LOONGARCH, 3, 12, 4, 5, 11, 10},
};

static const struct machine *find_machine(uint16_t machine)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (machines[i].machine == machine)
			return &machines[i];
	return NULL;
}

/* Of a machine that is not in the table nothing is known but the symbol; where its slots
 * lie in DT_JMPREL they count as lazy. */
static enum reloc_kind reloc_kind(const struct machine *m, uint32_t type, bool in_jmprel)
{
	if (type == 0)
		return RELOC_NO_SYMBOL;
	if (!m)
		return in_jmprel ? RELOC_JUMP_SLOT : RELOC_SYMBOL;
	if (type == m->relative)
		return RELOC_NO_SYMBOL;
	if (type == m->irelative)
		return RELOC_IRELATIVE;
	if (type == m->copy)
		return RELOC_COPY;
	if (type == m->jump_slot)
		return RELOC_JUMP_SLOT;
	if (type == m->tpoff || type == m->tpoff_other)
		return RELOC_TPOFF;
	return RELOC_SYMBOL;
}

/* One run of relocations, all mapped. */
struct run {
	struct file_off off;
	size_t count, stride;
	bool lazy; /* DT_JMPREL: only there does glibc bind slots lazily (elf/dynamic-link.h) */
};

struct reloc {
	uint32_t symbol, type;
};

static struct reloc read_reloc(struct parser *p, const struct run *r, size_t i)
{
	uint64_t info = bytes_uint(&p->b, r->off.at + i * r->stride + p->word, p->word);
	if (p->word == 8)
		return (struct reloc){(uint32_t)(info >> 32), (uint32_t)info};
	return (struct reloc){(uint32_t)(info >> 8), (uint32_t)(info & 0xff)};
}

static bool map_run(struct parser *p, const char *what, const struct table *t, bool addends,
                    struct run *r, struct err *e)
{
	*r = (struct run){.stride = (addends ? 3 : 2) * p->word};
	if (!t->given || !t->size_bytes)
		return true;
	r->count = t->size_bytes / r->stride;
	return map_table(p, what, t->vaddr, t->size_bytes, &r->off, e);
}

/* Some linkers count DT_JMPREL's relocations in DT_RELA as well; then they stand at its end
 * and are not processed twice (glibc elf/dynamic-link.h, _ELF_DYNAMIC_DO_RELOC). */
static void leave_out_tail(struct run *all, const struct run *tail)
{
	uint64_t all_end = all->off.at + all->count * all->stride;
	uint64_t tail_end = tail->off.at + tail->count * tail->stride;
	if (all->stride == tail->stride && all_end == tail_end && tail->count <= all->count)
		all->count -= tail->count;
}

enum { RUNS = 3 };

static bool map_runs(struct parser *p, struct run runs[RUNS], struct err *e)
{
	const struct dynamic *d = &p->dyn;
	if (!map_run(p, "DT_REL", &d->rel, false, &runs[0], e) ||
	    !map_run(p, "DT_RELA", &d->rela, true, &runs[1], e) ||
	    !map_run(p, "DT_JMPREL", &d->jmprel, d->jmprel_has_addends, &runs[2], e))
		return false;
	leave_out_tail(&runs[0], &runs[2]);
	leave_out_tail(&runs[1], &runs[2]);
	runs[2].lazy = true;
	return true;
}

/* The highest symbol that a relocation names; 0 where none does. */
static uint32_t highest_symbol(struct parser *p, const struct run runs[RUNS])
{
	uint32_t highest = 0;
	for (size_t r = 0; r < RUNS; r++)
		for (size_t i = 0; i < runs[r].count; i++) {
			uint32_t symbol = read_reloc(p, &runs[r], i).symbol;
			if (symbol > highest)
				highest = symbol;
		}
	return highest;
}

static uint8_t use_of(enum reloc_kind kind, bool lazy)
{
	switch (kind) {
	case RELOC_NO_SYMBOL:
	case RELOC_IRELATIVE: return 0;
	case RELOC_JUMP_SLOT: return lazy ? ELF_USE_LAZY : ELF_USE_EAGER;
	case RELOC_COPY: return ELF_USE_EAGER | ELF_USE_DATA | ELF_USE_COPY;
	case RELOC_TPOFF: return ELF_USE_EAGER | ELF_USE_TPOFF;
	case RELOC_SYMBOL: break;
	}
	return ELF_USE_EAGER;
}

static void take_run(struct parser *p, const struct machine *m, const struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		struct reloc r = read_reloc(p, run, i);
		enum reloc_kind kind = reloc_kind(m, r.type, run->lazy);
		if (kind == RELOC_IRELATIVE)
			p->o->has_irelative = true;
		uint8_t use = use_of(kind, run->lazy);
		if (r.symbol == 0)
			p->o->static_tls_local |= (use & ELF_USE_TPOFF) != 0;
		else if (use) {
			if (!p->uses[r.symbol])
				*vec_push(&p->used_order, &p->scratch) = r.symbol;
			p->uses[r.symbol] |= use;
		}
	}
}

bool parse_relocations(struct parser *p, struct err *e)
{
	const uint16_t mips = 8; /* its relocation records and its GOT follow rules of their own */
	if (p->o->machine == mips)
		return true;
	struct run runs[RUNS];
	if (!map_runs(p, runs, e))
		return false;
	uint32_t highest = highest_symbol(p, runs);
	if (highest >= LIMIT_ELF_SYMBOLS)
		return err_set(e, ERR_LIMIT, "a relocation names symbol %u", highest);
	p->use_count = (size_t)highest + 1;
	p->uses = arena_array(&p->scratch, p->use_count, 1);
	const struct machine *m = find_machine(p->o->machine);
	for (size_t r = 0; r < RUNS; r++)
		take_run(p, m, &runs[r]);
	return true;
}
