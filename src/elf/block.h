/* block: 16 bytes looked at together.
 *
 * Every byte of every object in a layer passes the searches of names.c and
 * paths.c. GCC and clang compile these vectors to SSE2, NEON and the like.
 * Private to src/elf/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t block __attribute__((vector_size(16)));

static inline block block_load(const char *p)
{
	block b;
	memcpy(&b, p, sizeof b);
	return b;
}

/* All ones where the byte is `c`. */
static inline block block_is(block b, char c)
{
	return (block)(b == ((block){0} + (uint8_t)c));
}

static inline bool block_any(block b)
{
	uint64_t halves[2];
	memcpy(halves, &b, sizeof halves);
	return halves[0] | halves[1];
}
