/* content: a file's bytes, pulled piece by piece, whether from a tar or from a file. */
#pragma once

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct tar;

/* Pieces come in order; what none covers is zero. *more is false at the end. A piece is
 * valid until the next one. */
struct content {
	bool (*next)(void *context, struct str *piece, uint64_t *off, bool *more, struct err *e);
	void *context;
};

/* The content of the entry that tar_next() gave last. */
struct content tar_content(struct tar *t);

/* The first size_bytes of an open file, read into room in `a`. A file that has become
 * shorter gives what it has. */
struct content file_content(int fd, uint64_t size_bytes, struct arena *a);

/* Reads it to its end. */
MUST_USE bool content_drain(struct content c, struct err *e);
