/* Any bytes: read, and every node visited and every string resolved. */
#include "core/jnode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(const struct jnode *n, struct arena *a)
{
	(void)jnode_str(n, a);
	(void)jnode_get(n, "id");
	for (const struct jnode *m = jnode_first(n); m; m = jnode_next(n, m))
		visit(m, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct jnodes nodes = {0};
	struct err e = ERR_INIT;
	const struct jnode *n = jnode_parse(&nodes, (struct str){(const char *)data, size}, &a, &e);
	if (n)
		visit(n, &a);
	return 0;
}
