/* RPM's databases: rows and items against the libraries that write them, packages and files against
 * rpm itself, and what is told of a database of which a part is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <unistd.h>

#include "needs/app_test.h"
#include "package/rpm_parts.h"

enum { BLOB_MAX = 64 << 20 };

static bool holds(struct arena *a, const char *command, const char *otherwise)
{
	if (compiled_run(a, command))
		return true;
	print_message("skipped: %s\n", otherwise);
	return false;
}

/* ---- Rows ---- */

struct rows {
	struct arena *arena;
	VEC(struct str) list;
};

static bool note_row(struct str blob, void *context)
{
	struct rows *r = context;
	*vec_push(&r->list, r->arena) = arena_str(r->arena, blob);
	return true;
}

struct read_rows {
	struct rows rows;
	bool damaged;
};

static struct rpm_reading reading_into(struct read_rows *r, struct arena *a)
{
	r->rows.arena = a;
	return (struct rpm_reading){
		.visit = note_row, .context = &r->rows, .blob = BUF_INIT(BLOB_MAX)};
}

static struct read_rows sqlite_rows(struct str database, struct str wal, struct arena *a)
{
	struct read_rows r = {0};
	struct rpm_reading reading = reading_into(&r, a);
	assert_true(rpm_sqlite_read(&reading, database, wal));
	buf_release(&reading.blob);
	r.damaged = reading.damaged;
	return r;
}

static struct read_rows other_rows(bool (*read)(struct rpm_reading *, struct str),
                                   struct str database, struct arena *a)
{
	struct read_rows r = {0};
	struct rpm_reading reading = reading_into(&r, a);
	assert_true(read(&reading, database));
	buf_release(&reading.blob);
	r.damaged = reading.damaged;
	return r;
}

/* The blob of row `i`: its length differs from row to row, and so do its bytes. */
static struct str blob_of(unsigned i, struct arena *a)
{
	static const unsigned lengths[] = {0,    1,    300,  464,  477,   478,  479,   500,
	                                   3900, 4061, 4062, 4096, 70000, 8193, 12000, 200};
	size_t n = lengths[i % 16] + i / 16;
	char *p = arena_alloc(a, n + 1);
	for (size_t k = 0; k < n; k++)
		p[k] = (char)(i * 31 + k * 7 + k / 251);
	return (struct str){p, n};
}

