#include "image/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/limits.h"
#include "facts/facts.h"
#include "os/file.h"

enum { KEY_MAX = 160 };

void store_open(struct store *s, struct arena *a)
{
	*s = (struct store){.dir_fd = -1};
	struct str cache = cache_folder(a);
	if (cache.n == 0) {
		err_set(&s->why_not, ERR_IO, "no cache folder: HOME is not set");
		return;
	}
	s->path = arena_printf(a, "%.*s/facts/%u", STR_ARG(cache), FACTS_FORMAT_VERSION);
	if (folder_make(s->path.p, &s->why_not))
		s->why_not = (struct err)ERR_INIT;
	/* A folder that cannot be made may be there all the same: a read-only store is read. */
	s->dir_fd = open(s->path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		err_errno(&s->why_not, "%s", s->path.p);
}

void store_close(struct store *s)
{
	fd_close(&s->dir_fd);
	s->dir_fd = -1;
}

/* "sha256:…" as a file name: letters, digits and dashes. False for anything else. */
static bool file_name(struct str key, char name[KEY_MAX])
{
	if (key.n == 0 || key.n >= KEY_MAX)
		return false;
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i] == ':' ? '-' : key.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
		name[i] = c;
	}
	name[key.n] = '\0';
	return true;
}

bool store_get(struct store *s, struct str key, struct str *record)
{
	char name[KEY_MAX];
	struct stat st;
	*record = STR_NONE;
	if (s->dir_fd < 0 || !file_name(key, name))
		return false;
	CLEANUP_FD int fd = openat(s->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > LIMIT_RECORD_BYTES)
		return false;
	/* Records are replaced by renaming and never changed: no mapped page goes away. */
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*record = (struct str){p, (size_t)st.st_size};
	return true;
}

void store_drop(struct store *s, struct str key)
{
	char name[KEY_MAX];
	if (s->dir_fd >= 0 && file_name(key, name))
		unlinkat(s->dir_fd, name, 0);
}

/* What a process that was killed in the middle of writing has left. Whoever writes now is
 * done within the hour. */
static void remove_leftovers(const struct store *s)
{
	enum { OLD_S = 3600 };
	int fd = openat(s->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	struct stat st;
	while (dir && (d = readdir(dir)))
		if (strncmp(d->d_name, "new-", 4) == 0 &&
		    fstatat(s->dir_fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    time(NULL) - st.st_mtime > OLD_S)
			unlinkat(s->dir_fd, d->d_name, 0);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/* A name of this process and moment; O_EXCL finds the rest. */
static int make_temporary(const struct store *s, char name[64])
{
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, 64, "new-%ld-%u", (long)getpid(), i);
		int fd = openat(s->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static bool write_record(struct store *s, const char *name, struct str record, struct err *e)
{
	char temporary[64];
	CLEANUP_FD int fd = make_temporary(s, temporary);
	if (fd < 0)
		return err_errno(e, "%.*s", STR_ARG(s->path));
	bool ok = fd_write_all(fd, record.p, record.n, e);
	if (ok && (fdatasync(fd) < 0 || renameat(s->dir_fd, temporary, s->dir_fd, name) < 0))
		ok = err_errno(e, "%s", name);
	if (!ok) {
		unlinkat(s->dir_fd, temporary, 0);
		err_wrap(e, "%.*s", STR_ARG(s->path));
	}
	return ok;
}

void store_put(struct store *s, struct str key, struct str record)
{
	char name[KEY_MAX];
	struct err e = ERR_INIT;
	if (s->dir_fd < 0 || !file_name(key, name))
		return;
	remove_leftovers(s);
	if (!write_record(s, name, record, &e))
		s->why_not = e;
}
