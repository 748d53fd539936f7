/* folder_tree: all that is below a folder, counted or removed. No link is followed, no other
 * file system entered, and nothing outside touched. */
#pragma once

#include <stdint.h>

#include "core/err.h"

struct folder_size {
	uint64_t files; /* whatever is no folder */
	uint64_t bytes; /* of their contents; each file once, however many names it has in the tree */
};

/* Adds what `name` in the folder is, or holds, to *size. What cannot be read counts for nothing;
 * so does what is not there. */
void folder_tree_measure(int dir_fd, const char *name, struct folder_size *size);

/* Removes it, whatever the modes of the folders in it are. Nothing there is fine. ERR_IO for
 * what stays. */
MUST_USE bool folder_tree_remove(int dir_fd, const char *name, struct err *e);