static void run(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static void put_rows(sqlite3 *db, unsigned from, unsigned to, struct arena *a)
{
	sqlite3_stmt *s;
	run(db, "BEGIN");
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO Packages VALUES(?, ?)", -1, &s, NULL),
	                 SQLITE_OK);
	for (unsigned i = from; i < to; i++) {
		struct str blob = blob_of(i, a);
		sqlite3_bind_int(s, 1, (int)i + 1);
		sqlite3_bind_blob64(s, 2, blob.p, blob.n, SQLITE_STATIC);
		assert_int_equal(sqlite3_step(s), SQLITE_DONE);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	run(db, "COMMIT");
}

static void expect_row(const struct read_rows *r, size_t at, unsigned i, struct arena *a)
{
	struct str blob = blob_of(i, a);
	if (!str_eq(r->rows.list.p[at], blob))
		fail_msg("row %u has %zu bytes, and not the right %zu", i, r->rows.list.p[at].n, blob.n);
}

static sqlite3 *open_new(int page_bytes, int reserved, struct arena *a)
{
	sqlite3 *db;
	compiled_run(a, "rm -f @/db @/db-wal @/db-shm");
	assert_int_equal(sqlite3_open(compiled_expand(a, "@/db"), &db), SQLITE_OK);
	sqlite3_file_control(db, NULL, SQLITE_FCNTL_RESERVE_BYTES, &reserved);
	run(db, arena_printf(a, "PRAGMA page_size=%d", page_bytes).p);
	run(db, "CREATE TABLE 'Sha1header' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL);"
	        "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);"
	        "CREATE INDEX Sha1header_key_idx ON Sha1header(key ASC);");
	return db;
}

static void sqlite_writes_and_all_rows_are_read(void **state)
{
	(void)state;
	static const struct {
		int page_bytes, reserved;
	} rows[] = {{512, 0}, {512, 32}, {1024, 0}, {4096, 0}, {4096, 64}, {65536, 0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		sqlite3 *db = open_new(rows[i].page_bytes, rows[i].reserved, &a);
		enum { ROWS = 700 };
		put_rows(db, 0, ROWS, &a);
		run(db, "DELETE FROM Packages WHERE hnum % 3 = 0");
		sqlite3_close(db);
		struct read_rows r = sqlite_rows(compiled_bytes(&a, "db"), STR(""), &a);
		assert_false(r.damaged);
		size_t at = 0;
		for (unsigned k = 0; k < ROWS; k++)
			if ((k + 1) % 3)
				expect_row(&r, at++, k, &a);
		assert_int_equal(r.rows.list.n, at);
	}
}

/* What is committed in the log counts, whether or not it is in the database yet; what is not
 * committed, or of the log's earlier life, does not. */
static void the_log_beside_a_database_counts(void **state)
{
	(void)state;
	static const struct {
		const char *then;
		unsigned rows;
		bool in_database;
	} rows[] = {
		{"SELECT 1", 90, false},
		{"PRAGMA wal_checkpoint(PASSIVE)", 90, true},
		{"PRAGMA wal_checkpoint(PASSIVE); DELETE FROM Packages WHERE hnum > 50", 50, false},
		{"PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; UPDATE Packages SET blob = 'x'", 90,
		 false},
		{"DELETE FROM Packages WHERE hnum > 20; VACUUM", 20, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		sqlite3 *db = open_new(4096, 0, &a);
		run(db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
		put_rows(db, 0, 60, &a);
		put_rows(db, 60, 90, &a);
		run(db, rows[i].then);
		struct str database = compiled_bytes(&a, "db"), wal = compiled_bytes(&a, "db-wal");
		assert_true(wal.n > 0);
		struct read_rows r = sqlite_rows(database, wal, &a);
		assert_false(r.damaged);
		assert_int_equal(r.rows.list.n, rows[i].rows);
		for (unsigned k = 0; k < rows[i].rows; k++)
			expect_row(&r, k, k, &a);

		struct read_rows without = sqlite_rows(database, STR(""), &a);
		assert_int_equal(!without.damaged && without.rows.list.n == rows[i].rows,
		                 rows[i].in_database);
		sqlite3_close(db);
	}
}

static void a_log_of_another_database_is_damage(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	sqlite3 *db = open_new(1024, 0, &a);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
	put_rows(db, 0, 3, &a);
	struct str wal = compiled_bytes(&a, "db-wal");
	sqlite3_close(db);
	db = open_new(4096, 0, &a);
	put_rows(db, 0, 3, &a);
	sqlite3_close(db);
	assert_true(sqlite_rows(compiled_bytes(&a, "db"), wal, &a).damaged);
	assert_false(sqlite_rows(compiled_bytes(&a, "db"), STR("no log at all"), &a).damaged);
}

/* ---- Berkeley DB's items ---- */

static void put_hex(FILE *f, struct str bytes)
{
	fputc(' ', f);
	for (size_t i = 0; i < bytes.n; i++)
		fprintf(f, "%02x", (unsigned char)bytes.p[i]);
	fputc('\n', f);
}

/* db_load's text: key and data in turn; key 0 holds a number, as in rpm's. */
static void write_items(unsigned from, unsigned count, int page_bytes, const char *order,
                        struct arena *a)
{
	FILE *f = fopen(compiled_expand(a, "@/items"), "w");
	assert_non_null(f);
	fprintf(f, "VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=%d\ndb_lorder=%s\nHEADER=END\n",
	        page_bytes, order);
	put_hex(f, (struct str){"\0\0\0\0", 4});
	put_hex(f, STR("last"));
	for (unsigned i = from; i < from + count; i++) {
		char key[4] = {(char)(i + 1), (char)((i + 1) >> 8), 0, 0};
		put_hex(f, (struct str){key, 4});
		put_hex(f, blob_of(i, a));
	}
	fprintf(f, "DATA=END\n");
	assert_int_equal(fclose(f), 0);
}

static void expect_all(const struct read_rows *r, unsigned from, unsigned count, struct arena *a)
{
	struct map seen = {0};
	assert_false(r->damaged);
	assert_int_equal(r->rows.list.n, count);
	for (size_t i = 0; i < count; i++)
		map_put(&seen, a, r->rows.list.p[i], NULL);
	for (unsigned i = from; i < from + count; i++)
		assert_non_null(map_find(&seen, blob_of(i, a)));
}

static void berkeley_db_writes_and_all_items_are_read(void **state)
{
	(void)state;
	static const struct {
		int page_bytes;
		const char *order;
		unsigned items;
	} rows[] = {{512, "1234", 900}, {4096, "1234", 900}, {4096, "4321", 500},
	            {65536, "1234", 60}, {4096, "1234", 0},  {4096, "1234", 1}};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!holds(&a, "command -v db5.3_load >/dev/null", "no db5.3_load (Debian's db5.3-util) here"))
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		write_items(1, rows[i].items, rows[i].page_bytes, rows[i].order, &a);
		assert_true(compiled_run(&a, "rm -f @/Packages; db5.3_load -f @/items @/Packages"));
		struct read_rows r = other_rows(rpm_bdb_read, compiled_bytes(&a, "Packages"), &a);
		expect_all(&r, 1, rows[i].items, &a);
	}
}

/* ---- rpm's own format ---- */

static void put_u32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> (8 * i));
}

