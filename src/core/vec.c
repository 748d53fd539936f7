#include "core/vec.h"

#include <string.h>

void *vec_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t size_bytes)
{
	if (n < *cap)
		return p;
	size_t want = *cap ? *cap * 2 : 8;
	void *grown = arena_array(a, want, size_bytes);
	if (n)
		memcpy(grown, p, n * size_bytes);
	*cap = want;
	return grown;
}
