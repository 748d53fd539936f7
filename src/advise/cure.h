/* cure: what would help, known from the facts of other bases.
 *
 * A library, or the version of one, that a base lacks may lie in another: that
 * base is a cure, and the package that owns the file there is one for people
 * who can install it. */
#pragma once

#include "advise/base.h"

/* The bases of one architecture whose facts are shipped, smallest first, opened when first asked
 * for and kept: every finding of a run looks into the same trees. Zeroed before its first use. */
struct cure_shelf {
	struct str architecture;
	struct cure_base *bases;
	size_t count;
};

/* Adds cures to findings that have none and that block or are a risk: bases of the same libc that
 * have the library, in the version that is asked for; the package that owns it there; what can be
 * done by general means. */
void cure_findings(struct prediction *p, const struct base *base, const struct base_context *c,
                   struct cure_shelf *shelf, struct arena *a);
