/* parse: what the files of the elf module share while one object is read.
 *
 * elf_parse() (elf.c) runs the steps below in this order. Each reads what the
 * earlier ones found and fills its fields of the object. Private to src/elf/.
 *
 * A file offset and a virtual address are both 64-bit numbers and mixing them
 * up is the classic error of ELF readers: here they are different types. */
#pragma once

#include "core/bytes.h"
#include "elf/elf.h"

struct file_off {
	uint64_t at;
};

struct vaddr {
	uint64_t at;
};

enum segment_type {
	SEGMENT_LOAD = 1,
	SEGMENT_DYNAMIC = 2,
	SEGMENT_INTERP = 3,
	SEGMENT_NOTE = 4,
	SEGMENT_TLS = 7,
	SEGMENT_GNU_STACK = 0x6474e551,
	SEGMENT_GNU_PROPERTY = 0x6474e553
};

enum segment_flags { SEGMENT_X = 1, SEGMENT_W = 2 };

struct segment {
	uint32_t type, flags;
	struct file_off off;
	struct vaddr vaddr;
	uint64_t file_bytes, memory_bytes, align;
};

/* A table that a dynamic tag points to; given: the tag is there. */
struct table {
	struct vaddr vaddr;
	uint64_t size_bytes;
	bool given;
};

struct dynamic {
	struct table strtab, symtab, hash, gnu_hash, versym, verneed, verdef, rela, rel, jmprel;
	bool jmprel_has_addends; /* DT_PLTREL is DT_RELA */
	bool variant_calls;      /* DT_AARCH64_VARIANT_PCS, DT_RISCV_VARIANT_CC */
	struct file_off strings; /* of strtab */
	uint64_t strings_end;    /* the end of what is mapped behind it, in the file */
};

struct version_name {
	struct str name, file; /* file: empty for a definition */
};

struct elf_symbol {
	uint32_t name_off;
	uint8_t type, binding, visibility, other;
	uint16_t section;
	uint64_t value;
};

enum { SECTION_UNDEF = 0, SECTION_ABS = 0xfff1 };
enum { BINDING_LOCAL = 0, BINDING_GLOBAL = 1, BINDING_WEAK = 2, BINDING_UNIQUE = 10 };
enum { VISIBILITY_DEFAULT = 0, VISIBILITY_PROTECTED = 3 };

struct parser {
	struct bytes b; /* the whole file */
	struct elf_object *o;
	struct arena *arena;  /* the object's */
	struct arena scratch; /* gone when elf_parse() returns */
	unsigned word;        /* bytes of an address: 4 or 8 */

	struct file_off program_headers, section_headers;
	uint16_t program_header_bytes, program_header_count;
	uint16_t section_header_bytes, section_header_count, section_names;
	struct segment *segments;
	size_t segment_count;

	struct dynamic dyn;
	uint64_t name_bytes; /* taken out of the string table so far */

	struct version_name *versions; /* by version index */
	size_t version_count;

	/* By symbol index: enum elf_use bits; and the indices in the order in which
	 * relocations first name them. */
	uint8_t *uses;
	size_t use_count;
	VEC(uint32_t) used_order;
};

/* header.c: file header, program headers, PT_INTERP, PT_GNU_STACK, PT_TLS */
MUST_USE bool parse_header(struct parser *p, struct err *e);
MUST_USE bool parse_segments(struct parser *p, struct err *e);

/* The file offset of `vaddr`, and how many bytes lie mapped from the file behind it: 0 where
 * no PT_LOAD maps it. */
uint64_t mapped_bytes(const struct parser *p, struct vaddr vaddr, struct file_off *off);

/* The file offset of [vaddr, vaddr + size_bytes), or ERR_INPUT that calls it `what`. */
MUST_USE bool map_table(const struct parser *p, const char *what, struct vaddr vaddr,
                        uint64_t size_bytes, struct file_off *off, struct err *e);

/* dynamic.c: the dynamic segment, and strings out of its string table */
MUST_USE bool parse_dynamic(struct parser *p, struct err *e);
MUST_USE bool dynamic_string(struct parser *p, uint64_t string_off, struct str *s, struct err *e);

/* relocations.c: which symbols they name, and how */
MUST_USE bool parse_relocations(struct parser *p, struct err *e);

/* versions.c: DT_VERNEED and DT_VERDEF */
MUST_USE bool parse_versions(struct parser *p, struct err *e);

/* symbols.c: the dynamic symbol table */
MUST_USE bool parse_symbols(struct parser *p, struct err *e);

/* notes.c: PT_NOTE and PT_GNU_PROPERTY. Nothing in them stops a loader. */
void parse_notes(struct parser *p);

/* marks.c: Go's build info, cargo's audit data, UPX */
void find_marks(struct parser *p);

/* libc_marks.c: what a loader or libc says about itself */
void find_libc_marks(struct parser *p);

/* names.c: strings that look like a library's name */
void find_names(struct parser *p);

/* paths.c: well-known paths */
void find_paths(struct parser *p);

/* The file's mapped bytes, one piece a call, each once: segments of a hostile file may
 * overlap. False at the end. */
struct data_walk {
	size_t segment;
	uint64_t done;
};
bool next_data(const struct parser *p, struct data_walk *w, struct str *bytes);

/* The part of a segment that the file holds. */
static inline struct str segment_bytes(const struct parser *p, const struct segment *s)
{
	if (s->off.at >= p->b.n)
		return STR_NONE;
	uint64_t n = p->b.n - s->off.at;
	return (struct str){(const char *)p->b.p + s->off.at,
	                    (size_t)(s->file_bytes < n ? s->file_bytes : n)};
}
