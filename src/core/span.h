/* span: places in a text, and changes of it that leave every other byte alone. */
#pragma once

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct span {
	size_t off, n; /* bytes */
};

static inline size_t span_end(struct span s)
{
	return s.off + s.n;
}

static inline struct str span_text(struct str text, struct span s)
{
	return str_slice(text, s.off, span_end(s));
}

struct text_edit {
	struct span at; /* n == 0: an insertion in front of `off` */
	struct str with;
};

/* The text with every span replaced, in `a`. Edits may come in any order; two that overlap, or
 * one that lies outside, are ERR_USAGE. */
MUST_USE bool text_apply(struct str text, const struct text_edit *edits, size_t count,
                         struct arena *a, struct str *result, struct err *e);
