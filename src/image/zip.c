#define ZLIB_CONST
#include "image/zip.h"

#include <stdlib.h>
#include <zlib.h>

#include "core/arena.h"

/* APPNOTE 4.3.7, 4.3.12, 4.3.14 to 4.3.16. */
enum {
	LOCAL_BYTES = 30,
	CENTRAL_BYTES = 46,
	END_BYTES = 22,
	END64_BYTES = 56,
	LOCATOR_BYTES = 20,
	COMMENT_MAX = 65535
};
#define LOCAL_MAGIC 0x04034b50u
#define CENTRAL_MAGIC 0x02014b50u
#define END_MAGIC 0x06054b50u
#define END64_MAGIC 0x06064b50u
#define LOCATOR_MAGIC 0x07064b50u

bool zip_is(struct str head)
{
	struct bytes b = bytes_of(head.p, head.n);
	uint32_t magic = bytes_u32(&b, 0);
	return magic == LOCAL_MAGIC || magic == END_MAGIC; /* the latter: empty */
}

/* ---- The directory ---- */

/* The last end record whose comment ends with the file. */
static bool find_end(struct bytes *b, uint64_t *at)
{
	uint64_t most = END_BYTES + COMMENT_MAX;
	for (uint64_t n = END_BYTES; n <= b->n && n <= most; n++) {
		*at = b->n - n;
		if (b->p[*at] == 'P' && bytes_u32(b, *at) == END_MAGIC &&
		    bytes_u16(b, *at + 20) == n - END_BYTES)
			return true;
	}
	return false;
}

/* With zip64 a locator stands before the end record, and before it, mostly, the record itself: what
 * was put before the archive later on makes the offset in the locator wrong. */
static bool find_end64(struct bytes *b, uint64_t end, uint64_t *at)
{
	if (end < LOCATOR_BYTES || bytes_u32(b, end - LOCATOR_BYTES) != LOCATOR_MAGIC)
		return false;
	*at = bytes_u64(b, end - LOCATOR_BYTES + 8);
	if (bytes_has(b, *at, END64_BYTES) && bytes_u32(b, *at) == END64_MAGIC)
		return true;
	*at = end - LOCATOR_BYTES - END64_BYTES;
	return end >= LOCATOR_BYTES + END64_BYTES && bytes_u32(b, *at) == END64_MAGIC;
}

bool zip_open(struct zip *z, struct str bytes, struct err *e)
{
	*z = (struct zip){.b = bytes_of(bytes.p, bytes.n)};
	uint64_t end, size, offset;
	if (!find_end(&z->b, &end))
		return err_set(e, ERR_INPUT, "no zip archive, or one that is cut off");
	size = bytes_u32(&z->b, end + 12);
	offset = bytes_u32(&z->b, end + 16);
	if (find_end64(&z->b, end, &end)) {
		size = bytes_u64(&z->b, end + 40);
		offset = bytes_u64(&z->b, end + 48);
	}
	/* The directory ends where its end record begins, whatever was put before the archive. */
	if (size > end || offset > end - size)
		return err_set(e, ERR_INPUT, "a zip directory of %llu bytes at offset %llu does not fit",
		               (unsigned long long)size, (unsigned long long)offset);
	z->end = end;
	z->directory = end - size;
	z->archive = z->directory - offset;
	return true;
}

/* APPNOTE 4.5.3: of the three numbers those stand in the extra field that do not fit. */
static void read_zip64(struct zip_entry *entry, struct bytes extra)
{
	enum { ZIP64 = 1 };
	uint64_t *const numbers[] = {&entry->size_bytes, &entry->packed_bytes, &entry->header};
	for (uint64_t at = 0; at + 4 <= extra.n && !extra.bad;) {
		uint16_t kind = bytes_u16(&extra, at), n = bytes_u16(&extra, at + 2);
		uint64_t field = at + 4;
		for (size_t i = 0; kind == ZIP64 && i < 3; i++) {
			if (*numbers[i] != UINT32_MAX)
				continue;
			*numbers[i] = bytes_u64(&extra, field);
			field += 8;
		}
		at += 4u + n;
	}
}

