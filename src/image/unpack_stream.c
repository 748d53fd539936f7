#include <stdlib.h>

#include "image/unpack_stream.h"

void packed_input_open(struct packed_input *in, struct stream *below)
{
	*in = (struct packed_input){.below = below, .p = malloc(UNPACK_INPUT_BYTES)};
	if (!in->p)
		out_of_memory();
}

void packed_input_close(struct packed_input *in)
{
	stream_close(&in->below);
	free(in->p);
	in->p = NULL;
}

bool packed_input_more(struct packed_input *in, struct err *e)
{
	if (in->n > 0 || in->ended)
		return true;
	in->at = 0;
	if (!in->below->read(in->below, in->p, UNPACK_INPUT_BYTES, &in->n, e))
		return false;
	in->ended = in->n == 0;
	return true;
}

void packed_input_take(struct packed_input *in, size_t n)
{
	in->at += n;
	in->n -= n;
	in->done += n;
}

bool packed_input_skip_zeros(struct packed_input *in, struct err *e)
{
	for (;;) {
		if (!packed_input_more(in, e))
			return false;
		size_t zeros = 0;
		while (zeros < in->n && in->p[in->at + zeros] == 0)
			zeros++;
		packed_input_take(in, zeros);
		if (in->n > 0 || in->ended)
			return true;
	}
}

bool packed_damaged(const struct packed_input *in, const char *name, const char *why, struct err *e)
{
	return err_set(e, ERR_INPUT, "%s data is damaged near offset %llu: %s", name,
	               (unsigned long long)in->done, why);
}

bool packed_ended(const struct packed_input *in, const char *name, struct err *e)
{
	return err_set(e, ERR_INPUT, "%s data ends too early, at offset %llu", name,
	               (unsigned long long)in->done);
}

enum packing packing_of(struct str head)
{
	static const struct {
		struct str magic;
		enum packing packing;
	} magics[] = {
		{STR_INIT("\x1f\x8b\x08"), PACKING_GZIP},           /* RFC 1952 */
		{STR_INIT("\x28\xb5\x2f\xfd"), PACKING_ZSTD},       /* RFC 8878 */
		{STR_INIT("\xfd\x37\x7a\x58\x5a\x00"), PACKING_XZ}, /* xz-file-format.txt */
		{STR_INIT("BZh"), PACKING_BZIP2},
	};
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (str_starts(head, magics[i].magic))
			return magics[i].packing;
	/* A skippable frame (RFC 8878, 3.1.2) may come first: 0x184D2A50 to 0x184D2A5F. */
	if (head.n >= 4 && (head.p[0] & 0xf0) == 0x50 && memcmp(head.p + 1, "\x2a\x4d\x18", 3) == 0)
		return PACKING_ZSTD;
	return PACKING_NONE;
}

const char *packing_name(enum packing packing)
{
	static const char *const names[] = {
		[PACKING_NONE] = "plain", [PACKING_GZIP] = "gzip",   [PACKING_ZSTD] = "zstd",
		[PACKING_XZ] = "xz",      [PACKING_BZIP2] = "bzip2",
	};
	return names[packing];
}

struct stream *stream_unpack(struct stream *below, enum packing packing, struct err *e)
{
	switch (packing) {
	case PACKING_NONE:
		return below;
	case PACKING_GZIP:
		return gzip_stream(below);
	case PACKING_ZSTD:
		return zstd_stream(below);
	case PACKING_XZ:
		return xz_stream(below);
	case PACKING_BZIP2:
		break;
	}
	err_set(e, ERR_UNSUPPORTED,
	        "packed with bzip2, which no image may be; unpack it first: bunzip2");
	stream_close(&below);
	return NULL;
}
