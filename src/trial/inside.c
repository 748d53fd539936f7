#include "trial/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>

#include "core/limits.h"

int inside_open(int root, struct str path, int flags, unsigned mode)
{
	char name[LIMIT_PATH_BYTES];
	if (path.n >= sizeof name || memchr(path.p ? path.p : "", 0, path.n)) {
		errno = path.n >= sizeof name ? ENAMETOOLONG : EINVAL;
		return -1;
	}
	memcpy(name, path.n ? path.p : "/", path.n ? path.n : 1);
	name[path.n ? path.n : 1] = '\0';
	struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC),
			       .mode = flags & O_CREAT ? mode : 0,
			       .resolve = RESOLVE_IN_ROOT};
	/* EAGAIN: a ".." while something was renamed; openat2(2) asks to try again. */
	for (int tries = 0;; tries++) {
		long fd = syscall(SYS_openat2, root, name, &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR) || tries == 16)
			return (int)fd;
	}
}

static bool make_folder(int root, struct str path, struct err *e)
{
	CLEANUP_FD int there = inside_open(root, path, O_PATH | O_DIRECTORY, 0);
	if (there >= 0)
		return true;
	if (errno == ENOTDIR)
		return err_set(e, ERR_INPUT, "%.*s: something that is no folder is in the way",
			       STR_ARG(path));
	if (errno != ENOENT)
		return err_errno(e, "%.*s", STR_ARG(path));
	CLEANUP_FD int above = inside_open(root, str_dirname(path), O_PATH | O_DIRECTORY, 0);
	char name[LIMIT_NAME_BYTES + 1];
	struct str last = str_basename(path);
	if (above < 0 || last.n >= sizeof name)
		return err_errno(e, "%.*s", STR_ARG(path));
	memcpy(name, last.p, last.n);
	name[last.n] = '\0';
	if (mkdirat(above, name, 0755) < 0)
		return err_errno(e, "%.*s", STR_ARG(path));
	return true;
}

bool inside_make_folders(int root, struct str path, struct err *e)
{
	for (size_t at = 1; at <= path.n; at++)
		if ((at == path.n || path.p[at] == '/') && path.p[at - 1] != '/' &&
		    !make_folder(root, str_slice(path, 0, at), e))
			return false;
	return true;
}

/* A new file: what was there may be a link out of the folder or a lower layer's file. */
static int replace_file(int root, struct str path, unsigned mode, struct err *e)
{
	struct str last = str_basename(path);
	char name[LIMIT_NAME_BYTES + 1];
	if (last.n == 0 || last.n >= sizeof name) {
		err_set(e, ERR_INPUT, "%.*s: no name of a file", STR_ARG(path));
		return -1;
	}
	memcpy(name, last.p, last.n);
	name[last.n] = '\0';
	if (!inside_make_folders(root, str_dirname(path), e))
		return -1;
	CLEANUP_FD int folder = inside_open(root, str_dirname(path), O_PATH | O_DIRECTORY, 0);
	if (folder < 0 || (unlinkat(folder, name, 0) < 0 && errno != ENOENT)) {
		err_errno(e, "%.*s", STR_ARG(path));
		return -1;
	}
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, mode & 07777) < 0) {
		err_errno(e, "%.*s", STR_ARG(path));
		fd_close(&fd);
		return -1;
	}
	return fd;
}

bool inside_write(int root, struct str path, struct str content, unsigned mode, struct err *e)
{
	CLEANUP_FD int fd = replace_file(root, path, mode, e);
	if (fd < 0)
		return false;
	return fd_write_all(fd, content.p, content.n, e) || err_wrap(e, "%.*s", STR_ARG(path));
}

bool inside_copy_file(int root, struct str path, int from, unsigned mode, struct err *e)
{
	CLEANUP_FD int to = replace_file(root, path, mode, e);
	if (to < 0)
		return false;
	off_t at = 0;
	for (;;) {
		ssize_t n = sendfile(to, from, &at, 16u << 20);
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return err_errno(e, "%.*s", STR_ARG(path));
	}
}

bool inside_read(int root, struct str path, size_t max_bytes, struct arena *a, struct str *content,
		 bool *cut)
{
	/* O_NONBLOCK: a FIFO or a device without its other end would wait for ever. */
	CLEANUP_FD int fd = inside_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return false;
	}
	CLEANUP_BUF struct buf b = BUF_INIT(max_bytes + 65536);
	struct err e;
	while (b.n <= max_bytes) {
		if (!buf_reserve(&b, 65536 < max_bytes + 1 - b.n ? 65536 : max_bytes + 1 - b.n, &e))
			break;
		ssize_t n = read(fd, b.p + b.n,
				 65536 < max_bytes + 1 - b.n ? 65536 : max_bytes + 1 - b.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		b.n += (size_t)n;
	}
	*cut = b.n > max_bytes;
	*content = arena_str(a, str_slice(buf_str(&b), 0, max_bytes));
	return true;
}
