#include "advisory/import.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "os/file.h"

/* ---- Records ---- */

struct import {
	struct database_writer *to;
	struct jnodes nodes; /* room of the record before */
	struct arena *nodes_arena;
	uint64_t taken; /* records and lines of lists */
};

static bool add_record(struct import *im, const struct jnode *osv, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct advisory advisory;
	im->taken++;
	return advisory_read(&advisory, osv, &scratch, e) && database_add(im->to, &advisory, e);
}

/* CISA's catalogue: "vulnerabilities": [{"cveID": …, "dateAdded": …}]. */
static bool add_catalogue(struct import *im, const struct jnode *list, struct str date,
			  struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	if (date.n)
		im->to->about.newest = arena_str(im->to->arena, date);
	for (const struct jnode *m = jnode_first(list); m; m = jnode_next(list, m)) {
		struct str id = jnode_get_str(m, "cveID", &scratch);
		if (!id.n)
			return err_set(e, ERR_INPUT,
				       "an entry of \"vulnerabilities\" has no \"cveID\"");
		im->taken++;
		if (!database_add_exploited(im->to, id, jnode_get_str(m, "dateAdded", &scratch), e))
			return false;
	}
	return true;
}

static bool add_value(struct import *im, const struct jnode *value, struct err *e)
{
	const struct jnode *list = jnode_get(value, "vulnerabilities");
	if (jnode_is(list, JNODE_ARRAY) && !jnode_get(value, "id"))
		return add_catalogue(im, list, jnode_get_str(value, "dateReleased", im->to->arena),
				     e);
	if (!jnode_is(value, JNODE_ARRAY))
		return add_record(im, value, e);
	for (const struct jnode *m = jnode_first(value); m; m = jnode_next(value, m))
		if (!add_record(im, m, e))
			return false;
	return true;
}

static bool add_json(struct import *im, struct str text, struct err *e)
{
	const struct jnode *value = jnode_parse(&im->nodes, text, im->nodes_arena, e);
	return value && add_value(im, value, e);
}

/* ---- EPSS ---- */

/* "cve,epss,percentile" under a line of comment that has the scores' date. */
static bool is_epss(struct str text)
{
	return str_starts(text, STR("cve,epss")) || str_starts(text, STR("#model_version:"));
}

static bool read_score(struct str text, double *score)
{
	char copy[32], *end;
	if (!text.n || text.n >= sizeof copy)
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	*score = strtod(copy, &end);
	return !*end && *score >= 0 && *score <= 1;
}

static bool add_score(struct import *im, struct str line, struct err *e)
{
	struct str id, score;
	double value;
	size_t date = str_find(line, STR("score_date:"));
	if (str_starts(line, STR("#"))) {
		if (date < line.n)
			im->to->about.newest =
				arena_str(im->to->arena, str_trim(str_skip(line, date + 11)));
		return true;
	}
	if (!str_trim(line).n || str_starts(line, STR("cve,")))
		return true;
	if (!str_next(&line, ',', &id) || !str_next(&line, ',', &score) ||
	    !read_score(score, &value))
		return err_set(e, ERR_INPUT, "a line of scores wants cve,epss,percentile");
	im->taken++;
	return database_add_epss(im->to, id, value, e);
}

/* ---- Texts ---- */

static bool add_lines(struct import *im, struct str text,
		      bool (*add)(struct import *im, struct str line, struct err *e), struct err *e)
{
	struct str line;
	for (size_t number = 1; str_next(&text, '\n', &line); number++)
		if (str_trim(line).n && !add(im, line, e))
			return err_wrap(e, "line %zu", number);
	return true;
}

/* One record a line: the first line is a whole one, and another follows. */
static bool has_lines(struct import *im, struct str text)
{
	struct err ignored = ERR_INIT;
	size_t end = str_index(text, '\n');
	return str_trim(str_skip(text, end)).n &&
	       jnode_parse(&im->nodes, str_slice(text, 0, end), im->nodes_arena, &ignored);
}

static bool add_text(struct import *im, struct str text, struct str name, struct err *e)
{
	bool ok = is_epss(text)         ? add_lines(im, text, add_score, e)
		  : has_lines(im, text) ? add_lines(im, text, add_json, e)
					: add_json(im, text, e);
	return ok || err_wrap(e, "%.*s", STR_ARG(name));
}

bool import_text(struct database_writer *w, struct str text, struct str name, struct err *e)
{
	CLEANUP_ARENA struct arena nodes = ARENA_INIT;
	struct import im = {.to = w, .nodes_arena = &nodes};
	return add_text(&im, text, name, e);
}

/* ---- Archives ---- */

static void free_archive(struct archive **a)
{
	archive_read_free(*a);
}

static bool archive_fail(struct archive *from, struct err *e)
{
	const char *why = archive_error_string(from);
	return err_set(e, ERR_INPUT, "%s", why ? why : "a broken archive");
}

/* The whole of an entry; what is larger than any advisory is refused while it inflates. */
static bool read_entry(struct archive *from, struct buf *text, struct err *e)
{
	enum { BLOCK = 65536 };
	text->n = 0;
	for (;;) {
		if (!buf_reserve(text, BLOCK, e))
			return false;
		la_ssize_t n = archive_read_data(from, text->p + text->n, BLOCK);
		if (n < 0)
			return archive_fail(from, e);
		if (n == 0)
			return true;
		text->n += (size_t)n;
	}
}

