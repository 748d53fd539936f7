/* exceptions: findings that a person has decided to leave out, each with a reason and perhaps until a
 * day.
 *
 * A YAML list of {id, package, reason, expires}. Pure: a text in, rules out; which day it is, is
 * told. */
#pragma once

#include "core/err.h"
#include "scan/scan.h"

struct exception {
	struct str id;      /* of the advisory, or any other name of the vulnerability */
	struct str package; /* by its own name or its source's; empty: any */
	struct str reason;  /* never empty */
	struct str expires; /* "2026-12-31": from that day on it ignores nothing; empty: never */
	size_t line;
};

struct exceptions {
	VEC(struct exception) list;
};

/* Strings are in the arena. ERR_INPUT with `name` and the line. */
MUST_USE bool exceptions_read(struct exceptions *out, struct str text, const char *name,
			  struct arena *a, struct err *e);

/* Marks findings that count as VULNERABILITY_IGNORED, with the reason. `today` is "2026-11-24".
 * Rules that have expired, or that speak of nothing here, become remarks. */
void exceptions_apply(const struct exceptions *rules, struct scan *s, struct str today,
		  const char *name, struct str_vec *remarks, struct arena *a);
