#include "image/engine/feed.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "os/file.h"

enum { CHUNK_BYTES = 256 * 1024 };

enum part_kind { PART_FOLDER, PART_BYTES, PART_SOURCE, PART_PATH };

struct part {
	enum part_kind kind;
	struct str name;
	unsigned mode;       /* PART_FOLDER */
	struct str bytes;    /* PART_BYTES; PART_PATH: the path */
	struct source source;
};

struct feed {
	struct arena arena;
	VEC(struct part) parts;
	size_t next;             /* part that is begun next */
	struct archive *archive;
	struct buf out;          /* made, and not yet read: from at on */
	size_t at;
	struct stream *content;  /* of the part under way */
	uint64_t left;
	char *chunk;
	bool ended;
};

/* ---- What libarchive writes ---- */

static la_ssize_t take(struct archive *archive, void *context, const void *p, size_t n)
{
	struct feed *f = context;
	struct err e = ERR_INIT;
	if (buf_append(&f->out, p, n, &e))
		return (la_ssize_t)n;
	archive_set_error(archive, ENOMEM, "%s", e.message);
	return -1;
}

struct feed *feed_new(void)
{
	struct feed *f = calloc(1, sizeof *f);
	if (!f)
		out_of_memory();
	f->out = (struct buf)BUF_INIT(8 * CHUNK_BYTES);
	f->chunk = arena_alloc(&f->arena, CHUNK_BYTES);
	f->archive = archive_write_new();
	if (!f->archive || archive_write_set_format_gnutar(f->archive) != ARCHIVE_OK)
		out_of_memory();
	archive_write_set_bytes_per_block(f->archive, 0);
	if (archive_write_open(f->archive, f, NULL, take, NULL) != ARCHIVE_OK)
		out_of_memory();
	return f;
}

void feed_free(struct feed **feed)
{
	struct feed *f = *feed;
	if (!f)
		return;
	stream_close(&f->content);
	archive_write_free(f->archive); /* closes: it writes once more */
	buf_release(&f->out);
	arena_release(&f->arena);
	free(f);
	*feed = NULL;
}

static bool check(struct feed *f, int result, struct err *e)
{
	return result >= ARCHIVE_WARN ||
	       err_set(e, ERR_IO, "%s", archive_error_string(f->archive));
}

/* ---- What is in it ---- */

static struct part *add(struct feed *f, enum part_kind kind, struct str name)
{
	struct part *part = vec_push(&f->parts, &f->arena);
	part->kind = kind;
	part->name = arena_str(&f->arena, name);
	return part;
}

void feed_add_folder(struct feed *f, struct str name, unsigned mode)
{
	add(f, PART_FOLDER, name)->mode = mode;
}

void feed_add_bytes(struct feed *f, struct str name, struct str bytes)
{
	add(f, PART_BYTES, name)->bytes = arena_str(&f->arena, bytes);
}

void feed_add_source(struct feed *f, struct str name, struct source source)
{
	add(f, PART_SOURCE, name)->source = source;
}

static struct str below(struct feed *f, struct str folder, struct str name)
{
	return arena_printf(&f->arena, "%.*s%s%.*s", STR_ARG(folder), folder.n ? "/" : "",
	                    STR_ARG(name));
}

static bool list_folder(struct feed *f, const char *path, struct str_vec *names, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	if (!d)
		return err_errno(e, "%s", path);
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			*vec_push(names, &f->arena) = arena_str(&f->arena, str_of(entry->d_name));
	closedir(d);
	str_vec_sort(names);
	return true;
}

/* What is met while a path is walked. */
struct walk {
	struct str name; /* in the tar */
	struct str path; /* on this machine */
	struct str below; /* the path that was named first */
};

/* Depth first, without recursion: folders may lie deep. */
bool feed_add_path(struct feed *f, struct str name, const char *path,
                   enum feed_choice (*choose)(struct str path, void *context), void *context,
                   struct err *e)
{
	VEC(struct walk) todo = {0};
	struct str top = arena_str(&f->arena, str_of(path));
	*vec_push(&todo, &f->arena) = (struct walk){name, top, STR("")};
	while (todo.n > 0) {
		struct walk w = todo.p[--todo.n];
		struct str_vec names = {0};
		struct stat st;
		enum feed_choice choice = w.below.n && choose ? choose(w.below, context) : FEED_TAKE;
		if (choice == FEED_LEAVE)
			continue;
		if (lstat(w.path.p, &st) < 0)
			return err_errno(e, "%.*s", STR_ARG(w.path));
		if (S_ISSOCK(st.st_mode))
			continue;
		if (f->parts.n >= LIMIT_LAYER_ENTRIES)
			return err_set(e, ERR_LIMIT, "%s: more than %u files", path, LIMIT_LAYER_ENTRIES);
		if (w.name.n && choice == FEED_TAKE)
			add(f, PART_PATH, w.name)->bytes = w.path;
		if (S_ISDIR(st.st_mode) && !list_folder(f, w.path.p, &names, e))
			return false;
		for (size_t i = names.n; i-- > 0;)
			*vec_push(&todo, &f->arena) = (struct walk){below(f, w.name, names.p[i]),
			                                            below(f, w.path, names.p[i]),
			                                            below(f, w.below, names.p[i])};
	}
	return true;
}

