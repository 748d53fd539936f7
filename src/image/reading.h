/* reading: the layers of an image as facts, from the store where they are there and from
 * the layers themselves where not, several at once. Known to the image floor alone. */
#pragma once

#include "image/image.h"
#include "image/locate.h"

/* Fills in layers, layer_info and layer_count. threads 0: as many as there are cores. */
MUST_USE bool layers_open(struct image *img, const struct located *l, const struct reference *ref,
                          struct store *store, unsigned threads, struct arena *a, struct err *e);

/* ---- What is remembered of plain tars ---- */

/* A tar that is no part of an image says nowhere what its diff ID is. For a file that is the
 * same by path, size, inode and times, the store remembers it. */
struct tar_memory {
	struct str key; /* of the side record; empty: nothing is to be remembered */
};

struct tar_memory tar_memory_of(int fd, struct str path, struct arena *a);

/* Empty where nothing is remembered. */
struct str tar_memory_get(const struct tar_memory *m, struct store *store, struct arena *a);

/* Only where the file is still the one that was opened. */
void tar_memory_put(const struct tar_memory *m, int fd, struct str path, struct store *store,
                    struct str diff_id, struct arena *a);
