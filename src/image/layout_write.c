#include "image/layout_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "os/file.h"
#include "os/folder_tree.h"

enum { PIECE_BYTES = 256 * 1024 };

struct writing {
	int dir_fd;              /* of a folder; -1 for an archive */
	struct archive *archive; /* NULL for a folder */
	struct map written;      /* digests: images share layers */
	json_t *manifests;       /* of index.json */
	const struct layout_image *image;
	struct arena *a;
};

/* ---- Files ---- */

static bool archive_says(const struct writing *w, struct err *e)
{
	return err_set(e, ERR_IO, "writing the archive: %s", archive_error_string(w->archive));
}

static bool begin_member(struct writing *w, const char *path, uint64_t size_bytes, bool folder,
                         struct err *e)
{
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		out_of_memory();
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, folder ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(entry, folder ? 0755 : 0644);
	archive_entry_set_size(entry, (la_int64_t)size_bytes);
	archive_entry_set_mtime(entry, 0, 0);
	bool ok = archive_write_header(w->archive, entry) == ARCHIVE_OK || archive_says(w, e);
	archive_entry_free(entry);
	return ok;
}

static bool write_piece(struct writing *w, int fd, const char *p, size_t n, struct err *e)
{
	if (!w->archive)
		return fd_write_all(fd, p, n, e);
	return archive_write_data(w->archive, p, n) == (la_ssize_t)n || archive_says(w, e);
}

static bool write_file(struct writing *w, const char *path, struct source source, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_STREAM struct stream *s = stream_source(source);
	CLEANUP_FD int fd = -1;
	char *piece = arena_alloc(&scratch, PIECE_BYTES);
	size_t n = 1;
	if (w->archive) {
		if (!begin_member(w, path, source.size_bytes, false, e))
			return false;
	} else if ((fd = openat(w->dir_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) < 0) {
		return err_errno(e, "%s", path);
	}
	while (n > 0)
		if (!stream_fill(s, piece, PIECE_BYTES, &n, e) || !write_piece(w, fd, piece, n, e))
			return false;
	return true;
}

static bool make_folder(struct writing *w, const char *path, struct err *e)
{
	if (w->archive)
		return begin_member(w, path, 0, true, e);
	return mkdirat(w->dir_fd, path, 0755) == 0 || err_errno(e, "%s", path);
}

static bool write_blob(struct writing *w, struct str digest, struct source source, struct err *e)
{
	bool added;
	char *path = arena_cstr(w->a, arena_printf(w->a, "blobs/sha256/%.*s",
	                                           STR_ARG(str_skip(digest, 7))));
	map_put(&w->written, w->a, digest, &added);
	return !added || write_file(w, path, source, e);
}

/* ---- One image ---- */

static bool take_blob(void *context, const struct copied_blob *blob, struct err *e)
{
	return write_blob(context, blob->digest, blob->source, e);
}

static void set(json_t *object, const char *key, struct str value)
{
	if (value.n)
		json_object_set_new(object, key, json_stringn(value.p, value.n));
}

static bool take_manifest(void *context, const struct copied_manifest *m, struct err *e)
{
	struct writing *w = context;
	if (!write_blob(w, m->digest, source_bytes(m->bytes, w->a), e))
		return false;
	if (!m->outermost)
		return true;
	json_t *d = json_object(), *notes = json_object();
	set(d, "mediaType", m->media_type);
	set(d, "digest", m->digest);
	json_object_set_new(d, "size", json_integer((json_int_t)m->bytes.n));
	set(notes, "org.opencontainers.image.ref.name", w->image->tag);
	set(notes, "io.containerd.image.name", w->image->full_name);
	if (json_object_size(notes))
		json_object_set_new(d, "annotations", notes);
	else
		json_decref(notes);
	json_array_append_new(w->manifests, d);
	return true;
}

static struct str index_text(struct writing *w)
{
	json_auto_t *index = json_object();
	json_object_set_new(index, "schemaVersion", json_integer(2));
	json_object_set_new(index, "mediaType",
	                    json_string("application/vnd.oci.image.index.v1+json"));
	json_object_set(index, "manifests", w->manifests);
	char *text = json_dumps(index, JSON_COMPACT);
	if (!text)
		out_of_memory();
	struct str kept = arena_str(w->a, str_of(text));
	free(text);
	return kept;
}

static bool write_all(struct writing *w, const struct layout_image *images, size_t count,
                      const struct image_options *options, struct err *e)
{
	static const struct str layout = STR_INIT("{\"imageLayoutVersion\":\"1.0.0\"}");
	struct copy_taker taker = {take_blob, take_manifest, w};
	if (!write_file(w, "oci-layout", source_bytes(layout, w->a), e) ||
	    !make_folder(w, "blobs", e) || !make_folder(w, "blobs/sha256", e))
		return false;
	w->manifests = json_array();
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		w->image = &images[i];
		ok = image_copy(&images[i].ref, options, &taker, w->a, e);
	}
	ok = ok && write_file(w, "index.json", source_bytes(index_text(w), w->a), e);
	json_decref(w->manifests);
	return ok;
}

