/* elf: bytes in, a loader's facts out.
 *
 * Reads an ELF object as the kernel and a dynamic loader do: from the file
 * header, the program headers and the dynamic segment. Section headers are
 * never trusted with anything a loader decides (stripped files have none);
 * only notes for people, such as cargo's audit data, are looked for there.
 *
 * 32 and 64 bit and both byte orders go one path. Every offset is checked; a
 * damaged object gives an error that names what and where, never a crash.
 * This module knows no files, no paths and no printing.
 *
 * Rules: System V gABI chapters 4 and 5 (object files, dynamic linking), the
 * processor supplements for relocation numbers, and the GNU extensions as
 * glibc's elf/ folder reads them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/vec.h"

enum elf_machine { /* e_machine */
	ELF_386 = 3,
	ELF_PPC64 = 21,
	ELF_S390 = 22,
	ELF_ARM = 40,
	ELF_X86_64 = 62,
	ELF_AARCH64 = 183,
	ELF_RISCV = 243,
	ELF_LOONGARCH = 258
};

enum elf_type { ELF_REL = 1, ELF_EXEC = 2, ELF_DYN = 3, ELF_CORE = 4 };
enum elf_symbol_type {
	ELF_NOTYPE = 0,
	ELF_OBJECT = 1,
	ELF_FUNC = 2,
	ELF_SECTION = 3,
	ELF_FILE = 4,
	ELF_COMMON = 5,
	ELF_TLS = 6,
	ELF_IFUNC = 10
};

/* How relocations refer to a symbol; an import may have several. */
enum elf_use {
	ELF_USE_LAZY = 1,  /* through a PLT slot: bound at the first call unless bind_now */
	ELF_USE_EAGER = 2, /* any other relocation: GLOB_DAT, absolute, copy, TLS … */
	ELF_USE_DATA = 4,  /* eager, and for an object, not a function: COPY, or type OBJECT */
	ELF_USE_TPOFF = 8, /* initial-exec TLS: the symbol must be in static TLS */
	ELF_USE_COPY = 16  /* COPY: looked up in every object but the program itself */
};

/* One undefined symbol of the dynamic symbol table, or one that a program copies
 * (defined there, for the room, and looked up elsewhere). One that no relocation
 * refers to has use == 0: no loader ever looks for it. */
struct elf_import {
	struct str name;
	struct str version; /* empty: unversioned reference */
	struct str file;    /* of the version need: "libc.so.6"; empty likewise */
	uint8_t type;       /* enum elf_symbol_type */
	uint8_t use;        /* enum elf_use bits */
	bool weak;
	bool self_missed;   /* its own, named by a relocation, and musl does not find it here: an IFUNC, or
	                       a version that is not the default */
};

/* One defined symbol that others may bind to: global, weak or unique binding,
 * default or protected visibility. Sorted by name, then version. */
struct elf_export {
	struct str name;
	struct str version; /* empty: the base version or none */
	uint8_t type;
	bool hidden; /* VERSYM_HIDDEN: name@VERSION, not name@@VERSION */
	bool weak;
};

/* One version of DT_VERNEED. */
struct elf_version_need {
	struct str file; /* vn_file: "libc.so.6" */
	struct str name; /* vna_name: "GLIBC_2.34" */
	bool weak;       /* VER_FLG_WEAK: its absence is no failure */
};

enum elf_stack { ELF_STACK_UNSAID, ELF_STACK_PLAIN, ELF_STACK_EXECUTABLE }; /* PT_GNU_STACK */

struct elf_object {
	/* File header. */
	uint8_t class_bits; /* 32 or 64 */
	bool big_endian;
	uint8_t osabi, abi_version;
	uint16_t machine, type;
	uint32_t flags;

	/* Program headers. */
	bool has_interp, has_dynamic, has_load;
	struct str interp;
	uint8_t stack; /* enum elf_stack */
	uint64_t tls_size_bytes, tls_align_bytes;
	bool writable_code;      /* a PT_LOAD both W and X */
	uint32_t min_load_align; /* smallest p_align of a PT_LOAD: glibc wants whole pages */