/* ---- Made while it is read ---- */

static bool write_header(struct feed *f, struct archive_entry *entry, uint64_t size, struct err *e)
{
	if (archive_entry_filetype(entry) == AE_IFREG)
		archive_entry_set_size(entry, (la_int64_t)size);
	bool ok = check(f, archive_write_header(f->archive, entry), e);
	archive_entry_free(entry);
	f->left = size;
	return ok;
}

static struct archive_entry *entry_of(struct feed *f, struct str name, unsigned mode)
{
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		out_of_memory();
	archive_entry_set_pathname(entry, arena_cstr(&f->arena, name));
	archive_entry_set_mode(entry, mode);
	archive_entry_set_mtime(entry, 0, 0);
	return entry;
}

static bool begin_path(struct feed *f, const struct part *part, struct err *e)
{
	struct stat st;
	char target[LIMIT_PATH_BYTES + 1];
	const char *path = part->bytes.p;
	if (lstat(path, &st) < 0)
		return err_errno(e, "%s", path);
	struct archive_entry *entry = entry_of(f, part->name, st.st_mode);
	archive_entry_set_mtime(entry, st.st_mtim.tv_sec, 0);
	/* Whoever is not root has nothing but files of their own, whatever they were. */
	if (geteuid() == 0) {
		archive_entry_set_uid(entry, st.st_uid);
		archive_entry_set_gid(entry, st.st_gid);
	}
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(path, target, LIMIT_PATH_BYTES);
		target[n > 0 ? n : 0] = '\0';
		archive_entry_set_symlink(entry, target);
	} else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
		archive_entry_set_rdev(entry, st.st_rdev);
	} else if (S_ISREG(st.st_mode)) {
		CLEANUP_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			archive_entry_free(entry);
			return err_errno(e, "%s", path);
		}
		f->content = stream_file(fd_steal(&fd), (uint64_t)st.st_size);
		return write_header(f, entry, (uint64_t)st.st_size, e) || err_wrap(e, "%s", path);
	}
	return write_header(f, entry, 0, e) || err_wrap(e, "%s", path);
}

static bool begin_part(struct feed *f, struct err *e)
{
	const struct part *part = &f->parts.p[f->next++];
	switch (part->kind) {
	case PART_FOLDER:
		return write_header(f, entry_of(f, part->name, AE_IFDIR | part->mode), 0, e);
	case PART_BYTES:
		return write_header(f, entry_of(f, part->name, AE_IFREG | 0644), part->bytes.n, e) &&
		       (part->bytes.n == 0 ||
		        check(f, archive_write_data(f->archive, part->bytes.p, part->bytes.n) < 0
		                         ? ARCHIVE_FATAL : ARCHIVE_OK, e));
	case PART_SOURCE:
		f->content = stream_source(part->source);
		return write_header(f, entry_of(f, part->name, AE_IFREG | 0644),
		                    part->source.size_bytes, e);
	case PART_PATH:
		return begin_path(f, part, e);
	}
	return true;
}

/* A file that has become shorter since would leave a hole. */
static bool go_on(struct feed *f, struct err *e)
{
	size_t n, cap = f->left < CHUNK_BYTES ? (size_t)f->left : CHUNK_BYTES;
	if (cap > 0 && !stream_fill(f->content, f->chunk, cap, &n, e))
		return false;
	if (cap > 0 && n < cap)
		return err_set(e, ERR_IO, "%.*s has become shorter while it was read",
		               STR_ARG(f->parts.p[f->next - 1].name));
	f->left -= cap;
	if (f->left == 0)
		stream_close(&f->content);
	return cap == 0 || check(f, archive_write_data(f->archive, f->chunk, cap) < 0
	                                    ? ARCHIVE_FATAL : ARCHIVE_OK, e);
}

static bool make_more(struct feed *f, struct err *e)
{
	f->out.n = f->at = 0;
	if (f->content)
		return go_on(f, e);
	if (f->next < f->parts.n)
		return begin_part(f, e);
	f->ended = true;
	return check(f, archive_write_close(f->archive), e);
}

bool feed_read(void *feed, void *p, size_t cap, size_t *n, struct err *e)
{
	struct feed *f = feed;
	while (f->at == f->out.n && !f->ended)
		if (!make_more(f, e))
			return false;
	size_t left = f->out.n - f->at;
	*n = cap < left ? cap : left;
	if (*n > 0)
		memcpy(p, f->out.p + f->at, *n);
	f->at += *n;
	return true;
}

struct http_upload feed_upload(struct feed *f)
{
	return (struct http_upload){feed_read, f, HTTP_SIZE_UNKNOWN};
}
