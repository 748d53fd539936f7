/* contents: the bytes behind an image's merged tree. Known to the image floor alone.
 *
 * Facts say which layer's entry each visible file comes from; here that layer is read
 * again, or the folder, for the entries' contents. */
#pragma once

#include "image/content.h"
#include "image/image.h"
#include "image/locate.h"

struct contents {
	struct arena arena;
	struct store store;
	struct located located;
	struct image image;
	struct tree tree;
};

/* Opens and merges. Must be closed, also where it fails. */
MUST_USE bool contents_open(struct contents *c, const struct reference *ref,
                            const struct image_options *options, struct err *e);
void contents_close(struct contents *c);
#define CLEANUP_CONTENTS __attribute__((cleanup(contents_close)))

/* The layer whose facts `f` are. */
size_t contents_layer_of(const struct contents *c, const struct facts *f);

/* Who takes what contents_read() finds. */
struct contents_reader {
	/* True where the content of the layer's entry is wanted. */
	bool (*wants)(const struct entry *entry, void *context);
	/* Takes it; *done ends the reading. */
	bool (*take)(const struct entry *entry, struct content content, bool *done, void *context,
	             struct err *e);
	void *context;
};

/* Reads one layer's files in order. Where it is read to its end its digests are checked. */
MUST_USE bool contents_read(struct contents *c, size_t layer, const struct contents_reader *reader,
                            struct err *e);
