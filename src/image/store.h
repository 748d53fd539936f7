/* store: facts records under the XDG cache folder, by content.
 *
 *   $SOCLE_CACHE or $XDG_CACHE_HOME/socle or ~/.cache/socle
 *     facts/<format version>/sha256-<diff ID>      one record a layer
 *
 * A record is written to a temporary name in the same folder, synced and
 * renamed: a crash leaves the old or the new. A damaged record is removed and
 * made again. A store that cannot be written (full, read-only) is no error:
 * socle works without, and says so once. */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct store {
	int dir_fd; /* -1: no store */
	struct str path;
	struct err why_not; /* set where dir_fd is -1, or a write failed */
};

/* Never fails: without a usable folder the store is empty and takes nothing. */
void store_open(struct store *s, struct arena *a);
void store_close(struct store *s);

/* Maps the record called `key` ("sha256:…"). False: not there. The mapping lives until
 * the process ends; records are few. */
bool store_get(struct store *s, struct str key, struct str *record);

/* Throws a damaged record away. */
void store_drop(struct store *s, struct str key);

/* Keeps a record; what fails is remembered in why_not. */
void store_put(struct store *s, struct str key, struct str record);
