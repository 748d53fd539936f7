/* os: files, folders and descriptors, with their cleanup.
 *
 * The only floor, with image, trial and cmd, that makes system calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/str.h"

static inline void fd_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Hands the descriptor over: the cleanup then does nothing. */
static inline int fd_steal(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

#define CLEANUP_FD __attribute__((cleanup(fd_close)))

/* The whole file, up to max_bytes (ERR_LIMIT beyond), in `a`; ERR_IO names the path. */
MUST_USE bool file_read(const char *path, size_t max_bytes, struct arena *a, struct str *content,
                        struct err *e);

/* All bytes to fd, however often the kernel takes only some. */
MUST_USE bool fd_write_all(int fd, const void *p, size_t n, struct err *e);

/* Replaces or makes `path` so that a crash leaves the old or the new: a temporary file in
 * the same folder, synced, renamed. Links are followed; a device or a pipe is written to. */
MUST_USE bool file_replace(const char *path, struct str content, unsigned mode, struct err *e);

/* Replaces the content of a file that is there, `old`, by `with`, as file_replace() does; mode,
 * owner and group stay as they are, ACLs and user attributes where they may be copied. ERR_IO, and
 * nothing has changed: `path` is a link, is no regular file, holds something else than `old` by
 * now, or its owner cannot be kept. */
MUST_USE bool file_edit(const char *path, struct str old, struct str with, struct err *e);

struct file_change {
	const char *path;
	struct str old, with;
	bool done; /* else `err` says why not */
	struct err err;
};
/* file_edit() of each; one that fails does not stop the others. */
void file_edit_many(struct file_change *changes, size_t count);

/* Whether file_edit() can be expected to succeed, asked before the work. */
MUST_USE bool file_editable(const char *path, struct err *e);

/* Whether file_replace() can be expected to succeed, asked before the work whose result it
 * writes. ERR_IO says why not. */
MUST_USE bool file_writable(const char *path, struct err *e);

/* Makes the folder and those above it (0777 less the umask); an empty path is this folder. */
MUST_USE bool folder_make(const char *path, struct err *e);

/* $SOCLE_CACHE, else $XDG_CACHE_HOME/socle, else $HOME/.cache/socle; empty where none is set. */
struct str cache_folder(struct arena *a);

bool path_exists(const char *path);

/* Notes in the file's access time that it was of use just now: mounted with noatime, the kernel
 * does not. What cannot be noted stays as it is. */
void file_used(int fd);
