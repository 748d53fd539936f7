#include "os/new_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "os/file.h"

/* A name of this process and moment; O_EXCL finds the rest. */
bool new_file_begin(struct new_file *f, int dir_fd, struct err *e)
{
	enum { NAMES = 1000 };
	*f = (struct new_file){.dir_fd = dir_fd, .fd = -1};
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(f->temporary, sizeof f->temporary, "new-%ld-%u", (long)getpid(), i);
		f->fd = openat(dir_fd, f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (f->fd >= 0)
			return true;
		if (errno != EEXIST)
			break;
	}
	return err_errno(e, "a new file");
}

void new_file_abandon(struct new_file *f)
{
	if (f->fd < 0)
		return;
	unlinkat(f->dir_fd, f->temporary, 0);
	close(f->fd);
	f->fd = -1;
}

bool new_file_finish(struct new_file *f, const char *name, struct err *e)
{
	bool ok = fdatasync(f->fd) == 0 && renameat(f->dir_fd, f->temporary, f->dir_fd, name) == 0;
	if (!ok) {
		err_errno(e, "%s", name);
		new_file_abandon(f);
		return false;
	}
	close(f->fd);
	f->fd = -1;
	return true;
}

uint64_t new_files_sweep(int dir_fd, uint64_t *bytes)
{
	enum { OLD_S = 3600 };
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	struct stat st;
	uint64_t removed = 0;
	while (dir && (d = readdir(dir)))
		if (strncmp(d->d_name, "new-", 4) == 0 &&
		    fstatat(dir_fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    time(NULL) - st.st_mtime > OLD_S && unlinkat(dir_fd, d->d_name, 0) == 0) {
			removed++;
			*bytes += (uint64_t)st.st_size;
		}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return removed;
}
