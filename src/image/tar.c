#include "image/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>

#include "core/limits.h"

struct tar {
	struct archive *archive;
	struct archive_entry *entry; /* libarchive's, valid until the next one */
	struct tar_input input;
	struct err input_err; /* why the input failed, if it did */
	locale_t locale;
	bool opened;
};

static la_ssize_t give_block(struct archive *archive, void *context, const void **p)
{
	struct tar *t = context;
	struct str block;
	if (!t->input.next(t->input.context, &block, &t->input_err)) {
		archive_set_error(archive, -1, "input");
		return -1;
	}
	*p = block.p;
	return (la_ssize_t)block.n;
}

static la_int64_t skip_bytes(struct archive *archive, void *context, la_int64_t n)
{
	(void)archive;
	struct tar *t = context;
	return t->input.skip && n > 0 ? (la_int64_t)t->input.skip(t->input.context, (uint64_t)n)
	                              : 0;
}

/* libarchive brings names into the locale's character set: in a UTF-8 locale it composes
 * what was decomposed, so that a file is found under a name that it does not have. In the
 * "C" locale it warns that it cannot and hands the bytes on as they are. The thread is put
 * there around each call, whatever the program has set. */
struct tar *tar_open(struct tar_input input)
{
	struct tar *t = calloc(1, sizeof *t);
	if (!t)
		out_of_memory();
	t->input = input;
	t->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	t->archive = archive_read_new();
	if (!t->archive || !t->locale)
		out_of_memory();
	archive_read_support_filter_none(t->archive);
	archive_read_support_format_tar(t->archive);
	archive_read_support_format_empty(t->archive);
	return t;
}

void tar_close(struct tar **tar)
{
	struct tar *t = *tar;
	if (!t)
		return;
	archive_read_free(t->archive);
	freelocale(t->locale);
	free(t);
	*tar = NULL;
}

uint64_t tar_header_offset(const struct tar *t)
{
	la_int64_t off = archive_read_header_position(t->archive);
	return off < 0 ? 0 : (uint64_t)off;
}

uint64_t tar_data_offset(const struct tar *t)
{
	return (uint64_t)archive_filter_bytes(t->archive, 0);
}

bool tar_is_sparse(const struct tar *t)
{
	return archive_entry_sparse_count(t->entry) > 0;
}

static bool fail(struct tar *t, struct err *e)
{
	if (t->input_err.code != ERR_NONE) {
		*e = t->input_err;
		return false;
	}
	const char *why = archive_error_string(t->archive);
	return err_set(e, ERR_INPUT, "the tar is damaged in the entry at offset %llu: %s",
	               (unsigned long long)tar_header_offset(t), why ? why : "not a tar");
}

static uint8_t type_of(struct archive_entry *from)
{
	switch (archive_entry_filetype(from)) {
	case AE_IFDIR:
		return ENTRY_DIR;
	case AE_IFLNK:
		return ENTRY_SYMLINK;
	case AE_IFCHR:
		return ENTRY_CHAR;
	case AE_IFBLK:
		return ENTRY_BLOCK;
	case AE_IFIFO:
		return ENTRY_FIFO;
	default:
		return ENTRY_FILE;
	}
}

static bool set_link(struct entry *entry, struct archive_entry *from, struct arena *a,
                     struct err *e)
{
	const char *hard = archive_entry_hardlink(from);
	if (hard) {
		entry->type = ENTRY_HARDLINK;
		return facts_path(str_of(hard), a, &entry->link, e);
	}
	if (entry->type == ENTRY_CHAR || entry->type == ENTRY_BLOCK)
		entry->link = arena_printf(a, "%llu:%llu",
		                           (unsigned long long)archive_entry_rdevmajor(from),
		                           (unsigned long long)archive_entry_rdevminor(from));
	if (entry->type != ENTRY_SYMLINK)
		return true;
	struct str target = str_of(archive_entry_symlink(from));
	if (target.n == 0 || target.n >= LIMIT_PATH_BYTES)
		return err_set(e, ERR_INPUT, "a symbolic link to a path of %zu bytes", target.n);
	entry->link = arena_str(a, target);
	return true;
}

static bool convert(struct entry *entry, struct archive_entry *from, struct arena *a, struct err *e)
{
	const char *name = archive_entry_pathname(from);
	*entry = (struct entry){.type = type_of(from),
	                        .mode = archive_entry_perm(from) & 07777,
	                        .uid = (uint32_t)archive_entry_uid(from),
	                        .gid = (uint32_t)archive_entry_gid(from),
	                        .mtime_s = archive_entry_mtime(from)};
	if (!name)
		return err_set(e, ERR_INPUT, "a name that cannot be read");
	if (!facts_path(str_of(name), a, &entry->path, e) || !set_link(entry, from, a, e))
		return false;
	if (entry->path.n == 0 && entry->type != ENTRY_DIR)
		return err_set(e, ERR_INPUT, "\"%s\" is the root, but no folder", name);
	if (entry->type == ENTRY_FILE && archive_entry_size(from) > 0)
		entry->size_bytes = (uint64_t)archive_entry_size(from);
	return true;
}

bool tar_next(struct tar *t, struct arena *a, struct entry *entry, bool *more, struct err *e)
{
	locale_t before = uselocale(t->locale);
	int code = ARCHIVE_OK;
	*more = false;
	if (!t->opened) {
		t->opened = true;
		code = archive_read_open2(t->archive, t, NULL, give_block, skip_bytes, NULL);
	}
	/* ARCHIVE_WARN is no end: the entry is there, only its name could not be converted. */
	if (code == ARCHIVE_OK)
		code = archive_read_next_header(t->archive, &t->entry);
	bool ok = code == ARCHIVE_OK || code == ARCHIVE_WARN;
	bool ended = code == ARCHIVE_EOF;
	if (ok)
		ok = convert(entry, t->entry, a, e) ||
		     err_wrap(e, "the entry at offset %llu",
		              (unsigned long long)tar_header_offset(t));
	else if (!ended)
		fail(t, e);
	uselocale(before);
	*more = ok;
	return ok || ended;
}

bool tar_data(struct tar *t, struct str *piece, uint64_t *off, bool *more, struct err *e)
{
	const void *p;
	size_t n;
	la_int64_t at;
	int code = archive_read_data_block(t->archive, &p, &n, &at);
	*more = code == ARCHIVE_OK || code == ARCHIVE_WARN;
	if (*more) {
		*piece = (struct str){p, n};
		*off = (uint64_t)at;
	}
	return *more || code == ARCHIVE_EOF || fail(t, e);
}

bool tar_whiteout(struct entry *entry, struct arena *a, bool *skip, struct err *e)
{
	struct str name = str_basename(entry->path), folder = str_dirname(entry->path);
	*skip = false;
	if (!str_starts(name, STR(".wh.")))
		return true;
	if (str_eq(name, STR(".wh..wh..opq"))) {
		*entry = (struct entry){.type = ENTRY_OPAQUE, .path = folder};
		return true;
	}
	if (str_starts(name, STR(".wh..wh."))) {
		*skip = true;
		return true;
	}
	struct str hidden = str_skip(name, 4);
	if (hidden.n == 0 || str_eq(hidden, STR(".")) || str_eq(hidden, STR("..")))
		return err_set(e, ERR_INPUT, "%.*s: a whiteout of \"%.*s\"", STR_ARG(entry->path),
		               STR_ARG(hidden));
	struct str path =
		folder.n ? arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(hidden)) : hidden;
	*entry = (struct entry){.type = ENTRY_WHITEOUT, .path = path};
	return true;
}
