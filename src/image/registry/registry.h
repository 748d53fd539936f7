/* registry: images where registries keep them (OCI distribution-spec 1.1).
 *
 * Reads and writes manifests, tags and blobs. Whatever comes is checked against its digest; what is cut is
 * taken up where it broke off; what is refused for the moment (429, 5xx, time-outs) is asked
 * again, with patience that ends. A password or token goes to the server that it is for, and to
 * the token server which that one names over TLS; a redirect to another server drops it.
 *
 * May be used by several threads at once. Knows no archive, no facts. */
#pragma once

#include "core/vec.h"
#include "image/reference.h"
#include "image/stream.h"
#include "os/patience.h"

struct registry_options {
	bool offline; /* then everything is ERR_USAGE */
	struct patience patience;
	struct str_vec mirrors;    /* "docker.io=http://127.0.0.1:5000": asked instead */
	struct str_vec plain_http; /* hosts that may be asked without TLS; loopback always may */
	struct str_vec auth_files; /* config.json, auth.json: the first that knows the host speaks */
	struct str_vec ca_folders; /* each with HOST[:PORT]/NAME.crt, trusted for that host */
	/* Told, in any thread, how many bytes of blobs have come and how many are awaited; as
	 * many as are awaited when it is over. May be NULL. */
	void (*progress)(uint64_t received_bytes, uint64_t awaited_bytes, void *context);
	void *progress_context;
};

struct registry;

/* Asks nobody yet. NULL with ERR_USAGE for a mirror that is no HOST=URL. `options` and its
 * strings must outlive it. */
struct registry *registry_open(const struct registry_options *options, struct err *e);
void registry_close(struct registry **r);

bool registry_is_offline(const struct registry *r);

/* A name with what Docker leaves out: docker.io, library/, latest. A digest wins over a tag. */
struct registry_name {
	struct str host, repository;
	struct str reference; /* tag or digest */
	bool by_digest;
};
struct registry_name registry_name_of(const struct reference *ref, struct arena *a);

/* "docker.io/library/alpine:3.20", "…@sha256:…". */
struct str registry_name_str(const struct registry_name *name, struct arena *a);

/* The URL of the mirror that is asked instead of `host`; false where there is none. */
bool registry_mirror(const struct registry *r, struct str host, struct str *url);

/* What the digest of a tag is kept under: with a mirror its address as well, for what a mirror
 * says is not the publisher's word. `r` may be NULL. */
struct str registry_kept_name(const struct registry *r, const struct registry_name *name,
                              struct arena *a);

struct registry_manifest {
	struct str digest, media_type;
	struct str bytes; /* empty where only the digest was asked for */
	bool absent;      /* after an error: the registry has answered that it has no such image, or
	                   * none for who asks (404; 401 and 403 with all that is known of who asks) */
};

/* An index or manifest, whole, and checked. ERR_IO: no network, or the registry refuses;
 * ERR_INPUT: what comes is not what it says; ERR_UNSUPPORTED: Docker's schema 1. */
MUST_USE bool registry_manifest(struct registry *r, const struct registry_name *name,
                                struct registry_manifest *m, struct arena *a, struct err *e);

/* Its digest alone, by HEAD: that counts for no pull. */
MUST_USE bool registry_digest(struct registry *r, const struct registry_name *name,
                              struct registry_manifest *m, struct arena *a, struct err *e);

/* All tags of the repository, in the registry's order. */
MUST_USE bool registry_tags(struct registry *r, const struct registry_name *name,
                            struct str_vec *tags, struct arena *a, struct err *e);

enum registry_asked { REGISTRY_DIGEST, REGISTRY_MANIFEST, REGISTRY_TAGS };

/* One of many questions, and what came of it. */
struct registry_question {
	struct registry_name name;
	enum registry_asked what;
	bool answered;                     /* else `err` says why not */
	struct registry_manifest manifest; /* of REGISTRY_DIGEST and REGISTRY_MANIFEST */
	struct str_vec tags;
	struct err err;
};

/* Asks all of them, several at a time; the strings come to lie in `a`. */
void registry_ask(struct registry *r, struct registry_question *questions, size_t count,
                  struct arena *a);

/* A blob as a source; nothing is asked before its stream is read. Its stream gives exactly
 * size_bytes, or fails; the digest is the reader's to check. Lives as long as `a`. */
struct source registry_blob(struct registry *r, const struct registry_name *name,
                            struct str digest, uint64_t size_bytes, struct arena *a);

/* ---- Pushing ---- */

enum registry_push { REGISTRY_THERE, REGISTRY_MOUNTED, REGISTRY_SENT };

/* Sees to it that a blob lies in the repository of `to`: nothing is done where it is there;
 * mounted from `from`, another repository of the registry (empty: none), where that has it; sent
 * else, in one piece, and after a cut from its start. */
MUST_USE bool registry_push_blob(struct registry *r, const struct registry_name *to,
                                 struct str digest, struct source source, struct str from,
                                 enum registry_push *how, struct err *e);

/* Puts an index or manifest whose parts are there under `to`, a tag or its digest. */
MUST_USE bool registry_push_manifest(struct registry *r, const struct registry_name *to,
                                     const struct registry_manifest *m, struct err *e);

/* For `progress`: so many bytes are about to be read; reading is over, whatever came of it. */
void registry_await(struct registry *r, uint64_t bytes);
void registry_settle(struct registry *r);
