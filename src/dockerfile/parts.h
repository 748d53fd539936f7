/* parts: what the files of the dockerfile floor share. Private to it. */
#pragma once

#include "dockerfile/dockerfile.h"

/* Bytes of the white space (Go's unicode.IsSpace) that `s` begins with; 0: none. */
size_t space_width(struct str s);
struct str space_trim(struct str s);       /* both ends */
struct str space_trim_left(struct str s);

/* ---- words.c: one joined line into keyword, flags and tokens ---- */

struct cutting {
	const struct dockerfile *file;
	struct arena *arena;
	size_t token_count; /* of the whole file, against its limit */
	struct str wrong;   /* where an error lies: part of the joined line */
};
MUST_USE bool instruction_cut(struct cutting *c, struct instruction *i, struct str line,
                              struct err *e);

/* ---- json.c ---- */

enum json_kind { JSON_NONE, JSON_STRINGS, JSON_OTHER };
/* Whether `s` is a JSON array of strings alone, another JSON array, or none. */
enum json_kind json_strings(struct str s, struct arena *a, struct token_vec *tokens);

/* ---- expand.c: words as BuildKit's shell lexer reads them ---- */

struct traced { /* a value, and where it came from */
	struct str text;
	struct span at;   /* exact: the bytes of `text`, in the file */
	bool exact;
	bool set;         /* false: `text` is empty */
	struct str unknown; /* not empty: why its value is not known */
};

struct expanded_word {
	struct str text;
	size_t from, to; /* in the source */
};
struct expanded_words {
	struct expanded_word *p;
	size_t n, cap;
};

struct expansion {
	char escape;
	bool raw_quotes, raw_escapes, skip_unset;
	/* The variable's value; NULL: not declared, which is empty. */
	const struct traced *(*lookup)(void *context, struct str name);
	void *context;
	const struct instruction *place; /* source lies in its line; NULL: spans are not wanted */
	struct arena *arena;
	uint64_t *steps; /* left, for the whole file */
};

/* Expands `source`. A value that is not known sets result->unknown and is no error.
 * With `words` also the words, cut at unquoted blanks. */
MUST_USE bool expand(const struct expansion *x, struct str source, struct traced *result,
                     struct expanded_words *words, struct err *e);

/* ---- pattern.c: ${x#pattern}, ${x%pattern}, ${x/pattern/replacement} ---- */

enum pattern_end { PATTERN_FRONT, PATTERN_BACK };
MUST_USE bool pattern_trim(struct str pattern, struct str value, enum pattern_end end, bool greedy,
                           uint64_t *steps, struct str *result, struct err *e);
MUST_USE bool pattern_replace(struct str pattern, struct str value, struct str with, bool all,
                              struct arena *a, uint64_t *steps, struct str *result, struct err *e);

/* ---- heredoc.c ---- */

/* The here-documents that the instruction's line opens; content is not read yet. */
MUST_USE bool heredocs_open(struct instruction *i, struct arena *a, uint64_t *steps, struct err *e);

/* ---- images.c ---- */

/* On failure *at is the instruction and *wrong, unless empty, the part of its line. */
MUST_USE bool stages_find(struct dockerfile *d, struct arena *a, struct str *wrong,
                          const struct instruction **at, struct err *e);
void images_find(struct dockerfile *d, uint64_t *steps, struct arena *a);