bool zip_next(const struct zip *z, uint64_t *at, struct zip_entry *entry, struct err *e)
{
	struct bytes b = bytes_of(z->b.p, z->end);
	uint64_t p = *at;
	if (p >= z->end)
		return false;
	if (bytes_u32(&b, p) != CENTRAL_MAGIC)
		return err_set(e, ERR_INPUT, "the zip directory is damaged at offset %llu",
		               (unsigned long long)p);
	uint16_t name = bytes_u16(&b, p + 28), extra = bytes_u16(&b, p + 30);
	*entry = (struct zip_entry){.encrypted = bytes_u16(&b, p + 8) & 1,
	                            .method = bytes_u16(&b, p + 10),
	                            .packed_bytes = bytes_u32(&b, p + 20),
	                            .size_bytes = bytes_u32(&b, p + 24),
	                            .header = bytes_u32(&b, p + 42)};
	entry->name = bytes_slice(&b, p + CENTRAL_BYTES, name);
	struct str more = bytes_slice(&b, p + CENTRAL_BYTES + name, extra);
	*at = p + CENTRAL_BYTES + name + extra + bytes_u16(&b, p + 32);
	if (b.bad)
		return err_set(e, ERR_INPUT, "the zip directory is cut off at offset %llu",
		               (unsigned long long)p);
	if (more.n)
		read_zip64(entry, bytes_of(more.p, more.n));
	return true;
}

bool zip_packed(const struct zip *z, const struct zip_entry *entry, struct str *packed,
                struct err *e)
{
	struct bytes b = z->b;
	if (entry->header > b.n)
		return err_set(e, ERR_INPUT, "content behind the end of the zip archive");
	uint64_t at = z->archive + entry->header;
	bool local = bytes_u32(&b, at) == LOCAL_MAGIC;
	at += LOCAL_BYTES + bytes_u16(&b, at + 26) + (uint64_t)bytes_u16(&b, at + 28);
	*packed = bytes_slice(&b, at, entry->packed_bytes);
	if (b.bad || !local)
		return err_set(e, ERR_INPUT, "content at offset %llu of the zip archive does not fit",
		               (unsigned long long)entry->header);
	return true;
}

/* ---- Unpacking ---- */

enum { PIECE_BYTES = 64 << 10 };

struct zip_unpacker {
	z_stream stream;
	Bytef piece[PIECE_BYTES];
};

struct zip_unpacker *zip_unpacker_new(void)
{
	struct zip_unpacker *u = calloc(1, sizeof *u);
	if (!u || inflateInit2(&u->stream, -MAX_WBITS) != Z_OK)
		out_of_memory();
	return u;
}

void zip_unpacker_free(struct zip_unpacker **u)
{
	if (*u)
		inflateEnd(&(*u)->stream);
	free(*u);
	*u = NULL;
}

static bool inflate_all(struct zip_unpacker *u, struct str packed, uint64_t max_bytes, bool *whole,
                        bool (*take)(struct str piece, void *context, struct err *e),
                        void *context, struct err *e)
{
	z_stream *s = &u->stream;
	size_t rest = packed.n;
	int code = Z_OK;
	inflateReset(s);
	s->next_in = (const Bytef *)packed.p;
	s->avail_in = 0;
	while (code == Z_OK && max_bytes > 0) {
		if (s->avail_in == 0) {
			s->avail_in = rest < UINT32_MAX ? (uInt)rest : UINT32_MAX;
			rest -= s->avail_in;
		}
		s->next_out = u->piece;
		s->avail_out = max_bytes < PIECE_BYTES ? (uInt)max_bytes : PIECE_BYTES;
		code = inflate(s, Z_NO_FLUSH);
		struct str piece = {(const char *)u->piece, (size_t)(s->next_out - u->piece)};
		max_bytes -= piece.n;
		if (piece.n && !take(piece, context, e))
			return false;
		if (code == Z_OK && piece.n == 0 && s->avail_in == 0 && rest == 0)
			code = Z_BUF_ERROR;
	}
	*whole = code == Z_STREAM_END;
	return code == Z_OK || code == Z_STREAM_END ||
	       err_set(e, ERR_INPUT, "deflated content that is damaged or cut off");
}

bool zip_unpack(struct zip_unpacker *u, const struct zip *z, const struct zip_entry *entry,
                uint64_t max_bytes, bool *whole,
                bool (*take)(struct str piece, void *context, struct err *e), void *context,
                struct err *e)
{
	struct str packed;
	if (!zip_packed(z, entry, &packed, e))
		return false;
	if (entry->encrypted || (entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED))
		return err_set(e, ERR_INPUT, "content packed by method %u%s", entry->method,
		               entry->encrypted ? ", encrypted" : "");
	if (entry->method == ZIP_DEFLATED)
		return inflate_all(u, packed, max_bytes, whole, take, context, e);
	*whole = packed.n <= max_bytes;
	packed = str_slice(packed, 0, (size_t)max_bytes);
	return packed.n == 0 || take(packed, context, e);
}
