/* The table Packages of an SQLite database (sqlite.org/fileformat2.html, sections 1 and 2). It is a
 * B-tree of pages: inner ones point to others, leaves hold rows. What a row has too much for its
 * leaf goes on in a chain of overflow pages. Which page is a table's root says the schema, the tree
 * that begins at page 1. */
#include "package/rpm_parts.h"

enum { FILE_HEADER = 100, DEPTH_MAX = 20 /* BTCURSOR_MAX_DEPTH */ };
enum file_header { /* offsets */
	           FILE_PAGE_BYTES = 16,
	           FILE_RESERVED = 20, /* bytes at the end of each page that are not SQLite's */
	           FILE_ENCODING = 56
};
enum { INTERIOR = 0x05, LEAF = 0x0d };
enum tree_header { TREE_CELLS = 3, TREE_RIGHTMOST = 8, LEAF_HEAD = 8, INTERIOR_HEAD = 12 };

struct database {
	struct rpm_reading *reading;
	struct bytes file, wal;
	uint32_t page_bytes, usable, page_count;
	const uint64_t *wal_pages;
	uint8_t *seen; /* a bit a page */
	bool (*row)(struct database *d, struct bytes record);
	uint32_t root; /* of Packages; 0: not found yet */
};

static bool damaged(struct database *d)
{
	d->reading->damaged = true;
	return true;
}

/* ---- Pages ---- */

static bool take_page(struct database *d, uint32_t number, struct bytes *page)
{
	if (number == 0 || number > d->page_count || (d->seen[number / 8] & 1u << number % 8))
		return false;
	d->seen[number / 8] |= (uint8_t)(1u << number % 8);
	uint64_t in_wal = d->wal_pages ? d->wal_pages[number] : 0;
	struct bytes *from = in_wal ? &d->wal : &d->file;
	uint64_t off = in_wal ? in_wal : (uint64_t)(number - 1) * d->page_bytes;
	if (!bytes_has(from, off, d->page_bytes))
		return false;
	*page = bytes_of(from->p + off, d->page_bytes);
	page->big_endian = true;
	return true;
}

/* ---- Records ---- */

/* "Varint": seven bits a byte, the most significant first; the ninth byte has eight. */
static uint64_t take_varint(struct bytes *b, uint64_t *off)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 9; i++) {
		uint8_t byte = bytes_u8(b, (*off)++);
		if (i == 8)
			return v << 8 | byte;
		v = v << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			break;
	}
	return v;
}

