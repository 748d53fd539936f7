/* unpack_stream: what the decoders of stream_unpack() share. Known to them alone. */
#pragma once

#include "image/stream.h"

enum { UNPACK_INPUT_BYTES = 128 * 1024 };

/* Packed bytes, read as they are needed. */
struct packed_input {
	struct stream *below;
	uint8_t *p;    /* UNPACK_INPUT_BYTES */
	size_t at, n;  /* what is left lies at p + at, n bytes */
	uint64_t done; /* bytes taken out: the offset of p + at */
	bool ended;
};

void packed_input_open(struct packed_input *in, struct stream *below);
void packed_input_close(struct packed_input *in);

/* Reads more where nothing is left; in->n is 0 afterwards at the end alone. */
MUST_USE bool packed_input_more(struct packed_input *in, struct err *e);

void packed_input_take(struct packed_input *in, size_t n);

/* Reads on until something that is not zero comes, or the end: tars are padded to whole
 * records, and some tools pad what they packed as well. */
MUST_USE bool packed_input_skip_zeros(struct packed_input *in, struct err *e);

/* ERR_INPUT: "<name> data is damaged at offset N: why", or that it ends there. */
bool packed_damaged(const struct packed_input *in, const char *name, const char *why, struct err *e);
bool packed_ended(const struct packed_input *in, const char *name, struct err *e);

struct stream *gzip_stream(struct stream *below);
struct stream *zstd_stream(struct stream *below);
struct stream *xz_stream(struct stream *below);
