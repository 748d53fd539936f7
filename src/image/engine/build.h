/* build: a Dockerfile, built by an engine. */
#pragma once

#include "image/engine/engine.h"

struct engine_build {
	struct str folder;     /* the context: a folder of this machine; its .dockerignore is honoured,
	                        * before that NAME.dockerignore beside the Dockerfile */
	struct str name;       /* of the Dockerfile in the context: "Dockerfile", "docker/prod" */
	struct str text;       /* what it shall say, whatever lies there under its name */
	struct str target;     /* stage; empty: the last */
	struct str platform;   /* "linux/arm64"; empty: the engine's */
	struct str network;    /* of RUN: "none", "host"; empty: the engine's usual one */
	const struct str_vec *args;   /* "NAME=value"; NULL: none */
	const struct str_vec *labels; /* "name=value", added to the image; NULL: none */
	/* Told what the builder says, as it comes; may be NULL. */
	void (*log)(struct str text, void *context);
	void *log_context;
};

struct engine_built {
	struct str image; /* "sha256:…"; empty: it was not built */
	struct str why;   /* not built: the builder's words, one sentence */
	struct str said;  /* the last lines of what it said */
};

/* Sends the context and follows the build: by BuildKit where that is the engine's own choice, else
 * by the builder that it has. A Dockerfile that does not build is a result; false: the engine or
 * the context is in trouble. The image has no name: it is removed by its ID, or by its labels
 * (engine_clean()). */
MUST_USE bool engine_build(const struct engine *engine, const struct engine_build *b,
                           struct engine_built *out, struct arena *a, struct err *e);
