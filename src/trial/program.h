/* program: what the kernel makes of a file that is to be started. Pure.
 *
 * No more than execve() looks at: the first bytes, and of an ELF file the
 * program headers up to PT_INTERP (fs/exec.c, fs/binfmt_elf.c,
 * fs/binfmt_script.c). */
#pragma once

#include "core/arena.h"

/* Where the bytes come from. */
struct program_source {
	/* Up to n bytes at off; fewer, or none, where the file ends. They live in `a`. */
	struct str (*read)(void *context, uint64_t off, size_t n, struct arena *a);
	void *context;
};

enum program_kind {
	PROGRAM_NATIVE,  /* an ELF file for this machine */
	PROGRAM_SCRIPT,  /* "#!" */
	PROGRAM_FOREIGN, /* an ELF file for another one */
	PROGRAM_NONE
};

/* *interpreter: what it asks to be run by; empty where it asks for nothing. */
enum program_kind program_look(const struct program_source *s, struct arena *a,
			       struct str *interpreter);

/* The path after "#!"; empty where there is none. */
struct str script_interpreter(struct str head);
