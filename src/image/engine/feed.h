/* feed: a tar that is made while it is sent: into a container, to be built, to be loaded.
 *
 * Parts are named first, in order; their bytes are read when they are asked for. Modes are kept,
 * owners where root sends them: else all belongs to root, as COPY has it. GNU's format: names of any
 * bytes and length. */
#pragma once

#include "core/vec.h"
#include "image/stream.h"
#include "os/http.h"

struct feed;
struct feed *feed_new(void);
void feed_free(struct feed **f);
#define CLEANUP_FEED __attribute__((cleanup(feed_free)))

void feed_add_folder(struct feed *f, struct str name, unsigned mode);
void feed_add_bytes(struct feed *f, struct str name, struct str bytes);
/* As many bytes as source.size_bytes says, which must be known. */
void feed_add_source(struct feed *f, struct str name, struct source source);

enum feed_choice {
	FEED_TAKE,
	FEED_LEAVE, /* a folder with all that is in it */
	FEED_LOOK   /* leave the folder itself, but ask for what is in it */
};

/* A file or a folder of this machine with all that is in it, as `name` ("" for a folder: what is in
 * it alone). `choose` may be NULL; told the path below the folder ("src/main.c"), it says what
 * comes along. Sockets are left out. */
MUST_USE bool feed_add_path(struct feed *f, struct str name, const char *path,
                            enum feed_choice (*choose)(struct str path, void *context),
                            void *context, struct err *e);

/* As http_upload wants it. */
struct http_upload feed_upload(struct feed *f);

/* Its next bytes; *n is 0 at the end alone. */
MUST_USE bool feed_read(void *feed, void *p, size_t cap, size_t *n, struct err *e);
