/* gzip (RFC 1952), through ISA-L where it is there and zlib where not. A file may hold
 * several members in a row (pigz, eStargz). Both decoders check each member's CRC-32
 * and length. */
#include <stdlib.h>

#include "image/unpack_stream.h"

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#else
#include <zlib.h>
#endif

struct gzip_stream {
	struct stream s;
	struct packed_input in;
	bool in_member, any;
#ifdef HAVE_ISAL
	struct inflate_state state;
#else
	z_stream state;
#endif
};

enum outcome { GO_ON, MEMBER_END, DAMAGED };

#ifdef HAVE_ISAL

static void member_begin(struct gzip_stream *g)
{
	isal_inflate_init(&g->state);
	g->state.crc_flag = ISAL_GZIP;
}

static const char *why_damaged(int code)
{
	switch (code) {
	case ISAL_INVALID_BLOCK:
		return "invalid block";
	case ISAL_INVALID_SYMBOL:
		return "invalid symbol";
	case ISAL_INVALID_LOOKBACK:
		return "a distance that leads before the start";
	case ISAL_INVALID_WRAPPER:
		return "invalid member header";
	case ISAL_UNSUPPORTED_METHOD:
		return "unknown method";
	case ISAL_INCORRECT_CHECKSUM:
		return "checksum or length do not match";
	default:
		return "invalid data";
	}
}

static enum outcome inflate_some(struct gzip_stream *g, uint8_t *p, size_t cap, size_t *made,
                                 const char **why)
{
	struct inflate_state *z = &g->state;
	z->next_in = g->in.p + g->in.at;
	z->avail_in = (uint32_t)g->in.n;
	z->next_out = p;
	z->avail_out = (uint32_t)cap;
	int code = isal_inflate(z);
	packed_input_take(&g->in, g->in.n - z->avail_in);
	*made = cap - z->avail_out;
	*why = why_damaged(code);
	if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT && code != ISAL_OUT_OVERFLOW)
		return DAMAGED;
	return z->block_state == ISAL_BLOCK_FINISH ? MEMBER_END : GO_ON;
}

static void decoder_close(struct gzip_stream *g)
{
	(void)g;
}

#else

static void member_begin(struct gzip_stream *g)
{
	if (g->any)
		inflateReset(&g->state);
	else if (inflateInit2(&g->state, 15 + 16) != Z_OK)
		out_of_memory();
}

static enum outcome inflate_some(struct gzip_stream *g, uint8_t *p, size_t cap, size_t *made,
                                 const char **why)
{
	z_stream *z = &g->state;
	z->next_in = g->in.p + g->in.at;
	z->avail_in = (uInt)g->in.n;
	z->next_out = p;
	z->avail_out = (uInt)cap;
	int code = inflate(z, Z_NO_FLUSH);
	packed_input_take(&g->in, g->in.n - z->avail_in);
	*made = cap - z->avail_out;
	*why = z->msg ? z->msg : "invalid data";
	if (code == Z_STREAM_END)
		return MEMBER_END;
	return code == Z_OK || code == Z_BUF_ERROR ? GO_ON : DAMAGED;
}

static void decoder_close(struct gzip_stream *g)
{
	if (g->any)
		inflateEnd(&g->state);
}

#endif

/* Begins the next member; *more is false where there is none. */
static bool next_member(struct gzip_stream *g, bool *more, struct err *e)
{
	if (!(g->any ? packed_input_skip_zeros(&g->in, e) : packed_input_more(&g->in, e)))
		return false;
	*more = g->in.n > 0;
	if (!*more)
		return true;
	if (g->in.p[g->in.at] != 0x1f)
		return packed_damaged(&g->in, "gzip", "something else follows it", e);
	member_begin(g);
	g->any = g->in_member = true;
	return true;
}

static bool gzip_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct gzip_stream *g = (struct gzip_stream *)s;
	*n = 0;
	if (cap > 1u << 30)
		cap = 1u << 30;
	while (*n == 0) {
		bool more = true;
		const char *why;
		if (!g->in_member && !next_member(g, &more, e))
			return false;
		if (!more)
			return true;
		if (!packed_input_more(&g->in, e))
			return false;
		bool ended = g->in.ended;
		switch (inflate_some(g, p, cap, n, &why)) {
		case DAMAGED:
			return packed_damaged(&g->in, "gzip", why, e);
		case MEMBER_END:
			g->in_member = false;
			break;
		case GO_ON:
			if (ended && *n == 0)
				return packed_ended(&g->in, "gzip", e);
		}
	}
	return true;
}

static void gzip_close(struct stream *s)
{
	struct gzip_stream *g = (struct gzip_stream *)s;
	decoder_close(g);
	packed_input_close(&g->in);
	free(g);
}

struct stream *gzip_stream(struct stream *below)
{
	struct gzip_stream *g = calloc(1, sizeof *g);
	if (!g)
		out_of_memory();
	g->s = (struct stream){gzip_read, gzip_close};
	packed_input_open(&g->in, below);
	return &g->s;
}
