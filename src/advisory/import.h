/* import: advisories from files into a database.
 *
 * A source is a zip or tar of OSV records (OSV's own bundles), a folder with them, a file with one,
 * with an array of them or with one a line, any of these compressed; or one of two lists beside
 * them: CISA's catalogue of known exploited vulnerabilities (JSON) and FIRST's EPSS scores (CSV).
 * What it is is told by its content. One record that is broken fails the whole: half a source would
 * pass for all of it. */
#pragma once

#include "advisory/database.h"

/* Adds everything in a file or folder; an empty path is standard input. ERR_INPUT names the entry
 * and the line; so does a source without anything in it. */
MUST_USE bool import_path(struct database_writer *w, struct str path, struct arena *a,
			  struct err *e);

/* One record, an array of them, one a line, or a list; `name` for messages. */
MUST_USE bool import_text(struct database_writer *w, struct str text, struct str name,
			  struct err *e);

/* "Debian" of "/x/Debian.zip": letters, digits, "._-", the endings of archives off. */
struct str import_name(struct str path, struct arena *a);
