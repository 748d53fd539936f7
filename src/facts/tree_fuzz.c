/* Layers out of few names, so that they meet often: whatever they do to one another, the
 * tree stays sound. Each entry takes three bytes: what, where, and to what. */
#include <stdlib.h>

#include "core/limits.h"
#include "facts/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two bits a name, up to four deep. */
static struct str path_of(uint8_t byte, struct arena *a)
{
	static const char *const names[] = {"a", "b", "c", ".."};
	struct str path = STR("");
	for (unsigned depth = 0; depth < 4; depth++) {
		unsigned name = byte >> (2 * depth) & 3;
		if (name == 3)
			break;
		path = arena_printf(a, "%.*s%s%s", STR_ARG(path), depth ? "/" : "", names[name]);
	}
	return path;
}

static struct str target_of(uint8_t byte, struct arena *a)
{
	struct str path = path_of((uint8_t)(byte << 2), a);
	switch (byte >> 6) {
	case 0:
		return arena_printf(a, "/%.*s", STR_ARG(path));
	case 1:
		return arena_printf(a, "../%.*s/", STR_ARG(path));
	default:
		return arena_printf(a, "./%.*s", STR_ARG(path));
	}
}

static struct entry entry_of(const uint8_t *p, struct arena *a)
{
	struct entry entry = {.type = (uint8_t)(ENTRY_FILE + p[0] % ENTRY_OPAQUE), .size_bytes = 1};
	entry.path = path_of(p[1], a);
	if (entry.type == ENTRY_HARDLINK)
		entry.link = path_of(p[2], a);
	if (entry.type == ENTRY_SYMLINK)
		entry.link = target_of(p[2], a);
	return entry;
}

struct checking {
	const struct tree *t;
	struct arena *a;
	size_t nodes;
};

/* Every visible node is found again under its own path, once, below a folder. */
static bool check(const struct node *n, void *context)
{
	struct checking *c = context;
	struct node *found;
	struct str path = tree_path(n, c->a);
	c->nodes++;
	if (n->gone || tree_lookup(c->t, NULL, path, false, &found) != TREE_FOUND || found != n)
		abort();
	if (n->parent &&
	    (node_type(n->parent) != ENTRY_DIR || tree_child(c->t, n->parent, n->name) != n))
		abort();
	if (n->child && node_type(n) != ENTRY_DIR)
		abort();
	tree_lookup(c->t, NULL, path, true, &found);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct tree t;
	size_t at = 0;
	bool ok = true;
	tree_init(&t, &a);
	for (unsigned layer = 0; ok && layer < 4 && at < size; layer++) {
		struct facts *f = ARENA_NEW(&a, struct facts);
		size_t count = data[at++] % 16;
		f->entries = arena_array(&a, count, sizeof *f->entries);
		for (; f->entry_count < count && size - at >= 3; at += 3)
			f->entries[f->entry_count++] = entry_of(data + at, &a);
		ok = tree_add(&t, f, layer == 3 ? STR("b/a") : STR(""), &e);
	}
	struct checking c = {&t, &a, 0};
	tree_walk(&t, t.root, &a, check, &c);
	struct tree_size s = tree_measure(&t);
	if (s.files + s.folders + s.links > c.nodes || (!ok && e.code == ERR_NONE))
		abort();
	arena_release(&a);
	return 0;
}
