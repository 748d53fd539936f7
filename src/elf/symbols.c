/* The dynamic symbol table: what an object wants from others and gives them. */
#include <stdlib.h>

#include "core/limits.h"
#include "elf/parse.h"

/* ---- How many there are ----
 *
 * No tag says. DT_HASH has a chain slot for each symbol. DT_GNU_HASH covers the
 * defined ones, which stand last; ld writes one that covers nothing for an
 * object without exports, and then only relocations tell which ones matter. */

static bool count_by_sysv_hash(struct parser *p, uint64_t *count, struct err *e)
{
	/* Entries are 32 bits wide, but for 64-bit s390 and alpha. */
	unsigned width = p->o->machine == ELF_S390 && p->word == 8 ? 8 : 4;
	struct file_off off;
	if (!map_table(p, "DT_HASH", p->dyn.hash.vaddr, 2 * width, &off, e))
		return false;
	*count = bytes_uint(&p->b, off.at + width, width);
	return true;
}

static bool count_by_gnu_hash(struct parser *p, uint64_t *count, struct err *e)
{
	struct file_off off;
	struct vaddr vaddr = p->dyn.gnu_hash.vaddr;
	if (!map_table(p, "DT_GNU_HASH", vaddr, 16, &off, e))
		return false;
	uint64_t buckets = bytes_u32(&p->b, off.at), first = bytes_u32(&p->b, off.at + 4);
	uint64_t bloom_bytes = (uint64_t)bytes_u32(&p->b, off.at + 8) * p->word;
	uint64_t size_bytes = mapped_bytes(p, vaddr, &off);
	if (!map_table(p, "DT_GNU_HASH", vaddr, 16 + bloom_bytes + 4 * buckets, &off, e))
		return false;

	uint64_t bucket = off.at + 16 + bloom_bytes, chain = bucket + 4 * buckets, last = 0;
	for (uint64_t i = 0; i < buckets; i++) {
		uint32_t symbol = bytes_u32(&p->b, bucket + 4 * i);
		if (symbol > last)
			last = symbol;
	}
	*count = first;
	if (last < first)
		return true; /* every bucket is empty */
	for (uint64_t i = last - first; 4 * i + 4 <= off.at + size_bytes - chain; i++)
		if (bytes_u32(&p->b, chain + 4 * i) & 1) { /* the end of the chain */
			*count = first + i + 1;
			return true;
		}
	return err_set(e, ERR_INPUT, "the chain of symbol %llu in DT_GNU_HASH does not end",
	               (unsigned long long)last);
}

static bool count_symbols(struct parser *p, uint32_t *count, struct err *e)
{
	uint64_t n = 0;
	if (p->dyn.hash.given) {
		if (!count_by_sysv_hash(p, &n, e))
			return false;
	} else if (p->dyn.gnu_hash.given && !count_by_gnu_hash(p, &n, e)) {
		return false;
	}
	if (n < p->use_count)
		n = p->use_count;
	if (n > LIMIT_ELF_SYMBOLS)
		return err_set(e, ERR_LIMIT, "%llu dynamic symbols", (unsigned long long)n);
	*count = (uint32_t)n;
	return true;
}

/* ---- One symbol ---- */

static unsigned symbol_bytes(const struct parser *p)
{
	return p->word == 8 ? 24 : 16;
}

/* Elf64_Sym: name, info, other, section, value, size. Elf32_Sym: name, value, size, info,
 * other, section. The table was mapped before. */
static struct elf_symbol symbol_at(struct parser *p, struct file_off table, uint32_t index)
{
	struct bytes *b = &p->b;
	uint64_t at = table.at + (uint64_t)index * symbol_bytes(p);
	uint64_t info_at = at + (p->word == 8 ? 4 : 12);
	uint8_t info = bytes_u8(b, info_at), other = bytes_u8(b, info_at + 1);
	return (struct elf_symbol){
		.name_off = bytes_u32(b, at),
		.type = info & 0xf,
		.binding = info >> 4,
		.other = other,
		.visibility = other & 3,
		.section = bytes_u16(b, info_at + 2),
		.value = bytes_uint(b, at + (p->word == 8 ? 8 : 4), p->word),
	};
}

struct symbols {
	struct file_off table, versym;
	uint32_t count;
};

static uint16_t version_index(struct parser *p, const struct symbols *t, uint32_t index)
{
	return p->dyn.versym.given ? bytes_u16(&p->b, t->versym.at + 2 * (uint64_t)index) : 0;
}

static struct version_name version_of(const struct parser *p, uint16_t index)
{
	index &= 0x7fff;
	return index < p->version_count ? p->versions[index]
	                                : (struct version_name){STR_NONE, STR_NONE};
}

/* ---- Imports ---- */

static uint8_t index_use(const struct parser *p, uint32_t index)
{
	return index < p->use_count ? p->uses[index] : 0;
}

/* Symbols of these kinds are bound at once even through a slot: the lazy stub does not keep
 * the registers that they pass arguments in (glibc elf_machine_lazy_rel()). */
static bool calls_unlike_others(const struct parser *p, const struct elf_symbol *s)
{
	const uint8_t variant = 0x80; /* STO_AARCH64_VARIANT_PCS, STO_RISCV_VARIANT_CC */
	return p->dyn.variant_calls && (s->other & variant);
}

