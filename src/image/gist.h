/* gist: what is kept of files that are too large to be kept: a short text, made of their bytes when
 * a layer is read. Each kind's text is described where it is made, and read in src/package. */
#pragma once

#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

enum gist_kind { GIST_NONE, GIST_ARCHIVE, GIST_PROGRAM, GIST_COPYRIGHT };

/* What is made of a file, told by its path (as in struct entry), its size and how it begins. */
enum gist_kind gist_wanted(struct str path, uint64_t size_bytes, struct str head);

/* Appends the gist of `whole`, the file's bytes. Damage to the file is told in the text; false is
 * the machine's failure (no temporary file). */
MUST_USE bool gist_make(enum gist_kind kind, struct str path, struct str whole, struct buf *text,
                        struct err *e);

/* Fields and lines are ended by these; what a file says with them in it gets '?' in their place. */
#define GIST_FIELD '\t'
#define GIST_LINE '\n'

/* Appends fields with GIST_FIELD between them and GIST_LINE behind. ERR_LIMIT beyond the buffer. */
MUST_USE bool gist_line(struct buf *text, const struct str *fields, size_t count, struct err *e);

/* ---- Kinds ---- */

/* gist_archive.c: Java archives. True where the name is one's. */
bool gist_is_archive_name(struct str path);
MUST_USE bool gist_archive(struct str whole, struct buf *text, struct err *e);

/* gist_program.c: well-known programs, ELF files. Nothing where the bytes do not tell a version. */
bool gist_is_program_name(struct str path);
MUST_USE bool gist_program(struct str path, struct str whole, struct buf *text, struct err *e);

/* gist_copyright.c: the licences in usr/share/doc/PACKAGE/copyright. */
bool gist_is_copyright_name(struct str path);
MUST_USE bool gist_copyright(struct str whole, struct buf *text, struct err *e);
