/* container: named blobs in a folder or in a tar, for layouts and `docker save`.
 *
 * A tar is read through once for an index of its members; a blob is then a part of the
 * file, read from where it lies. A packed tar is first unpacked into a file without a
 * name. */
#pragma once

#include "core/map.h"
#include "core/vec.h"
#include "image/stream.h"

struct container {
	struct arena *arena;
	int dir_fd;         /* of a folder; -1 for a tar */
	int fd;             /* of a tar */
	struct map members; /* path to struct member */
	VEC(int) blob_fds;  /* opened in a folder */
};

MUST_USE bool container_open_folder(struct container *c, int dir_fd, struct arena *a, struct err *e);

/* `fd` stays the caller's and must stay open. */
MUST_USE bool container_open_tar(struct container *c, int fd, struct arena *a, struct err *e);
void container_close(struct container *c);

/* The member or file called `path`; *found is false where there is none. Links among a
 * tar's members are followed; in a folder the kernel follows them. */
MUST_USE bool container_get(struct container *c, struct str path, struct source *source, bool *found,
                            struct err *e);

/* The whole of it, up to max_bytes, in c->arena. */
MUST_USE bool container_read(struct container *c, struct str path, size_t max_bytes, struct str *bytes,
                             bool *found, struct err *e);

/* Likewise for a source. */
MUST_USE bool source_read_all(struct source source, size_t max_bytes, struct arena *a,
                              struct str *bytes, struct err *e);
