/* stream: bytes that flow through stages, each of which reads from the one below.
 *
 *     file → digest (descriptor) → inflate → [thread] → digest (diff ID) → tar
 *
 * A stage fills the buffer that its reader hands in, so that a byte is copied
 * only where it changes. Errors end a stream: nothing may be read afterwards.
 * A stage owns the stage below once it has been made over it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct stream {
	/* Up to `cap` (above 0) bytes into `p`; *n is 0 at the end alone. */
	bool (*read)(struct stream *s, void *p, size_t cap, size_t *n, struct err *e);
	void (*close)(struct stream *s);
};

void stream_close(struct stream **s);
#define CLEANUP_STREAM __attribute__((cleanup(stream_close)))

/* Fills `p` as far as the stream goes. */
MUST_USE bool stream_fill(struct stream *s, void *p, size_t cap, size_t *n, struct err *e);

/* Where size_bytes lie. A part of an open file: the whole of a blob, or a member of an archive;
 * the descriptor is the opener's, and is read with pread(2): any number of streams may share
 * it. Or, with `open`, elsewhere: it makes the stream, and asks for nothing yet. */
struct source {
	int fd;
	uint64_t off, size_bytes;
	struct stream *(*open)(const void *context);
	const void *context;
	bool checked; /* its stream fails where the bytes are not those of their digest */
};

struct stream *stream_source(struct source source);

/* Bytes in memory as a source; they must outlive it, which lives in `a`. */
struct source source_bytes(struct str bytes, struct arena *a);

/* The first size_bytes of an open file; takes the descriptor over. */
struct stream *stream_file(int fd, uint64_t size_bytes);

/* How bytes are packed, told by how they begin. */
enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD, PACKING_XZ, PACKING_BZIP2 };

enum { PACKING_MAGIC_BYTES = 6 };
enum packing packing_of(struct str head);
const char *packing_name(enum packing packing);

/* Unpacks what `below` holds; takes it over, also where it fails. ERR_UNSUPPORTED for
 * bzip2. What follows the packed data is read to its end and must be packed as well
 * (members, frames) or zero. */
struct stream *stream_unpack(struct stream *below, enum packing packing, struct err *e);

/* Gives `head` first, which is copied, then what `below` holds: for who has looked how it
 * begins. Takes `below` over. */
struct stream *stream_after(struct str head, struct stream *below);

/* Ends with ERR_LIMIT after max_bytes. Takes `below` over. */
struct stream *stream_limit(struct stream *below, uint64_t max_bytes);

/* ---- Digests ---- */

struct sha256;
struct sha256 *sha256_new(void);
void sha256_update(struct sha256 *h, const void *p, size_t n);
/* "sha256:…", in `a`. May be called once. */
struct str sha256_final(struct sha256 *h, struct arena *a);
void sha256_free(struct sha256 **h);
#define CLEANUP_SHA256 __attribute__((cleanup(sha256_free)))

struct str sha256_of(struct str bytes, struct arena *a);

/* Passes bytes on and adds them to `h`, which must outlive the stream. Takes `below` over. */
struct stream *stream_digest(struct stream *below, struct sha256 *h);

/* ---- Threads ---- */

/* Reads `below` ahead in a thread of its own, through a ring of buffers that are handed
 * on without copying. Takes `below` over. */
struct pump;
struct pump *pump_start(struct stream *below);

/* The next buffer, valid until the next call; empty at the end. */
MUST_USE bool pump_next(struct pump *p, struct str *block, struct err *e);

/* What `below` holds, read ahead likewise. Takes `below` over. */
struct stream *stream_ahead(struct stream *below);

/* Ends the thread, wherever it is. */
void pump_close(struct pump **p);
#define CLEANUP_PUMP __attribute__((cleanup(pump_close)))
