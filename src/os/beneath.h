/* beneath: opening what lies below a folder, and never anything else.
 *
 * A folder that somebody else filled may hold links that lead out of it. These calls
 * follow none. */
#pragma once

#include <stdbool.h>

/* openat(2) of `path` (relative, without "..") below `dir_fd`; every part must be a real
 * folder. "" is the folder itself. -1 with errno set; ELOOP for a link on the way. */
int open_beneath(int dir_fd, const char *path, int flags, unsigned mode);
