/* SQLite's write-ahead log (sqlite.org/fileformat2.html, section 4): a head of 32 bytes, then frames,
 * a head of 24 bytes and a page each. A frame counts where its two salts are those of the log's head,
 * its checksum goes on from the frame before it, and it or a later such frame ends a transaction.
 * The first that does not count ends the log: what follows is of an earlier life.
 *
 * Whether frames were written back into the database since does not matter: the pages are the same
 * then. */
#include "package/rpm_parts.h"

enum { HEAD = 32, FRAME_HEAD = 24 };
#define WAL_MAGIC 0x377f0682u /* the lowest bit: checksums over big-endian numbers */
enum { WAL_VERSION = 3007000 };

struct sums {
	uint32_t first, second;
};

/* Over [off, off + n), a multiple of 8. */
static void add_sums(struct sums *s, struct bytes log, bool big_endian, uint64_t off, uint64_t n)
{
	log.big_endian = big_endian;
	for (uint64_t i = 0; i < n; i += 8) {
		s->first += bytes_u32(&log, off + i) + s->second;
		s->second += bytes_u32(&log, off + i + 4) + s->first;
	}
}

static bool sums_are(const struct sums *s, struct bytes *log, uint64_t off)
{
	return bytes_u32(log, off) == s->first && bytes_u32(log, off + 4) == s->second && !log->bad;
}

struct log {
	struct bytes bytes;
	bool big_endian; /* the checksums' numbers; all others are always */
	struct sums sums;
	uint32_t page_bytes;
};

static bool open_log(struct log *l, struct str wal)
{
	l->bytes = bytes_of(wal.p, wal.n);
	l->bytes.big_endian = true;
	uint32_t magic = bytes_u32(&l->bytes, 0);
	l->big_endian = magic & 1;
	l->page_bytes = bytes_u32(&l->bytes, 8);
	if ((magic & ~1u) != WAL_MAGIC || bytes_u32(&l->bytes, 4) != WAL_VERSION || l->bytes.bad)
		return false;
	add_sums(&l->sums, l->bytes, l->big_endian, 0, 24);
	return sums_are(&l->sums, &l->bytes, 24);
}

static bool frame_counts(struct log *l, uint64_t off)
{
	struct bytes *b = &l->bytes;
	if (!bytes_has(b, off, FRAME_HEAD + (uint64_t)l->page_bytes) || bytes_u32(b, off) == 0 ||
	    bytes_u64(b, off + 8) != bytes_u64(b, 16))
		return false;
	add_sums(&l->sums, *b, l->big_endian, off, 8);
	add_sums(&l->sums, *b, l->big_endian, off + FRAME_HEAD, l->page_bytes);
	return sums_are(&l->sums, b, off + 16);
}

/* Where the last transaction ends; 0 where none does. */
static uint64_t committed_end(struct log *l, uint32_t *page_count)
{
	uint64_t end = 0, size_bytes = FRAME_HEAD + (uint64_t)l->page_bytes;
	for (uint64_t off = HEAD; frame_counts(l, off); off += size_bytes) {
		uint32_t pages = bytes_u32(&l->bytes, off + 4);
		if (!pages)
			continue;
		*page_count = pages;
		end = off + size_bytes;
	}
	return end;
}

const uint64_t *rpm_wal_pages(struct str wal, uint32_t page_bytes, uint32_t *page_count,
                              struct arena *a)
{
	struct log l = {.bytes = {0}};
	if (!open_log(&l, wal))
		return NULL;
	if (l.page_bytes != page_bytes) {
		*page_count = 0;
		return NULL;
	}
	/* No more pages than the database has and frames could add. */
	uint64_t most = *page_count + wal.n / page_bytes, end = committed_end(&l, page_count);
	if (!end)
		return NULL;
	if (*page_count > most) {
		*page_count = 0;
		return NULL;
	}
	uint64_t *pages = arena_array(a, (size_t)*page_count + 1, sizeof *pages);
	for (uint64_t off = HEAD; off < end; off += FRAME_HEAD + (uint64_t)page_bytes) {
		uint32_t number = bytes_u32(&l.bytes, off);
		if (number <= *page_count)
			pages[number] = off + FRAME_HEAD;
	}
	return pages;
}
