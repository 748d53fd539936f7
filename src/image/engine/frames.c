#include "image/engine/frames.h"

enum { STDOUT = 1, STDERR = 2 };

void frames_init(struct frames *f, size_t max_bytes)
{
	*f = (struct frames){.out = BUF_INIT(max_bytes), .err = BUF_INIT(max_bytes)};
}

void frames_release(struct frames *f)
{
	buf_release(&f->out);
	buf_release(&f->err);
}

static bool keep(struct buf *b, bool *cut, struct str piece, struct err *e)
{
	size_t room = b->max_bytes - b->n;
	*cut |= piece.n > room;
	return buf_append(b, piece.p, piece.n < room ? piece.n : room, e);
}

/* Stream 0 is standard input, which engines echo where one is attached. */
static bool open_frame(struct frames *f, struct err *e)
{
	const uint8_t *h = f->head;
	if (h[0] > STDERR || h[1] || h[2] || h[3])
		return err_set(e, ERR_INPUT, "no frame of output begins with %02x %02x %02x %02x", h[0],
		               h[1], h[2], h[3]);
	f->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
	return true;
}

static bool take_head(struct frames *f, struct str *piece, struct err *e)
{
	size_t n = sizeof f->head - f->head_bytes;
	n = n < piece->n ? n : piece->n;
	memcpy(f->head + f->head_bytes, piece->p, n);
	f->head_bytes += n;
	*piece = str_skip(*piece, n);
	return f->head_bytes < sizeof f->head || open_frame(f, e);
}

bool frames_take(struct frames *f, struct str piece, struct err *e)
{
	while (piece.n > 0) {
		if (f->head_bytes < sizeof f->head) {
			if (!take_head(f, &piece, e))
				return false;
		} else {
			struct str part = str_slice(piece, 0, f->left);
			if (f->head[0] == STDOUT && !keep(&f->out, &f->out_cut, part, e))
				return false;
			if (f->head[0] == STDERR && !keep(&f->err, &f->err_cut, part, e))
				return false;
			f->left -= (uint32_t)part.n;
			piece = str_skip(piece, part.n);
		}
		if (f->head_bytes == sizeof f->head && f->left == 0)
			f->head_bytes = 0;
	}
	return true;
}
