/* made: tiny ELF objects for tests, of any class, byte order and machine.
 *
 * For tests alone. One page: header, program headers, dynamic segment, and the
 * tables that it points to, all mapped by one PT_LOAD at MADE_VADDR. */
#pragma once

#include "core/str.h"
#include "elf/elf.h"

enum {
	MADE_BYTES = 4096,
	MADE_VADDR = 0x10000,
	MADE_PHDR = 0x40,
	MADE_DYNAMIC = 0x200,
	MADE_STRTAB = 0x400,
	MADE_SYMTAB = 0x500,
	MADE_HASH = 0x700,
	MADE_RELOCS = 0x800,
	MADE_JMPREL = 0xa00
};

struct made {
	uint8_t bytes[MADE_BYTES];
	unsigned word; /* 4 or 8 */
	bool big_endian;
	size_t phdrs, tags, strings, symbols;
};

static inline void made_put(struct made *m, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		m->bytes[at + (m->big_endian ? width - 1 - i : i)] = (uint8_t)(v >> (8 * i));
}

static inline void made_begin(struct made *m, unsigned bits, bool big_endian, uint16_t machine)
{
	*m = (struct made){.word = bits / 8, .big_endian = big_endian, .strings = 1, .symbols = 1};
	unsigned w = m->word;
	memcpy(m->bytes, "\177ELF", 4);
	m->bytes[4] = w == 8 ? 2 : 1;
	m->bytes[5] = big_endian ? 2 : 1;
	m->bytes[6] = 1;
	made_put(m, 16, ELF_DYN, 2);
	made_put(m, 18, machine, 2);
	made_put(m, 24 + w, MADE_PHDR, w);
	made_put(m, 24 + 3 * w + 6, w == 8 ? 56 : 32, 2);
}

static inline void made_phdr(struct made *m, uint32_t type, uint32_t flags, uint64_t off,
                             uint64_t size)
{
	unsigned w = m->word;
	size_t at = MADE_PHDR + m->phdrs++ * (w == 8 ? 56 : 32), words = at + (w == 8 ? 8 : 4);
	made_put(m, at, type, 4);
	made_put(m, w == 8 ? at + 4 : at + 24, flags, 4);
	made_put(m, words, off, w);
	made_put(m, words + w, MADE_VADDR + off, w);
	made_put(m, words + 3 * w, size, w);
	made_put(m, words + 4 * w, size, w);
	made_put(m, w == 8 ? at + 48 : at + 28, 0x1000, w);
	made_put(m, 24 + 3 * w + 8, m->phdrs, 2);
}

static inline void made_tag(struct made *m, uint64_t tag, uint64_t value)
{
	size_t at = MADE_DYNAMIC + m->tags++ * 2 * m->word;
	made_put(m, at, tag, m->word);
	made_put(m, at + m->word, value, m->word);
}

static inline uint32_t made_string(struct made *m, const char *s)
{
	size_t at = m->strings;
	memcpy(m->bytes + MADE_STRTAB + at, s, strlen(s) + 1);
	m->strings += strlen(s) + 1;
	return (uint32_t)at;
}

static inline uint32_t made_symbol(struct made *m, const char *name, uint8_t info, uint16_t section,
                                   uint64_t value)
{
	unsigned w = m->word;
	size_t at = MADE_SYMTAB + m->symbols * (w == 8 ? 24 : 16), info_at = at + (w == 8 ? 4 : 12);
	made_put(m, at, made_string(m, name), 4);
	made_put(m, at + (w == 8 ? 8 : 4), value, w);
	m->bytes[info_at] = info;
	made_put(m, info_at + 2, section, 2);
	return (uint32_t)m->symbols++;
}

static inline void made_reloc(struct made *m, size_t table, size_t index, uint32_t symbol,
                              uint32_t type, bool addend)
{
	unsigned w = m->word;
	uint64_t info = w == 8 ? (uint64_t)symbol << 32 | type : symbol << 8 | type;
	made_put(m, table + index * (addend ? 3 : 2) * w + w, info, w);
}

static inline struct str made_bytes(const struct made *m)
{
	return (struct str){(const char *)m->bytes, MADE_BYTES};
}
