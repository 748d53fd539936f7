/* rpm_parts: RPM's databases, whatever their format, as a row of header blobs; and what stands in
 * one of those. For src/package/rpm*.c alone.
 *
 * All formats hold the same thing: a header for each installed package. The readers know containers
 * alone. What is broken they note, and go on with what is whole: the caller tells of both. */
#pragma once

#include "core/buf.h"
#include "core/bytes.h"
#include "package/formats.h"

/* ---- Databases ---- */

struct rpm_reading {
	bool (*visit)(struct str header, void *context); /* false: enough; the view ends with the call */
	void *context;
	struct buf blob; /* for one header */
	bool damaged;    /* something was left out */
};

/* Each calls `visit` for every header; false where `visit` ended it. Every page is looked at once at
 * most, so that the work grows with the bytes and with nothing that they say. */

/* SQLite's file format (sqlite.org/fileformat2.html): the table Packages(hnum, blob). `wal`, the
 * write-ahead log beside the database, counts as SQLite itself would count it; empty: none. */
bool rpm_sqlite_read(struct rpm_reading *r, struct str database, struct str wal);

/* rpm's own database of slots and blobs (rpm, lib/backend/ndb/rpmpkg.c). */
bool rpm_ndb_read(struct rpm_reading *r, struct str database);

/* Berkeley DB's hash (db, dbinc/db_page.h and hash.h), version 8 to 10 of its format. */
bool rpm_bdb_read(struct rpm_reading *r, struct str database);

/* ---- SQLite's write-ahead log ---- */

/* For each page (1 is the first) where its newest committed content lies in the log; 0: not in it.
 * `page_count`, the file's, is changed to what the last commit says. NULL where the log holds nothing
 * that counts: no frames, or frames of an earlier life of the log. A log that cannot be of this
 * database leaves it no pages. */
const uint64_t *rpm_wal_pages(struct str wal, uint32_t page_bytes, uint32_t *page_count,
                              struct arena *a);

/* ---- Headers ---- */

/* rpm, docs/manual/hregions.md and rpmtag.h: the tags that are of use here. */
enum rpm_tag {
	RPM_NAME = 1000,
	RPM_VERSION = 1001,
	RPM_RELEASE = 1002,
	RPM_EPOCH = 1003,
	RPM_LICENSE = 1014,
	RPM_ARCH = 1022,
	RPM_OLD_FILE_NAMES = 1027, /* whole paths: packages of before rpm 4 */
	RPM_SOURCE_RPM = 1044,
	RPM_DIR_INDEXES = 1116,
	RPM_BASE_NAMES = 1117,
	RPM_DIR_NAMES = 1118,
	RPM_MODULARITY_LABEL = 5096
};

struct rpm_entry {
	uint32_t type, offset, count; /* type 0: the header has no such tag */
};

struct rpm_header {
	struct bytes index, data;
};

/* False where the blob is no header: its two lengths must give its size. */
bool rpm_header_open(struct rpm_header *h, struct str blob);

/* A string; empty where the header has none of that tag. False where it is damaged. */
bool rpm_header_string(const struct rpm_header *h, enum rpm_tag tag, struct str *value);

/* A number; *has is false where the header has none of that tag. */
bool rpm_header_number(const struct rpm_header *h, enum rpm_tag tag, uint32_t *value, bool *has);

/* An array: strings are taken one after another from `strings`. */
struct rpm_entry rpm_header_entry(const struct rpm_header *h, enum rpm_tag tag);
bool rpm_header_strings(const struct rpm_header *h, struct rpm_entry e, struct bytes *strings);
bool rpm_next_string(struct bytes *strings, struct str *value);

/* ---- Packages ---- */

/* The source package by the name of its file, "glibc-2.34-60.el9.src.rpm": its version where that is
 * not `version`, the package's without an epoch. */
void rpm_read_source(struct package *p, struct str file, struct str version, struct arena *a);

/* The list that some images have instead of a database. */
void rpm_manifest_read(struct packages *out, const struct tree *t, struct arena *a);
