/* network: what the options and the environment say of registries and engines. */
#pragma once

#include "cmd/session.h"
#include "image/engine/engine.h"
#include "image/registry/registry.h"

struct network {
	struct registry_options options;
	struct registry *registry;
	struct engine_options engine_options;
	struct engines *engines;
	struct progress_line *line; /* NULL: nobody watches */
};

/* Reads --offline, --mirror, --plain-http and --patience, DOCKER_CONFIG, REGISTRY_AUTH_FILE,
 * XDG_RUNTIME_DIR, XDG_CONFIG_HOME and HOME, and what Docker and Podman read to find their engine.
 * Asks nobody yet. Lives as long as the session. */
MUST_USE bool network_open(struct network *n, struct session *s, struct err *e);

/* --patience alone. ERR_USAGE. */
MUST_USE bool network_patience(struct session *s, struct patience *p, struct err *e);
