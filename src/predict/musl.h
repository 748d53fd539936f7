/* musl: the parts of its loader, and what they share. Inside predict only. */
#pragma once

#include "predict/process.h"

/* find_sym2(): True where `elf` gives `name` a definition that musl takes. */
bool musl_defines(const struct elf_object *elf, struct str name);

/* musl_bind.c: binds everything that is new in p->scope. */
void musl_bind(struct process *p);
