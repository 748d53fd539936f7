/* official: entries of the catalogue out of what the maintainers of Docker's
 * official images declare (github.com/docker-library/official-images, a file an
 * image under library/).
 *
 * The format is RFC 822's: stanzas of `Field: value`, parted by blank lines; a
 * line that begins with a blank continues the value; `#` begins a comment line.
 * The first stanza holds defaults for the others when it has no Tags. */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"

/* One image: what stands under one Tags field. */
struct official_image {
	struct str_vec tags;          /* Tags, then SharedTags */
	struct str_vec architectures; /* Docker's own words: "arm64v8"; amd64 where none is said */
};

struct official_file {
	VEC(struct official_image) images;
};

/* The images of one library file. ERR_INPUT with the line number. */
MUST_USE bool official_parse(struct official_file *file, struct str text, struct arena *a,
                             struct err *e);

/* Appends the images of `library` ("python") to `yaml` as items of a catalogue's `bases`
 * list. Left out: what is not for Linux, unfinished versions, and names that move from
 * release to release (stable, edge): none of them is ever to be chosen. */
MUST_USE bool official_print(const struct official_file *file, struct str library,
                             struct buf *yaml, struct arena *a, struct err *e);
