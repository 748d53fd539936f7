/* layer: one layer's tar, packed or not, read once into a facts record. */
#pragma once

#include "facts/facts.h"
#include "image/stream.h"

struct layer_input {
	struct source source;
	struct str digest;  /* of the bytes as they lie there; empty: not checked */
	struct str diff_id; /* of the unpacked tar; empty: not checked */
};

/* Appends the record to `record` and tells the diff ID, in `a`. A digest that does not
 * match is ERR_INPUT and names both. Safe in several threads at once, each with its own
 * arena. */
MUST_USE bool layer_read(const struct layer_input *input, struct buf *record, struct str *diff_id,
                         struct arena *a, struct err *e);

/* ---- For those who want entries rather than facts ---- */

struct layer;

/* Opens the layer for tar_next() and tar_data() on layer_tar(). NULL: the error is set. */
struct layer *layer_open(const struct layer_input *input, struct err *e);
struct tar *layer_tar(struct layer *l);

/* After the last entry: reads what is left and checks the digests. */
MUST_USE bool layer_finish(struct layer *l, struct str *diff_id, struct arena *a, struct err *e);
void layer_close(struct layer **l);
#define CLEANUP_LAYER __attribute__((cleanup(layer_close)))
