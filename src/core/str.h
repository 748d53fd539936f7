/* str: views of bytes that came from outside.
 *
 * A view owns nothing, need not end in NUL and may hold any byte. What it
 * points to must outlive it: an arena, a literal, a mapped file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal) {"" literal, sizeof(literal) - 1} /* for static tables */
#define STR_NONE ((struct str){NULL, 0})

/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p ? (s).p : "")

static inline struct str str_of(const char *cstr)
{
	return (struct str){cstr, cstr ? strlen(cstr) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order, the shorter first; the order of every sorted table. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_contains(struct str s, struct str part);

/* Index of the first (last) `c`, or s.n where there is none. */
size_t str_index(struct str s, char c);
size_t str_rindex(struct str s, char c);

/* Index of `part` in `s`, or s.n where it is not. */
size_t str_find(struct str s, struct str part);

/* [from, to), clamped to what is there. */
struct str str_slice(struct str s, size_t from, size_t to);
struct str str_skip(struct str s, size_t count);

/* Blanks, tabs, CR and LF off both ends. */
struct str str_trim(struct str s);

/* Takes the part before the next `sep` off the front of *rest; false when
 * nothing is left. "a::b" gives "a", "", "b"; "" gives nothing. */
bool str_next(struct str *rest, char sep, struct str *part);

/* Likewise, but cuts at runs of blanks, tabs and newlines: no empty parts. */
bool str_word(struct str *rest, struct str *word);

/* The last component of a path, and all before it (without the slash). */
struct str str_basename(struct str path);
struct str str_dirname(struct str path);

/* Decimal digits alone, without sign or blank, that fit. */
bool str_to_u64(struct str s, uint64_t *value);

uint64_t str_hash(struct str s);
