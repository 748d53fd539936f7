/* reference_name: the grammar of image names, tags and digests. Known to the
 * image floor alone; text in, fields of a struct reference out. */
#pragma once

#include "image/reference.h"

/* [REGISTRY/]REPOSITORY[:TAG][@DIGEST] after distribution/reference. Views of `text`. */
MUST_USE bool reference_name(struct reference *r, struct str text, struct err *e);

/* The name of an image in a layout: image-spec annotations.md, org.opencontainers.image.ref.name. */
MUST_USE bool reference_layout_tag(struct reference *r, struct str text, struct err *e);

MUST_USE bool reference_digest(struct reference *r, struct str text, struct err *e);

/* True for "sha256:" and 64, or "sha512:" and 128 hexadecimal digits in lower case. */
bool digest_is_sound(struct str digest);

/* True where both names mean the same image once what Docker leaves out has been filled in:
 * "docker.io", "library/", "latest". */
bool reference_same_name(const struct reference *a, const struct reference *b);
