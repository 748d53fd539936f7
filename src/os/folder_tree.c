#include "os/folder_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "os/file.h"

enum { MOVE_UP_DEPTH = 100 }; /* far below what a process may have open */

struct walk {
	bool remove;
	struct folder_size size;
	dev_t device;
	int top;        /* the folder that all this is about */
	unsigned moved; /* folders that have been moved up into it */
	bool ok;
	struct err err; /* the first one */
};

/* What is gone in the meantime, somebody else has removed. */
static void fail(struct walk *w, const char *name)
{
	if (errno == ENOENT)
		return;
	if (w->ok)
		err_errno(&w->err, "%s", name);
	w->ok = false;
}

static void visit(struct walk *w, int dir_fd, const char *name, unsigned depth);

static void visit_entries(struct walk *w, DIR *dir, unsigned depth)
{
	const struct dirent *d;
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			visit(w, dirfd(dir), d->d_name, depth + 1);
}

/* What has been moved up into the top folder is met in another round. */
static void visit_all(struct walk *w, int *fd, const char *name, unsigned depth)
{
	DIR *dir = fdopendir(*fd);
	unsigned moved;
	if (!dir) {
		fail(w, name);
		return;
	}
	fd_steal(fd);
	if (depth == 0)
		w->top = dirfd(dir);
	do {
		moved = w->moved;
		rewinddir(dir);
		visit_entries(w, dir, depth);
	} while (depth == 0 && w->moved != moved);
	closedir(dir);
}

/* Each level takes a descriptor: what lies too deep is moved up, to be removed from there. Where it
 * cannot be (overlayfs does not rename folders of lower layers), the descent goes on. */
static bool move_up(struct walk *w, int dir_fd, const char *name)
{
	for (;;) {
		char fresh[32];
		snprintf(fresh, sizeof fresh, ".socle-deep-%u", w->moved);
		bool ok = renameat(dir_fd, name, w->top, fresh) == 0;
		/* The tree may have such names of its own. */
		bool taken = !ok && (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR);
		w->moved += ok || taken;
		if (!taken)
			return ok;
	}
}

/* Looking is no use: the access time stays, where the kernel lets us (our own files). */
static int open_folder(int dir_fd, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, name, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? openat(dir_fd, name, flags) : fd;
}

/* A folder that its owner may not write to (mode 0555) gives nothing away. */
static void visit_folder(struct walk *w, int dir_fd, const char *name, unsigned depth)
{
	if (w->remove && fchmodat(dir_fd, name, 0700, 0) < 0)
		fail(w, name);
	if (w->remove && depth && depth % MOVE_UP_DEPTH == 0 && move_up(w, dir_fd, name))
		return;
	CLEANUP_FD int fd = open_folder(dir_fd, name);
	if (depth == LIMIT_TREE_DEPTH)
		errno = ELOOP;
	if (fd < 0 || depth == LIMIT_TREE_DEPTH) {
		fail(w, name);
		return;
	}
	visit_all(w, &fd, name, depth);
	if (w->remove && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
		fail(w, name);
}

static void visit(struct walk *w, int dir_fd, const char *name, unsigned depth)
{
	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		fail(w, name);
		return;
	}
	if (depth == 0)
		w->device = st.st_dev;
	if (st.st_dev != w->device) {
		errno = EXDEV;
		fail(w, name);
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		visit_folder(w, dir_fd, name, depth);
		return;
	}
	w->size.files++;
	w->size.bytes += S_ISREG(st.st_mode) ? (uint64_t)st.st_size / st.st_nlink : 0;
	if (w->remove && unlinkat(dir_fd, name, 0) < 0)
		fail(w, name);
}

void folder_tree_measure(int dir_fd, const char *name, struct folder_size *size)
{
	struct walk w = {.ok = true};
	visit(&w, dir_fd, name, 0);
	size->files += w.size.files;
	size->bytes += w.size.bytes;
}

bool folder_tree_remove(int dir_fd, const char *name, struct err *e)
{
	struct walk w = {.ok = true, .remove = true};
	visit(&w, dir_fd, name, 0);
	if (!w.ok)
		*e = w.err;
	return w.ok;
}
