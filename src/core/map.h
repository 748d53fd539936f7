/* map: from strings to values, open addressing, inside an arena.
 *
 * Keys are views: what they point to must live as long as the map. Values are
 * one machine word: a pointer or a number. Nothing is removed; a value may be
 * overwritten. Iteration runs over `slot` in no order that may be shown. */
#pragma once

#include "core/arena.h"

struct map_slot {
	struct str key;
	uint64_t hash;
	uintptr_t value;
	bool used;
};

struct map {
	struct map_slot *slot;
	size_t n, cap;
};

/* NULL where the key is not there. */
uintptr_t *map_find(const struct map *m, struct str key);

/* The value's place, 0 and *added = true for a new key. `added` may be NULL. */
uintptr_t *map_put(struct map *m, struct arena *a, struct str key, bool *added);

static inline void *map_get(const struct map *m, struct str key)
{
	uintptr_t *v = map_find(m, key);
	return v ? (void *)*v : NULL;
}