static uint32_t adler32_slowly(const char *p, size_t n)
{
	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < n; i++) {
		a = (a + (unsigned char)p[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

/* Room for `count` rows; every fourth slot is free. */
struct ndb {
	char *p;
	size_t slot, end;
	uint32_t rows;
};

static struct ndb ndb_new(unsigned count, struct arena *a)
{
	size_t pages = (2 + (size_t)count * 2) * 16 / 4096 + 1;
	struct ndb d = {.slot = 32, .end = pages * 4096};
	d.p = arena_alloc(a, d.end + (size_t)count * 80000);
	memcpy(d.p, "RpmP", 4);
	put_u32(d.p + 12, (uint32_t)pages);
	for (size_t s = d.slot; s < d.end; s += 16)
		memcpy(d.p + s, "Slot", 4);
	return d;
}

static void ndb_add(struct ndb *d, struct str blob)
{
	size_t size = (16 + blob.n + 12 + 15) / 16 * 16, tail = size - 12;
	char *p = d->p + d->end, *slot = d->p + d->slot;
	uint32_t number = ++d->rows;
	memcpy(p, "BlbS", 4);
	put_u32(p + 4, number);
	put_u32(p + 8, 7);
	put_u32(p + 12, (uint32_t)blob.n);
	memcpy(p + 16, blob.p, blob.n);
	put_u32(p + tail, adler32_slowly(p, tail));
	put_u32(p + tail + 4, (uint32_t)blob.n);
	memcpy(p + tail + 8, "BlbE", 4);
	put_u32(slot + 4, number);
	put_u32(slot + 8, (uint32_t)(d->end / 16));
	put_u32(slot + 12, (uint32_t)(size / 16));
	d->end += size;
	d->slot += number % 4 ? 16 : 32;
}

static struct str ndb_of(unsigned count, struct arena *a)
{
	struct ndb d = ndb_new(count, a);
	for (unsigned i = 0; i < count; i++)
		ndb_add(&d, blob_of(i, a));
	return (struct str){d.p, d.end};
}

static struct str ndb_with(struct str header, struct arena *a)
{
	struct ndb d = ndb_new(1, a);
	ndb_add(&d, header);
	return (struct str){d.p, d.end};
}

static void all_slots_are_read(void **state)
{
	(void)state;
	static const unsigned counts[] = {0, 1, 5, 700};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct read_rows r = other_rows(rpm_ndb_read, ndb_of(counts[i], &a), &a);
		expect_all(&r, 0, counts[i], &a);
	}
}

static void a_changed_byte_of_a_blob_is_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str whole = ndb_of(5, &a);
	for (size_t off = 4096; off < whole.n; off += 101) {
		char *changed = arena_cstr(&a, whole);
		changed[off] ^= 4;
		struct read_rows r = other_rows(rpm_ndb_read, (struct str){changed, whole.n}, &a);
		assert_true(r.damaged);
		assert_int_equal(r.rows.list.n, 4);
	}
}

/* ---- Damage ---- */

/* However much is cut off, what is missing is told. */
static void a_part_is_never_taken_for_the_whole(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	enum { ROWS = 100 };
	sqlite3 *db = open_new(1024, 0, &a);
	put_rows(db, 0, ROWS, &a);
	sqlite3_close(db);
	struct str database = compiled_bytes(&a, "db"), ndb = ndb_of(ROWS, &a), bdb = STR("");
	write_items(1, ROWS, 512, "1234", &a);
	if (compiled_run(&a, "command -v db5.3_load >/dev/null &&"
	                     " rm -f @/Packages && db5.3_load -f @/items @/Packages"))
		bdb = compiled_bytes(&a, "Packages");
	for (size_t part = 0; part < 97; part++) {
		struct str cut = str_slice(database, 0, database.n * part / 97);
		struct read_rows r = sqlite_rows(cut, STR(""), &a);
		assert_true(r.damaged || r.rows.list.n == ROWS);
		r = other_rows(rpm_ndb_read, str_slice(ndb, 0, ndb.n * part / 97), &a);
		assert_true(r.damaged || r.rows.list.n == ROWS);
		r = other_rows(rpm_bdb_read, str_slice(bdb, 0, bdb.n * part / 97), &a);
		assert_true(r.damaged || r.rows.list.n == ROWS);
	}
}

/* A page of zeros, as file systems leave them: in Berkeley DB that is an empty bucket otherwise. */
static void a_hole_is_told(void **state)
{
	(void)state;
	enum { ITEMS = 300, PAGE = 1024 };
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!holds(&a, "command -v db5.3_load >/dev/null", "no db5.3_load (Debian's db5.3-util) here"))
		skip();
	write_items(1, ITEMS, PAGE, "1234", &a);
	assert_true(compiled_run(&a, "rm -f @/Packages; db5.3_load -f @/items @/Packages"));
	struct str whole = compiled_bytes(&a, "Packages");
	for (size_t page = 0; page < whole.n / PAGE; page++) {
		char *holed = arena_cstr(&a, whole);
		memset(holed + page * PAGE, 0, PAGE);
		struct read_rows r = other_rows(rpm_bdb_read, (struct str){holed, whole.n}, &a);
		assert_true(r.damaged || r.rows.list.n == ITEMS);
	}
}

