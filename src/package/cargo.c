/* What a Rust program was built from: the list that cargo-auditable links into it, as JSON packed by
 * zlib (cargo-auditable's PARSING.md and its JSON schema):
 *
 *     {"packages": [{"name": "…", "version": "…", "source": "crates.io", "kind": "build", …}, …]}
 *
 * What has the kind "build" ran while the program was compiled (build scripts, macros) and is not in
 * it; "runtime" is what nothing said means. */
#define ZLIB_CONST
#include <zlib.h>

#include "core/buf.h"
#include "core/jnode.h"
#include "core/limits.h"
#include "package/formats.h"

/* All of `packed`, or nothing: damaged, cut off, or more than LIMIT_CARGO_AUDIT_BYTES. */
static bool unpack(struct str packed, struct buf *out)
{
	enum { STEP = 64 << 10 };
	struct err ignored = ERR_INIT;
	z_stream z = {.next_in = (const Bytef *)packed.p, .avail_in = (uInt)packed.n};
	int code = inflateInit(&z);
	if (code != Z_OK)
		return false;
	while (code == Z_OK && buf_reserve(out, STEP, &ignored)) {
		z.next_out = out->p + out->n;
		z.avail_out = STEP;
		code = inflate(&z, Z_NO_FLUSH);
		out->n += STEP - z.avail_out;
	}
	inflateEnd(&z);
	return code == Z_STREAM_END;
}

static void add_crate(struct packages *out, const struct jnode *crate, const struct node *n,
                      struct str path, struct arena *a)
{
	struct str name = jnode_get_str(crate, "name", a);
	if (!name.n || str_eq(jnode_get_str(crate, "kind", a), STR("build")))
		return;
	struct package *p = packages_add(out, PACKAGE_CARGO, n, path, a);
	p->name = p->source = name;
	p->version = jnode_get_str(crate, "version", a);
}

void cargo_read(struct packages *out, const struct node *n, struct arena *a)
{
	const struct elf_object *elf = node_elf(n);
	CLEANUP_BUF struct buf text = BUF_INIT(LIMIT_CARGO_AUDIT_BYTES);
	struct jnodes nodes = {0};
	struct err ignored = ERR_INIT;
	if (!elf || !elf->cargo_audit.n)
		return;
	struct str path = tree_path(n, a);
	const struct jnode *all = NULL;
	if (unpack(elf->cargo_audit, &text))
		all = jnode_parse(&nodes, arena_str(a, buf_str(&text)), a, &ignored);
	const struct jnode *crates = jnode_get(all, "packages");
	if (!jnode_is(crates, JNODE_ARRAY)) {
		*vec_push(&out->unread, a) = path;
		return;
	}
	for (const struct jnode *c = jnode_first(crates); c; c = jnode_next(crates, c))
		add_crate(out, c, n, path, a);
}
