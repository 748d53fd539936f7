/* codec: an object's facts to bytes and back, for facts records.
 *
 * The encoding is socle's own, versioned by the facts record around it: not
 * for exchange. Decoding is as suspicious as any parser. */
#pragma once

#include "core/buf.h"
#include "elf/elf.h"

/* Appends the encoded object to `out`. ERR_LIMIT where `out` is full. */
MUST_USE bool elf_encode(const struct elf_object *o, struct buf *out, struct err *e);

/* Strings of *o point into `bytes`. ERR_INPUT where they are damaged. */
MUST_USE bool elf_decode(struct elf_object *o, struct str bytes, struct arena *a, struct err *e);
