#include "core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *older;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

enum { BLOCK_MIN = 16 * 1024, BLOCK_MAX = 1024 * 1024 };

_Noreturn void out_of_memory(void)
{
	static const char message[] = "socle: out of memory\n";
	fwrite(message, 1, sizeof message - 1, stderr);
	abort();
}

/* Blocks double up to BLOCK_MAX: a small arena stays small, and a large one
 * asks the heap seldom. */
static struct arena_block *block_new(const struct arena *a, size_t wanted)
{
	size_t size = a->block ? a->block->size * 2 : BLOCK_MIN;
	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < wanted)
		size = wanted;
	if (size > SIZE_MAX - sizeof(struct arena_block))
		out_of_memory();
	struct arena_block *b = malloc(sizeof *b + size);
	if (!b)
		out_of_memory();
	b->size = size;
	b->used = 0;
	b->older = a->block;
	return b;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
	const size_t align = _Alignof(max_align_t);
	if (size_bytes > SIZE_MAX - align)
		out_of_memory();
	size_t size = (size_bytes + align - 1) / align * align;

	if (!a->block || a->block->size - a->block->used < size)
		a->block = block_new(a, size);
	void *p = a->block->data + a->block->used;
	a->block->used += size;
	a->used_bytes += size;
	memset(p, 0, size);
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size_bytes)
{
	size_t total;
	if (__builtin_mul_overflow(count, size_bytes, &total))
		out_of_memory();
	return arena_alloc(a, total);
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){arena_cstr(a, s), s.n};
}

struct str arena_lower(struct arena *a, struct str s)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();

	char *p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){p, (size_t)n};
}

void arena_release(struct arena *a)
{
	while (a->block) {
		struct arena_block *older = a->block->older;
		free(a->block);
		a->block = older;
	}
	a->used_bytes = 0;
}
