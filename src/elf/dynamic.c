/* The dynamic segment: gABI chapter 5, "Dynamic Section", and the GNU tags. */
#include "core/limits.h"
#include "elf/parse.h"

enum dynamic_tag {
	DT_NULL = 0,
	DT_NEEDED = 1,
	DT_PLTRELSZ = 2,
	DT_HASH = 4,
	DT_STRTAB = 5,
	DT_SYMTAB = 6,
	DT_RELA = 7,
	DT_RELASZ = 8,
	DT_SONAME = 14,
	DT_RPATH = 15,
	DT_SYMBOLIC = 16,
	DT_REL = 17,
	DT_RELSZ = 18,
	DT_PLTREL = 20,
	DT_DEBUG = 21,
	DT_TEXTREL = 22,
	DT_JMPREL = 23,
	DT_BIND_NOW = 24,
	DT_RUNPATH = 29,
	DT_FLAGS = 30,
	DT_RELR = 36,
	DT_GNU_HASH = 0x6ffffef5,
	DT_VERSYM = 0x6ffffff0,
	DT_FLAGS_1 = 0x6ffffffb,
	DT_VERDEF = 0x6ffffffc,
	DT_VERNEED = 0x6ffffffe,
	DT_RISCV_VARIANT_CC = 0x70000001,
	DT_AARCH64_VARIANT_PCS = 0x70000005,
	DT_AUXILIARY = 0x7ffffffd,
	DT_FILTER = 0x7fffffff
};

enum { DF_SYMBOLIC = 0x2, DF_TEXTREL = 0x4, DF_BIND_NOW = 0x8, DF_1_NOW = 0x1 };

struct tag {
	uint64_t tag, value;
};

static struct tag read_tag(struct parser *p, struct file_off off, size_t index)
{
	uint64_t at = off.at + index * 2 * p->word;
	return (struct tag){bytes_uint(&p->b, at, p->word),
	                    bytes_uint(&p->b, at + p->word, p->word)};
}

/* A later tag of the same kind replaces the earlier (glibc elf_get_dynamic_info()). */
static void take_table(struct table *t, uint64_t vaddr)
{
	t->vaddr.at = vaddr;
	t->given = true;
}

static void take_table_tag(struct parser *p, struct tag t)
{
	struct dynamic *d = &p->dyn;
	switch (t.tag) {
	case DT_STRTAB: take_table(&d->strtab, t.value); break;
	case DT_SYMTAB: take_table(&d->symtab, t.value); break;
	case DT_HASH: take_table(&d->hash, t.value); break;
	case DT_GNU_HASH: take_table(&d->gnu_hash, t.value); break;
	case DT_VERSYM: take_table(&d->versym, t.value); break;
	case DT_VERNEED: take_table(&d->verneed, t.value); break;
	case DT_VERDEF: take_table(&d->verdef, t.value); break;
	case DT_RELA: take_table(&d->rela, t.value); break;
	case DT_REL: take_table(&d->rel, t.value); break;
	case DT_JMPREL: take_table(&d->jmprel, t.value); break;
	case DT_RELASZ: d->rela.size_bytes = t.value; break;
	case DT_RELSZ: d->rel.size_bytes = t.value; break;
	case DT_PLTRELSZ: d->jmprel.size_bytes = t.value; break;
	case DT_PLTREL: d->jmprel_has_addends = t.value == DT_RELA; break;
	}
}

static void take_flag_tag(struct parser *p, struct tag t)
{
	struct elf_object *o = p->o;
	switch (t.tag) {
	case DT_FLAGS: o->dt_flags = t.value; break;
	case DT_FLAGS_1: o->dt_flags_1 = t.value; break;
	case DT_BIND_NOW: o->bind_now = true; break;
	case DT_SYMBOLIC: o->symbolic = true; break;
	case DT_TEXTREL: o->text_relocations = true; break;
	case DT_DEBUG: o->has_dt_debug = true; break;
	case DT_RELR: o->has_relr = true; break;
	case DT_AARCH64_VARIANT_PCS: p->dyn.variant_calls |= o->machine == ELF_AARCH64; break;
	case DT_RISCV_VARIANT_CC: p->dyn.variant_calls |= o->machine == ELF_RISCV; break;
	}
}

