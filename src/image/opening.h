/* opening: image_open() for those who go on reading. Known to the image floor alone. */
#pragma once

#include "image/image.h"
#include "image/locate.h"

/* As image_open(), but leaves `located` open: it is the caller's to close, also where this
 * fails. */
MUST_USE bool image_open_located(struct image *img, struct located *located,
                                 const struct reference *ref, struct store *store,
                                 const struct image_options *options, struct arena *a,
                                 struct err *e);
