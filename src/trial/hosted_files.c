/* Files of an engine's container, which come as a tar whose first entry is what was asked for. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "core/limits.h"
#include "facts/facts.h"
#include "image/tar.h"
#include "os/file.h"
#include "os/temp.h"
#include "trial/hosted_parts.h"

struct reading {
	struct stream *stream;
	char block[65536];
};

static bool next_block(void *context, struct str *block, struct err *e)
{
	struct reading *r = context;
	block->p = r->block;
	return stream_fill(r->stream, r->block, sizeof r->block, &block->n, e);
}

static char type_letter(const struct entry *entry)
{
	switch (entry->type) {
	case ENTRY_DIR:
		return 'd';
	case ENTRY_SYMLINK:
		return 'l';
	case ENTRY_CHAR:
		return 'c';
	case ENTRY_BLOCK:
		return 'b';
	case ENTRY_FIFO:
		return 'p';
	default:
		return '-';
	}
}

static bool read_content(struct tar *tar, struct report_file *f, struct arena *a, struct err *e)
{
	CLEANUP_BUF struct buf b = BUF_INIT(LIMIT_TRIAL_CONTENT_BYTES);
	for (;;) {
		struct str piece;
		uint64_t off;
		bool more;
		if (!tar_data(tar, &piece, &off, &more, e))
			return false;
		size_t room = b.max_bytes - b.n;
		f->cut = more && piece.n > room;
		if (!more || f->cut)
			break;
		if (!buf_append(&b, piece.p, piece.n, e))
			return false;
	}
	f->content = arena_str(a, buf_str(&b));
	f->readable = true;
	return true;
}

/* ---- As a report wants them ---- */

struct opened {
	struct stream *stream;
	struct tar *tar;
	struct reading *reading;
	struct entry entry;
	bool found;
};

static void opened_close(struct opened *o)
{
	if (o->tar)
		tar_close(&o->tar);
	stream_close(&o->stream);
}

static bool open_once(struct opened *o, const struct hosted *h, struct str container,
		      struct str path, bool *more, struct arena *a, struct err *e)
{
	*o = (struct opened){0};
	*more = true;
	o->stream = engine_files(h->engine, container, path, &o->found, e);
	if (!o->stream)
		return e->code == ERR_NONE;
	o->reading = ARENA_NEW(a, struct reading);
	o->reading->stream = o->stream;
	o->tar = tar_open((struct tar_input){next_block, NULL, o->reading});
	return tar_next(o->tar, a, &o->entry, more, e) ||
	       err_wrap(e, "%.*s in the container", STR_ARG(path));
}

/* Podman gives an empty tar while it takes a container's files away behind a failed start; asked
 * again, it brings them back. */
static bool open_path(struct opened *o, const struct hosted *h, struct str container,
		      struct str path, struct arena *a, struct err *e)
{
	for (unsigned left = 10;; left--) {
		bool more;
		if (!open_once(o, h, container, path, &more, a, e))
			return false;
		if (more)
			return true;
		opened_close(o);
		*o = (struct opened){0};
		if (left == 0)
			return err_set(e, ERR_INPUT, "%.*s in the container: an empty answer",
				       STR_ARG(path));
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	}
}

bool hosted_file(const struct hosted *h, struct str container, struct str path, bool with_content,
		 struct report_file *f, struct arena *a, struct err *e)
{
	__attribute__((cleanup(opened_close))) struct opened o;
	if (!open_path(&o, h, container, path, a, e))
		return false;
	if (!o.found)
		return true;
	f->there = true;
	f->type = type_letter(&o.entry);
	f->mode = o.entry.mode & 07777;
	f->uid = o.entry.uid;
	f->gid = o.entry.gid;
	return !with_content || o.entry.type != ENTRY_FILE || read_content(o.tar, f, a, e) ||
	       err_wrap(e, "%.*s in the container", STR_ARG(path));
}

/* ---- As a program that shall be started ---- */

static int copy_of(struct opened *o, struct err *e)
{
	CLEANUP_FD int fd = temp_file(e);
	for (bool more = fd >= 0; more;) {
		struct str piece;
		uint64_t off;
		if (!tar_data(o->tar, &piece, &off, &more, e))
			return -1;
		if (more && (off > LIMIT_ELF_BYTES || piece.n > LIMIT_ELF_BYTES - off ||
			     pwrite(fd, piece.p, piece.n, (off_t)off) != (ssize_t)piece.n)) {
			err_set(e, ERR_IO, "a program that is too large");
			return -1;
		}
	}
	return fd >= 0 && fchmod(fd, o->entry.mode & 0777) == 0 ? fd_steal(&fd) : -1;
}

/* Anything but a file is as good as a folder: nothing that can be started. */
int hosted_open_file(void *context, struct str path)
{
	struct hosted_looker *l = context;
	for (unsigned links = 0; links <= LIMIT_SYMLINKS; links++) {
		__attribute__((cleanup(opened_close))) struct opened o;
		if (!open_path(&o, l->hosted, l->container, path, l->arena, &l->trouble) ||
		    !o.found) {
			errno = ENOENT;
			return -1;
		}
		if (o.entry.type == ENTRY_FILE)
			return copy_of(&o, &l->trouble);
		if (o.entry.type != ENTRY_SYMLINK)
			return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct str target = o.entry.link, folder = str_dirname(path);
		path = target.n && target.p[0] == '/'
			       ? target
			       : arena_printf(l->arena, "%.*s/%.*s", STR_ARG(folder),
					      STR_ARG(target));
	}
	errno = ELOOP;
	return -1;
}
