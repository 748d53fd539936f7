/* container: one container of an engine, from its making to its end. */
#pragma once

#include "image/engine/engine.h"
#include "image/engine/feed.h"
#include "image/engine/frames.h"

enum engine_network {
	ENGINE_NETWORK_NONE,     /* loopback alone */
	ENGINE_NETWORK_HOST,     /* that of the engine's machine */
	ENGINE_NETWORK_PUBLISHED /* the engine's usual one; one port of it on this machine's loopback */
};

struct engine_container {
	struct str image; /* ID */
	const struct str_vec *argv, *env;
	const struct str_vec *labels; /* "name=value" */
	struct str working_dir, user;
	enum engine_network network;
	uint16_t port; /* ENGINE_NETWORK_PUBLISHED */
	uint64_t memory_bytes;
	uint32_t processes;
};

struct engine_state {
	bool running, out_of_memory;
	int exit;
	int64_t pid;             /* of its process 1, as the engine counts; 0: none */
	uint16_t published_port; /* on this machine's loopback; 0: none */
};

/* *refusal: the engine's words where it refuses what was asked for (no such user …); the rest is
 * an error. */
MUST_USE bool engine_create(const struct engine *engine, const struct engine_container *c,
                            struct str *id, struct str_vec *warnings, struct str *refusal,
                            struct arena *a, struct err *e);
MUST_USE bool engine_start(const struct engine *engine, struct str id, struct str *refusal,
                           struct arena *a, struct err *e);
MUST_USE bool engine_state(const struct engine *engine, struct str id, struct engine_state *state,
                           struct arena *a, struct err *e);
/* One that has ended already is as good. */
MUST_USE bool engine_kill(const struct engine *engine, struct str id, const char *signal,
                          struct err *e);
MUST_USE bool engine_remove(const struct engine *engine, struct str id, struct err *e);

/* Its files as an image of their own; *image is its ID. */
MUST_USE bool engine_commit(const struct engine *engine, struct str id, const struct str_vec *labels,
                            struct str *image, struct arena *a, struct err *e);

/* ---- Its outputs ---- */

struct engine_output;

/* Before it is started, so that nothing is lost. NULL with *refusal, or with the error set. */
struct engine_output *engine_attach(const struct engine *engine, struct str id, struct str *refusal,
                                    struct arena *a, struct err *e);
void engine_detach(struct engine_output **o);
#define CLEANUP_OUTPUT __attribute__((cleanup(engine_detach)))

/* Takes what comes within wait_ms into `frames`; *ended: nothing more will. */
MUST_USE bool engine_output_take(struct engine_output *o, unsigned wait_ms, struct frames *frames,
                                 bool *ended, struct err *e);

/* ---- Its files ---- */

/* Unpacks the tar below `folder`, which must be there. */
MUST_USE bool engine_put(const struct engine *engine, struct str id, struct str folder,
                         struct feed *feed, struct err *e);

/* `path` as a tar whose first entry it is, links not followed at its end; NULL where it is not
 * there (*found is false) or the error is set. */
struct stream *engine_files(const struct engine *engine, struct str id, struct str path, bool *found,
                            struct err *e);

/* Whether there is something at that path. */
MUST_USE bool engine_has_file(const struct engine *engine, struct str id, struct str path,
                              bool *found, struct err *e);

/* ---- What is left over ---- */

/* Removes containers and images with that label, "name=value"; or, with a name alone, those whose
 * value is a time (seconds since 1970) before `now`. ERR_IO for what could not be removed. */
MUST_USE bool engine_clean(const struct engine *engine, struct str label, uint64_t now,
                           struct err *e);
