/* Berkeley DB's hash access method, by its own headers (db, dbinc/db_page.h; hash/hash_page.c):
 *
 *     page 0   its metadata: bytes a page, the highest bucket, and "spares", from which the page of
 *              each bucket follows
 *     bucket   a page and those behind it in the chain: from both ends of a page, an index of
 *              offsets and the items, a key and its data in turn
 *     item     its kind, then the bytes themselves, or where the chain of overflow pages begins
 *
 * A key is the package's number; that of number 0 holds the highest number, and no header. A file
 * has the byte order of the machine that made it. */
#include "package/rpm_parts.h"

enum meta { /* offsets in page 0 */
	    META_MAGIC = 12,
	    META_VERSION = 16,
	    META_PAGE_BYTES = 20,
	    META_ENCRYPTION = 24,
	    META_TYPE = 25,
	    META_FLAGS = 26,
	    META_MAX_BUCKET = 72,
	    META_KEYS = 88,
	    META_SPARES = 96
};
enum page { /* offsets in any other */
	    PAGE_NUMBER = 8,
	    PAGE_NEXT = 16,
	    PAGE_ENTRIES = 20,
	    PAGE_FREE = 22, /* where the items begin; an overflow page: bytes that it holds */
	    PAGE_TYPE = 25,
	    PAGE_HEAD = 26
};
enum { HASH_MAGIC = 0x61561, SPARES = 32 };
enum { TYPE_NONE = 0, TYPE_HASH_UNSORTED = 2, TYPE_OVERFLOW = 7, TYPE_META = 8, TYPE_HASH = 13 };
enum { ITEM_HERE = 1, ITEM_ELSEWHERE = 3 };

struct database {
	struct rpm_reading *reading;
	struct bytes file;
	uint32_t page_bytes, page_count;
	uint8_t *seen; /* a bit a page: no chain is a ring */
	uint32_t keys;
	bool empty_pages; /* that nobody ever wrote to, or that lost what was in them */
};

static bool damaged(struct database *d)
{
	d->reading->damaged = true;
	return true;
}

static bool take_page(struct database *d, uint32_t number, struct bytes *page)
{
	if (number == 0 || number >= d->page_count || (d->seen[number / 8] & 1u << number % 8))
		return false;
	d->seen[number / 8] |= (uint8_t)(1u << number % 8);
	*page = bytes_of(d->file.p + (size_t)number * d->page_bytes, d->page_bytes);
	page->big_endian = d->file.big_endian;
	return true;
}

/* ---- Items ---- */

static bool gather_overflow(struct database *d, uint32_t number, uint32_t total)
{
	struct buf *blob = &d->reading->blob;
	struct bytes page;
	struct err e = ERR_INIT;
	while (blob->n < total) {
		if (!take_page(d, number, &page) || bytes_u8(&page, PAGE_TYPE) != TYPE_OVERFLOW)
			return false;
		struct str part = bytes_slice(&page, PAGE_HEAD, bytes_u16(&page, PAGE_FREE));
		if (page.bad || !part.n || part.n > total - blob->n ||
		    !buf_append(blob, part.p, part.n, &e))
			return false;
		number = bytes_u32(&page, PAGE_NEXT);
	}
	return true;
}

/* The data of an item, or false. */
static bool data_of(struct database *d, struct bytes item, struct str *data)
{
	uint8_t kind = bytes_u8(&item, 0);
	if (kind == ITEM_HERE) {
		*data = bytes_slice(&item, 1, item.n - 1);
		return true;
	}
	d->reading->blob.n = 0;
	if (kind != ITEM_ELSEWHERE ||
	    !gather_overflow(d, bytes_u32(&item, 4), bytes_u32(&item, 8)) || item.bad)
		return false;
	*data = buf_str(&d->reading->blob);
	return true;
}

/* Item `i` reaches to the one before it; the first, to the end of the page. */
static struct bytes item_at(struct bytes *page, unsigned i)
{
	size_t from = bytes_u16(page, PAGE_HEAD + 2 * i);
	size_t to = i ? bytes_u16(page, PAGE_HEAD + 2 * (i - 1)) : page->n;
	struct bytes item = bytes_of(NULL, 0);
	if (from < to && bytes_has(page, from, to - from))
		item = bytes_of(page->p + from, to - from);
	item.big_endian = page->big_endian;
	return item;
}

