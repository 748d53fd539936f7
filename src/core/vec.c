#include "core/vec.h"

#include <stdlib.h>
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

bool str_vec_has(const struct str_vec *v, struct str s)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->p[i], s))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void str_vec_sort(struct str_vec *v)
{
	if (v->n)
		qsort(v->p, v->n, sizeof *v->p, by_bytes);
}

void str_vec_sort_unique(struct str_vec *v)
{
	size_t kept = 0;
	str_vec_sort(v);
	for (size_t i = 0; i < v->n; i++)
		if (i == 0 || !str_eq(v->p[kept - 1], v->p[i]))
			v->p[kept++] = v->p[i];
	v->n = kept;
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
