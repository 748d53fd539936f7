/* inside: paths of a container, followed inside its root.
 *
 * A base's links may point anywhere ("/etc/x → /usr/lib/x", "../../.."). Here
 * the kernel follows them with the container's root as "/" (openat2(2),
 * RESOLVE_IN_ROOT), so that no name ever leaves it. Needs Linux 5.6. */
#pragma once

#include "os/file.h"

/* Like openat(root, path): a descriptor, or -1 with errno. Always O_CLOEXEC. Relative paths
 * count from the root. */
int inside_open(int root, struct str path, int flags, unsigned mode);

/* Makes the folders of `path` that are not there (0755). ERR_INPUT where something else than a
 * folder is in the way. */
MUST_USE bool inside_make_folders(int root, struct str path, struct err *e);

/* A new file in place of whatever is at `path` (not a folder), its folders made as needed. */
MUST_USE bool inside_write(int root, struct str path, struct str content, unsigned mode,
			   struct err *e);

/* The open file to `path`, likewise. */
MUST_USE bool inside_copy_file(int root, struct str path, int from, unsigned mode, struct err *e);

/* Up to max_bytes of the regular file `path`. False: not there, not a regular file, not readable
 * (errno says). *cut where it is longer. */
bool inside_read(int root, struct str path, size_t max_bytes, struct arena *a, struct str *content,
		 bool *cut);
