/* record: how a facts record lies in memory. Known to the facts floor alone.
 *
 *   header       RECORD_HEADER bytes
 *   entries      entry_count × RECORD_ENTRY bytes, in archive order
 *   directory    (elf_count + kept_count) × RECORD_BLOB bytes: where each blob lies
 *   strings      strings_bytes: paths, links, `#!` lines; entries point into it
 *   blobs        ELF facts, and kept files and gists, each packed alone
 *
 * All numbers are little-endian. Everything but strings and blobs has a fixed
 * size, so that each part's place follows from the counts in the header and a
 * reader needs one bounds check a part. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "facts/facts.h"

#define RECORD_MAGIC "SOCLEfct"

enum {
	RECORD_HEADER = 80,
	RECORD_ENTRY = 64,
	RECORD_BLOB = 12,
	RECORD_ELF_BLOB_MAX = 256 << 20 /* unpacked facts of one object */
};

enum record_header { /* offsets */
	             HEADER_VERSION = 8,
	             HEADER_ENTRY_COUNT = 12,
	             HEADER_RECORD_BYTES = 16,
	             HEADER_CHECKSUM = 24, /* over all other bytes of the record */
	             HEADER_UNPACKED_BYTES = 32,
	             HEADER_COMPRESSED_BYTES = 40,
	             HEADER_STRINGS_BYTES = 48,
	             HEADER_ELF_COUNT = 52,
	             HEADER_KEPT_COUNT = 56,
	             HEADER_DIFF_ID = 60, /* offset in strings, then its length */
	             HEADER_DIFF_ID_BYTES = 64
};

enum record_entry { /* offsets */
	            REC_PATH = 0,
	            REC_LINK = 4,
	            REC_SHEBANG = 8,
	            REC_ELF_ERROR = 12,
	            REC_PATH_BYTES = 16,
	            REC_LINK_BYTES = 18,
	            REC_SHEBANG_BYTES = 20,
	            REC_ELF_ERROR_BYTES = 22,
	            REC_MODE = 24,
	            REC_TYPE = 26,
	            REC_UID = 28,
	            REC_GID = 32,
	            REC_ELF_INDEX = 36,
	            REC_KEPT_INDEX = 40,
	            REC_GIST_INDEX = 44,
	            REC_MTIME = 48,
	            REC_SIZE = 56
};

enum record_blob { BLOB_OFFSET = 0, BLOB_PACKED_BYTES = 4, BLOB_UNPACKED_BYTES = 8 };

/* Over the record but for the eight bytes of the checksum itself. */
uint64_t record_checksum(const uint8_t *record, size_t size_bytes);

/* Written out so that a compiler makes one load or store of each. */
static inline uint64_t le64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline void put_le(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}