/* Number 0. */
static bool is_counter(struct bytes key)
{
	for (size_t i = 1; i < key.n; i++)
		if (key.p[i])
			return false;
	return true;
}

static bool read_items(struct database *d, struct bytes *page)
{
	unsigned entries = bytes_u16(page, PAGE_ENTRIES);
	if (entries % 2)
		return damaged(d);
	for (unsigned i = 0; i < entries; i += 2) {
		struct bytes key = item_at(page, i), item = item_at(page, i + 1);
		struct str header;
		if (!key.n || key.p[0] != ITEM_HERE || !item.n)
			return damaged(d);
		d->keys++;
		if (is_counter(key))
			continue;
		if (!data_of(d, item, &header))
			damaged(d);
		else if (!d->reading->visit(header, d->reading->context))
			return false;
	}
	return true;
}

/* ---- Buckets ---- */

static bool read_bucket(struct database *d, uint32_t number)
{
	while (number) {
		struct bytes page;
		if (!take_page(d, number, &page))
			return damaged(d);
		uint8_t type = bytes_u8(&page, PAGE_TYPE);
		if (type == TYPE_NONE) {
			d->empty_pages = true;
			return true;
		}
		if ((type != TYPE_HASH && type != TYPE_HASH_UNSORTED) ||
		    bytes_u32(&page, PAGE_NUMBER) != number)
			return damaged(d);
		if (!read_items(d, &page))
			return false;
		number = bytes_u32(&page, PAGE_NEXT);
	}
	return true;
}

/* BUCKET_TO_PAGE() of dbinc/hash.h. */
static uint32_t page_of_bucket(struct database *d, uint32_t bucket)
{
	unsigned doublings = 0;
	while (doublings < SPARES - 1 && (uint64_t)1 << doublings < (uint64_t)bucket + 1)
		doublings++;
	return bucket + bytes_u32(&d->file, META_SPARES + 4 * doublings);
}

static bool read_buckets(struct database *d)
{
	uint32_t last = bytes_u32(&d->file, META_MAX_BUCKET);
	if (last >= d->page_count)
		return damaged(d);
	for (uint32_t bucket = 0; bucket <= last; bucket++)
		if (!read_bucket(d, page_of_bucket(d, bucket)))
			return false;
	/* The pages of a doubled table are there before they are written to. The count of keys tells
	 * whether empty ones were ever more than that. */
	if (d->empty_pages && d->keys < bytes_u32(&d->file, META_KEYS))
		return damaged(d);
	return true;
}

/* Unknown versions, pages with checksums and encrypted ones lie otherwise; rpm makes none. */
static bool open_database(struct database *d)
{
	struct bytes *f = &d->file;
	f->big_endian = bytes_u32(f, META_MAGIC) != HASH_MAGIC;
	uint32_t version = bytes_u32(f, META_VERSION);
	d->page_bytes = bytes_u32(f, META_PAGE_BYTES);
	if (bytes_u32(f, META_MAGIC) != HASH_MAGIC || version < 8 || version > 10 ||
	    bytes_u8(f, META_TYPE) != TYPE_META || bytes_u8(f, META_ENCRYPTION) ||
	    bytes_u8(f, META_FLAGS) & 1 || d->page_bytes < 512 || d->page_bytes > 65536 ||
	    (d->page_bytes & (d->page_bytes - 1)))
		return false;
	d->page_count = (uint32_t)(f->n / d->page_bytes);
	return !f->bad && d->page_count > 0;
}

bool rpm_bdb_read(struct rpm_reading *r, struct str database)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct database d = {.reading = r, .file = bytes_of(database.p, database.n)};
	if (database.n / 512 > UINT32_MAX || !open_database(&d))
		return damaged(&d);
	d.seen = arena_alloc(&scratch, d.page_count / 8 + 1);
	return read_buckets(&d);
}