static uint8_t import_use(const struct parser *p, uint32_t index, const struct elf_symbol *s)
{
	uint8_t use = index_use(p, index);
	if ((use & ELF_USE_LAZY) && calls_unlike_others(p, s))
		use = (uint8_t)((use & ~ELF_USE_LAZY) | ELF_USE_EAGER);
	if ((use & ELF_USE_EAGER) && (s->type == ELF_OBJECT || s->type == ELF_COMMON))
		use |= ELF_USE_DATA;
	return use;
}

static bool add_import(struct parser *p, const struct symbols *t, uint32_t index, struct err *e)
{
	struct elf_symbol s = symbol_at(p, t->table, index);
	bool defined = s.section != SECTION_UNDEF;
	if (defined && (index_use(p, index) & ELF_USE_TPOFF))
		p->o->static_tls_local = true; /* a name for a place in its own block; lld keeps local ones */
	if (s.binding == BINDING_LOCAL)
		return true;
	/* A program has room for a variable that it copies: there the symbol is defined, and yet
	 * it must be found elsewhere. All others are looked up too, and found here at the latest.
	 */
	bool copied = index_use(p, index) & ELF_USE_COPY;
	bool hidden = version_index(p, t, index) & 0x8000;
	bool self_missed = defined && !copied && index_use(p, index) && (hidden || s.type == ELF_IFUNC);
	if (defined && !copied && !self_missed)
		return true;

	struct str name;
	if (!dynamic_string(p, s.name_off, &name, e))
		return false;
	if (name.n == 0)
		return true;
	struct version_name version = version_of(p, version_index(p, t, index));
	*vec_push(&p->o->imports, p->arena) = (struct elf_import){
		.name = name,
		.version = version.name,
		.file = version.file,
		.type = s.type,
		.use = import_use(p, index, &s),
		.weak = s.binding == BINDING_WEAK,
		.self_missed = self_missed,
	};
	return true;
}

/* In the order in which a loader meets them, so that the first that is missing is the one
 * that the loader names; those that no relocation names come last. */
static bool add_imports(struct parser *p, const struct symbols *t, struct err *e)
{
	for (size_t i = 0; i < p->used_order.n; i++)
		if (!add_import(p, t, p->used_order.p[i], e))
			return false;
	for (uint32_t i = 1; i < t->count; i++)
		if (!index_use(p, i) && symbol_at(p, t->table, i).section == SECTION_UNDEF)
			if (!add_import(p, t, i, e))
				return false;
	return true;
}

/* ---- Exports ---- */

/* As glibc's elf/dl-lookup.c (check_match) and musl's ldso/dynlink.c (find_sym) take it. */
static bool is_export(const struct elf_symbol *s)
{
	const unsigned types = 1u << ELF_NOTYPE | 1u << ELF_OBJECT | 1u << ELF_FUNC |
	                       1u << ELF_COMMON | 1u << ELF_TLS | 1u << ELF_IFUNC;
	const unsigned bindings = 1u << BINDING_GLOBAL | 1u << BINDING_WEAK | 1u << BINDING_UNIQUE;
	if (s->section == SECTION_UNDEF)
		return false;
	if (s->value == 0 && s->section != SECTION_ABS && s->type != ELF_TLS)
		return false;
	if (s->visibility != VISIBILITY_DEFAULT && s->visibility != VISIBILITY_PROTECTED)
		return false;
	return (types >> s->type & 1) && (bindings >> s->binding & 1);
}

static bool add_exports(struct parser *p, const struct symbols *t, struct err *e)
{
	for (uint32_t i = 1; i < t->count; i++) {
		struct elf_symbol s = symbol_at(p, t->table, i);
		struct str name;
		if (!is_export(&s))
			continue;
		if (!dynamic_string(p, s.name_off, &name, e))
			return false;
		if (name.n == 0)
			continue;
		uint16_t version = version_index(p, t, i);
		*vec_push(&p->o->exports, p->arena) = (struct elf_export){
			.name = name,
			.version = version_of(p, version).name,
			.type = s.type,
			.hidden = version & 0x8000,
			.weak = s.binding == BINDING_WEAK,
		};
	}
	return true;
}

static int export_cmp(const void *a, const void *b)
{
	const struct elf_export *x = a, *y = b;
	int c = str_cmp(x->name, y->name);
	return c ? c : str_cmp(x->version, y->version);
}

bool parse_symbols(struct parser *p, struct err *e)
{
	struct symbols t = {0};
	if (!p->dyn.symtab.given)
		return true;
	if (!count_symbols(p, &t.count, e) ||
	    !map_table(p, "DT_SYMTAB", p->dyn.symtab.vaddr, (uint64_t)t.count * symbol_bytes(p),
	               &t.table, e))
		return false;
	if (p->dyn.versym.given &&
	    !map_table(p, "DT_VERSYM", p->dyn.versym.vaddr, 2 * (uint64_t)t.count, &t.versym, e))
		return false;
	if (!add_imports(p, &t, e) || !add_exports(p, &t, e))
		return false;
	if (p->o->exports.n)
		qsort(p->o->exports.p, p->o->exports.n, sizeof *p->o->exports.p, export_cmp);
	return true;
}
