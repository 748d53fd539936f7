/* RPM's databases as containers: rows and items against the libraries that write them, and what is
 * told of a database of which a part is missing. */
#include "package/rpm_made_test.h"

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

static struct str ndb_of(unsigned count, struct arena *a)
{
	struct ndb d = ndb_new(count, a);
	for (unsigned i = 0; i < count; i++)
		ndb_add(&d, blob_of(i, a));
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
