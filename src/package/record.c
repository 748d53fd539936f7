/* What records of languages' packages have in common. */
#include <strings.h>

#include "package/formats.h"

struct str folder_above(const struct node *n, unsigned levels)
{
	while (n && levels--)
		n = n->parent;
	return n ? n->name : STR("");
}

bool record_field(struct str line, const char *name, struct str *value)
{
	size_t n = strlen(name);
	if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
		return false;
	*value = str_trim(str_skip(line, n + 1));
	return true;
}

/* Some editors put a byte order mark first; the programs that read these files skip it. */
const struct jnode *record_json(const struct node *n, struct arena *scratch)
{
	struct jnodes *nodes = ARENA_NEW(scratch, struct jnodes);
	struct err ignored = ERR_INIT;
	struct str content;
	if (!node_kept(n, &content))
		return NULL;
	if (str_starts(content, STR("\xef\xbb\xbf")))
		content = str_skip(content, 3);
	return jnode_parse(nodes, content, scratch, &ignored);
}

static struct str one_license(const struct jnode *value, struct arena *a)
{
	return jnode_is(value, JNODE_OBJECT) ? jnode_get_str(value, "type", a) : jnode_str(value, a);
}

struct str license_of(const struct jnode *value, struct arena *a)
{
	if (!jnode_is(value, JNODE_ARRAY))
		return one_license(value, a);
	struct str all = STR("");
	const struct jnode *n = jnode_first(value);
	for (unsigned i = 0; n && i < LICENSES_MAX; i++, n = jnode_next(value, n)) {
		struct str one = one_license(n, a);
		if (one.n && all.n)
			all = arena_printf(a, "%.*s OR %.*s", STR_ARG(all), STR_ARG(one));
		else if (one.n)
			all = one;
	}
	return all;
}
