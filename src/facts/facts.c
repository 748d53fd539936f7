#include "facts/facts.h"

#include <zstd.h>

#include "core/limits.h"
#include "elf/codec.h"
#include "facts/record.h"

/* Where the parts of a record lie, once the header has been believed. */
struct parts {
	const uint8_t *entries, *directory;
	struct str strings, blobs;
};

static bool check_header(struct str record, struct err *e)
{
	const uint8_t *p = (const uint8_t *)record.p;
	if (record.n < RECORD_HEADER || memcmp(p, RECORD_MAGIC, 8) != 0)
		return err_set(e, ERR_INPUT, "not a facts record");
	if (le32(p + HEADER_VERSION) != FACTS_FORMAT_VERSION)
		return err_set(e, ERR_INPUT, "a facts record of format %u, not %u",
		               le32(p + HEADER_VERSION), FACTS_FORMAT_VERSION);
	if (le64(p + HEADER_RECORD_BYTES) != record.n || record.n > LIMIT_RECORD_BYTES)
		return err_set(e, ERR_INPUT, "a facts record of %zu bytes that says it has %llu",
		               record.n, (unsigned long long)le64(p + HEADER_RECORD_BYTES));
	if (le64(p + HEADER_CHECKSUM) != record_checksum(p, record.n))
		return err_set(e, ERR_INPUT, "a facts record whose checksum is wrong");
	return true;
}

static bool split(struct facts *f, struct str record, struct parts *parts, struct err *e)
{
	const uint8_t *p = (const uint8_t *)record.p;
	f->entry_count = le32(p + HEADER_ENTRY_COUNT);
	f->elf_count = le32(p + HEADER_ELF_COUNT);
	f->kept_count = le32(p + HEADER_KEPT_COUNT);
	f->unpacked_bytes = le64(p + HEADER_UNPACKED_BYTES);
	f->compressed_bytes = le64(p + HEADER_COMPRESSED_BYTES);

	/* 32-bit counts times small sizes: no 64-bit sum of them overflows. */
	uint64_t directory = RECORD_HEADER + (uint64_t)f->entry_count * RECORD_ENTRY;
	uint64_t strings = directory + ((uint64_t)f->elf_count + f->kept_count) * RECORD_BLOB;
	uint64_t blobs = strings + le32(p + HEADER_STRINGS_BYTES);
	if (blobs > record.n)
		return err_set(e, ERR_INPUT, "a facts record whose parts end behind it");
	parts->entries = p + RECORD_HEADER;
	parts->directory = p + directory;
	parts->strings = str_slice(record, strings, blobs);
	parts->blobs = str_skip(record, blobs);
	return true;
}

/* A view of [off, off + n); false where that is not inside. */
static inline bool cut(struct str s, uint32_t off, uint32_t n, struct str *part)
{
	if (off > s.n || n > s.n - off)
		return false;
	*part = (struct str){s.p + off, n};
	return true;
}

static inline bool read_strings(struct entry *entry, const uint8_t *p, struct str strings)
{
	return cut(strings, le32(p + REC_PATH), le16(p + REC_PATH_BYTES), &entry->path) &&
	       cut(strings, le32(p + REC_LINK), le16(p + REC_LINK_BYTES), &entry->link) &&
	       cut(strings, le32(p + REC_SHEBANG), le16(p + REC_SHEBANG_BYTES), &entry->shebang) &&
	       cut(strings, le32(p + REC_ELF_ERROR), le16(p + REC_ELF_ERROR_BYTES),
	           &entry->elf_error);
}

static inline bool read_entry(struct entry *entry, const uint8_t *p, struct str strings,
                              const struct facts *f)
{
	entry->mode = le16(p + REC_MODE);
	entry->type = p[REC_TYPE];
	entry->uid = le32(p + REC_UID);
	entry->gid = le32(p + REC_GID);
	entry->elf_index = le32(p + REC_ELF_INDEX);
	entry->kept_index = le32(p + REC_KEPT_INDEX);
	entry->gist_index = le32(p + REC_GIST_INDEX);
	entry->mtime_s = (int64_t)le64(p + REC_MTIME);
	entry->size_bytes = le64(p + REC_SIZE);
	return read_strings(entry, p, strings) && entry->type >= ENTRY_FILE &&
	       entry->type <= ENTRY_OPAQUE && entry->elf_index <= f->elf_count &&
	       entry->kept_index <= f->kept_count && entry->gist_index <= f->kept_count;
}

