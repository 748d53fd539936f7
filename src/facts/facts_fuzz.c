/* Any bytes behind a sound checksum: a record opens or is refused, and what it gives can be
 * merged, looked up and decoded. */
#include <stdlib.h>

#include "facts/record.h"
#include "facts/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool visit(const struct node *n, void *context)
{
	struct str content;
	size_t *seen = context;
	node_elf(n);
	*seen += node_kept(n, &content) ? content.n : node_size_bytes(n);
	*seen += node_gist(n, &content) ? content.n : 0;
	return true;
}

static void use(const struct facts *f, struct arena *a)
{
	struct tree t;
	struct err e = ERR_INIT;
	size_t seen = 0;
	tree_init(&t, a);
	if (!tree_add(&t, f, STR(""), &e) || !tree_add(&t, f, STR("app/below"), &e))
		return;
	for (size_t i = 0; i < f->entry_count; i++)
		tree_find(&t, f->entries[i].path);
	tree_walk(&t, t.root, a, visit, &seen);
	tree_size_bytes(&t, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct facts f;
	if (size < RECORD_HEADER)
		return 0;
	char *p = arena_cstr(&a, (struct str){(const char *)data, size});
	memcpy(p, RECORD_MAGIC, 8);
	put_le((uint8_t *)p + HEADER_VERSION, FACTS_FORMAT_VERSION, 4);
	put_le((uint8_t *)p + HEADER_RECORD_BYTES, size, 8);
	put_le((uint8_t *)p + HEADER_CHECKSUM, record_checksum((uint8_t *)p, size), 8);
	if (facts_open(&f, (struct str){p, size}, &a, &e))
		use(&f, &a);
	else if (e.code == ERR_NONE)
		abort();
	arena_release(&a);
	return 0;
}
