/* engine: images and containers of Docker and Podman, through the API that both answer
 * (docs.docker.com/reference/api/engine, podman-system-service(1)).
 *
 * What an engine says is foreign input: bounded, parsed with care, held against digests. Nothing
 * is asked before it is needed, nothing is kept open between two questions; may be used by several
 * threads at once. Knows no facts and no tests. */
#pragma once

#include "core/vec.h"
#include "image/reference.h"
#include "image/stream.h"

enum engine_kind { ENGINE_DOCKER, ENGINE_PODMAN };

/* What the environment says of engines. Empty: nothing. */
struct engine_options {
	struct str docker_host, docker_context; /* DOCKER_HOST, DOCKER_CONTEXT */
	struct str docker_config;  /* folder of config.json and contexts/ */
	struct str container_host; /* CONTAINER_HOST: Podman's */
	struct str runtime_dir;    /* XDG_RUNTIME_DIR */
	struct str docker_socket, podman_socket; /* where root's lie; empty: the usual places */
	bool tls;                  /* DOCKER_TLS_VERIFY */
	struct str cert_path;      /* DOCKER_CERT_PATH: ca.pem, cert.pem, key.pem; else docker_config */
	bool offline;              /* then sockets and addresses of this machine alone */
	unsigned silence_ms;       /* without a byte; ten times that where the engine has to work */
};

struct engine {
	enum engine_kind kind;
	struct str socket;  /* path of its Unix socket; empty: it is asked over TCP */
	struct str url;     /* "http://engine/v1.41": what stands before every path */
	struct str address; /* as people write it: "unix:///var/run/docker.sock" */
	unsigned silence_ms;
	struct str ca_pem;    /* of one that is asked over TLS: whom it is trusted by, */
	struct str cert, key; /* and the files that say who asks */
};

const char *engine_name(enum engine_kind kind); /* "Docker", "Podman" */

struct engines;

/* Asks nobody yet. `options` and its strings must outlive it. */
struct engines *engines_new(const struct engine_options *options);
void engines_free(struct engines **e);

/* The engine of that kind, which answers. NULL, ERR_USAGE: where it was looked for, and what to
 * do. */
const struct engine *engines_get(struct engines *all, enum engine_kind kind, struct err *e);

/* ---- Images ---- */

struct engine_image {
	bool found;
	struct str id; /* "sha256:…" */
	struct str_vec diff_ids;
	struct str_vec repo_tags, repo_digests; /* "alpine:3.20", "alpine@sha256:…" */
	struct str config;   /* JSON after image-spec config.md, as far as the engine tells it */
	uint64_t size_bytes; /* as the engine counts */
};

/* `name` is a name or an ID, as people write it. Not found is a result. */
MUST_USE bool engine_inspect(const struct engine *engine, struct str name, struct engine_image *image,
                             struct arena *a, struct err *e);

/* Likewise, from the answer's text. Pure. */
MUST_USE bool engine_image_parse(struct str answer, struct engine_image *image, struct arena *a,
                                 struct err *e);

/* What `docker save` writes, in a file without a name: -1 with the error set. The caller's to
 * close. It is remembered for a while by the image's ID. */
int engines_save(struct engines *all, const struct engine *engine, const struct engine_image *image,
                 struct err *e);

/* Whether an engine that is there has an image of that name; quick, and never an error. NULL:
 * none has. */
const struct engine *engines_find(struct engines *all, struct str name);
