#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

bool path_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool file_read(const char *path, size_t max_bytes, struct arena *a, struct str *content,
               struct err *e)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	CLEANUP_BUF struct buf b = BUF_INIT(max_bytes);
	for (;;) {
		size_t room = max_bytes - b.n < 65536 ? max_bytes - b.n : 65536;
		if (room == 0) {
			char more;
			if (read(fd, &more, 1) == 0)
				break;
			return err_set(e, ERR_LIMIT, "%s: larger than %zu bytes", path, max_bytes);
		}
		if (!buf_reserve(&b, room, e))
			return err_wrap(e, "%s", path);
		ssize_t n = read(fd, b.p + b.n, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "%s", path);
		if (n == 0)
			break;
		b.n += (size_t)n;
	}
	*content = arena_str(a, buf_str(&b));
	return true;
}

bool fd_write_all(int fd, const void *p, size_t n, struct err *e)
{
	const char *at = p;
	while (n > 0) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_errno(e, "write");
		at += done;
		n -= (size_t)done;
	}
	return true;
}

/* What is no file (a device, a pipe) has no old content to keep: it takes what is written. */
static bool write_through(const char *path, struct str content, struct err *e)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	return fd_write_all(fd, content.p, content.n, e) || err_wrap(e, "%s", path);
}

/* What a replaced file takes over from the old one, open as `from`: none where it is -1. */
struct heritage {
	int from;
	uid_t user;
	gid_t group;
};
#define HERITAGE_NONE ((struct heritage){-1, (uid_t)-1, (gid_t)-1}) /* chown(2): left as it is */

/* Capabilities and signatures (security.capability, security.ima) were given to the old content. */
static bool is_kept(struct str attribute)
{
	return str_starts(attribute, STR("user.")) || str_eq(attribute, STR("security.selinux")) ||
	       str_eq(attribute, STR("system.posix_acl_access"));
}

/* Extended attributes (xattr(7)), as far as this user may set and this file system has them. */
static void copy_attributes(int from, int to)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	char *names = arena_alloc(&scratch, XATTR_LIST_MAX);
	char *value = arena_alloc(&scratch, XATTR_SIZE_MAX);
	ssize_t n = flistxattr(from, names, XATTR_LIST_MAX);
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;
		ssize_t size = is_kept(str_of(name)) ? fgetxattr(from, name, value, XATTR_SIZE_MAX) : -1;
		if (size >= 0)
			fsetxattr(to, name, value, (size_t)size, 0);
	}
}

/* The mode last: a change of owner takes set-user-ID bits off, an ACL has its own. */
static bool inherit(int fd, const struct heritage *h, unsigned mode)
{
	if (fchown(fd, h->user, h->group) < 0)
		return false;
	if (h->from >= 0)
		copy_attributes(h->from, fd);
	return fchmod(fd, mode) == 0;
}

/* The temporary's name is short, whatever the file's is, and hidden: should it be left by a kill,
 * nobody takes it for a Dockerfile. */
static bool replace(const char *path, struct str content, unsigned mode,
                    const struct heritage *heritage, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const char *slash = strrchr(path, '/');
	struct str folder = {path, slash ? (size_t)(slash + 1 - path) : 0};
	char *temporary =
	        arena_cstr(&scratch, arena_printf(&scratch, "%.*s.socle-XXXXXX", STR_ARG(folder)));
	CLEANUP_FD int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	bool ok = fd_write_all(fd, content.p, content.n, e);
	if (ok && (!inherit(fd, heritage, mode) || fsync(fd) < 0 || rename(temporary, path) < 0))
		ok = err_errno(e, "%s", path);
	else if (!ok)
		err_wrap(e, "%s", path);
	if (!ok)
		unlink(temporary);
	return ok;
}

bool file_replace(const char *path, struct str content, unsigned mode, struct err *e)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return replace(path, content, mode, &HERITAGE_NONE, e);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return err_errno(e, "%s", path);
	}
	if (!S_ISREG(st.st_mode))
		return write_through(path, content, e);
	/* rename(2) replaces a link, not the file that it leads to. */
	char *real = realpath(path, NULL);
	bool ok = real ? replace(real, content, mode, &HERITAGE_NONE, e) : err_errno(e, "%s", path);
	free(real);
	return ok;
}

static bool holds(const char *path, struct str content, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str now;
	if (!file_read(path, content.n, &scratch, &now, e) && e->code != ERR_LIMIT)
		return false;
	return (e->code != ERR_LIMIT && str_eq(now, content)) ||
	       err_set(e, ERR_IO, "%s: has changed since it was read", path);
}

static bool check_editable(const char *path, struct stat *st, struct err *e)
{
	if (lstat(path, st) < 0)
		return err_errno(e, "%s", path);
	if (S_ISLNK(st->st_mode)) {
		char target[PATH_MAX] = "";
		ssize_t n = readlink(path, target, sizeof target - 1);
		return err_set(e, ERR_IO, "%s is a symbolic link to %.*s: name that file instead", path,
		               (int)(n < 0 ? 0 : n), target);
	}
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_IO, "%s is no regular file: it cannot be replaced", path);
	/* rename(2) would not ask whether the file itself may be written. */
	return access(path, W_OK) == 0 || err_errno(e, "%s", path);
}

bool file_editable(const char *path, struct err *e)
{
	struct stat st;
	return check_editable(path, &st, e);
}

bool file_edit(const char *path, struct str old, struct str with, struct err *e)
{
	struct stat st;
	if (!check_editable(path, &st, e) || !holds(path, old, e))
		return false;
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	struct heritage heritage = {fd, st.st_uid, st.st_gid};
	return replace(path, with, st.st_mode & 07777, &heritage, e);
}

bool file_writable(const char *path, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct stat st;
	if (stat(path, &st) == 0) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : 0;
		return (errno == 0 && access(path, W_OK) == 0) || err_errno(e, "%s", path);
	}
	struct str folder = str_dirname(str_of(path));
	const char *above = folder.n       ? arena_cstr(&scratch, folder)
	                    : *path == '/' ? "/" : ".";
	return access(above, W_OK | X_OK) == 0 || err_errno(e, "%s", path);
}

bool folder_make(const char *path, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	char *part = arena_cstr(&scratch, str_of(path));
	if (!*part)
		return true; /* the folder above a bare name: this one */
	for (char *at = part + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return err_errno(e, "%s", part);
		*at = '/';
	}
	if (mkdir(part, 0777) < 0 && errno != EEXIST)
		return err_errno(e, "%s", part);
	return true;
}

struct str cache_folder(struct arena *a)
{
	const char *own = getenv("SOCLE_CACHE"), *xdg = getenv("XDG_CACHE_HOME"),
	           *home = getenv("HOME");
	if (own && *own)
		return arena_str(a, str_of(own));
	if (xdg && *xdg == '/')
		return arena_printf(a, "%s/socle", xdg);
	if (home && *home)
		return arena_printf(a, "%s/.cache/socle", home);
	return STR_NONE;
}

void file_used(int fd)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
	if (futimens(fd, times) < 0)
		return;
}
