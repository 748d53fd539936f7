/* new_file: a file that comes to its name only when it is whole.
 *
 * It is written under a name of its own in the same folder ("new-…") and renamed at the end: who
 * looks by the name finds the old, the new or nothing. What a process that was killed has left is
 * swept away by a later one. */
#pragma once

#include <stdint.h>

#include "core/err.h"

struct new_file {
	int dir_fd, fd; /* fd -1: none */
	char temporary[64];
};

#define NEW_FILE_NONE {.dir_fd = -1, .fd = -1}

/* `dir_fd` stays the caller's, and open. The caller writes to f->fd. ERR_IO. */
MUST_USE bool new_file_begin(struct new_file *f, int dir_fd, struct err *e);

/* Syncs it and gives it its name, whatever had it before. It is gone where that fails. */
MUST_USE bool new_file_finish(struct new_file *f, const char *name, struct err *e);

/* Nothing where it is finished or was never begun. */
void new_file_abandon(struct new_file *f);
#define CLEANUP_NEW_FILE __attribute__((cleanup(new_file_abandon)))

/* Removes what was left behind in the folder more than an hour ago: whoever still writes has
 * written since. Gives how many files, and adds their bytes to *bytes. */
uint64_t new_files_sweep(int dir_fd, uint64_t *bytes);
