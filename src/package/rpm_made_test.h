/* rpm_made: RPM databases for tests, by SQLite's own library and by hand. For tests alone. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <unistd.h>

#include "needs/app_test.h"
#include "package/rpm_parts.h"

enum { BLOB_MAX = 64 << 20 };

/* False: what follows is skip(), which jumps over the arena's cleanup. */
static inline bool holds(struct arena *a, const char *command, const char *otherwise)
{
	if (compiled_run(a, command))
		return true;
	print_message("skipped: %s\n", otherwise);
	arena_release(a);
	return false;
}

static inline void run(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

static inline sqlite3 *open_new(int page_bytes, int reserved, struct arena *a)
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

/* ---- rpm's own format ---- */

static inline void put_u32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> (8 * i));
}

static inline uint32_t adler32_slowly(const char *p, size_t n)
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

static inline struct ndb ndb_new(unsigned count, struct arena *a)
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

static inline void ndb_add(struct ndb *d, struct str blob)
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