	/* Dynamic segment, in file order. */
	struct str soname, rpath, runpath; /* .p == NULL where the tag is absent */
	struct str_vec needed;
	struct str_vec filters, auxiliaries; /* DT_FILTER, DT_AUXILIARY */
	uint64_t dt_flags, dt_flags_1;       /* DF_*, DF_1_* */
	bool bind_now;                       /* DT_BIND_NOW, DF_BIND_NOW or DF_1_NOW */
	bool symbolic, text_relocations;
	bool has_dt_debug; /* DT_DEBUG: linkers give it to programs alone */
	bool has_gnu_hash, has_sysv_hash, has_relr, has_irelative;
	bool has_versym, has_verneed, has_verdef;
	bool static_tls_local; /* a TPOFF relocation against its own TLS block */
	VEC(struct elf_version_need) version_needs;
	struct str_vec version_defs; /* without the base version; the first is the oldest */
	/* As relocations first name them (DT_REL, DT_RELA, DT_JMPREL); then those without use. */
	VEC(struct elf_import) imports;
	VEC(struct elf_export) exports;

	/* Notes. */
	struct str build_id;     /* raw bytes */
	struct str_vec dlopen;   /* .note.dlopen payloads: JSON text, one a note */
	uint32_t x86_isa_needed; /* GNU_PROPERTY_X86_ISA_1_NEEDED: 1 baseline, 2 v2, 4 v3, 8 v4 */
	/* From the Go magic on, with its strings inline as Go 1.18 and later write them; older
	 * ones are brought into that form. Empty where there is none. */
	struct str go_build_info;
	struct str cargo_audit;   /* raw .dep-v0, still deflated */
	struct str packer;        /* "UPX" where its marker stands; then all above may be hidden */

	/* Read out of a loader's or libc's own bytes; empty elsewhere. */
	bool is_glibc_loader;       /* ld.so of glibc */
	bool is_musl;               /* musl's libc and loader in one */
	struct str libc_banner;     /* "GNU C Library (…) stable release version 2.36.", or "1.2.5" */
	struct str_vec system_dirs; /* glibc loader: built-in folders, without the last slash;
	                               musl: the default search path, cut at ':' */

	/* Strings in the data that look like a library's name ("libpq.so.5"): it may be
	 * opened by name. Without those in `needed`. Sorted, unique, bounded. */
	struct str_vec name_strings;

	/* Well-known paths in the data ("/etc/ssl/certs", "/bin/sh"; the list is in paths.c). */
	struct str_vec path_strings;
};

/* True where the bytes begin with the ELF magic. */
bool elf_is(struct str bytes);

/* Parses `bytes`, the whole file. All strings of *o point into `bytes`: both
 * must outlive it (elf_copy() detaches). Static programs (no dynamic segment)
 * and ET_REL or ET_CORE files parse with the fields that they have.
 * False: damaged (ERR_INPUT, with the offset) or over a limit (ERR_LIMIT). */
MUST_USE bool elf_parse(struct elf_object *o, struct str bytes, struct arena *a, struct err *e);

/* A deep copy whose strings live in `a`. */
void elf_copy(struct elf_object *to, const struct elf_object *from, struct arena *a);

/* Exports called `name`: the first one, and how many stand in a row; NULL and 0
 * where there is none. */
const struct elf_export *elf_exports_find(const struct elf_object *o, struct str name,
                                          size_t *count);

bool elf_defines_version(const struct elf_object *o, struct str version);

/* True for what execve() can start: ET_EXEC, a static-pie, or a PIE with an interpreter.
 * A libc that has an interpreter and a soname is a library all the same. */
bool elf_is_program(const struct elf_object *o);

/* Docker's word for the machine ("amd64", "arm64", "arm", "386", "riscv64",
 * "ppc64le", "s390x"), or "unknown". */
const char *elf_architecture(const struct elf_object *o);
