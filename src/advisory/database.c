#include "advisory/database.h"

#include "advisory/sql.h"
#include "core/limits.h"
#include "os/file.h"

/* ---- Opening ---- */

static bool prepare_all(struct database *d, struct err *e)
{
	return sql_prepare(d->db, &d->find,
			   "SELECT v.id, v.head, f.entry FROM affected f JOIN advisory v"
			   " ON v.number = f.advisory WHERE f.base = ?1 AND f.key = ?2"
			   " AND v.id IS NOT NULL ORDER BY f.rowid",
			   e) &&
	       sql_prepare(d->db, &d->state, "SELECT modified FROM advisory WHERE id = ?1", e) &&
	       sql_prepare(d->db, &d->graded, "SELECT severity FROM graded WHERE id = ?1", e) &&
	       sql_prepare(d->db, &d->exploited, "SELECT since FROM exploited WHERE id = ?1", e) &&
	       sql_prepare(d->db, &d->epss, "SELECT score FROM epss WHERE id = ?1", e);
}

static void take_about(struct database_about *about, struct str key, struct str value,
		       struct arena *a)
{
	const struct {
		const char *key;
		struct str *text;
		uint64_t *number;
	} rows[] = {
		{"source", &about->source, NULL},
		{"asked", &about->asked, NULL},
		{"newest", &about->newest, NULL},
		{"taken", &about->taken, NULL},
		{"etag", &about->etag, NULL},
		{"last-modified", &about->last_modified, NULL},
		{"advisories", NULL, &about->advisories},
		{"exploited", NULL, &about->exploited},
		{"epss", NULL, &about->epss},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!str_eq(key, str_of(rows[i].key)))
			continue;
		if (rows[i].text)
			*rows[i].text = arena_str(a, value);
		else
			(void)str_to_u64(value, rows[i].number);
	}
}

static bool read_about(struct database *d, struct arena *a, struct err *e)
{
	sqlite3_stmt *s;
	bool row = true, ok = true;
	if (!sql_prepare(d->db, &s, "SELECT key, value FROM about", e))
		return false;
	while (ok && (ok = sql_step(s, &row, e)) && row)
		take_about(&d->about, sql_str(s, 0), sql_str(s, 1), a);
	sqlite3_finalize(s);
	return ok;
}

static bool read_ecosystems(struct database *d, struct arena *a, struct err *e)
{
	sqlite3_stmt *s;
	bool row = true, ok = true;
	if (!sql_prepare(d->db, &s, "SELECT name, advisories FROM ecosystem ORDER BY name", e))
		return false;
	while (ok && (ok = sql_step(s, &row, e)) && row) {
		sqlite3_int64 n = sqlite3_column_int64(s, 1);
		*vec_push(&d->ecosystems.list, a) = (struct ecosystem_count){
			arena_str(a, sql_str(s, 0)), n > 0 ? (size_t)n : 0};
	}
	sqlite3_finalize(s);
	return ok;
}

static bool is_ours(struct database *d, struct err *e)
{
	sqlite3_stmt *s;
	bool row;
	if (!sql_prepare(d->db, &s, "PRAGMA user_version", e))
		return false;
	bool ok = sql_step(s, &row, e);
	int version = ok && row ? sqlite3_column_int(s, 0) : 0;
	sqlite3_finalize(s);
	return ok && (version == 1 || err_set(e, ERR_INPUT, "made by another version of socle"));
}

/* "?" and "#" would end the path of a URI, and "%" begin an escape (sqlite.org, "URI Filenames").
 */
static struct str immutable_uri(struct str path, struct arena *a)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = arena_alloc(a, path.n * 3 + 1);
	size_t n = 0;
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		if (c != '?' && c != '#' && c != '%') {
			p[n++] = c;
			continue;
		}
		p[n++] = '%';
		p[n++] = digits[(unsigned char)c >> 4];
		p[n++] = digits[(unsigned char)c & 15];
	}
	return arena_printf(a, "file:%.*s?immutable=1", (int)n, p);
}

bool database_open(struct database *d, struct str path, struct str name, struct arena *a,
		   struct err *e)
{
	*d = (struct database){.name = name};
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
	bool opened = sqlite3_open_v2(immutable_uri(path, a).p, &d->db, flags, NULL) == SQLITE_OK;
	if ((opened || sql_fail(d->db, e)) && is_ours(d, e) && read_about(d, a, e) &&
	    read_ecosystems(d, a, e) && prepare_all(d, e))
		return true;
	database_close(d);
	return err_wrap(e, "%.*s", STR_ARG(path));
}

