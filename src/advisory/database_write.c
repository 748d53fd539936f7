#include <fcntl.h>

#include "advisory/database.h"
#include "advisory/sql.h"
#include "core/limits.h"
#include "os/file.h"

static const char schema[] =
	"CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE advisory (number INTEGER PRIMARY KEY, id TEXT UNIQUE, modified TEXT NOT NULL,"
	" head TEXT NOT NULL);"
	"CREATE TABLE affected (base TEXT NOT NULL, key TEXT NOT NULL, advisory INTEGER NOT NULL,"
	" entry TEXT NOT NULL);"
	"CREATE TABLE ecosystem (name TEXT PRIMARY KEY, advisories INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE graded (id TEXT NOT NULL, severity TEXT NOT NULL);"
	"CREATE TABLE exploited (id TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE epss (id TEXT PRIMARY KEY, score REAL NOT NULL) WITHOUT ROWID;";

/* Nobody sees the file before it is whole, so nothing guards it on the way. */
static const char quick[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
			    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -16000;"
			    "PRAGMA user_version = 1; BEGIN;";

static bool prepare_all(struct database_writer *w, struct err *e)
{
	return sql_prepare(w->db, &w->known, "SELECT number, modified FROM advisory WHERE id = ?1",
			   e) &&
	       sql_prepare(w->db, &w->supersede, "UPDATE advisory SET id = NULL WHERE id = ?1",
			   e) &&
	       sql_prepare(w->db, &w->advisory, "INSERT INTO advisory VALUES (?1, ?2, ?3, ?4)",
			   e) &&
	       sql_prepare(w->db, &w->affected, "INSERT INTO affected VALUES (?1, ?2, ?3, ?4)",
			   e) &&
	       sql_prepare(w->db, &w->graded, "INSERT INTO graded VALUES (?1, ?2)", e) &&
	       sql_prepare(w->db, &w->exploited, "INSERT OR REPLACE INTO exploited VALUES (?1, ?2)",
			   e) &&
	       sql_prepare(w->db, &w->epss, "INSERT OR REPLACE INTO epss VALUES (?1, ?2)", e);
}

bool database_begin(struct database_writer *w, struct str folder, struct str name, struct arena *a,
		    struct err *e)
{
	*w = (struct database_writer){.arena = a,
				      .name = name,
				      .dir_fd = -1,
				      .file = NEW_FILE_NONE,
				      .text = BUF_INIT(LIMIT_JSON_BYTES)};
	const char *path = ":memory:";
	if (folder.n) {
		w->dir_fd = open(arena_cstr(a, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (w->dir_fd < 0)
			return err_errno(e, "%.*s", STR_ARG(folder));
		if (!new_file_begin(&w->file, w->dir_fd, e))
			return err_wrap(e, "%.*s", STR_ARG(folder));
		path = arena_printf(a, "%.*s/%s", STR_ARG(folder), w->file.temporary).p;
	}
	if (sqlite3_open_v2(path, &w->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK)
		return w->db ? sql_fail(w->db, e)
			     : err_set(e, ERR_IO, "%s: SQLite cannot open it", path);
	return sql_run(w->db, quick, e) && sql_run(w->db, schema, e) && prepare_all(w, e);
}

/* ---- Advisories ---- */

static bool run(sqlite3_stmt *s, struct err *e)
{
	bool row;
	return sql_step(s, &row, e);
}

/* Whether this state is to be taken; then an older one has given way. */
static bool make_room(struct database_writer *w, const struct advisory *advisory, bool *take,
		      struct err *e)
{
	bool row;
	*take = true;
	sql_bind(w->known, 1, advisory->id);
	if (!sql_step(w->known, &row, e))
		return false;
	if (!row)
		return true;
	*take = str_cmp(advisory->modified, sql_str(w->known, 1)) >= 0;
	sqlite3_reset(w->known);
	if (!*take)
		return true;
	w->about.advisories--;
	sql_bind(w->supersede, 1, advisory->id);
	return run(w->supersede, e);
}

/* How many advisories an ecosystem has; `last` is the one that was counted last. */
struct tally {
	uint64_t advisories;
	int64_t last;
};

static void count_ecosystem(struct database_writer *w, struct str name)
{
	struct tally *tally = map_get(&w->ecosystems, name);
	if (!tally) {
		tally = ARENA_NEW(w->arena, struct tally);
		*map_put(&w->ecosystems, w->arena, arena_str(w->arena, name), NULL) =
			(uintptr_t)tally;
	}
	tally->advisories += tally->last != w->number;
	tally->last = w->number;
}

static bool add_affected(struct database_writer *w, const struct affected *f, struct arena *scratch,
			 struct err *e)
{
	struct str base = osv_base(f->ecosystem);
	w->text.n = 0;
	if (!affected_write(f, &w->text, e))
		return false;
	sql_bind(w->affected, 1, base);
	sql_bind(w->affected, 2, osv_key(base, f->name, scratch));
	sqlite3_bind_int64(w->affected, 3, w->number);
	sql_bind(w->affected, 4, buf_str(&w->text));
	count_ecosystem(w, f->ecosystem);
	return run(w->affected, e);
}

static bool add_grade(struct database_writer *w, struct str id, const struct severity *s,
		      struct err *e)
{
	sql_bind(w->graded, 1, id);
	sql_bind(w->graded, 2, s->vector.n ? s->vector : str_of(severity_name(s->word)));
	return run(w->graded, e);
}

/* By its own name and its aliases: what it derives from may be graver, or less so. */
static bool add_grades(struct database_writer *w, const struct advisory *advisory, struct err *e)
{
	const struct severity *s = &advisory->severity;
	if (s->word == SEVERITY_UNKNOWN)
		return true;
	for (size_t i = 0; i < advisory->aliases.n; i++)
		if (!add_grade(w, advisory->aliases.p[i], s, e))
			return false;
	return add_grade(w, advisory->id, s, e);
}

static bool add_head(struct database_writer *w, const struct advisory *advisory, struct err *e)
{
	w->text.n = 0;
	if (!advisory_write_head(advisory, &w->text, e))
		return false;
	sqlite3_bind_int64(w->advisory, 1, ++w->number);
	sql_bind(w->advisory, 2, advisory->id);
	sql_bind(w->advisory, 3, advisory->modified);
	sql_bind(w->advisory, 4, buf_str(&w->text));
	return run(w->advisory, e);
}

static void note_newest(struct database_writer *w, struct str date)
{
	if (str_cmp(date, w->about.newest) > 0)
		w->about.newest = arena_str(w->arena, date);
}

bool database_add(struct database_writer *w, const struct advisory *advisory, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	bool take;
	if (!make_room(w, advisory, &take, e))
		return false;
	if (!take)
		return true;
	if (!add_head(w, advisory, e) || !add_grades(w, advisory, e))
		return false;
	for (size_t i = 0; i < advisory->affected.n; i++)
		if (!add_affected(w, &advisory->affected.p[i], &scratch, e))
			return false;
	note_newest(w, advisory->modified);
	w->about.advisories++;
	return true;
}

/* ---- Lists ---- */

bool database_add_exploited(struct database_writer *w, struct str id, struct str since,
			    struct err *e)
{
	sql_bind(w->exploited, 1, id);
	sql_bind(w->exploited, 2, since);
	w->about.exploited++;
	return run(w->exploited, e);
}

bool database_add_epss(struct database_writer *w, struct str id, double score, struct err *e)
{
	sql_bind(w->epss, 1, id);
	sqlite3_bind_double(w->epss, 2, score);
	w->about.epss++;
	return run(w->epss, e);
}

/* ---- The end ---- */

static bool write_ecosystems(struct database_writer *w, struct err *e)
{
	sqlite3_stmt *s;
	bool ok = true;
	if (!sql_prepare(w->db, &s, "INSERT INTO ecosystem VALUES (?1, ?2)", e))
		return false;
	for (size_t i = 0; ok && i < w->ecosystems.cap; i++) {
		if (!w->ecosystems.slot[i].used)
			continue;
		const struct tally *tally = map_get(&w->ecosystems, w->ecosystems.slot[i].key);
		sql_bind(s, 1, w->ecosystems.slot[i].key);
		sqlite3_bind_int64(s, 2, (sqlite3_int64)tally->advisories);
		ok = run(s, e);
	}
	sqlite3_finalize(s);
	return ok;
}

static bool write_about(struct database_writer *w, struct err *e)
{
	struct arena *a = w->arena;
	const struct {
		const char *key;
		struct str value;
	} rows[] = {
		{"source", w->about.source},
		{"asked", w->about.asked},
		{"newest", w->about.newest},
		{"taken", w->about.taken},
		{"etag", w->about.etag},
		{"last-modified", w->about.last_modified},
		{"advisories", arena_printf(a, "%llu", (unsigned long long)w->about.advisories)},
		{"exploited", arena_printf(a, "%llu", (unsigned long long)w->about.exploited)},
		{"epss", arena_printf(a, "%llu", (unsigned long long)w->about.epss)},
	};
	sqlite3_stmt *s;
	bool ok = true;
	if (!sql_prepare(w->db, &s, "INSERT INTO about VALUES (?1, ?2)", e))
		return false;
	for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++) {
		sql_bind(s, 1, str_of(rows[i].key));
		sql_bind(s, 2, rows[i].value);
		ok = run(s, e);
	}
	sqlite3_finalize(s);
	return ok;
}

static void finalize_all(struct database_writer *w)
{
	sqlite3_stmt **const all[] = {&w->known,  &w->supersede, &w->advisory, &w->affected,
				      &w->graded, &w->exploited, &w->epss};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		sqlite3_finalize(*all[i]);
		*all[i] = NULL;
	}
}

bool database_finish(struct database_writer *w, struct err *e)
{
	static const char indexes[] = "CREATE INDEX affected_key ON affected (base, key);"
				      "CREATE INDEX graded_id ON graded (id); COMMIT;";
	finalize_all(w);
	if (!write_ecosystems(w, e) || !write_about(w, e) || !sql_run(w->db, indexes, e))
		return false;
	if (w->file.fd < 0)
		return true;
	sqlite3_close(w->db);
	w->db = NULL;
	return new_file_finish(&w->file, arena_printf(w->arena, "%.*s.db", STR_ARG(w->name)).p, e);
}

void database_abandon(struct database_writer *w)
{
	finalize_all(w);
	sqlite3_close(w->db);
	w->db = NULL;
	new_file_abandon(&w->file);
	fd_close(&w->dir_fd);
	w->dir_fd = -1;
	buf_release(&w->text);
}
