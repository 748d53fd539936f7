/* facts: what one layer holds, immutable once made.
 *
 * A facts record is named by the layer's diff ID and keeps every entry of the
 * layer, the loader's facts of each ELF object, the `#!` line of each script,
 * the few small files that other floors read whole, and the gist of some larger ones. Needs, prediction,
 * scan, size and explorer are functions of facts; they never see an archive.
 *
 * In memory, an encoded record is one run of bytes (a file in the store, or
 * part of the program) that facts_open() indexes without copying; ELF facts
 * and kept files are decoded when somebody asks. Pure: no system calls. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "elf/elf.h"

/* Raised with every change of a record's layout, of what elf_encode() writes, of gists, or of which
 * files are kept: records of another version are made again. */
#define FACTS_FORMAT_VERSION 3u

enum entry_type {
	ENTRY_FILE = 1,
	ENTRY_DIR,
	ENTRY_SYMLINK,
	ENTRY_HARDLINK, /* to an earlier entry of the same or a lower layer */
	ENTRY_CHAR,
	ENTRY_BLOCK,
	ENTRY_FIFO,
	ENTRY_WHITEOUT, /* path is what disappears, without the ".wh." */
	ENTRY_OPAQUE    /* path is the folder whose lower contents disappear */
};

struct entry {
	struct str path; /* from the root, no leading slash, no "." or ".."; the root itself is "" */
	struct str link; /* symbolic link: target as written; hard link: path as above;
	                    device: "MAJOR:MINOR" */
	uint8_t type;    /* enum entry_type */
	uint16_t mode;   /* permission bits with set-id and sticky: 07777 */
	uint32_t uid, gid;
	int64_t mtime_s;
	uint64_t size_bytes;  /* files: content */
	uint32_t elf_index;   /* 1 + index of its ELF facts; 0: no ELF object */
	uint32_t kept_index;  /* 1 + index of its kept content; 0: not kept */
	uint32_t gist_index;  /* 1 + index of its gist, which lies with the kept contents; 0: none */
	struct str shebang;   /* the line behind "#!" without the newline and blanks around; empty: none */
	struct str elf_error; /* ELF magic, but damaged: why; or why the file could not be read */
};

/* One layer's facts, however they came about. */
struct facts {
	struct str diff_id; /* "sha256:…" of the unpacked tar; empty for a folder */
	struct entry *entries; /* in archive order; a later one of the same path wins */
	size_t entry_count;
	uint64_t unpacked_bytes;   /* sum of file sizes, hard links not counted again */
	uint64_t compressed_bytes; /* as stored; 0 where unknown */

	/* Reached through facts_elf(), facts_kept() and facts_gist(). */
	size_t elf_count, kept_count;
	const struct facts_blob *elf_blobs, *kept_blobs;
	struct elf_object **elf_decoded; /* filled on demand */
	struct str *kept_decoded;
	struct arena *arena; /* owns what is decoded; the caller's */
};

/* Where a blob lies inside the record, and how it is packed. */
struct facts_blob {
	struct str packed; /* zstd, or plain where unpacked_bytes == packed.n */
	uint32_t unpacked_bytes;
};

/* ---- Making ---- */

/* Collects entries in archive order. Everything handed in is copied, to the heap: a
 * builder that was made must be released. */
struct facts_builder;
struct facts_builder *facts_builder_new(struct arena *a);
void facts_builder_release(struct facts_builder *b);

/* `elf` and `kept` may be NULL. The indices in the entry are ignored. Paths are taken as they
 * are: facts_path() must have made them. */
MUST_USE bool facts_builder_add(struct facts_builder *b, const struct entry *entry,
                                const struct elf_object *elf, const struct str *kept,
                                struct err *e);

/* The same with a gist (NULL: none): a short text that was made of the content when it was read,
 * because the content is too large to be kept. Whose gist has which form its reader in the package
 * floor says. */
MUST_USE bool facts_builder_add_gist(struct facts_builder *b, const struct entry *entry,
                                     const struct elf_object *elf, const struct str *kept,
                                     const struct str *gist, struct err *e);

/* Writes the record: header, strings, entries, blobs, and a 64-bit checksum over all of it,
 * so that damage is seen before anything is believed. (Against accidents: a store that
 * somebody else can write is nobody's.) */
MUST_USE bool facts_builder_encode(struct facts_builder *b, struct str diff_id,
                                   uint64_t compressed_bytes, struct buf *out, struct err *e);

/* ---- Reading ---- */

/* Indexes an encoded record; `record` must outlive the facts. ERR_INPUT where it is
 * damaged or of another format version: the caller throws it away and makes it again. */
MUST_USE bool facts_open(struct facts *f, struct str record, struct arena *a, struct err *e);

/* NULL where the entry is no (sound) ELF object. Decoded once, kept in f->arena. */
const struct elf_object *facts_elf(const struct facts *f, const struct entry *entry);

/* The kept content; false where it was not kept. */
bool facts_kept(const struct facts *f, const struct entry *entry, struct str *content);

/* The gist; false where the entry has none. */
bool facts_gist(const struct facts *f, const struct entry *entry, struct str *gist);

/* ---- Which files are kept ---- */

/* True for the files that other floors read whole: os-release, passwd, group, nsswitch.conf,
 * ld.so.cache, ld.so.conf*, ld.so.preload, ld-musl-*.path, dpkg, apk and rpm databases,
 * METADATA, package.json, … `path` as in struct entry. */
bool facts_keeps(struct str path, uint64_t size_bytes);

/* True for a script of a shell, told by its `#!` line: what it calls stands in its text. */
bool facts_keeps_script(struct str shebang, uint64_t size_bytes);

/* ---- Paths ---- */

/* Normalises a name from an archive ("./usr//bin/../lib/", "/etc") into a path of the form
 * above. ".." that would leave the root is ERR_INPUT; so are a NUL and an overlong name. */
MUST_USE bool facts_path(struct str name, struct arena *a, struct str *path, struct err *e);
