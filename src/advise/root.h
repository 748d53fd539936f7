/* root: the bytes of a base as a folder that a trial can use.
 *
 * A folder is used as it lies. An archive is unpacked once into the cache
 * (roots/<chain ID>), under a temporary name that is renamed when it is whole. */
#pragma once

#include "advise/app.h"
#include "advise/base.h"

/* The absolute folder of an image's merged root file system; empty for scratch. Where `only` is
 * not NULL it holds what is in that tree and no more. */
MUST_USE bool root_folder(const struct image *img, const struct reference *ref,
                          const struct image_options *options, const struct tree *only,
                          struct str cache, struct str *folder, struct arena *a, struct err *e);
