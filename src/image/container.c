#include "image/container.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "core/vec.h"
#include "facts/facts.h"
#include "image/tar.h"
#include "os/file.h"
#include "os/temp.h"

enum { CHUNK_BYTES = 256 * 1024 };

struct member {
	struct source source;
	struct str link; /* of a link: the path of another member */
	bool sparse;
};

bool source_read_all(struct source source, size_t max_bytes, struct arena *a, struct str *bytes,
                     struct err *e)
{
	if (source.size_bytes > max_bytes)
		return err_set(e, ERR_LIMIT, "%llu bytes, more than the %zu that are read",
		               (unsigned long long)source.size_bytes, max_bytes);
	CLEANUP_STREAM struct stream *s = stream_source(source);
	char *p = arena_alloc(a, (size_t)source.size_bytes + 1);
	*bytes = (struct str){p, 0};
	return source.size_bytes == 0 || stream_fill(s, p, (size_t)source.size_bytes, &bytes->n, e);
}

/* ---- Folders ---- */

bool container_open_folder(struct container *c, int dir_fd, struct arena *a, struct err *e)
{
	*c = (struct container){.arena = a, .dir_fd = dir_fd, .fd = -1};
	struct stat st;
	return fstat(dir_fd, &st) == 0 || err_errno(e, "the folder");
}

static bool get_file(struct container *c, struct str path, struct source *source, bool *found,
                     struct err *e)
{
	/* Not to wait for a pipe, and to read files alone. */
	char *name = arena_cstr(c->arena, path);
	CLEANUP_FD int fd = openat(c->dir_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "%s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: no file", name);
	*source = (struct source){fd, 0, (uint64_t)st.st_size};
	*vec_push(&c->blob_fds, c->arena) = fd_steal(&fd);
	*found = true;
	return true;
}

/* ---- Tars ---- */

struct file_input {
	struct source source;
	uint64_t at;
	char *chunk;
};

static bool next_chunk(void *context, struct str *block, struct err *e)
{
	struct file_input *in = context;
	uint64_t left = in->source.size_bytes - in->at;
	struct source part = {in->source.fd, in->source.off + in->at, left};
	CLEANUP_STREAM struct stream *s = stream_source(part);
	block->p = in->chunk;
	if (!stream_fill(s, in->chunk, CHUNK_BYTES, &block->n, e))
		return false;
	in->at += block->n;
	return true;
}

static uint64_t skip_ahead(void *context, uint64_t n)
{
	struct file_input *in = context;
	uint64_t left = in->source.size_bytes - in->at;
	n = n < left ? n : left;
	in->at += n;
	return n;
}

static bool add_member(struct container *c, const struct tar *tar, const struct entry *entry,
                       struct source whole, struct err *e)
{
	if (c->members.n >= LIMIT_LAYER_ENTRIES)
		return err_set(e, ERR_LIMIT, "more than %u members", LIMIT_LAYER_ENTRIES);
	struct member *m = ARENA_NEW(c->arena, struct member);
	if (entry->type == ENTRY_FILE) {
		m->source = (struct source){whole.fd, tar_data_offset(tar), entry->size_bytes};
		if (m->source.off > whole.size_bytes ||
		    m->source.size_bytes > whole.size_bytes - m->source.off)
			return err_set(e, ERR_INPUT, "ends inside %.*s", STR_ARG(entry->path));
		m->sparse = tar_is_sparse(tar);
	} else if (entry->type == ENTRY_HARDLINK) {
		m->link = entry->link;
	} else if (entry->type == ENTRY_SYMLINK) {
		struct str folder = str_dirname(entry->path);
		struct str path =
			arena_printf(c->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(entry->link));
		if (!facts_path(path, c->arena, &m->link, e))
			return err_wrap(e, "%.*s", STR_ARG(entry->path));
	} else {
		return true;
	}
	*map_put(&c->members, c->arena, entry->path, NULL) = (uintptr_t)m;
	return true;
}

