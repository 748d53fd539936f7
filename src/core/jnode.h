/* jnode: JSON texts (RFC 8259) as a row of nodes, for the floors that make no system calls.
 *
 * A text is read once into an array: a node for each value, an object's and an array's members
 * right behind it, a member's name as a string before its value. Strings stay views of the text
 * until somebody asks for one. Strict: what the RFC does not allow is an error, and so are nesting
 * beyond LIMIT_JSON_DEPTH and text behind the value. Bytes above 0x7f are taken as they are.
 *
 * (jansson writes and reads the JSON of the floors above; its hashes are seeded from the machine,
 * and advisories by the hundred thousand want no tree of allocations.) */
#pragma once

#include "core/arena.h"
#include "core/err.h"
#include "core/vec.h"

enum jnode_type {
	JNODE_NULL,
	JNODE_FALSE,
	JNODE_TRUE,
	JNODE_NUMBER,
	JNODE_STRING,
	JNODE_ARRAY,
	JNODE_OBJECT
};

struct jnode {
	struct str text; /* number: as written; string: between the quotes, escapes untouched */
	uint32_t nodes;  /* its own and those of everything inside: the next sibling is there */
	uint8_t type;    /* enum jnode_type */
	bool escaped;    /* string: holds a backslash */
};

/* Kept from one text to the next: the nodes of the last one, and the arena that they lie in. */
struct jnodes {
	VEC(struct jnode) list;
};

/* The nodes of `text`; the first is the whole value. They replace what was in `n` (whose room is
 * used again); strings point into `text`. NULL: no JSON, with line and what is wrong (ERR_INPUT).
 */
MUST_USE const struct jnode *jnode_parse(struct jnodes *n, struct str text, struct arena *a,
					 struct err *e);

/* The value of a member, the last of that name; NULL where there is none or `object` (which may be
 * NULL) is no object. Names with escapes are not found. */
const struct jnode *jnode_get(const struct jnode *object, const char *name);

/* A string with its escapes resolved: a view of the text, or in the arena. Empty for anything
 * else, and for NULL. A lone surrogate becomes U+FFFD. */
struct str jnode_str(const struct jnode *n, struct arena *a);

/* jnode_str(jnode_get(…)). */
struct str jnode_get_str(const struct jnode *object, const char *name, struct arena *a);

/* The members of an array or an object: jnode_first() and then jnode_next() until NULL. Of an
 * object only the values; their names through jnode_name(). NULL and scalars have none. */
const struct jnode *jnode_first(const struct jnode *of);
const struct jnode *jnode_next(const struct jnode *of, const struct jnode *member);

/* The name of a member of an object. */
const struct jnode *jnode_name(const struct jnode *member);

static inline bool jnode_is(const struct jnode *n, enum jnode_type type)
{
	return n && n->type == type;
}
