/* pin_tag: what the parts of a tag say. Pure: names in, answers out.
 *
 * A tag is a version and what distinguishes variants, divided by dashes:
 * "3.12-slim-bookworm", "bookworm-20241016-slim". No registry says which tags
 * move; by custom a tag that names a whole version, a day or a commit does not. */
#pragma once

#include "core/str.h"

/* Whether another image will have the tag before long: no tag, "latest", "3", "3.12-slim". */
bool pin_tag_moves(struct str tag);

/* Whether `candidate` names the same variant as `tag`, and a more exact version: "3.12.7-slim"
 * for "3.12-slim", "3-slim" and "slim"; "1.36.1" for "latest". */
bool pin_tag_refines(struct str candidate, struct str tag);

/* Order of candidates: the one with more numbers first, then the higher version. */
int pin_tag_order(struct str a, struct str b);
