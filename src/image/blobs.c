#include "image/blobs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "image/container.h"
#include "image/reference_name.h"
#include "os/file.h"
#include "os/new_file.h"

static int open_folder(struct blobs *b, struct str path)
{
	struct err e = ERR_INIT;
	bool made = folder_make(path.p, &e);
	/* What cannot be made may be there all the same: a read-only cache is read. */
	int fd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && made)
		err_errno(&e, "%.*s", STR_ARG(path));
	if (fd < 0)
		b->why_not = e;
	return fd;
}

void blobs_open(struct blobs *b, struct arena *a)
{
	*b = (struct blobs){.blobs_fd = -1, .tags_fd = -1};
	pthread_mutex_init(&b->lock, NULL);
	struct str cache = cache_folder(a);
	if (cache.n == 0) {
		err_set(&b->why_not, ERR_IO, "no cache folder: HOME is not set");
		return;
	}
	b->path = arena_printf(a, "%.*s/blobs/sha256", STR_ARG(cache));
	b->blobs_fd = open_folder(b, b->path);
	b->tags_fd = open_folder(b, arena_printf(a, "%.*s/tags", STR_ARG(cache)));
}

void blobs_close(struct blobs *b)
{
	fd_close(&b->blobs_fd);
	fd_close(&b->tags_fd);
	b->blobs_fd = b->tags_fd = -1;
	pthread_mutex_destroy(&b->lock);
}

static void note(struct blobs *b, const struct err *e)
{
	pthread_mutex_lock(&b->lock);
	b->why_not = *e;
	err_wrap(&b->why_not, "%.*s", STR_ARG(b->path));
	pthread_mutex_unlock(&b->lock);
}

struct err blobs_why_not(struct blobs *b)
{
	pthread_mutex_lock(&b->lock);
	struct err e = b->why_not;
	pthread_mutex_unlock(&b->lock);
	return e;
}

/* ---- Files ---- */

enum { HEX_DIGITS = 64 };

/* The file's name; false for a digest of another kind. */
static bool file_name(struct str digest, char name[HEX_DIGITS + 1])
{
	if (!str_starts(digest, STR("sha256:")) || !digest_is_sound(digest))
		return false;
	memcpy(name, digest.p + 7, HEX_DIGITS);
	name[HEX_DIGITS] = '\0';
	return true;
}

static int open_file(int dir_fd, struct str digest, uint64_t *size_bytes)
{
	char name[HEX_DIGITS + 1];
	struct stat st;
	if (dir_fd < 0 || !file_name(digest, name))
		return -1;
	CLEANUP_FD int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	*size_bytes = (uint64_t)st.st_size;
	file_used(fd);
	return fd_steal(&fd);
}

static void drop(int dir_fd, struct str digest)
{
	char name[HEX_DIGITS + 1];
	if (file_name(digest, name))
		unlinkat(dir_fd, name, 0);
}

static bool write_file(int dir_fd, struct str digest, struct str bytes, struct err *e)
{
	CLEANUP_NEW_FILE struct new_file f = NEW_FILE_NONE;
	char name[HEX_DIGITS + 1];
	return file_name(digest, name) && new_file_begin(&f, dir_fd, e) &&
	       fd_write_all(f.fd, bytes.p, bytes.n, e) && new_file_finish(&f, name, e);
}

bool blobs_has(const struct blobs *b, struct str digest, uint64_t size_bytes)
{
	char name[HEX_DIGITS + 1];
	struct stat st;
	return b && b->blobs_fd >= 0 && file_name(digest, name) &&
	       fstatat(b->blobs_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == size_bytes;
}

bool blobs_get(struct blobs *b, struct str digest, size_t max_bytes, struct str *bytes,
               struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct err ignored = ERR_INIT;
	uint64_t size_bytes = 0;
	CLEANUP_FD int fd = b ? open_file(b->blobs_fd, digest, &size_bytes) : -1;
	struct source whole = {fd, 0, size_bytes};
	/* What is too large for who asks, or cannot be read just now, may be sound all the same. */
	if (fd < 0 || size_bytes > max_bytes || !source_read_all(whole, max_bytes, a, bytes, &ignored))
		return false;
	if (str_eq(sha256_of(*bytes, &scratch), digest))
		return true;
	drop(b->blobs_fd, digest);
	return false;
}

void blobs_put(struct blobs *b, struct str digest, struct str bytes)
{
	struct err e = ERR_INIT;
	if (!b || b->blobs_fd < 0 || blobs_has(b, digest, bytes.n))
		return;
	new_files_sweep(b->blobs_fd, &(uint64_t){0});
	if (!write_file(b->blobs_fd, digest, bytes, &e))
		note(b, &e);
}

/* ---- Tags: the file is named by the name's digest, and holds "NAME DIGEST\n" ---- */

bool blobs_tag_get(struct blobs *b, struct str name, struct str *digest, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct str text, rest, first;
	uint64_t size_bytes = 0;
	CLEANUP_FD int fd = b ? open_file(b->tags_fd, sha256_of(name, a), &size_bytes) : -1;
	if (fd < 0 || !source_read_all((struct source){fd, 0, size_bytes}, LIMIT_PATH_BYTES, a, &text,
	                               &ignored))
		return false;
	rest = text;
	return str_word(&rest, &first) && str_eq(first, name) && str_word(&rest, digest) &&
	       digest_is_sound(*digest);
}

void blobs_tag_put(struct blobs *b, struct str name, struct str digest)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct err e = ERR_INIT;
	struct str known, line;
	if (!b || b->tags_fd < 0 ||
	    (blobs_tag_get(b, name, &known, &scratch) && str_eq(known, digest)))
		return;
	line = arena_printf(&scratch, "%.*s %.*s\n", STR_ARG(name), STR_ARG(digest));
	new_files_sweep(b->tags_fd, &(uint64_t){0});
	if (!write_file(b->tags_fd, sha256_of(name, &scratch), line, &e))
		note(b, &e);
}

