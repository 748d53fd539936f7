/* image: an APP or BASE as a stack of layers' facts, wherever it lies.
 *
 * The grammar of references is one for all commands (image/reference.h). An
 * image is opened once; each layer is read as one stream (inflate, digest,
 * tar, facts) or found in the store. No floor above sees an archive. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/vec.h"
#include "facts/facts.h"
#include "facts/tree.h"
#include "image/blobs.h"
#include "image/engine/engine.h"
#include "image/reference.h"
#include "image/registry/registry.h"
#include "image/store.h"

/* How the health check is run; 0: as the engine does it (Docker's Healthcheck, nanoseconds). */
struct health_times {
	uint64_t interval_ns, timeout_ns, start_period_ns, start_interval_ns, retries;
};

/* What the image's configuration says (OCI image-spec config.md). Empty where nothing. */
struct image_config {
	struct str os, architecture, variant;
	struct str created; /* RFC 3339 */
	struct str user, working_dir;
	struct str_vec env; /* "PATH=/usr/bin" */
	struct str_vec entrypoint, cmd;
	struct str_vec exposed_ports, volumes;
	struct str stop_signal;
	struct str_vec labels;       /* "name=value" */
	struct str_vec health_check; /* "CMD" or "CMD-SHELL" and what is run; empty, or "NONE": none */
	struct health_times health_times;
	bool has_config;
};

enum provenance { PROVENANCE_MEASURED, PROVENANCE_ASSEMBLED, PROVENANCE_DOCUMENTED };

/* What is known of a layer besides its facts. */
struct image_layer {
	struct str digest;     /* of the bytes as they lie there; empty where nothing says it */
	struct str diff_id;    /* of the unpacked tar; empty for folders and single files */
	struct str media_type; /* of a layout's manifest; empty elsewhere */
	uint64_t packed_bytes; /* as they lie there; 0 for folders and single files */
	bool from_store;       /* its facts were at hand: nothing was read for them */
	bool was_kept;         /* its bytes were at hand: nothing was fetched */
};

struct image {
	struct str name;     /* as the person wrote it */
	struct str digest;   /* of the manifest, "sha256:…"; empty for folders and plain tars */
	struct str index_digest; /* of the index that it was chosen from; empty: from none */
	struct str tag;      /* as the layout or archive calls it; empty where it does not */
	/* What it was built on, by its own word (annotations of the manifest, or labels:
	 * image-spec annotations.md, org.opencontainers.image.base.name and .digest). */
	struct str base_name, base_digest;
	const struct engine *engine; /* that it lies in; NULL: in none */
	struct str engine_id;        /* what it is called there: "sha256:…" */
	struct image_config config;
	const struct facts *const *layers; /* lowest first */
	const struct image_layer *layer_info; /* of each */
	size_t layer_count;
	bool single_file; /* APP that is one file: its only entry is the file's name */
	struct str folder; /* dir: the folder itself, absolute; empty for archives */
};

/* The digest to pin: that of the index, which serves every platform, or the manifest's own. */
static inline struct str image_pin(const struct image *img)
{
	return img->index_digest.n ? img->index_digest : img->digest;
}

/* What becomes of the bytes of layers that are fetched; manifests and configurations, which are
 * small, are kept whatever is said here. */
enum keep {
	KEEP_FACTS, /* they pass */
	KEEP_BYTES, /* they are kept as well: somebody will unpack them */
	KEEP_ALL    /* and fetched for that where their facts are at hand */
};

struct image_options {
	struct str platform; /* "linux/amd64"; empty: this machine's */
	bool single_file_ok; /* an ELF file or script may stand for an image of one file */
	unsigned threads;    /* layers read at once; 0: as many as there are cores */
	struct registry *registry; /* asked for names and registry:REF; NULL: none is */
	struct engines *engines;   /* asked for docker:REF, podman:REF and names; NULL: none is */
	struct blobs *blobs;       /* where bytes from registries are kept; NULL: nowhere */
	enum keep keep;
	bool kept_alone; /* what is not kept whole, bytes included, is not there: nobody is asked */
};

/* Opens what `ref` names. Facts and strings live in `a`, and in store files that stay mapped
 * until the process ends. Layers at hand by their diff ID are not read; of those that are,
 * the digests are checked. Errors are wrapped with the reference: ERR_INPUT, ERR_IO,
 * ERR_USAGE (several images, and none named) or ERR_UNSUPPORTED (registries and engines
 * that are not asked, with what to do instead). */
MUST_USE bool image_open(struct image *img, const struct reference *ref, struct store *store,
                         const struct image_options *options, struct arena *a, struct err *e);

/* What manifest and configuration say; no layer is read: `layers` is NULL. */
MUST_USE bool image_peek(struct image *img, const struct reference *ref,
                         const struct image_options *options, struct arena *a, struct err *e);

/* Makes of `ref` a name of exactly what was opened: a tag may move between now and a trial. */
void image_fix(struct reference *ref, const struct image *img, struct arena *a);

/* All layers merged; `at` puts them below a folder. */
MUST_USE bool image_merge(const struct image *img, struct str at, struct tree *t, struct err *e);

/* Unpacks the image below `folder_fd`, an empty folder: exactly what image_merge() shows, and
 * nothing outside of it; of that only what `only` has as well, where it is not NULL. Modes, times and hard links are kept, owners where the process may;
 * where it may not, set-id bits go and devices are left out. A single file comes to lie
 * under its own name. */
MUST_USE bool image_unpack(const struct reference *ref, const struct image_options *options,
                           const struct tree *only, int folder_fd, struct err *e);

/* One regular file's bytes, links followed inside the root, streamed to `write` (false ends
 * it). Reading ends with the file: the digest of its layer is not checked again. */
MUST_USE bool image_cat(const struct reference *ref, const struct image_options *options,
                        struct str path, bool (*write)(const void *p, size_t n, void *context),
                        void *context, struct err *e);
