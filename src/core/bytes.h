/* bytes: bounds-checked reading of untrusted bytes, in either byte order.
 *
 * No struct is ever laid over input. A read outside the view gives 0 and sets
 * `bad`, which stays set: a parser reads a record and checks once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/str.h"

struct bytes {
	const uint8_t *p;
	size_t n;
	bool big_endian;
	bool bad; /* sticky: something was read outside */
};

static inline struct bytes bytes_of(const void *p, size_t n)
{
	return (struct bytes){.p = p, .n = n};
}

static inline bool bytes_has(const struct bytes *b, uint64_t off, uint64_t len)
{
	return off <= b->n && len <= b->n - off;
}

static inline uint64_t bytes_uint(struct bytes *b, uint64_t off, unsigned width)
{
	if (!bytes_has(b, off, width)) {
		b->bad = true;
		return 0;
	}
	uint64_t v = 0;
	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)b->p[off + (b->big_endian ? width - 1 - i : i)] << (8 * i);
	return v;
}

static inline uint8_t bytes_u8(struct bytes *b, uint64_t off)
{
	return (uint8_t)bytes_uint(b, off, 1);
}

static inline uint16_t bytes_u16(struct bytes *b, uint64_t off)
{
	return (uint16_t)bytes_uint(b, off, 2);
}

static inline uint32_t bytes_u32(struct bytes *b, uint64_t off)
{
	return (uint32_t)bytes_uint(b, off, 4);
}

static inline uint64_t bytes_u64(struct bytes *b, uint64_t off)
{
	return bytes_uint(b, off, 8);
}

/* [off, off + len), or an empty view with `bad` set. */
static inline struct str bytes_slice(struct bytes *b, uint64_t off, uint64_t len)
{
	if (!bytes_has(b, off, len)) {
		b->bad = true;
		return STR_NONE;
	}
	return (struct str){(const char *)b->p + off, (size_t)len};
}

/* From off to the next NUL inside the view; `bad` where there is none. */
static inline struct str bytes_cstr(struct bytes *b, uint64_t off)
{
	const void *end = off < b->n ? memchr(b->p + off, 0, b->n - off) : NULL;
	if (!end) {
		b->bad = true;
		return STR_NONE;
	}
	const char *start = (const char *)b->p + off;
	return (struct str){start, (size_t)((const char *)end - start)};
}