/* ---- Where to ---- */

/* "oci-archive:x.tar" */
static bool split(struct str text, bool *archive, struct str *path)
{
	size_t colon = str_index(text, ':');
	struct str kind = str_slice(text, 0, colon);
	*path = str_skip(text, colon + 1);
	*archive = str_eq(kind, STR("oci-archive"));
	return path->n > 0 &&
	       (*archive || str_eq(kind, STR("oci-dir")) || str_eq(kind, STR("oci")));
}

bool layout_write_check(struct str text, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str path;
	bool archive;
	if (!split(text, &archive, &path))
		return err_set(e, ERR_USAGE, "\"%.*s\" is neither oci-dir:FOLDER nor oci-archive:FILE",
		               STR_ARG(text));
	char *name = arena_cstr(&scratch, path);
	return !path_exists(name) ||
	       err_set(e, ERR_USAGE, "%s is there already; name one that is not, or remove it", name);
}

static bool write_folder(struct writing *w, const char *path, const struct layout_image *images,
                         size_t count, const struct image_options *options, struct err *e)
{
	char *temporary = arena_cstr(w->a, arena_printf(w->a, "%s.XXXXXX", path));
	if (!mkdtemp(temporary))
		return err_errno(e, "%s", path);
	CLEANUP_FD int fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->dir_fd = fd;
	bool ok = (fd >= 0 && fchmod(fd, 0755) == 0) || err_errno(e, "%s", temporary);
	ok = ok && write_all(w, images, count, options, e);
	ok = ok && (rename(temporary, path) == 0 || err_errno(e, "%s", path));
	struct err ignored = ERR_INIT;
	return folder_tree_remove(AT_FDCWD, temporary, ok ? e : &ignored) && ok;
}

static bool write_archive(struct writing *w, const char *path, const struct layout_image *images,
                          size_t count, const struct image_options *options, struct err *e)
{
	char *temporary = arena_cstr(w->a, arena_printf(w->a, "%s.XXXXXX", path));
	CLEANUP_FD int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	w->archive = archive_write_new();
	if (!w->archive)
		out_of_memory();
	bool ok = (archive_write_set_format_pax_restricted(w->archive) == ARCHIVE_OK &&
	           archive_write_set_bytes_per_block(w->archive, PIECE_BYTES) == ARCHIVE_OK &&
	           archive_write_set_bytes_in_last_block(w->archive, 1) == ARCHIVE_OK &&
	           archive_write_open_fd(w->archive, fd) == ARCHIVE_OK) ||
	          archive_says(w, e);
	ok = ok && write_all(w, images, count, options, e);
	ok = ok && (archive_write_close(w->archive) == ARCHIVE_OK || archive_says(w, e));
	archive_write_free(w->archive);
	ok = ok && ((fchmod(fd, 0644) == 0 && rename(temporary, path) == 0) || err_errno(e, "%s", path));
	if (!ok)
		unlink(temporary);
	return ok;
}

bool layout_write(struct str text, const struct layout_image *images, size_t count,
                  const struct image_options *options, struct arena *a, struct err *e)
{
	struct writing w = {.dir_fd = -1, .a = a};
	struct str path;
	bool archive;
	if (!layout_write_check(text, e) || !split(text, &archive, &path))
		return false;
	while (path.n > 1 && str_ends(path, STR("/")))
		path.n--;
	char *name = arena_cstr(a, path);
	return archive ? write_archive(&w, name, images, count, options, e)
	               : write_folder(&w, name, images, count, options, e);
}
