/* buf: bytes that grow on the heap, up to a maximum stated at birth. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/str.h"

struct buf {
	uint8_t *p;
	size_t n, cap;
	size_t max_bytes;
};

#define BUF_INIT(max) {NULL, 0, 0, (max)}

/* False (ERR_LIMIT) where the buffer would pass its maximum; it is unchanged then. */
MUST_USE bool buf_append(struct buf *b, const void *data, size_t n, struct err *e);

/* Room for n more bytes at p + n (the caller adds to n itself). */
MUST_USE bool buf_reserve(struct buf *b, size_t n, struct err *e);

void buf_release(struct buf *b);

static inline struct str buf_str(const struct buf *b)
{
	return (struct str){(const char *)b->p, b->n};
}

#define CLEANUP_BUF __attribute__((cleanup(buf_release)))
