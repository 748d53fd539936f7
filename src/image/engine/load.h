/* load: an image of any kind, brought into an engine for a while. */
#pragma once

#include "image/engine/engine.h"
#include "image/image.h"

/* Streams the image as `docker save` would write it, its layers as they lie, with `labels`
 * ("name=value") besides the user, environment and working folder of its configuration. It is
 * called `name` ("socle-trial/abc:base") there; *id is its ID. What the engine says it has must be
 * the same layers. */
MUST_USE bool engine_load(const struct engine *engine, const struct reference *ref,
                          struct store *store, const struct image_options *options, struct str name,
                          const struct str_vec *labels, struct str *id, struct arena *a,
                          struct err *e);