static bool read_blobs(const uint8_t *directory, size_t count, uint32_t max_bytes, struct str blobs,
                       struct facts_blob *out)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *p = directory + i * RECORD_BLOB;
		out[i].unpacked_bytes = le32(p + BLOB_UNPACKED_BYTES);
		if (out[i].unpacked_bytes > max_bytes ||
		    !cut(blobs, le32(p + BLOB_OFFSET), le32(p + BLOB_PACKED_BYTES), &out[i].packed))
			return false;
	}
	return true;
}

bool facts_open(struct facts *f, struct str record, struct arena *a, struct err *e)
{
	*f = (struct facts){.arena = a};
	struct parts parts = {0};
	if (!check_header(record, e) || !split(f, record, &parts, e))
		return false;

	const uint8_t *header = (const uint8_t *)record.p;
	if (!cut(parts.strings, le32(header + HEADER_DIFF_ID), le32(header + HEADER_DIFF_ID_BYTES),
	         &f->diff_id))
		return err_set(e, ERR_INPUT, "a facts record whose diff ID lies behind it");

	f->entries = arena_array(a, f->entry_count, sizeof *f->entries);
	for (size_t i = 0; i < f->entry_count; i++)
		if (!read_entry(&f->entries[i], parts.entries + i * RECORD_ENTRY, parts.strings, f))
			return err_set(e, ERR_INPUT, "a facts record with a damaged entry %zu", i);

	struct facts_blob *blobs = arena_array(a, f->elf_count + f->kept_count, sizeof *blobs);
	const uint8_t *kept_directory = parts.directory + f->elf_count * RECORD_BLOB;
	if (!read_blobs(parts.directory, f->elf_count, RECORD_ELF_BLOB_MAX, parts.blobs, blobs) ||
	    !read_blobs(kept_directory, f->kept_count, LIMIT_KEPT_DATABASE_BYTES, parts.blobs,
	                blobs + f->elf_count))
		return err_set(e, ERR_INPUT, "a facts record whose contents lie behind it");
	f->elf_blobs = blobs;
	f->kept_blobs = blobs + f->elf_count;
	f->elf_decoded = arena_array(a, f->elf_count, sizeof *f->elf_decoded);
	f->kept_decoded = arena_array(a, f->kept_count, sizeof *f->kept_decoded);
	return true;
}

/* Plain blobs are given as they lie in the record. */
static bool unpack(const struct facts_blob *blob, struct arena *a, struct str *content)
{
	if (blob->packed.n == blob->unpacked_bytes) {
		*content = blob->packed;
		return true;
	}
	char *p = arena_alloc(a, blob->unpacked_bytes);
	size_t n = ZSTD_decompress(p, blob->unpacked_bytes, blob->packed.p, blob->packed.n);
	*content = (struct str){p, blob->unpacked_bytes};
	return n == blob->unpacked_bytes;
}

const struct elf_object *facts_elf(const struct facts *f, const struct entry *entry)
{
	if (entry->elf_index == 0)
		return NULL;
	size_t i = entry->elf_index - 1;
	if (f->elf_decoded[i])
		return f->elf_decoded[i];

	struct str bytes;
	struct err ignored = ERR_INIT;
	struct elf_object *o = ARENA_NEW(f->arena, struct elf_object);
	if (!unpack(&f->elf_blobs[i], f->arena, &bytes) ||
	    !elf_decode(o, bytes, f->arena, &ignored))
		return NULL;
	f->elf_decoded[i] = o;
	return o;
}

static bool kept_at(const struct facts *f, uint32_t index, struct str *content)
{
	*content = STR_NONE;
	if (index == 0)
		return false;
	size_t i = index - 1;
	if (!f->kept_decoded[i].p && !unpack(&f->kept_blobs[i], f->arena, &f->kept_decoded[i])) {
		f->kept_decoded[i] = STR_NONE;
		return false;
	}
	*content = f->kept_decoded[i];
	return true;
}

bool facts_kept(const struct facts *f, const struct entry *entry, struct str *content)
{
	return kept_at(f, entry->kept_index, content);
}

bool facts_gist(const struct facts *f, const struct entry *entry, struct str *gist)
{
	return kept_at(f, entry->gist_index, gist);
}
