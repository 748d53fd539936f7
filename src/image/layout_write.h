/* layout_write: images written as an OCI image layout (image-spec image-layout.md), a folder or
 * an archive of it.
 *
 * It comes to its name when it is whole; what is there already is not touched. The same images
 * give the same bytes. */
#pragma once

#include "image/copy.h"

struct layout_image {
	struct reference ref;
	struct str tag;       /* org.opencontainers.image.ref.name; empty: none */
	struct str full_name; /* "docker.io/library/alpine:3.20"; empty: none */
};

/* Whether `text` reads oci-dir:PATH or oci-archive:PATH, and nothing is there yet. ERR_USAGE. */
MUST_USE bool layout_write_check(struct str text, struct err *e);

/* Writes all of them into one. */
MUST_USE bool layout_write(struct str text, const struct layout_image *images, size_t count,
                           const struct image_options *options, struct arena *a, struct err *e);
