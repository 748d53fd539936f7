#include "facts/flatten.h"

struct flattening {
	bool (*keeps)(const struct node *n, void *context);
	void *context;
	struct facts_builder *builder;
	struct map first_names; /* inode, as text, to the path that stands for it */
	struct arena *arena;
	struct err *error;
	bool failed;
};

static bool add_node(const struct node *n, void *context)
{
	struct flattening *f = context;
	if (!n->parent || (f->keeps && !f->keeps(n, f->context)))
		return true;
	struct str kept, gist, path = str_skip(tree_path(n, f->arena), 1);
	struct entry entry = {.path = path, .type = ENTRY_DIR, .mode = 0755};
	if (n->entry) {
		entry = n->same && n->same->entry ? *n->same->entry : *n->entry;
		entry.path = path;
	}
	entry.type = node_type(n);

	bool regular = entry.type == ENTRY_FILE, added = true;
	uintptr_t *first = NULL;
	if (regular)
		first = map_put(&f->first_names, f->arena,
		                arena_printf(f->arena, "%llu", (unsigned long long)n->inode),
		                &added);
	if (!added) {
		const struct str *name = (const struct str *)*first;
		entry = (struct entry){
			.path = path, .type = ENTRY_HARDLINK, .mode = entry.mode, .link = *name};
		f->failed = !facts_builder_add(f->builder, &entry, NULL, NULL, f->error);
		return !f->failed;
	}
	if (first) {
		struct str *name = ARENA_NEW(f->arena, struct str);
		*name = path;
		*first = (uintptr_t)name;
	}
	bool has_kept = regular && node_kept(n, &kept);
	bool has_gist = regular && node_gist(n, &gist);
	f->failed = !facts_builder_add_gist(f->builder, &entry, regular ? node_elf(n) : NULL,
	                                    has_kept ? &kept : NULL, has_gist ? &gist : NULL,
	                                    f->error);
	return !f->failed;
}

bool facts_flatten(const struct tree *t, struct str digest,
                   bool (*keeps)(const struct node *n, void *context), void *context,
                   struct buf *record, struct arena *a, struct err *e)
{
	struct flattening f = {.keeps = keeps, .context = context,
	                       .builder = facts_builder_new(a), .arena = a, .error = e};
	tree_walk(t, t->root, a, add_node, &f);
	bool ok = !f.failed && facts_builder_encode(f.builder, digest, 0, record, e);
	facts_builder_release(f.builder);
	return ok;
}
