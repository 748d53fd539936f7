/* locate: from a reference to the layers that it names, without reading any of them.
 *
 * Indexes, manifests and configurations are read and their digests checked here; what
 * comes out says where each layer lies and what it must be. */
#pragma once

#include "image/container.h"
#include "image/engine/engine.h"
#include "image/image.h"
#include "image/json.h"
#include "image/platform.h"

enum located_kind { LOCATED_SCRATCH, LOCATED_FOLDER, LOCATED_ONE_FILE, LOCATED_LAYERS };

struct located_layer {
	struct source source;
	struct str digest;  /* of the bytes there; empty: unknown */
	struct str diff_id; /* empty: unknown */
	struct str media_type;
};

struct descriptor {
	struct str media_type, digest;
	uint64_t size_bytes;
	struct platform platform;
	bool has_platform;
	bool attestation;     /* buildkit's provenance and SBOM, beside the image */
	struct str name;      /* org.opencontainers.image.ref.name */
	struct str full_name; /* containerd and Docker: "docker.io/library/alpine:3.20" */
};

struct located {
	enum located_kind kind;
	struct arena *arena;
	int fd;                     /* the folder, the archive or the file; -1: none */
	struct container container; /* layouts and archives */
	bool has_container;
	struct registry *registry; /* where there is no container: blobs lie there, */
	struct registry_name remote; /* under this name, */
	struct blobs *blobs;         /* where they are not kept already; NULL: none are */
	enum keep keep;
	struct engine_save *save;    /* of an engine: its layers come from there, */
	const struct engine *engine; /* this one; NULL: it lies in none, */
	struct str engine_id;        /* where it is called so */
	bool kept_alone;
	bool plain_tar; /* one layer, a tar of its own: nothing says its diff ID */
	VEC(struct located_layer) layers; /* lowest first */
	struct image_config config;
	struct str base_name, base_digest; /* see struct image */
	struct str config_bytes;
	struct descriptor root; /* what the reference names: an index or a manifest; without a digest
	                         * where there is none (docker-archive) */
	struct descriptor manifest; /* of the platform that was chosen, likewise */
	struct str digest; /* of the manifest */
	struct str index_digest; /* of the index that it was chosen from; empty: from none */
	struct str tag;    /* as the layout or archive names it; empty: no name */
};

/* ERR_UNSUPPORTED where no engine or registry is asked, with what to do instead. */
MUST_USE bool locate(struct located *l, const struct reference *ref,
                     const struct image_options *options, struct arena *a, struct err *e);

/* Likewise, but goes no further than to `root`. An archive of docker's has none: there all is
 * found as by locate(). */
MUST_USE bool locate_root(struct located *l, const struct reference *ref,
                          const struct image_options *options, struct arena *a, struct err *e);
void located_close(struct located *l);
#define CLEANUP_LOCATED __attribute__((cleanup(located_close)))

/* Whether the layer's bytes were fetched before and lie here. */
bool located_is_kept(const struct located *l, const struct located_layer *layer);

/* ---- Its parts ---- */

/* Which image of several is meant. */
struct selection {
	const struct reference *ref; /* its tag, digest or name */
	struct platform platform;
	bool platform_asked; /* by the person, not by default */
	const struct str_vec *diff_ids; /* or the image that has these layers; NULL: any */
	bool root_alone;     /* no platform is chosen: located.root is all that is wanted */
};

struct descriptor descriptor_of(const json_t *json, struct arena *a);
/* What a manifest that says none is: OCI's, Docker's say theirs. */
struct str media_type_of(struct str said, bool index);
bool manifest_is_index(struct str media_type, const json_t *json);

/* The index or manifest that `d` describes, its digest and size checked. */
MUST_USE bool locate_manifest_bytes(struct located *l, const struct descriptor *d,
                                    struct str *bytes, struct err *e);

/* Where the blob lies that `d` describes; `what` is for the error. */
MUST_USE bool locate_blob(struct located *l, const struct descriptor *d, const char *what,
                          bool keep, struct source *source, struct err *e);

MUST_USE bool locate_in_layout(struct located *l, const struct selection *selection, struct err *e);

/* The image that a manifest or an index describes, whose digest has been checked. */
MUST_USE bool locate_from_manifest(struct located *l, const struct registry_manifest *m,
                                   const struct selection *selection, struct err *e);

/* One index or manifest: kept, or asked of l->registry and kept. */
MUST_USE bool locate_manifest(struct located *l, const struct registry_name *name,
                              struct registry_manifest *m, struct err *e);

MUST_USE bool locate_in_registry(struct located *l, const struct selection *selection,
                                 struct registry *registry, struct err *e);
MUST_USE bool locate_in_engine(struct located *l, const struct selection *selection,
                               const struct engine *engine, struct engines *engines,
                               struct err *e);
/* What the engine sends, whole: an archive like docker save's. Lives as long as `s`. */
MUST_USE bool engine_save_archive(struct engine_save *s, struct located **archive, struct err *e);
void engine_save_close(struct engine_save **save);
MUST_USE bool locate_in_docker_archive(struct located *l, const struct selection *selection,
                                       struct err *e);

/* Takes over what the configuration says: config, and the layers' diff IDs. The bytes have
 * been checked against their digest, where there is one. */
MUST_USE bool locate_config(struct located *l, struct str bytes, const struct selection *selection,
                            struct err *e);

/* Takes over what annotations or labels say of the base; what was said before stays. */
struct json_t;
void locate_base_word(struct located *l, const struct json_t *annotations);
