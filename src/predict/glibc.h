/* glibc: the two halves of its loader, and what they share. Inside predict only. */
#pragma once

#include "predict/process.h"

/* glibc.c: _dl_map_object(). NULL where it is not to be had; the finding is made then. */
struct object *glibc_map(struct process *p, struct object *asker, struct str name);

/* 36 for 2.36, of the libc.so.6 in the loader's own folders; 0 where there is none. */
unsigned glibc_minor_beside(const struct tree *t, const struct elf_object *loader, struct arena *a);

/* glibc_bind.c: versions, then symbols, then what the processor and the stack must allow. */
void glibc_bind(struct process *p);
