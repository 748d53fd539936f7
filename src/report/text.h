/* text: what a person reads: styled text and tables that fit the terminal.
 *
 * All that comes from images passes through here: control characters and bytes
 * that are not UTF-8 are shown as \xNN, so that a file's name cannot speak to
 * the terminal. */
#pragma once

#include <stdio.h>

#include "core/arena.h"
#include "core/vec.h"

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GREEN, STYLE_RED, STYLE_YELLOW, STYLE_CYAN };

struct out {
	FILE *file;
	bool color;
	bool verbose;   /* -v: all that is known, not what says most */
	unsigned width; /* columns; lines of prose are wrapped to it */
};

/* Bytes of the UTF-8 sequence at the front (RFC 3629); 0 where none stands there. */
size_t text_sequence(struct str text);

/* Whether a terminal may take the sequence of n bytes at the front for a command: C0 and C1
 * controls and DEL, and the marks that turn the direction of writing. */
bool text_is_command(struct str text, size_t n);

/* `text` with anything that a terminal would take for a command made visible. */
struct str text_clean(struct str text, struct arena *a);

/* Columns that a terminal gives to UTF-8 text: one a code point, two for wide ones (wcwidth
 * is the locale's; this needs none). */
unsigned text_columns(struct str text);

void out_text(const struct out *o, enum style style, struct str text);
void out_printf(const struct out *o, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Prose, wrapped at blanks to the width; every line is indented. out_hanging() begins where the
 * line stands, which is column `indent` already. */
void out_wrapped(const struct out *o, unsigned indent, enum style style, struct str text);
void out_hanging(const struct out *o, unsigned indent, enum style style, struct str text);

struct cell {
	struct str text;
	enum style style;
	bool right;
};

enum { TABLE_COLUMNS = 10 };

struct table {
	struct arena *arena;
	unsigned columns;
	VEC(struct cell) cells; /* row after row */
};

void table_init(struct table *t, struct arena *a, unsigned columns);
void table_cell(struct table *t, enum style style, struct str text);
void table_number(struct table *t, struct str text); /* to the right */

/* The first row is the heading. Columns are as wide as they need; the last one is prose, wrapped
 * inside its column, or below the row where too little room is left beside it. */
void table_print(const struct table *t, const struct out *o);

/* "74.2 MB": powers of 1000, as registries and disks count; "-" for none. */
struct str text_bytes(uint64_t bytes, struct arena *a);

/* "-" for nothing. */
struct str text_dash(struct str s);

/* "1 package", "2 packages". */
struct str text_count(size_t n, const char *thing, struct arena *a);

/* How many letters must be changed, added or left out to make one word of the other
 * (Levenshtein); words above 32 bytes are as far from each other as can be. */
unsigned text_distance(struct str a, struct str b);
