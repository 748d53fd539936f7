#include "image/content.h"

#include <errno.h>
#include <unistd.h>

#include "image/tar.h"

static bool next_of_tar(void *context, struct str *piece, uint64_t *off, bool *more, struct err *e)
{
	return tar_data(context, piece, off, more, e);
}

struct content tar_content(struct tar *t)
{
	return (struct content){next_of_tar, t};
}

enum { PIECE_BYTES = 256 * 1024 };

struct file_pieces {
	int fd;
	uint64_t off, size_bytes;
	char room[PIECE_BYTES];
};

/* No further than the size that the entry has: a file may grow while it is read. */
static bool next_of_file(void *context, struct str *piece, uint64_t *off, bool *more, struct err *e)
{
	struct file_pieces *f = context;
	uint64_t left = f->size_bytes - f->off;
	ssize_t n;
	*more = false;
	do
		n = pread(f->fd, f->room, left < PIECE_BYTES ? left : PIECE_BYTES, (off_t)f->off);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, "reading at offset %llu", (unsigned long long)f->off);
	if (n == 0)
		return true;
	*piece = (struct str){f->room, (size_t)n};
	*off = f->off;
	f->off += (uint64_t)n;
	*more = true;
	return true;
}

struct content file_content(int fd, uint64_t size_bytes, struct arena *a)
{
	struct file_pieces *f = ARENA_NEW(a, struct file_pieces);
	f->fd = fd;
	f->size_bytes = size_bytes;
	return (struct content){next_of_file, f};
}

bool content_drain(struct content c, struct err *e)
{
	struct str piece;
	uint64_t off;
	bool more = true;
	while (more)
		if (!c.next(c.context, &piece, &off, &more, e))
			return false;
	return true;
}
