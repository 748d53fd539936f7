/* rpm's own database, Packages.db (rpm, lib/backend/ndb/rpmpkg.c), little-endian:
 *
 *     header   32 bytes: "RpmP", version, generation, pages of slots, next package's number, …
 *     slots    16 bytes each, to the end of those pages of 4096 bytes (the header is in the first):
 *              "Slot", package's number (0: free), where its blob lies and how long that is, in
 *              units of 16 bytes
 *     blobs    "BlbS", number, generation, bytes; the header; padding; Adler-32 of all before it,
 *              bytes again, "BlbE"
 */
#include "package/rpm_parts.h"

enum { HEADER = 32, SLOT = 16, PAGE = 4096, UNIT = 16, HEAD = 16, TAIL = 12 };
enum { SLOT_PAGES = 12 }; /* offset in the header */

/* RFC 1950, section 9. */
static uint32_t adler32_of(struct str s)
{
	enum { MODULUS = 65521, RUN = 5552 }; /* as many as do not overflow 32 bits */
	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < s.n;) {
		size_t end = s.n - i > RUN ? i + RUN : s.n;
		for (; i < end; i++) {
			a += (unsigned char)s.p[i];
			b += a;
		}
		a %= MODULUS;
		b %= MODULUS;
	}
	return b << 16 | a;
}

/* The header in the blob of package `number`; false where any mark or sum is not as it must be. */
static bool open_blob(struct bytes *file, uint32_t number, uint64_t off, uint64_t size_bytes,
                      struct str *header)
{
	struct str whole = bytes_slice(file, off, size_bytes);
	struct bytes blob = bytes_of(whole.p, whole.n);
	if (file->bad || whole.n < HEAD + TAIL)
		return false;
	uint64_t tail = whole.n - TAIL;
	uint32_t bytes = bytes_u32(&blob, 12);
	*header = bytes_slice(&blob, HEAD, bytes);
	return !blob.bad && HEAD + (uint64_t)bytes <= tail && str_starts(whole, STR("BlbS")) &&
	       bytes_u32(&blob, 4) == number && bytes_u32(&blob, tail + 4) == bytes &&
	       str_ends(whole, STR("BlbE")) &&
	       bytes_u32(&blob, tail) == adler32_of(str_slice(whole, 0, tail));
}

/* Blobs that lie over one another could make a small file much work. */
struct budget {
	uint64_t left;
};

static bool read_slot(struct rpm_reading *r, struct bytes *file, uint64_t off, struct budget *budget)
{
	struct str header, mark = bytes_slice(file, off, 4);
	uint32_t number = bytes_u32(file, off + 4);
	uint64_t at = (uint64_t)bytes_u32(file, off + 8) * UNIT;
	uint64_t size_bytes = (uint64_t)bytes_u32(file, off + 12) * UNIT;
	if (!str_eq(mark, STR("Slot"))) {
		r->damaged = true;
		return true;
	}
	if (!number)
		return true;
	struct bytes blob_of = *file;
	if (size_bytes > budget->left || !open_blob(&blob_of, number, at, size_bytes, &header)) {
		r->damaged = true;
		return true;
	}
	budget->left -= size_bytes;
	return r->visit(header, r->context);
}

bool rpm_ndb_read(struct rpm_reading *r, struct str database)
{
	struct bytes file = bytes_of(database.p, database.n);
	struct budget budget = {database.n};
	uint64_t end = (uint64_t)bytes_u32(&file, SLOT_PAGES) * PAGE;
	if (file.bad || !str_starts(database, STR("RpmP")) || bytes_u32(&file, 4) != 0 || !end ||
	    !bytes_has(&file, 0, end)) {
		r->damaged = true;
		return true;
	}
	for (uint64_t off = HEADER; off < end; off += SLOT)
		if (!read_slot(r, &file, off, &budget))
			return false;
	return true;
}
