/* settings: .socle.yaml, a flat mapping of option names to values or lists. */
#pragma once

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct setting {
	struct str key, value;
	unsigned line;
};

struct settings {
	struct setting *p; /* a list gives one setting an element */
	size_t n, cap;
};

/* ERR_INPUT with "path:line: …" where it is no such mapping. */
MUST_USE bool settings_parse(struct settings *out, const char *path, struct str text,
                             struct arena *a, struct err *e);
MUST_USE bool settings_read(struct settings *out, const char *path, struct arena *a,
                            struct err *e);