bool database_of_memory(struct database *d, struct database_writer *w, struct str name,
			struct err *e)
{
	*d = (struct database){.name = name, .db = w->db};
	w->db = NULL;
	d->about = w->about;
	return read_ecosystems(d, w->arena, e) && prepare_all(d, e);
}

void database_close(struct database *d)
{
	sqlite3_stmt *const all[] = {d->find, d->state, d->graded, d->exploited, d->epss};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sqlite3_finalize(all[i]);
	sqlite3_close(d->db);
	*d = (struct database){.db = NULL};
}

bool database_has_base(const struct database *d, struct str base)
{
	for (size_t i = 0; i < d->ecosystems.list.n; i++)
		if (str_eq(osv_base(d->ecosystems.list.p[i].name), base))
			return true;
	return false;
}

/* ---- Asking ---- */

static bool damaged(const struct database *d, struct err *e)
{
	return err_wrap(e, "advisories of %.*s", STR_ARG(d->name));
}

/* What was written by database_add() is sound; a file that somebody changed may be anything. */
static bool read_hit(struct advisory_hit *hit, struct jnodes *nodes, struct str head,
		     struct str entry, struct arena *a, struct err *e)
{
	const struct jnode *n = jnode_parse(nodes, head, a, e);
	if (!n || !advisory_read(&hit->advisory, n, a, e))
		return false;
	n = jnode_parse(nodes, entry, a, e);
	return n && (affected_read(&hit->affected, n, a) ||
		     err_set(e, ERR_INPUT, "an entry names no package"));
}

/* Before anything is copied: a kernel has tens of thousands of entries, most of them of other
 * releases. */
static bool is_of_release(struct jnodes *nodes, struct str entry, const struct packages *in,
			  bool *is, struct arena *a, struct err *e)
{
	const struct jnode *n = jnode_parse(nodes, entry, a, e);
	*is = n && osv_release_is(jnode_get_str(jnode_get(n, "package"), "ecosystem", a), in);
	return n;
}

bool database_find(struct database *d, struct str base, struct str key, const struct packages *in,
		   struct advisory_hits *hits, struct arena *a, struct err *e)
{
	struct jnodes nodes = {0};
	bool row = true, ok = true;
	sql_bind(d->find, 1, base);
	sql_bind(d->find, 2, key);
	while ((ok = sql_step(d->find, &row, e)) && row) {
		bool is;
		ok = is_of_release(&nodes, sql_str(d->find, 2), in, &is, a, e);
		if (ok && is)
			ok = read_hit(vec_push(&hits->list, a), &nodes,
				      arena_str(a, sql_str(d->find, 1)),
				      arena_str(a, sql_str(d->find, 2)), a, e);
		if (!ok)
			break;
	}
	sqlite3_reset(d->find);
	return ok || damaged(d, e);
}

/* The first column of the one row that a name has. */
static bool ask(struct database *d, sqlite3_stmt *s, struct str id, bool *row, struct err *e)
{
	sql_bind(s, 1, id);
	return sql_step(s, row, e) || damaged(d, e);
}

bool database_state(struct database *d, struct str id, struct str *modified, struct arena *a,
		    struct err *e)
{
	bool row;
	if (!ask(d, d->state, id, &row, e))
		return false;
	*modified = row ? arena_str(a, sql_str(d->state, 0)) : STR("");
	sqlite3_reset(d->state);
	return true;
}

/* Of several, the gravest. */
bool database_grade(struct database *d, struct str id, struct severity *severity, struct arena *a,
		    struct err *e)
{
	bool row, ok;
	sql_bind(d->graded, 1, id);
	while ((ok = sql_step(d->graded, &row, e)) && row) {
		struct str text = sql_str(d->graded, 0);
		struct severity s;
		if (!severity_of_vector(text, &s))
			s = (struct severity){.word = severity_of_word(text)};
		if (s.word <= severity->word)
			continue;
		s.vector = arena_str(a, s.vector);
		*severity = s;
	}
	return ok || damaged(d, e);
}

bool database_exploited(struct database *d, struct str id, struct str *since, struct arena *a,
			struct err *e)
{
	bool row;
	if (!ask(d, d->exploited, id, &row, e))
		return false;
	*since = row ? arena_str(a, sql_str(d->exploited, 0)) : STR("");
	sqlite3_reset(d->exploited);
	return true;
}

bool database_epss(struct database *d, struct str id, double *score, struct err *e)
{
	bool row;
	if (!ask(d, d->epss, id, &row, e))
		return false;
	*score = row ? sqlite3_column_double(d->epss, 0) : -1;
	sqlite3_reset(d->epss);
	return true;
}
