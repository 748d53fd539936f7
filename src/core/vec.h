/* vec: growing arrays inside an arena.
 *
 *     VEC(struct str) names = {0};
 *     *vec_push(&names, arena) = STR("libc.so.6");
 *     for (size_t i = 0; i < names.n; i++) use(names.p[i]);
 *
 * Growth doubles and leaves the old copy to the arena: at most as much again
 * as the array itself. Elements move when the array grows; keep indices, not
 * pointers, while pushing. */
#pragma once

#include "core/arena.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *p;                                                                           \
		size_t n, cap;                                                                     \
	}

/* A pointer to one new zeroed element at the end. */
#define vec_push(v, arena)                                                                         \
	((v)->p = vec_grow((arena), (v)->p, (v)->n, &(v)->cap, sizeof *(v)->p), (v)->n++,          \
	 &(v)->p[(v)->n - 1])

/* For vec_push(): room for one more element. */
void *vec_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t size_bytes);

/* The array of strings that passes from module to module. */
struct str_vec {
	struct str *p;
	size_t n, cap;
};

bool str_vec_has(const struct str_vec *v, struct str s);

/* In byte order; then, of equal ones one. */
void str_vec_sort(struct str_vec *v);
void str_vec_sort_unique(struct str_vec *v);

/* `first`, then `second`, in an array of its own: neither is touched or grown. */
struct str_vec str_vec_join(const struct str_vec *first, const struct str_vec *second,
                            struct arena *a);
