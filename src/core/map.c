#include "core/map.h"

static struct map_slot *probe(struct map_slot *slot, size_t cap, uint64_t hash, struct str key)
{
	for (size_t i = hash & (cap - 1);; i = (i + 1) & (cap - 1))
		if (!slot[i].used || (slot[i].hash == hash && str_eq(slot[i].key, key)))
			return &slot[i];
}

static void grow(struct map *m, struct arena *a)
{
	size_t cap = m->cap ? m->cap * 2 : 16;
	struct map_slot *slot = arena_array(a, cap, sizeof *slot);
	for (size_t i = 0; i < m->cap; i++)
		if (m->slot[i].used)
			*probe(slot, cap, m->slot[i].hash, m->slot[i].key) = m->slot[i];
	m->slot = slot;
	m->cap = cap;
}

uintptr_t *map_find(const struct map *m, struct str key)
{
	if (m->n == 0)
		return NULL;
	struct map_slot *s = probe(m->slot, m->cap, str_hash(key), key);
	return s->used ? &s->value : NULL;
}

uintptr_t *map_put(struct map *m, struct arena *a, struct str key, bool *added)
{
	if (m->n * 4 >= m->cap * 3)
		grow(m, a);
	struct map_slot *s = probe(m->slot, m->cap, str_hash(key), key);
	if (added)
		*added = !s->used;
	if (!s->used) {
		*s = (struct map_slot){.key = key, .hash = str_hash(key), .used = true};
		m->n++;
	}
	return &s->value;
}