/* "Serial types": how many bytes a value has. */
static uint64_t value_bytes(uint64_t type)
{
	static const uint8_t numbers[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
	return type < sizeof numbers ? numbers[type] : (type - 12) / 2;
}

enum value_kind { VALUE_NUMBER, VALUE_BLOB, VALUE_TEXT };

/* The value of a column, counted from 0; false where the record has none such. */
static bool column(struct bytes record, unsigned wanted, enum value_kind *kind, struct str *value)
{
	uint64_t off = 0, header = take_varint(&record, &off), at = header, type = 0;
	for (unsigned i = 0; i <= wanted; i++) {
		if (off >= header)
			return false;
		at += value_bytes(type);
		type = take_varint(&record, &off);
		if (value_bytes(type) > record.n || at > record.n)
			return false;
	}
	*kind = type < 12 ? VALUE_NUMBER : type % 2 ? VALUE_TEXT : VALUE_BLOB;
	*value = bytes_slice(&record, at, value_bytes(type));
	return !record.bad;
}

/* ---- Leaves ---- */

/* Section 1.6, "Cell payload overflow pages": what of a payload lies in the leaf itself. */
static uint64_t local_bytes(const struct database *d, uint64_t payload)
{
	uint64_t usable = d->usable, most = usable - 35, least = (usable - 12) * 32 / 255 - 23;
	uint64_t some = least + (payload - least) % (usable - 4);
	return payload <= most ? payload : some <= most ? some : least;
}

static bool gather_overflow(struct database *d, uint32_t number, uint64_t total)
{
	struct buf *blob = &d->reading->blob;
	struct err e = ERR_INIT;
	while (blob->n < total) {
		struct bytes page;
		uint64_t left = total - blob->n, part = d->usable - 4;
		if (!take_page(d, number, &page) ||
		    !buf_append(blob, page.p + 4, left < part ? left : part, &e))
			return false;
		number = bytes_u32(&page, 0);
	}
	return true;
}

/* `budget`: what is left of the page: cells that lie over one another are none of SQLite's. */
static bool read_cell(struct database *d, struct bytes *page, uint64_t off, uint64_t *budget)
{
	struct buf *blob = &d->reading->blob;
	struct err e = ERR_INIT;
	uint64_t total = take_varint(page, &off);
	take_varint(page, &off); /* the row's number */
	uint64_t local = local_bytes(d, total);
	struct str part = bytes_slice(page, off, local);
	if (page->bad || total > blob->max_bytes || local > *budget)
		return damaged(d);
	*budget -= local;
	if (local == total)
		return d->row(d, bytes_of(part.p, part.n));
	blob->n = 0;
	if (!buf_append(blob, part.p, part.n, &e) ||
	    !gather_overflow(d, bytes_u32(page, off + local), total) || page->bad)
		return damaged(d);
	return d->row(d, bytes_of(blob->p, blob->n));
}

/* ---- Trees ---- */

static bool read_tree(struct database *d, uint32_t number, unsigned depth);

static bool read_leaf(struct database *d, struct bytes *page, uint64_t head)
{
	uint64_t budget = d->usable;
	unsigned cells = bytes_u16(page, head + TREE_CELLS);
	for (unsigned i = 0; i < cells; i++) {
		struct bytes of = *page; /* damage of one cell is its own */
		uint64_t off = bytes_u16(&of, head + LEAF_HEAD + 2 * i);
		if (!read_cell(d, &of, off, &budget))
			return false;
	}
	return true;
}

static bool read_interior(struct database *d, struct bytes *page, uint64_t head, unsigned depth)
{
	unsigned cells = bytes_u16(page, head + TREE_CELLS);
	for (unsigned i = 0; i < cells; i++) {
		uint64_t off = bytes_u16(page, head + INTERIOR_HEAD + 2 * i);
		uint32_t child = bytes_u32(page, off);
		if (page->bad)
			return damaged(d);
		if (!read_tree(d, child, depth + 1))
			return false;
	}
	return read_tree(d, bytes_u32(page, head + TREE_RIGHTMOST), depth + 1);
}

static bool read_tree(struct database *d, uint32_t number, unsigned depth)
{
	struct bytes page;
	if (depth > DEPTH_MAX || !take_page(d, number, &page))
		return damaged(d);
	page.n = d->usable;
	uint64_t head = number == 1 ? FILE_HEADER : 0;
	switch (bytes_u8(&page, head)) {
	case LEAF: return read_leaf(d, &page, head);
	case INTERIOR: return read_interior(d, &page, head, depth);
	default: return damaged(d);
	}
}

/* ---- Rows ---- */

/* sqlite_schema(type, name, tbl_name, rootpage, sql). */
static bool find_root(struct database *d, struct bytes record)
{
	enum value_kind kind;
	struct str type, name, root;
	if (!column(record, 0, &kind, &type) || !column(record, 1, &kind, &name) ||
	    !column(record, 3, &kind, &root))
		return damaged(d);
	if (!str_eq(type, STR("table")) || !str_eq(name, STR("Packages")) || kind != VALUE_NUMBER ||
	    !root.n || root.n > 4)
		return true;
	struct bytes number = bytes_of(root.p, root.n);
	number.big_endian = true;
	d->root = (uint32_t)bytes_uint(&number, 0, (unsigned)root.n);
	return true;
}

/* Packages(hnum, blob). */
static bool visit_package(struct database *d, struct bytes record)
{
	enum value_kind kind;
	struct str blob;
	if (!column(record, 1, &kind, &blob) || kind != VALUE_BLOB)
		return damaged(d);
	return d->reading->visit(blob, d->reading->context);
}

/* ---- The file ---- */

/* SQLite itself refuses fewer than 480 usable bytes. A database to which nothing was ever written has
 * no encoding yet; rpm's has UTF-8. */
static bool open_database(struct database *d)
{
	struct bytes *f = &d->file;
	f->big_endian = true;
	uint32_t page_bytes = bytes_u16(f, FILE_PAGE_BYTES);
	d->page_bytes = page_bytes == 1 ? 65536 : page_bytes;
	d->usable = d->page_bytes - bytes_u8(f, FILE_RESERVED);
	if (f->n < FILE_HEADER || memcmp(f->p, "SQLite format 3", 16) != 0 || d->page_bytes < 512 ||
	    (d->page_bytes & (d->page_bytes - 1)) || d->usable < 480 ||
	    bytes_u32(f, FILE_ENCODING) != 1)
		return false;
	d->page_count = (uint32_t)(f->n / d->page_bytes);
	return true;
}

bool rpm_sqlite_read(struct rpm_reading *r, struct str database, struct str wal)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct database d = {.reading = r,
	                     .file = bytes_of(database.p, database.n),
	                     .wal = bytes_of(wal.p, wal.n),
	                     .row = find_root};
	if (database.n / 512 >= UINT32_MAX || !open_database(&d))
		return damaged(&d);
	d.wal_pages = rpm_wal_pages(wal, d.page_bytes, &d.page_count, &scratch);
	d.seen = arena_alloc(&scratch, d.page_count / 8 + 1);
	read_tree(&d, 1, 0);
	if (!d.root)
		return damaged(&d);
	d.row = visit_package;
	return read_tree(&d, d.root, 0);
}
