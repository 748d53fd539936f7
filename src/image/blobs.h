/* blobs: bytes that came from registries, kept on this machine by their digest.
 *
 *   $SOCLE_CACHE or $XDG_CACHE_HOME/socle or ~/.cache/socle
 *     blobs/sha256/<hex>    manifests, configurations and layers, as they came
 *     tags/<hex>            what a tag meant when its registry was last asked
 *
 * A blob comes to its name whole (os/new_file.h) and is held against its digest whenever it is
 * opened: one that was damaged is thrown away, and as good as never kept. Nothing here fails:
 * what cannot be kept is fetched again. May be used by several threads at once; knows no
 * registry, no image. */
#pragma once

#include <pthread.h>

#include "image/stream.h"

struct blobs {
	int blobs_fd, tags_fd; /* -1: nothing is kept */
	struct str path;       /* of the blobs' folder; empty: no cache */
	pthread_mutex_t lock;
	struct err why_not; /* set where something could not be kept; under the lock */
};

void blobs_open(struct blobs *b, struct arena *a);
void blobs_close(struct blobs *b);

/* Why something could not be kept; ERR_NONE where nothing failed. */
struct err blobs_why_not(struct blobs *b);

/* Whether a file of that name and size is there; its bytes are not looked at. */
bool blobs_has(const struct blobs *b, struct str digest, uint64_t size_bytes);

/* The whole of a small blob, in `a`; false where it is not kept, or damaged. */
bool blobs_get(struct blobs *b, struct str digest, size_t max_bytes, struct str *bytes,
               struct arena *a);

/* Keeps bytes whose digest has been checked. */
void blobs_put(struct blobs *b, struct str digest, struct str bytes);

/* The blob as a source that checks itself: the file where it is kept, `from` otherwise, which
 * is then kept while it passes where `keep` says so. Its stream gives its last bytes only where
 * the digest holds, and has kept the blob by then. `b` may be NULL: nothing is kept; it,
 * `digest` and what `from` needs must outlive the source, which lives in `a`. */
struct source blobs_source(struct blobs *b, struct str digest, struct source from, bool keep,
                           struct arena *a);

/* ---- Tags ---- */

/* The digest that `name` (registry_kept_name()) had last; false where nothing is
 * known. */
bool blobs_tag_get(struct blobs *b, struct str name, struct str *digest, struct arena *a);
void blobs_tag_put(struct blobs *b, struct str name, struct str digest);
