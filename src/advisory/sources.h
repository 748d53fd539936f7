/* sources: which sources an update brings, and from where.
 *
 * A source is an ecosystem of OSV, in a bundle of its own, or one of two lists: "kev", CISA's
 * catalogue of known exploited vulnerabilities, and "epss", FIRST's scores. */
#pragma once

#include "advisory/database.h"

struct update_source {
	struct str asked;   /* "Red Hat", "kev" */
	struct str name;    /* of the file: "Red-Hat", as import_name() makes it */
	struct str_vec urls; /* the first that is there */
	uint64_t max_bytes;
	bool list;          /* "kev" or "epss" */
	bool optional;      /* nobody asked for this one by name, and it was never here */
};

struct update_sources {
	VEC(struct update_source) list;
};

/* Those named (letters' case aside where socle knows the name); where none are, those that are in
 * `folder`, and where none are there, what most images need. `from` is the URL of a mirror, empty
 * for OSV itself. ERR_USAGE for a name or a mirror that cannot be. */
MUST_USE bool update_sources_choose(struct update_sources *v, struct str folder, struct str from,
				    const struct str_vec *named, struct arena *a, struct err *e);
