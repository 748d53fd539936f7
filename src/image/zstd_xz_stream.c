/* zstd (RFC 8878) and xz (xz-file-format.txt), through their own libraries. */
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

#include "image/unpack_stream.h"

/* Windows and dictionaries above this are refused: no image needs them, and both formats
 * let a few bytes ask for gigabytes. zstd --ultra -22 asks for 128 MiB. */
enum { WINDOW_LOG_MAX = 27 };
static const uint64_t xz_memory_max = 256u << 20;

struct zstd_stream {
	struct stream s;
	struct packed_input in;
	ZSTD_DCtx *zstd;
	bool in_frame;
};

static bool zstd_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct zstd_stream *z = (struct zstd_stream *)s;
	ZSTD_outBuffer out = {p, cap, 0};
	*n = 0;
	while (out.pos == 0) {
		if (!(z->in_frame ? packed_input_more(&z->in, e)
		                  : packed_input_skip_zeros(&z->in, e)))
			return false;
		if (z->in.ended && !z->in_frame)
			return true;
		ZSTD_inBuffer in = {z->in.p + z->in.at, z->in.n, 0};
		size_t code = ZSTD_decompressStream(z->zstd, &out, &in);
		packed_input_take(&z->in, in.pos);
		if (ZSTD_isError(code))
			return packed_damaged(&z->in, "zstd", ZSTD_getErrorName(code), e);
		z->in_frame = code != 0;
		if (z->in.ended && z->in_frame && out.pos == 0)
			return packed_ended(&z->in, "zstd", e);
	}
	*n = out.pos;
	return true;
}

static void zstd_close(struct stream *s)
{
	struct zstd_stream *z = (struct zstd_stream *)s;
	ZSTD_freeDCtx(z->zstd);
	packed_input_close(&z->in);
	free(z);
}

struct stream *zstd_stream(struct stream *below)
{
	struct zstd_stream *z = calloc(1, sizeof *z);
	if (!z || !(z->zstd = ZSTD_createDCtx()))
		out_of_memory();
	ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	z->s = (struct stream){zstd_read, zstd_close};
	packed_input_open(&z->in, below);
	return &z->s;
}

struct xz_stream {
	struct stream s;
	struct packed_input in;
	lzma_stream xz;
	bool ended;
};

static const char *xz_why(lzma_ret code)
{
	switch (code) {
	case LZMA_FORMAT_ERROR:
		return "something else follows it";
	case LZMA_OPTIONS_ERROR:
		return "an option that is not known";
	case LZMA_MEMLIMIT_ERROR:
		return "it asks for more than 256 MiB of memory";
	default:
		return "invalid data";
	}
}

static bool xz_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct xz_stream *x = (struct xz_stream *)s;
	*n = 0;
	while (*n == 0 && !x->ended) {
		if (!packed_input_more(&x->in, e))
			return false;
		x->xz.next_in = x->in.p + x->in.at;
		x->xz.avail_in = x->in.n;
		x->xz.next_out = p;
		x->xz.avail_out = cap;
		lzma_ret code = lzma_code(&x->xz, x->in.ended ? LZMA_FINISH : LZMA_RUN);
		packed_input_take(&x->in, x->in.n - x->xz.avail_in);
		*n = cap - x->xz.avail_out;
		x->ended = code == LZMA_STREAM_END;
		if (code == LZMA_BUF_ERROR)
			return packed_ended(&x->in, "xz", e);
		if (code != LZMA_OK && code != LZMA_STREAM_END)
			return packed_damaged(&x->in, "xz", xz_why(code), e);
	}
	return true;
}

static void xz_close(struct stream *s)
{
	struct xz_stream *x = (struct xz_stream *)s;
	lzma_end(&x->xz);
	packed_input_close(&x->in);
	free(x);
}

struct stream *xz_stream(struct stream *below)
{
	struct xz_stream *x = calloc(1, sizeof *x);
	if (!x || lzma_stream_decoder(&x->xz, xz_memory_max, LZMA_CONCATENATED) != LZMA_OK)
		out_of_memory();
	x->s = (struct stream){xz_read, xz_close};
	packed_input_open(&x->in, below);
	return &x->s;
}
