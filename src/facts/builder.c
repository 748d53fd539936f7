#include <stdlib.h>

#include <zstd.h>

#include "core/limits.h"
#include "elf/codec.h"
#include "facts/facts.h"
#include "facts/record.h"

/* Fast and small enough: what is packed are a few hundred kilobytes a layer. */
enum { ZSTD_LEVEL = 3 };

struct facts_builder {
	struct buf entries, strings, blobs; /* as they will stand in the record */
	struct buf elf_directory, kept_directory;
	struct buf scratch;
	ZSTD_CCtx *zstd;
	uint64_t unpacked_bytes;
};

struct facts_builder *facts_builder_new(struct arena *a)
{
	struct facts_builder *b = ARENA_NEW(a, struct facts_builder);
	struct buf *all[] = {&b->entries,       &b->strings,        &b->blobs,
	                     &b->elf_directory, &b->kept_directory, &b->scratch};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		*all[i] = (struct buf)BUF_INIT(LIMIT_RECORD_BYTES);
	b->zstd = ZSTD_createCCtx();
	if (!b->zstd)
		out_of_memory();
	return b;
}

void facts_builder_release(struct facts_builder *b)
{
	buf_release(&b->entries);
	buf_release(&b->strings);
	buf_release(&b->blobs);
	buf_release(&b->elf_directory);
	buf_release(&b->kept_directory);
	buf_release(&b->scratch);
	ZSTD_freeCCtx(b->zstd);
	b->zstd = NULL;
}

/* Appends `s` to the strings and notes in the entry where it lies. */
static bool put_string(struct facts_builder *b, uint8_t *record, unsigned off, unsigned length_off,
                       struct str s, struct err *e)
{
	if (s.n > UINT16_MAX)
		return err_set(e, ERR_INPUT, "a name of %zu bytes", s.n);
	put_le(record + off, b->strings.n, 4);
	put_le(record + length_off, s.n, 2);
	return buf_append(&b->strings, s.p, s.n, e);
}

/* Packs `content` where that makes it smaller, and notes in the directory where it lies. */
static bool put_blob(struct facts_builder *b, struct buf *directory, struct str content,
                     struct err *e)
{
	size_t start = b->blobs.n, packed = content.n;
	size_t bound = ZSTD_compressBound(content.n);
	if (!buf_reserve(&b->blobs, bound, e))
		return false;
	size_t n = ZSTD_compressCCtx(b->zstd, b->blobs.p + start, bound, content.p, content.n,
	                             ZSTD_LEVEL);
	if (!ZSTD_isError(n) && n < content.n)
		packed = n;
	else if (content.n)
		memcpy(b->blobs.p + start, content.p, content.n);
	b->blobs.n += packed;

	uint8_t place[RECORD_BLOB];
	put_le(place + BLOB_OFFSET, start, 4);
	put_le(place + BLOB_PACKED_BYTES, packed, 4);
	put_le(place + BLOB_UNPACKED_BYTES, content.n, 4);
	return buf_append(directory, place, sizeof place, e);
}

static bool put_elf(struct facts_builder *b, const struct elf_object *elf, struct err *e)
{
	b->scratch.n = 0;
	if (!elf_encode(elf, &b->scratch, e))
		return false;
	if (b->scratch.n > RECORD_ELF_BLOB_MAX)
		return err_set(e, ERR_LIMIT, "an ELF object with %zu bytes of facts", b->scratch.n);
	return put_blob(b, &b->elf_directory, buf_str(&b->scratch), e);
}

static void put_numbers(uint8_t *record, const struct entry *entry)
{
	put_le(record + REC_MODE, entry->mode, 2);
	record[REC_TYPE] = entry->type;
	put_le(record + REC_UID, entry->uid, 4);
	put_le(record + REC_GID, entry->gid, 4);
	put_le(record + REC_MTIME, (uint64_t)entry->mtime_s, 8);
	put_le(record + REC_SIZE, entry->size_bytes, 8);
}

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Its index in the entry, too. */
static bool put_kept(struct facts_builder *b, const struct str *content, uint8_t *record,
                     unsigned index_off, struct err *e)
{
	if (!content)
		return true;
	if (!put_blob(b, &b->kept_directory, *content, e))
		return false;
	put_le(record + index_off, b->kept_directory.n / RECORD_BLOB, 4);
	return true;
}

