/* copy: an image, as it lies where it lies, handed on blob by blob, each before what names it.
 *
 * Manifests and configurations go on as they are, byte by byte, so that their digests stay. Who
 * takes them says where to: a registry (push), a layout (pull --to). */
#pragma once

#include "image/image.h"

struct copied_blob {
	struct str digest;
	struct source source; /* may be read more than once */
	uint64_t fetch_bytes; /* what reading it brings over the network; 0 where it is here */
};

struct copied_manifest {
	struct str digest, media_type, bytes;
	bool outermost; /* the last one: what the image's name stands for */
};

/* Each blob and manifest once. */
struct copy_taker {
	MUST_USE bool (*blob)(void *context, const struct copied_blob *blob, struct err *e);
	MUST_USE bool (*manifest)(void *context, const struct copied_manifest *m, struct err *e);
	void *context;
};

/* Hands on what `ref` names: an index with all that is in it, or, where options->platform says
 * one, that platform's image. An archive of docker's, or what an engine sends, gets a manifest of
 * OCI's, with the layers as they lie in it. ERR_UNSUPPORTED for what has no layers: folders, tars, single files. */
MUST_USE bool image_copy(const struct reference *ref, const struct image_options *options,
                         const struct copy_taker *taker, struct arena *a, struct err *e);