static bool index_members(struct container *c, struct source whole, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct file_input in = {whole, 0, arena_alloc(&scratch, CHUNK_BYTES)};
	CLEANUP_TAR struct tar *tar = tar_open((struct tar_input){next_chunk, skip_ahead, &in});
	for (;;) {
		struct entry entry;
		bool more;
		if (!tar_next(tar, c->arena, &entry, &more, e))
			return false;
		if (!more)
			return true;
		if (!add_member(c, tar, &entry, whole, e))
			return false;
	}
}

static bool unpack_to_file(struct container *c, struct source *whole, enum packing packing,
                           struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_STREAM struct stream *s = stream_unpack(stream_source(*whole), packing, e);
	if (!s)
		return false;
	CLEANUP_STREAM struct stream *limited = stream_limit(s, LIMIT_LAYER_BYTES);
	s = NULL;
	CLEANUP_FD int fd = temp_file(e);
	if (fd < 0)
		return false;
	char *chunk = arena_alloc(&scratch, CHUNK_BYTES);
	uint64_t size = 0;
	for (;;) {
		size_t n;
		if (!stream_fill(limited, chunk, CHUNK_BYTES, &n, e))
			return false;
		if (n == 0)
			break;
		if (!fd_write_all(fd, chunk, n, e))
			return err_wrap(e, "unpacking it for reading");
		size += n;
	}
	*vec_push(&c->blob_fds, c->arena) = fd;
	*whole = (struct source){fd_steal(&fd), 0, size};
	return true;
}

bool container_open_tar(struct container *c, int fd, struct arena *a, struct err *e)
{
	*c = (struct container){.arena = a, .dir_fd = -1, .fd = fd};
	struct stat st;
	char head[PACKING_MAGIC_BYTES];
	size_t n;
	if (fstat(fd, &st) < 0)
		return err_errno(e, "the archive");
	struct source whole = {fd, 0, (uint64_t)st.st_size};
	CLEANUP_STREAM struct stream *s = stream_source(whole);
	if (!stream_fill(s, head, sizeof head, &n, e))
		return false;
	enum packing packing = packing_of((struct str){head, n});
	if (packing != PACKING_NONE && !unpack_to_file(c, &whole, packing, e))
		return false;
	return index_members(c, whole, e);
}

static bool get_member(struct container *c, struct str path, struct source *source, bool *found,
                       struct err *e)
{
	const struct member *m = map_get(&c->members, path);
	for (unsigned links = 0; m && m->link.n; links++) {
		if (links == LIMIT_SYMLINKS)
			return err_set(e, ERR_INPUT, "%.*s: more than %u links", STR_ARG(path),
			               LIMIT_SYMLINKS);
		m = map_get(&c->members, m->link);
	}
	*found = m != NULL;
	if (m && m->sparse)
		return err_set(e, ERR_UNSUPPORTED, "%.*s is a sparse member", STR_ARG(path));
	if (m)
		*source = m->source;
	return true;
}

bool container_get(struct container *c, struct str path, struct source *source, bool *found,
                   struct err *e)
{
	*found = false;
	return c->dir_fd >= 0 ? get_file(c, path, source, found, e)
	                      : get_member(c, path, source, found, e);
}

bool container_read(struct container *c, struct str path, size_t max_bytes, struct str *bytes,
                    bool *found, struct err *e)
{
	struct source source;
	*bytes = STR_NONE;
	if (!container_get(c, path, &source, found, e))
		return false;
	return !*found || source_read_all(source, max_bytes, c->arena, bytes, e) ||
	       err_wrap(e, "%.*s", STR_ARG(path));
}

void container_close(struct container *c)
{
	for (size_t i = 0; i < c->blob_fds.n; i++)
		close(c->blob_fds.p[i]);
	c->blob_fds.n = 0;
}