static void derive_flags(struct parser *p)
{
	struct elf_object *o = p->o;
	o->bind_now |= (o->dt_flags & DF_BIND_NOW) || (o->dt_flags_1 & DF_1_NOW);
	o->symbolic |= (o->dt_flags & DF_SYMBOLIC) != 0;
	o->text_relocations |= (o->dt_flags & DF_TEXTREL) != 0;
	o->has_sysv_hash = p->dyn.hash.given;
	o->has_gnu_hash = p->dyn.gnu_hash.given;
	o->has_versym = p->dyn.versym.given;
	o->has_verneed = p->dyn.verneed.given;
	o->has_verdef = p->dyn.verdef.given;
}

bool dynamic_string(struct parser *p, uint64_t string_off, struct str *s, struct err *e)
{
	/* DT_STRSZ is not asked: no loader does. The segment's end bounds the table. */
	struct bytes table = {.p = p->b.p, .n = p->dyn.strings_end};
	if (string_off >= table.n)
		table.bad = true;
	else
		*s = bytes_cstr(&table, p->dyn.strings.at + string_off);
	if (table.bad)
		return err_set(
			e, ERR_INPUT,
			"string 0x%llx of the string table at offset 0x%llx is not in the file",
			(unsigned long long)string_off, (unsigned long long)p->dyn.strings.at);
	p->name_bytes += s->n;
	if (p->name_bytes > LIMIT_ELF_STRINGS)
		return err_set(e, ERR_LIMIT, "more than %u bytes of names", LIMIT_ELF_STRINGS);
	return true;
}

static bool take_string_tag(struct parser *p, struct tag t, struct err *e)
{
	struct elf_object *o = p->o;
	struct str *one = t.tag == DT_SONAME    ? &o->soname
	                  : t.tag == DT_RPATH   ? &o->rpath
	                  : t.tag == DT_RUNPATH ? &o->runpath
	                                        : NULL;
	struct str_vec *many = t.tag == DT_NEEDED      ? &o->needed
	                       : t.tag == DT_FILTER    ? &o->filters
	                       : t.tag == DT_AUXILIARY ? &o->auxiliaries
	                                               : NULL;
	if (many)
		one = vec_push(many, p->arena);
	return !one || dynamic_string(p, t.value, one, e);
}

/* glibc takes the segment from its address, and leaves out one without bytes in the file:
 * that is how `objcopy --only-keep-debug` leaves it behind (elf/dl-load.c, PT_DYNAMIC). */
static bool find_dynamic(struct parser *p, struct file_off *off, size_t *tags, struct err *e)
{
	const struct segment *dynamic = NULL;
	*tags = 0;
	for (size_t i = 0; i < p->segment_count; i++)
		if (p->segments[i].type == SEGMENT_DYNAMIC && p->segments[i].file_bytes)
			dynamic = &p->segments[i];
	if (!dynamic)
		return true;
	p->o->has_dynamic = true;
	uint64_t size = mapped_bytes(p, dynamic->vaddr, off);
	if (size < 2 * p->word)
		return err_set(e, ERR_INPUT,
		               "the dynamic segment at address 0x%llx is not in the file",
		               (unsigned long long)dynamic->vaddr.at);

	/* DT_NULL ends it, or the zeros behind the segment's bytes. */
	size_t limit = size / (2 * p->word);
	for (size_t n = 0; n < limit; n++, (*tags)++)
		if (n > LIMIT_ELF_ENTRIES)
			return err_set(e, ERR_LIMIT, "more than %u dynamic tags",
			               LIMIT_ELF_ENTRIES);
		else if (read_tag(p, *off, n).tag == DT_NULL)
			break;
	return true;
}

bool parse_dynamic(struct parser *p, struct err *e)
{
	struct file_off off;
	size_t tags;
	if (!find_dynamic(p, &off, &tags, e))
		return false;
	for (size_t i = 0; i < tags; i++) {
		take_table_tag(p, read_tag(p, off, i));
		take_flag_tag(p, read_tag(p, off, i));
	}
	derive_flags(p);
	if (p->dyn.strtab.given) {
		uint64_t n = mapped_bytes(p, p->dyn.strtab.vaddr, &p->dyn.strings);
		if (n == 0)
			return err_set(e, ERR_INPUT,
			               "the string table at address 0x%llx is not in the file",
			               (unsigned long long)p->dyn.strtab.vaddr.at);
		p->dyn.strings_end = p->dyn.strings.at + n;
	}
	for (size_t i = 0; i < tags; i++)
		if (!take_string_tag(p, read_tag(p, off, i), e))
			return false;
	return true;
}