bool facts_builder_add(struct facts_builder *b, const struct entry *entry,
                       const struct elf_object *elf, const struct str *kept, struct err *e)
{
	return facts_builder_add_gist(b, entry, elf, kept, NULL, e);
}

bool facts_builder_add_gist(struct facts_builder *b, const struct entry *entry,
                            const struct elf_object *elf, const struct str *kept,
                            const struct str *gist, struct err *e)
{
	if (b->entries.n / RECORD_ENTRY >= LIMIT_LAYER_ENTRIES)
		return err_set(e, ERR_LIMIT, "more than %u entries", LIMIT_LAYER_ENTRIES);

	uint8_t record[RECORD_ENTRY] = {0};
	put_numbers(record, entry);
	if (!put_string(b, record, REC_PATH, REC_PATH_BYTES, entry->path, e) ||
	    !put_string(b, record, REC_LINK, REC_LINK_BYTES, entry->link, e) ||
	    !put_string(b, record, REC_SHEBANG, REC_SHEBANG_BYTES, entry->shebang, e) ||
	    !put_string(b, record, REC_ELF_ERROR, REC_ELF_ERROR_BYTES, entry->elf_error, e))
		return false;
	if (elf) {
		if (!put_elf(b, elf, e))
			return false;
		put_le(record + REC_ELF_INDEX, b->elf_directory.n / RECORD_BLOB, 4);
	}
	if (!put_kept(b, kept, record, REC_KEPT_INDEX, e) ||
	    !put_kept(b, gist, record, REC_GIST_INDEX, e))
		return false;
	if (entry->type == ENTRY_FILE)
		b->unpacked_bytes = add_saturating(b->unpacked_bytes, entry->size_bytes);
	return buf_append(&b->entries, record, sizeof record, e);
}

static void put_header(uint8_t *header, const struct facts_builder *b, struct str diff_id,
                       size_t diff_id_off, uint64_t compressed_bytes, size_t record_bytes)
{
	memcpy(header, RECORD_MAGIC, 8);
	put_le(header + HEADER_VERSION, FACTS_FORMAT_VERSION, 4);
	put_le(header + HEADER_ENTRY_COUNT, b->entries.n / RECORD_ENTRY, 4);
	put_le(header + HEADER_RECORD_BYTES, record_bytes, 8);
	put_le(header + HEADER_UNPACKED_BYTES, b->unpacked_bytes, 8);
	put_le(header + HEADER_COMPRESSED_BYTES, compressed_bytes, 8);
	put_le(header + HEADER_STRINGS_BYTES, b->strings.n, 4);
	put_le(header + HEADER_ELF_COUNT, b->elf_directory.n / RECORD_BLOB, 4);
	put_le(header + HEADER_KEPT_COUNT, b->kept_directory.n / RECORD_BLOB, 4);
	put_le(header + HEADER_DIFF_ID, diff_id_off, 4);
	put_le(header + HEADER_DIFF_ID_BYTES, diff_id.n, 4);
}

bool facts_builder_encode(struct facts_builder *b, struct str diff_id, uint64_t compressed_bytes,
                          struct buf *out, struct err *e)
{
	size_t diff_id_off = b->strings.n;
	if (!buf_append(&b->strings, diff_id.p, diff_id.n, e))
		return false;

	const struct buf *parts[] = {&b->entries, &b->elf_directory, &b->kept_directory,
	                             &b->strings, &b->blobs};
	size_t record_bytes = RECORD_HEADER;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		record_bytes += parts[i]->n;
	if (record_bytes > LIMIT_RECORD_BYTES)
		return err_set(e, ERR_LIMIT, "facts of %zu bytes", record_bytes);

	uint8_t header[RECORD_HEADER] = {0};
	put_header(header, b, diff_id, diff_id_off, compressed_bytes, record_bytes);
	size_t start = out->n;
	if (!buf_reserve(out, record_bytes, e) || !buf_append(out, header, sizeof header, e))
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!buf_append(out, parts[i]->p, parts[i]->n, e))
			return false;
	uint8_t *record = out->p + start;
	put_le(record + HEADER_CHECKSUM, record_checksum(record, record_bytes), 8);
	return true;
}
