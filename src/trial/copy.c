#include "trial/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "core/limits.h"

#define DEPTH_MAX 256u /* one descriptor or two a level */

struct copying {
	uint32_t unreadable;
};

static bool copy_level(struct copying *c, int from, int to, unsigned depth, struct err *e);

static void folder_close(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Owner before mode: chown(2) clears the set-ID bits. EPERM: one ID alone is mapped. */
static bool copy_attributes(int fd, const struct stat *st, struct err *e)
{
	if (fchown(fd, st->st_uid, st->st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return err_errno(e, "chown");
	if (fchmod(fd, st->st_mode & 07777) < 0)
		return err_errno(e, "chmod");
	return true;
}

static bool copy_file(struct copying *c, int from, int to, const char *name, const struct stat *st,
		      struct err *e)
{
	CLEANUP_FD int in = openat(from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (in < 0 && errno == EACCES) {
		c->unreadable++;
		return true;
	}
	if (in < 0)
		return err_errno(e, "%s", name);
	CLEANUP_FD int out =
		openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out < 0)
		return err_errno(e, "%s", name);
	off_t at = 0;
	for (;;) {
		ssize_t n = sendfile(out, in, &at, 16u << 20);
		if (n == 0)
			return copy_attributes(out, st, e);
		if (n < 0 && errno != EINTR)
			return err_errno(e, "%s", name);
	}
}

static bool copy_link(int from, int to, const char *name, struct err *e)
{
	char target[LIMIT_PATH_BYTES + 1];
	ssize_t n = readlinkat(from, name, target, sizeof target - 1);
	if (n < 0)
		return err_errno(e, "%s", name);
	target[n] = '\0';
	return symlinkat(target, to, name) == 0 || err_errno(e, "%s", name);
}

static bool copy_folder(struct copying *c, int from, int to, const char *name,
			const struct stat *st, unsigned depth, struct err *e)
{
	if (depth == DEPTH_MAX)
		return err_set(e, ERR_LIMIT, "%s: more than %u folders deep", name, DEPTH_MAX);
	if (mkdirat(to, name, 0700) < 0 && errno != EEXIST)
		return err_errno(e, "%s", name);
	CLEANUP_FD int out = openat(to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (out < 0 || (in < 0 && errno != EACCES))
		return err_errno(e, "%s", name);
	if (in < 0) {
		c->unreadable++;
		return copy_attributes(out, st, e);
	}
	return (copy_level(c, in, out, depth + 1, e) && copy_attributes(out, st, e)) ||
	       err_wrap(e, "%s", name);
}

static bool copy_entry(struct copying *c, int from, int to, const char *name, unsigned depth,
		       struct err *e)
{
	struct stat st;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, "%s", name);
	if (S_ISDIR(st.st_mode))
		return copy_folder(c, from, to, name, &st, depth, e);
	if (unlinkat(to, name, 0) < 0 && errno != ENOENT)
		return err_errno(e, "%s", name);
	if (S_ISREG(st.st_mode))
		return copy_file(c, from, to, name, &st, e);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, e);
	if (S_ISFIFO(st.st_mode) && mkfifoat(to, name, st.st_mode & 0777) < 0)
		return err_errno(e, "%s", name);
	return true;
}

static bool copy_level(struct copying *c, int from, int to, unsigned depth, struct err *e)
{
	__attribute__((cleanup(folder_close))) DIR *d = NULL;
	int own = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0 || !(d = fdopendir(own))) {
		fd_close(&own);
		return err_errno(e, "folder");
	}
	errno = 0;
	for (struct dirent *entry; (entry = readdir(d)); errno = 0)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !copy_entry(c, from, to, entry->d_name, depth, e))
			return false;
	return errno == 0 || err_errno(e, "folder");
}

bool copy_tree(int from, int to, uint32_t *unreadable, struct err *e)
{
	struct copying c = {0};
	bool ok = copy_level(&c, from, to, 0, e);
	*unreadable = c.unreadable;
	return ok;
}
