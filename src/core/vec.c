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

struct str_vec str_vec_join(const struct str_vec *first, const struct str_vec *second,
                            struct arena *a)
{
	size_t n = first->n + second->n;
	struct str_vec out = {.p = arena_array(a, n, sizeof *out.p), .n = n, .cap = n};
	if (first->n)
		memcpy(out.p, first->p, first->n * sizeof *out.p);
	if (second->n)
		memcpy(out.p + first->n, second->p, second->n * sizeof *out.p);
	return out;
}
