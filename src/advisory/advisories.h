/* advisories: all sources that are at hand, as the shelf that a scan asks.
 *
 * FOLDER/NAME.db is a source (database.h). Of an ecosystem that no source there has, the snapshot
 * answers that is shipped inside the program, which is read when it is first asked for. */
#pragma once

#include "advisory/database.h"

enum { SHIPPED_ADVISORIES = 4 };

struct advisories {
	struct str folder;
	VEC(struct database)
	sources; /* by name; what is shipped behind them, as far as it was asked for */
	bool asked[SHIPPED_ADVISORIES];
	struct arena *arena;
};

/* $SOCLE_CACHE/advisories; empty where there is no cache. */
struct str advisories_folder(struct arena *a);

/* Names of the sources in a folder, sorted; damaged ones as well. A missing folder has none. */
MUST_USE bool advisories_names(struct str folder, struct str_vec *names, struct arena *a,
			       struct err *e);

/* A folder that is not there has no sources. ERR_INPUT for one that is damaged: its advisories
 * would be missing in silence. */
MUST_USE bool advisories_open(struct advisories *v, struct str folder, struct arena *a,
			      struct err *e);
void advisories_close(struct advisories *v);
#define CLEANUP_ADVISORIES __attribute__((cleanup(advisories_close)))

struct advisory_shelf advisories_shelf(struct advisories *v);