static bool is_wanted(struct str name)
{
	return str_ends(name, STR(".json")) || str_ends(name, STR(".jsonl")) ||
	       str_ends(name, STR(".ndjson")) || str_ends(name, STR(".csv"));
}

/* A plain file is an archive of one entry to libarchive, whose format it calls raw. */
static bool read_entries(struct import *im, struct archive *from, struct str name, struct err *e)
{
	CLEANUP_BUF struct buf text = BUF_INIT(LIMIT_ADVISORIES_BYTES);
	struct archive_entry *entry;
	uint64_t bytes = 0;
	int code;
	while ((code = archive_read_next_header(from, &entry)) == ARCHIVE_OK ||
	       code == ARCHIVE_WARN) {
		bool raw = archive_format(from) == ARCHIVE_FORMAT_RAW;
		const char *path = archive_entry_pathname(entry);
		struct str where = raw || !path ? name : str_of(path);
		if (!raw && (archive_entry_filetype(entry) != AE_IFREG || !is_wanted(where)))
			continue;
		if (!read_entry(from, &text, e))
			return err_wrap(e, "%.*s", STR_ARG(where));
		bytes += text.n;
		if (bytes > LIMIT_ADVISORIES_TOTAL_BYTES)
			return err_set(e, ERR_LIMIT, "more than %llu bytes of advisories",
				       (unsigned long long)LIMIT_ADVISORIES_TOTAL_BYTES);
		if (!add_text(im, buf_str(&text), where, e))
			return false;
	}
	return code == ARCHIVE_EOF || archive_fail(from, e);
}

static struct archive *new_archive(void)
{
	struct archive *from = archive_read_new();
	if (!from)
		out_of_memory();
	archive_read_support_filter_gzip(from);
	archive_read_support_filter_xz(from);
	archive_read_support_filter_zstd(from);
	archive_read_support_format_zip(from);
	archive_read_support_format_tar(from);
	archive_read_support_format_raw(from);
	return from;
}

static bool import_file(struct import *im, struct str path, struct arena *a, struct err *e)
{
	enum { BLOCK = 65536 };
	__attribute__((cleanup(free_archive))) struct archive *from = new_archive();
	int code = path.n ? archive_read_open_filename(from, arena_cstr(a, path), BLOCK)
			  : archive_read_open_fd(from, STDIN_FILENO, BLOCK);
	if (code != ARCHIVE_OK)
		return archive_fail(from, e);
	return read_entries(im, from, path.n ? str_basename(path) : STR("standard input"), e);
}

/* ---- Folders ---- */

static int by_name(const FTSENT **left, const FTSENT **right)
{
	return strcmp((*left)->fts_name, (*right)->fts_name);
}

static bool import_folder(struct import *im, struct str path, struct arena *a, struct err *e)
{
	char *const roots[] = {arena_cstr(a, path), NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, by_name);
	bool ok = walk || err_errno(e, "%.*s", STR_ARG(path));
	const FTSENT *entry;
	while (ok && (entry = fts_read(walk))) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct str name = str_of(entry->fts_path), text;
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
			errno = entry->fts_errno;
			ok = err_errno(e, "%s", entry->fts_path);
		} else if ((entry->fts_info == FTS_F || entry->fts_info == FTS_NSOK) &&
			   is_wanted(name)) {
			ok = file_read(entry->fts_path, LIMIT_ADVISORIES_BYTES, &scratch, &text,
				       e) &&
			     add_text(im, text, name, e);
		}
	}
	if (walk)
		fts_close(walk);
	return ok;
}

/* ---- All of it ---- */

bool import_path(struct database_writer *w, struct str path, struct arena *a, struct err *e)
{
	CLEANUP_ARENA struct arena nodes = ARENA_INIT;
	struct import im = {.to = w, .nodes_arena = &nodes};
	struct stat st;
	if (path.n && stat(arena_cstr(a, path), &st) != 0)
		return err_errno(e, "%.*s", STR_ARG(path));
	bool folder = path.n && S_ISDIR(st.st_mode);
	bool ok = folder ? import_folder(&im, path, a, e) : import_file(&im, path, a, e);
	if (ok && im.taken == 0)
		ok = err_set(e, ERR_INPUT,
			     "no advisories in it: an OSV bundle (zip), a folder or a file "
			     "of OSV records is wanted");
	return ok || err_wrap(e, "%.*s", STR_ARG(path.n ? path : STR("-")));
}

struct str import_name(struct str path, struct arena *a)
{
	static const char *const endings[] = {".gz",  ".xz",   ".zst",   ".zip",    ".tar",
					      ".tgz", ".json", ".jsonl", ".ndjson", ".csv"};
	while (str_ends(path, STR("/")))
		path = str_slice(path, 0, path.n - 1);
	struct str name = str_basename(path);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_ends(name, str_of(endings[i])))
			name = str_slice(name, 0, name.n - strlen(endings[i]));
	char *p = arena_cstr(a, name.n ? name : STR("stdin"));
	size_t n = strlen(p) < 100 ? strlen(p) : 100;
	for (size_t i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			    p[i]) &&
		    (p[i] != '.' || i == 0))
			p[i] = '-';
	return (struct str){p, n};
}