/* ---- Packages ---- */

/* "hello|1:1.0-2|noarch|MIT|hello|||hello:1:2:3", every package a line. */
static struct str packages_text(const struct tree *t, struct arena *a)
{
	struct packages p;
	struct str text = STR("");
	packages_read(&p, t, a);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		text = arena_printf(a, "%.*s%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s\n", STR_ARG(text),
		                    STR_ARG(k->name), STR_ARG(k->version), STR_ARG(k->architecture),
		                    STR_ARG(k->license), STR_ARG(k->source),
		                    STR_ARG(k->source_version), STR_ARG(k->module));
	}
	for (size_t i = 0; i < p.unread.n; i++)
		text = arena_printf(a, "%.*sunread %.*s\n", STR_ARG(text), STR_ARG(p.unread.p[i]));
	return text;
}

static struct tree tree_with(const char *path, const char *object, struct arena *a)
{
	const struct app_file files[] = {{.path = path, .object = object}, {0}};
	return app_of(files, a);
}

static int by_bytes(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* The lines of a text, sorted. */
static struct str sorted(struct str text, struct arena *a)
{
	VEC(struct str) lines = {0};
	struct str line, all = STR("");
	while (str_next(&text, '\n', &line))
		*vec_push(&lines, a) = line;
	if (lines.n)
		qsort(lines.p, lines.n, sizeof *lines.p, by_bytes);
	for (size_t i = 0; i < lines.n; i++)
		all = arena_printf(a, "%.*s%.*s\n", STR_ARG(all), STR_ARG(lines.p[i]));
	return all;
}

struct files_told {
	struct buf text;
};

static bool tell_file(const struct package_file *f, void *context)
{
	struct files_told *told = context;
	struct err e = ERR_INIT;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str line = arena_printf(&a, "/%.*s%s%.*s\n", STR_ARG(f->folder),
	                               f->folder.n ? "/" : "", STR_ARG(f->name));
	return buf_append(&told->text, line.p, line.n, &e);
}

/* "name|epoch:version-release|architecture|license", as rpm tells it, and its files; the keys of
 * repositories are left out of both. */
static void compare_with_rpm(struct str database, const char *folder, const char *name,
                             struct arena *a)
{
	const struct app_file files[] = {
		{.path = arena_printf(a, "var/lib/rpm/%s", name).p,
		 .object = arena_printf(a, "%s/%s", folder, name).p},
		{0}};
	assert_true(database.n > 0);
	struct tree t = app_of(files, a);
	assert_true(compiled_run(
		a, arena_printf(a,
	                        "rpm --dbpath @/%s -qa --qf '%%{NAME}|%%|EPOCH?{%%{EPOCH}:}:{}|"
	                        "%%{VERSION}-%%{RELEASE}|%%{ARCH}|%%{LICENSE}\\n' 2>@/log |"
	                        " grep -v '^gpg-pubkey|' > @/said;"
	                        " rpm --dbpath @/%s -qla 2>@/log | grep ^/ > @/files",
	                        folder, folder)
			   .p));
	struct packages p;
	struct str ours = STR("");
	packages_read(&p, &t, a);
	assert_int_equal(p.unread.n, 0);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		ours = arena_printf(a, "%.*s%.*s|%.*s|%.*s|%.*s\n", STR_ARG(ours), STR_ARG(k->name),
		                    STR_ARG(k->version), STR_ARG(k->architecture), STR_ARG(k->license));
	}
	struct str said = sorted(compiled_bytes(a, "said"), a);
	assert_string_equal(arena_cstr(a, sorted(ours, a)), arena_cstr(a, said));
	struct files_told told = {BUF_INIT(BLOB_MAX)};
	package_files(&t, NULL, tell_file, &told);
	struct str listed = sorted(compiled_bytes(a, "files"), a);
	assert_true(str_eq(sorted(buf_str(&told.text), a), listed));
	buf_release(&told.text);
}

