/* database: one source of advisories as an SQLite file.
 *
 * A source ("Debian", "known_exploited_vulnerabilities") is made at once and never changed: it is
 * written under a temporary name, synced, and renamed over what was there before. So a reader sees
 * the old one or the new one, never a half, and needs no lock; SQLite is told that the file is
 * immutable, and makes no files beside it.
 *
 *     about      what it is: where it comes from, when it was taken, what may be asked next time
 *     advisory   a row an advisory: its OSV record without "affected"; `id` is NULL once a newer
 *                state of it has come
 *     affected   a row an entry of "affected", by base and key (scan/ecosystem.h)
 *     ecosystem  how many advisories there are of each
 *     graded     how grave a vulnerability is, by each of its names
 *     exploited, epss
 */
#pragma once

#include "os/new_file.h"
#include "scan/scan.h"

struct sqlite3;
struct sqlite3_stmt;

/* ---- What is known of a source ---- */

struct database_about {
	struct str source; /* where it comes from: a file's name, or a URL */
	struct str asked;  /* what an update asks for (update.h); empty: it is from a file */
	struct str newest; /* RFC 3339: the newest state of an advisory (the list's own date) */
	struct str taken;  /* RFC 3339: when it was imported */
	struct str etag, last_modified; /* HTTP, as the server said them; empty: not from one */
	uint64_t advisories, exploited, epss;
};

/* ---- Writing ---- */

struct database_writer {
	struct sqlite3 *db;
	struct sqlite3_stmt *known, *supersede, *advisory, *affected, *graded, *exploited, *epss;
	struct map ecosystems; /* name -> struct tally * */
	struct database_about about;
	struct str name;
	int dir_fd;
	struct new_file file; /* none for one in memory */
	struct arena *arena;
	struct buf text;
	int64_t number;
};

/* Begins a source that will be FOLDER/NAME.db; the folder must be there. Empty: in memory. */
MUST_USE bool database_begin(struct database_writer *w, struct str folder, struct str name,
			     struct arena *a, struct err *e);
/* An advisory that is there already gives way to a newer state ("modified") and is kept against an
 * older one. */
MUST_USE bool database_add(struct database_writer *w, const struct advisory *advisory,
			   struct err *e);
MUST_USE bool database_add_exploited(struct database_writer *w, struct str id, struct str since,
				     struct err *e);
MUST_USE bool database_add_epss(struct database_writer *w, struct str id, double score,
				struct err *e);
/* Makes the indexes, writes `about` and puts the file in its place. */
MUST_USE bool database_finish(struct database_writer *w, struct err *e);
/* Ends without a trace where database_finish() was not called, or failed. */
void database_abandon(struct database_writer *w);
#define CLEANUP_DATABASE_WRITER __attribute__((cleanup(database_abandon)))

/* ---- Reading ---- */

struct database {
	struct str name; /* "Debian" */
	struct sqlite3 *db;
	struct sqlite3_stmt *find, *state, *graded, *exploited, *epss;
	struct database_about about;
	struct ecosystem_counts ecosystems;
};

/* ERR_INPUT, with what to do, for a file that is damaged or was made by another version. */
MUST_USE bool database_open(struct database *d, struct str path, struct str name, struct arena *a,
			    struct err *e);
/* Takes over a writer's database in memory, which is complete then. */
MUST_USE bool database_of_memory(struct database *d, struct database_writer *w, struct str name,
				 struct err *e);
void database_close(struct database *d);

bool database_has_base(const struct database *d, struct str base);

/* What speaks of this system's release; entries of one advisory follow one another. */
MUST_USE bool database_find(struct database *d, struct str base, struct str key,
			    const struct packages *in, struct advisory_hits *hits, struct arena *a,
			    struct err *e);
/* "modified" of an advisory; empty where it is not there. */
MUST_USE bool database_state(struct database *d, struct str id, struct str *modified,
			     struct arena *a, struct err *e);
MUST_USE bool database_grade(struct database *d, struct str id, struct severity *severity,
			     struct arena *a, struct err *e);
MUST_USE bool database_exploited(struct database *d, struct str id, struct str *since,
				 struct arena *a, struct err *e);
MUST_USE bool database_epss(struct database *d, struct str id, double *score, struct err *e);
