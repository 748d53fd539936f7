/* arena: memory with one lifetime.
 *
 * Everything of one lifetime (a run, an image, a scratch computation) comes
 * from one arena and goes with it. Nothing is freed alone. Out of memory ends
 * the program here and nowhere else. An arena belongs to one thread at a time. */
#pragma once

#include <stddef.h>

#include "core/str.h"

struct arena_block;

struct arena {
	struct arena_block *block; /* the newest; older ones hang behind it */
	size_t used_bytes;         /* handed out over the arena's life */
};

#define ARENA_INIT {NULL, 0}

/* Zeroed, aligned for any type; never NULL. */
void *arena_alloc(struct arena *a, size_t size_bytes)
	__attribute__((malloc, returns_nonnull, alloc_size(2)));

/* count × size_bytes, with the overflow checked. */
void *arena_array(struct arena *a, size_t count, size_t size_bytes)
	__attribute__((malloc, returns_nonnull, alloc_size(2, 3)));

/* Copies that live as long as the arena. Behind the copy of arena_str() stands
 * a NUL that its length does not count. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s);
struct str arena_lower(struct arena *a, struct str s); /* ASCII letters small, whatever the locale */
struct str arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Frees everything; the arena may be used again. */
void arena_release(struct arena *a);

/* The one end of a program without memory. */
_Noreturn void out_of_memory(void);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define CLEANUP_ARENA __attribute__((cleanup(arena_release)))
