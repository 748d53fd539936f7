/* headers: what a registry says in the heads of its answers. Pure: text in, fields out.
 *
 * Strict and bounded: a value that is longer than LIMIT_HTTP_HEADER_BYTES or does not follow
 * its grammar is ERR_INPUT. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

enum challenge_scheme { CHALLENGE_OTHER, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
	enum challenge_scheme scheme;
	struct str realm, service, scope; /* empty: not said */
};

enum { CHALLENGES_MAX = 8 };

/* WWW-Authenticate (RFC 9110, 11.6.1): up to CHALLENGES_MAX challenges, strings in `a`. */
MUST_USE bool challenges_parse(struct str value, struct challenge out[CHALLENGES_MAX],
                               size_t *count, struct arena *a, struct err *e);

/* Link (RFC 8288): the target of the first link with rel="next", a view of `value`; empty where
 * there is none. */
MUST_USE bool link_next(struct str value, struct str *target, struct arena *a, struct err *e);

/* Content-Range (RFC 9110, 14.4): "bytes 5-9/10" gives first 5, total 10. */
MUST_USE bool content_range_parse(struct str value, uint64_t *first, uint64_t *total,
                                  struct err *e);