static const char spec[] =
	"Name: hello\nEpoch: 1\nVersion: 1.0\nRelease: 2\nSummary: s\nLicense: MIT\nBuildArch: noarch\n"
	"ModularityLabel: hello:1:2:3\n%description\nd\n"
	"%package -n other\nEpoch: 0\nVersion: 3\nSummary: o\nLicense: GPLv2+ and BSD\n"
	"%description -n other\no\n"
	"%install\nmkdir -p %{buildroot}/usr/bin %{buildroot}/etc/many\n"
	"touch %{buildroot}/usr/bin/hello\n"
	"for i in $(seq 3000); do touch %{buildroot}/etc/many/a-file-with-a-long-name-$i; done\n"
	"%files\n/usr/bin/hello\n%files -n other\n/etc/many\n";

static void rpm_installs_and_the_same_is_read(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	if (!holds(&a, "command -v rpmbuild >/dev/null && rpm --showrc | grep -q 'backends.*sqlite'",
	           "no rpm and rpmbuild here that write SQLite databases"))
		skip();
	assert_true(file_replace(compiled_expand(&a, "@/hello.spec"), str_of(spec), 0600, &e));
	assert_true(compiled_run(
		&a, "exec >@/log 2>&1; rpmbuild -bb --define '_topdir @/top' @/hello.spec &&"
		    " rpm --dbpath @/rpmdb --define '_db_backend sqlite' -i --justdb --nodeps --noscripts"
		    " @/top/RPMS/noarch/*.rpm"));
	compare_with_rpm(compiled_bytes(&a, "rpmdb/rpmdb.sqlite"), "rpmdb", "rpmdb.sqlite", &a);

	struct tree t = tree_with("usr/lib/sysimage/rpm/rpmdb.sqlite", "rpmdb/rpmdb.sqlite", &a);
	assert_string_equal(arena_cstr(&a, packages_text(&t, &a)),
	                    "hello|1:1.0-2|noarch|MIT|hello||hello:1:2:3\n"
	                    "other|0:3-2|noarch|GPLv2+ and BSD|hello|1.0-2|hello:1:2:3\n");
}

/* ---- Places ---- */

