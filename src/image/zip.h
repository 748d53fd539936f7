/* zip: a zip archive in memory, by its central directory, as Java's loaders read one.
 *
 * Bytes in, entries out; nothing is copied, and names stay as they are (they may hold anything).
 * What stands before the archive counts for nothing: an executable jar begins with a script. Knows
 * zip64; no encryption, no parts on several disks. (PKWARE's APPNOTE.TXT, 4.3 and 4.5.) */
#pragma once

#include "core/buf.h"
#include "core/bytes.h"

struct zip {
	struct bytes b;          /* the file */
	uint64_t archive;        /* where the archive begins: offsets count from there */
	uint64_t directory, end; /* of the central directory, in the file */
};

enum zip_method { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

struct zip_entry {
	struct str name;
	uint16_t method; /* enum zip_method, or one that nobody here reads */
	bool encrypted;
	uint64_t packed_bytes, size_bytes; /* as the directory says */
	uint64_t header;                   /* offset of its local header, from `archive` */
};

/* True where a file begins as a zip archive does. */
bool zip_is(struct str head);

/* ERR_INPUT where there is no directory, or none that fits. */
MUST_USE bool zip_open(struct zip *z, struct str bytes, struct err *e);

/* Takes the entry at *at (z->directory first) and steps behind it; false at the end of the
 * directory, with *e set where it is damaged. */
bool zip_next(const struct zip *z, uint64_t *at, struct zip_entry *entry, struct err *e);

/* The bytes of an entry as they lie there. */
MUST_USE bool zip_packed(const struct zip *z, const struct zip_entry *entry, struct str *packed,
                         struct err *e);

/* ---- Unpacking ---- */

/* Holds zlib's state: made once, used for many entries. */
struct zip_unpacker;
struct zip_unpacker *zip_unpacker_new(void);
void zip_unpacker_free(struct zip_unpacker **u);
#define CLEANUP_UNPACKER __attribute__((cleanup(zip_unpacker_free)))

/* Hands the content of a stored or deflated entry piece by piece to `take`, up to max_bytes of it
 * (then it ends well, and *whole is false). ERR_INPUT: damaged, or packed in an unknown way. `take`
 * ends it by giving false with its own error. */
MUST_USE bool zip_unpack(struct zip_unpacker *u, const struct zip *z, const struct zip_entry *entry,
                         uint64_t max_bytes, bool *whole,
                         bool (*take)(struct str piece, void *context, struct err *e),
                         void *context, struct err *e);
