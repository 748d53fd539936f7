/* engines: what is behind struct engines. Known to engine/ alone. */
#pragma once

#include <pthread.h>

#include "core/map.h"
#include "image/engine/engine.h"
#include "os/file.h"

struct engine_slot {
	bool looked_for, there;
	struct engine engine;
	struct err why; /* it is not */
	bool listed;
	struct map names; /* of its images, whole: "docker.io/library/alpine:3.20" */
};

/* Adds the names of all images of an engine. */
MUST_USE bool engine_names(const struct engine *engine, struct map *names, struct arena *a,
                           struct err *e);

/* Files of images that were fetched: whoever reads facts first and unpacks then has them sent
 * once. The oldest goes. */
enum { ENGINES_SAVED = 4 };

struct engine_saved {
	struct str id;
	int fd;
};

struct engines {
	const struct engine_options *options;
	pthread_mutex_t lock;
	struct arena arena;
	struct engine_slot slot[2]; /* by kind */
	struct engine_saved saved[ENGINES_SAVED];
	size_t next_saved;
};