static void put_be(struct buf *b, uint32_t v)
{
	const uint8_t bytes[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	struct err e = ERR_INIT;
	assert_true(buf_append(b, bytes, sizeof bytes, &e));
}

/* A header of strings; `value` ends with the NUL of its literal. */
struct tag {
	uint32_t tag, type;
	struct str value;
};

static struct str header_of(const struct tag *tags, unsigned count, struct arena *a)
{
	struct buf index = BUF_INIT(1 << 20), data = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	size_t bytes = 0;
	for (unsigned i = 0; i < count; i++)
		bytes += tags[i].value.n + 1;
	put_be(&index, count);
	put_be(&index, (uint32_t)bytes);
	for (unsigned i = 0; i < count; i++) {
		put_be(&index, tags[i].tag);
		put_be(&index, tags[i].type);
		put_be(&index, (uint32_t)data.n);
		put_be(&index, 1);
		assert_true(buf_append(&data, tags[i].value.p, tags[i].value.n, &e) &&
		            buf_append(&data, "", 1, &e));
	}
	assert_true(buf_append(&index, data.p, data.n, &e));
	struct str header = arena_str(a, buf_str(&index));
	buf_release(&index);
	buf_release(&data);
	return header;
}

static void put_header(sqlite3 *db, struct str header)
{
	sqlite3_stmt *s;
	sqlite3_prepare_v2(db, "INSERT INTO Packages(blob) VALUES(?)", -1, &s, NULL);
	sqlite3_bind_blob64(s, 1, header.p, header.n, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
}

#define TEXT(tag, value) {tag, 6, STR_INIT(value)}

/* Each row of this database, but for keys, is a package or the reason why it is told as unread. */
static void headers_are_read(void **state)
{
	(void)state;
	static const struct tag key[] = {TEXT(RPM_NAME, "gpg-pubkey"), TEXT(RPM_VERSION, "1")};
	static const struct tag old[] = {TEXT(RPM_NAME, "old"), TEXT(RPM_VERSION, "1"),
	                                 TEXT(RPM_RELEASE, "2"), TEXT(RPM_SOURCE_RPM, "(none)"),
	                                 {RPM_OLD_FILE_NAMES, 8, STR_INIT("/usr/bin/old")}};
	static const struct tag twice[] = {TEXT(RPM_NAME, "a"), TEXT(RPM_VERSION, "1"),
	                                   TEXT(RPM_RELEASE, "2"), TEXT(RPM_ARCH, "x86_64"),
	                                   TEXT(RPM_SOURCE_RPM, "of-a-1-3.nosrc.rpm"),
	                                   {RPM_EPOCH, 4, STR_INIT("\0\0\0\5")},
	                                   TEXT(RPM_NAME, "later")};
	static const struct tag wrong[] = {TEXT(RPM_NAME, "a"), {RPM_VERSION, 4, STR_INIT("1234")}};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	sqlite3 *db = open_new(4096, 0, &a);
	put_header(db, header_of(key, 2, &a));
	put_header(db, header_of(old, 5, &a));
	put_header(db, header_of(twice, 7, &a));
	struct tree t = tree_with("var/lib/rpm/rpmdb.sqlite", "db", &a);
	assert_string_equal(arena_cstr(&a, packages_text(&t, &a)), "later|5:1-2|x86_64||of-a|1-3|\n"
	                                                           "old|1-2|||old||\n");
	struct files_told told = {BUF_INIT(BLOB_MAX)};
	package_files(&t, NULL, tell_file, &told);
	assert_str(buf_str(&told.text), "/usr/bin/old\n");
	buf_release(&told.text);

	put_header(db, header_of(wrong, 2, &a));
	t = tree_with("var/lib/rpm/rpmdb.sqlite", "db", &a);
	assert_string_equal(arena_cstr(&a, packages_text(&t, &a)),
	                    "later|5:1-2|x86_64||of-a|1-3|\nold|1-2|||old||\n"
	                    "unread /var/lib/rpm/rpmdb.sqlite\n");
	sqlite3_close(db);
}

static void a_database_counts_once_wherever_it_lies(void **state)
{
	(void)state;
	static const struct tag one[] = {TEXT(RPM_NAME, "one"), TEXT(RPM_VERSION, "1"),
	                                 TEXT(RPM_RELEASE, "2")};
	static const struct {
		struct app_file files[4];
		const char *packages;
	} rows[] = {
		{{{.path = "usr/lib/sysimage/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm", .link = "../../usr/lib/sysimage/rpm"}},
	         "one|1-2|||one||\n"},
		{{{.path = "usr/share/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm/rpmdb.sqlite", .link = "/usr/share/rpm/rpmdb.sqlite"}},
	         "one|1-2|||one||\n"},
		/* A tool of a newer rpm looked and left an empty database. */
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .object = "empty"},
	          {.path = "var/lib/rpm/Packages.db", .object = "ndb"}},
	         "one|1-2|||one||\n"},
		/* What was migrated. */
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm/Packages.db", .object = "ndb"}},
	         "one|1-2|||one||\n"},
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm/rpmdb.sqlite-journal", .text = "x"}},
	         "one|1-2|||one||\nunread /var/lib/rpm/rpmdb.sqlite\n"},
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .text = ""}}, ""},
		{{{.path = "var/lib/rpm/Packages", .text = "odd"}}, "unread /var/lib/rpm/Packages\n"},
		{{{.path = "srv/rpmdb.sqlite", .object = "db"}}, ""},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	sqlite3 *db = open_new(512, 0, &a);
	assert_true(compiled_run(&a, "cp @/db @/empty"));
	put_header(db, header_of(one, 3, &a));
	sqlite3_close(db);
	struct str ndb = ndb_with(header_of(one, 3, &a), &a);
	assert_true(file_replace(compiled_expand(&a, "@/ndb"), ndb, 0600, &e));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tree t = app_of(rows[i].files, &a);
		assert_string_equal(arena_cstr(&a, packages_text(&t, &a)), rows[i].packages);
	}
}