/* ---- Layers: kept while they pass ---- */

struct blob_source {
	struct blobs *blobs;
	struct str digest;
	struct source from;
	bool keep;
};

struct checked_stream {
	struct stream s;
	struct blob_source of;
	struct stream *below;
	struct sha256 *hash;
	struct new_file file;
	uint64_t at;
	bool ended;
};

/* The blob is of use without being kept: whoever needs it later fetches it again. */
static void keep_nothing(struct checked_stream *c, const struct err *why)
{
	note(c->of.blobs, why);
	new_file_abandon(&c->file);
}

static void keep_piece(struct checked_stream *c, const void *p, size_t n)
{
	struct err why = ERR_INIT;
	if (c->file.fd >= 0 && !fd_write_all(c->file.fd, p, n, &why))
		keep_nothing(c, &why);
}

static bool end(struct checked_stream *c, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct err why = ERR_INIT;
	char name[HEX_DIGITS + 1];
	struct str got = sha256_final(c->hash, &scratch);
	c->ended = true;
	if (!str_eq(got, c->of.digest))
		return err_set(e, ERR_INPUT,
		               "its digest is %.*s, but should be %.*s: damaged, or not what it says",
		               STR_ARG(got), STR_ARG(c->of.digest));
	if (c->file.fd >= 0 &&
	    !(file_name(c->of.digest, name) && new_file_finish(&c->file, name, &why)))
		keep_nothing(c, &why);
	return true;
}

static bool checked_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct checked_stream *c = (struct checked_stream *)s;
	if (!c->below->read(c->below, p, cap, n, e))
		return false;
	sha256_update(c->hash, p, *n);
	keep_piece(c, p, *n);
	c->at += *n;
	bool last = *n == 0 || c->at == c->of.from.size_bytes;
	return !last || c->ended || end(c, e);
}

static void checked_close(struct stream *s)
{
	struct checked_stream *c = (struct checked_stream *)s;
	stream_close(&c->below);
	sha256_free(&c->hash);
	new_file_abandon(&c->file);
	free(c);
}

static struct stream *check_and_keep(const struct blob_source *of)
{
	struct checked_stream *c = calloc(1, sizeof *c);
	struct err why = ERR_INIT;
	if (!c)
		out_of_memory();
	c->s = (struct stream){checked_read, checked_close};
	c->of = *of;
	c->below = stream_source(of->from);
	c->hash = sha256_new();
	c->file = (struct new_file)NEW_FILE_NONE;
	if (!of->keep || !of->blobs || of->blobs->blobs_fd < 0)
		return &c->s;
	new_files_sweep(of->blobs->blobs_fd, &(uint64_t){0});
	if (!new_file_begin(&c->file, of->blobs->blobs_fd, &why))
		keep_nothing(c, &why);
	return &c->s;
}

/* ---- Layers: from the file ---- */

/* The file is given out only where it is whole: nobody has to take back what was read. */
static bool is_whole(int fd, uint64_t size_bytes, struct str digest)
{
	enum { PIECE_BYTES = 256 * 1024 };
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_STREAM struct stream *s = stream_source((struct source){fd, 0, size_bytes});
	CLEANUP_SHA256 struct sha256 *h = sha256_new();
	struct err ignored = ERR_INIT;
	char *piece = arena_alloc(&scratch, PIECE_BYTES);
	size_t n = 1;
	while (n > 0) {
		if (!s->read(s, piece, PIECE_BYTES, &n, &ignored))
			return false;
		sha256_update(h, piece, n);
	}
	return str_eq(sha256_final(h, &scratch), digest);
}

static struct stream *open_kept(const struct blob_source *of)
{
	uint64_t size_bytes = 0;
	CLEANUP_FD int fd = of->blobs ? open_file(of->blobs->blobs_fd, of->digest, &size_bytes) : -1;
	if (fd < 0)
		return NULL;
	if (size_bytes != of->from.size_bytes || !is_whole(fd, size_bytes, of->digest)) {
		drop(of->blobs->blobs_fd, of->digest);
		return NULL;
	}
	return stream_file(fd_steal(&fd), size_bytes);
}

static struct stream *open_source(const void *context)
{
	const struct blob_source *of = context;
	struct stream *kept = open_kept(of);
	return kept ? kept : check_and_keep(of);
}

struct source blobs_source(struct blobs *b, struct str digest, struct source from, bool keep,
                           struct arena *a)
{
	struct blob_source *of = ARENA_NEW(a, struct blob_source);
	*of = (struct blob_source){b, digest, from, keep};
	return (struct source){.fd = -1,
	                       .size_bytes = from.size_bytes,
	                       .open = open_source,
	                       .context = of,
	                       .checked = true};
}
