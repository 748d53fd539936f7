/* update: a source of advisories from the network into the folder of them.
 *
 * Asks for what has changed since the last time, brings it (download.h), imports it and puts it in
 * the place of what was there: readers see the old or the new. Where anything fails, what was there
 * stays. The caller holds the folder's lock. */
#pragma once

#include "advisory/download.h"
#include "advisory/sources.h"

struct updater {
	struct downloader from;
	struct str folder;
	struct str now; /* RFC 3339 */
};

enum update_outcome {
	UPDATE_CHANGED,
	UPDATE_UNCHANGED, /* nothing new; the file was not touched */
	UPDATE_MISSING    /* there is no such source at that server */
};

/* *unreachable, with an error: nobody answers there at all. */
MUST_USE bool update_source(const struct updater *u, const struct update_source *s,
			    enum update_outcome *outcome, bool *unreachable, struct err *e);