/* Real databases, where the machine has them. */
static void real_databases_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *file, *name;
		size_t packages;
		const char *one;
	} rows[] = {
		{"htop.rpmdb.sqlite", "rpmdb.sqlite", 1, "htop|3.2.1-1.el9|x86_64|GPLv2+|htop||"},
		{"epoch.bdb.Packages", "Packages", 1, "hello|1:0.0.1-rls|"},
		{"libuuid-el8.bdb.Packages", "Packages", 1, "libuuid|2.32.1-42.el8_8|x86_64|BSD|util-linux||"},
		{"sle15-bci.ndb.Packages.db", "Packages.db", 35,
		 "libbz2-1|1.0.6-5.11.1|x86_64|BSD-3-Clause|bzip2||"},
	};
	CLEANUP_ARENA struct arena all = ARENA_INIT;
	if (!getenv("SOCLE_PACKAGEDBS"))
		setenv("SOCLE_PACKAGEDBS", "../shared/data/packagedbs", 1);
	if (!holds(&all, "test -r \"$SOCLE_PACKAGEDBS\"/sle15-bci.ndb.Packages.db",
	           "no real package databases here"))
		skip();
	bool has_rpm = compiled_run(&all, "rpm --showrc 2>/dev/null | grep -q 'backends.*sqlite.*bdb_ro'");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		const char *path = arena_printf(&a, "real/%s", rows[i].name).p;
		assert_true(compiled_run(
			&a, arena_printf(&a,
		                         "rm -rf @/real; mkdir @/real &&"
		                         " cat \"$SOCLE_PACKAGEDBS\"/%s > @/%s",
		                         rows[i].file, path)
				    .p));
		const char *at = arena_printf(&a, "var/lib/rpm/%s", rows[i].name).p;
		struct tree t = tree_with(at, path, &a);
		assert_int_equal(packages_of(&t, &a).n, rows[i].packages);
		struct str text = packages_text(&t, &a);
		if (!str_contains(text, str_of(rows[i].one)) || str_contains(text, STR("unread")))
			fail_msg("%s: %.*s", rows[i].file, STR_ARG(text));
		if (has_rpm && strcmp(rows[i].name, "Packages.db") != 0)
			compare_with_rpm(compiled_bytes(&a, path), "real", rows[i].name, &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sqlite_writes_and_all_rows_are_read),
		cmocka_unit_test(the_log_beside_a_database_counts),
		cmocka_unit_test(a_log_of_another_database_is_damage),
		cmocka_unit_test(berkeley_db_writes_and_all_items_are_read),
		cmocka_unit_test(all_slots_are_read),
		cmocka_unit_test(a_changed_byte_of_a_blob_is_told),
		cmocka_unit_test(a_part_is_never_taken_for_the_whole),
		cmocka_unit_test(a_hole_is_told),
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(a_database_counts_once_wherever_it_lies),
		cmocka_unit_test(rpm_installs_and_the_same_is_read),
		cmocka_unit_test(real_databases_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
