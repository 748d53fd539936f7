/* Any bytes as an OSV record: read, written, read again, and held against packages. */
#include <stdlib.h>

#include "scan/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(const struct advisory *x)
{
	struct packages in = {.system = STR("almalinux"), .system_version = STR("9.1")};
	struct package p = {.type = PACKAGE_RPM, .name = STR("x"), .version = STR("1.0-1")};
	struct osv_name name = {STR("x"), STR("1.0-1")};
	struct str fixed;
	for (size_t i = 0; i < x->affected.n; i++)
		for (int order = VERSION_DEB; order <= VERSION_COMPOSER; order++)
			(void)affected_is(&x->affected.p[i], &p, &in, &name,
					  (enum version_order)order, &fixed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf text = BUF_INIT(1 << 24);
	struct jnodes nodes = {0}, again = {0};
	struct err e = ERR_INIT;
	struct advisory x, y;
	const struct jnode *n = jnode_parse(&nodes, (struct str){(const char *)data, size}, &a, &e);
	if (!n || !advisory_read(&x, n, &a, &e))
		return 0;
	hold(&x);
	if (!advisory_write(&x, &text, &e))
		return 0;
	n = jnode_parse(&again, buf_str(&text), &a, &e);
	if (!n || !advisory_read(&y, n, &a, &e) || x.affected.n != y.affected.n)
		abort();
	return 0;
}
