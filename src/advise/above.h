/* above: an image is a base with something on top; what stands above the base is the application.
 *
 * The base is what the person says it was; else, best first, an image that is known here and whose
 * layers are the lowest of this one's (diff IDs); what the image itself says (annotations or labels
 * org.opencontainers.image.base.*); the base of the catalogue whose packages it has. Nothing of
 * that: then all of it is the application. */
#pragma once

#include "advise/base.h"

enum above_how {
	ABOVE_UNKNOWN, /* no base was found: everything is the application */
	ABOVE_SAID,
	ABOVE_LAYERS,
	ABOVE_ANNOTATION,
	ABOVE_PACKAGES
};

struct above {
	enum above_how how;
	struct str base;         /* as its name goes: "debian:bookworm-slim"; empty: not known */
	size_t layer_count;      /* of the image */
	size_t base_layers;      /* how many of them are the base; 0 where its files lie among the
	                          * application's in one layer */
	struct str_vec packages; /* added to the base's, sorted */
	struct image_config base_config;
};

const char *above_how_name(enum above_how how); /* "its layers" */

/* "x stands on alpine:3.20 (by its packages): 2 of 3 layers are the application, with curl". */
struct str above_text(struct str name, const struct above *above, struct arena *a);

/* Finds the base of `img` and leaves in it one layer, with what stands above. `base_was`: a
 * reference or a name of the catalogue; empty: looked for. ERR_USAGE where that is not below it. */
MUST_USE bool above_split(struct above *out, struct image *img, struct str base_was,
                          const struct base_context *c, struct err *e);
