#include "image/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "facts/facts.h"
#include "os/file.h"
#include "os/folder_tree.h"

static const struct {
	const char *name, *folder, *words;
} kinds[CACHE_KINDS] = {
	[CACHE_FACTS] = {"facts", "facts", "facts of layers"},
	[CACHE_BLOBS] = {"blobs", "blobs/sha256", "manifests, configurations and layers as they came"},
	[CACHE_TAGS] = {"tags", "tags", "what tags meant when they were last asked"},
	[CACHE_ROOTS] = {"roots", "roots", "images unpacked for trials"},
	[CACHE_LEARNED] = {"learned", "learned", "facts of bases learned (socle bases learn)"},
	[CACHE_BASES] = {"bases", "bases", "bases assembled from packages"},
	[CACHE_ADVISORIES] = {"advisories", "advisories", "advisories that scans ask (socle db)"},
	[CACHE_LEFT] = {"left", NULL, "left over by killed runs and other versions"},
};

const char *cache_kind_name(enum cache_kind kind)
{
	return kinds[kind].name;
}

const char *cache_kind_words(enum cache_kind kind)
{
	return kinds[kind].words;
}

/* One walk serves both: what it meets is counted, and removed where it has had its time. */
struct walk {
	struct cache_report *report;
	bool prune, all;
	uint64_t max_age_s;
	time_t now;
	bool ok;
	struct err err; /* the first one */
};

static void count(struct walk *w, enum cache_kind kind, const struct folder_size *size, bool folder)
{
	w->report->kinds[kind].count += folder ? 1 : size->files;
	w->report->kinds[kind].bytes += size->bytes;
}

static void fail(struct walk *w, const struct err *e)
{
	if (w->ok)
		w->err = *e;
	w->ok = false;
}

/* Whoever uses something notes it in its access time (file_used()). */
static bool had_its_time(const struct walk *w, const struct stat *st, enum cache_kind kind)
{
	enum { OLD_S = 3600 }; /* who still writes a file has written to it since */
	time_t used = st->st_atime > st->st_mtime ? st->st_atime : st->st_mtime;
	if (kind == CACHE_LEFT)
		return w->now - st->st_mtime > OLD_S;
	if (w->all)
		return true;
	if (kind == CACHE_LEARNED || kind == CACHE_BASES || kind == CACHE_ADVISORIES)
		return false;
	return w->now - used > 0 && (uint64_t)(w->now - used) >= w->max_age_s;
}

static void remove_tree(struct walk *w, int dir_fd, const char *name, enum cache_kind kind,
                        const struct folder_size *size, bool folder)
{
	struct err e = ERR_INIT;
	if (folder_tree_remove(dir_fd, name, &e))
		count(w, kind, size, folder);
	else
		fail(w, &e);
}

static void meet(struct walk *w, int dir_fd, const char *name, enum cache_kind kind)
{
	struct folder_size size = {0};
	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (w->prune && !had_its_time(w, &st, kind))
		return;
	folder_tree_measure(dir_fd, name, &size);
	if (w->prune)
		remove_tree(w, dir_fd, name, kind, &size, false);
	else
		count(w, kind, &size, false);
}

/* A folder that somebody works in or on is locked (cache_use_root()). */
static bool is_free(int dir_fd, const char *name, int *fd)
{
	*fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0;
}

/* A root goes out of sight in one step, before anybody can find half of it. */
static void prune_root(struct walk *w, int dir_fd, const char *name, const struct folder_size *size)
{
	char gone[64];
	CLEANUP_FD int fd = -1;
	if (!is_free(dir_fd, name, &fd)) {
		w->report->in_use++;
		return;
	}
	snprintf(gone, sizeof gone, ".unpacking-gone-%ld-%llu", (long)getpid(),
	         (unsigned long long)w->report->kinds[CACHE_ROOTS].count);
	if (renameat(dir_fd, name, dir_fd, gone) == 0)
		remove_tree(w, dir_fd, gone, CACHE_ROOTS, size, true);
}

static void meet_unpacking(struct walk *w, int dir_fd, const char *name)
{
	CLEANUP_FD int fd = -1;
	if (is_free(dir_fd, name, &fd))
		meet(w, dir_fd, name, CACHE_LEFT);
}

static void meet_root(struct walk *w, int dir_fd, const char *name)
{
	struct folder_size size = {0};
	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return;
	/* Its own times are those of the image's root folder: what was set by use is newer. */
	st.st_mtime = st.st_atime;
	if (w->prune && !had_its_time(w, &st, CACHE_ROOTS))
		return;
	folder_tree_measure(dir_fd, name, &size);
	if (w->prune)
		prune_root(w, dir_fd, name, &size);
	else
		count(w, CACHE_ROOTS, &size, true);
}

/* A download that was cut is taken up by the next update (advisory/download.h). The lock is nothing
 * that is kept: whoever holds it would be alone with it once its name is gone. */
static void meet_advisories(struct walk *w, int dir_fd, const char *name)
{
	if (str_ends(str_of(name), STR(".part")) || str_ends(str_of(name), STR(".part-of")))
		meet(w, dir_fd, name, CACHE_LEFT);
	else if (strcmp(name, "lock") != 0)
		meet(w, dir_fd, name, CACHE_ADVISORIES);
}

static void meet_one(struct walk *w, int dir_fd, const char *name, enum cache_kind kind)
{
	if (str_starts(str_of(name), STR("new-")))
		meet(w, dir_fd, name, CACHE_LEFT);
	else if (kind == CACHE_ROOTS && str_starts(str_of(name), STR(".unpacking-")))
		meet_unpacking(w, dir_fd, name);
	else if (kind == CACHE_ROOTS)
		meet_root(w, dir_fd, name);
	else if (kind == CACHE_ADVISORIES)
		meet_advisories(w, dir_fd, name);
	else
		meet(w, dir_fd, name, kind);
}

static void walk_folder(struct walk *w, int fd, enum cache_kind kind)
{
	const struct dirent *d;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			meet_one(w, dirfd(dir), d->d_name, kind);
	closedir(dir);
}

/* Facts of other formats can be read by nobody but the version that made them, which makes them
 * again. */
static void walk_facts(struct walk *w, int fd)
{
	const struct dirent *d;
	char current[16];
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	snprintf(current, sizeof current, "%u", FACTS_FORMAT_VERSION);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		if (strcmp(d->d_name, current) != 0) {
			meet(w, dirfd(dir), d->d_name, CACHE_LEFT);
			continue;
		}
		int below = openat(dirfd(dir), current,
		                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			walk_folder(w, below, CACHE_FACTS);
	}
	closedir(dir);
}

static bool walk_cache(struct walk *w, struct arena *a, struct err *e)
{
	struct str folder = cache_folder(a);
	*w->report = (struct cache_report){.folder = folder};
	w->now = time(NULL);
	w->ok = true;
	if (folder.n == 0)
		return err_set(e, ERR_USAGE, "there is no cache folder: set XDG_CACHE_HOME or HOME");
	CLEANUP_FD int cache_fd = open(folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cache_fd < 0)
		return errno == ENOENT || err_errno(e, "%.*s", STR_ARG(folder));
	for (unsigned kind = 0; kind < CACHE_KINDS; kind++) {
		const char *name = kinds[kind].folder;
		int fd = name ? openat(cache_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		              : -1;
		if (fd >= 0 && kind == CACHE_FACTS)
			walk_facts(w, fd);
		else if (fd >= 0)
			walk_folder(w, fd, kind);
	}
	if (!w->ok)
		*e = w->err;
	return w->ok || err_wrap(e, "%.*s", STR_ARG(folder));
}

bool cache_measure(struct cache_report *r, struct arena *a, struct err *e)
{
	struct walk w = {.report = r};
	return walk_cache(&w, a, e);
}

bool cache_prune(struct cache_report *r, uint64_t max_age_s, bool all, struct arena *a,
                 struct err *e)
{
	struct walk w = {.report = r, .prune = true, .all = all, .max_age_s = max_age_s};
	return walk_cache(&w, a, e);
}

void cache_sweep_roots(const char *roots)
{
	struct cache_report ignored = {0};
	struct walk w = {.report = &ignored, .prune = true, .max_age_s = UINT64_MAX, .now = time(NULL)};
	int fd = open(roots, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		walk_folder(&w, fd, CACHE_ROOTS);
}

/* The descriptor, and with it the lock, goes with the process. Who prunes may have been faster:
 * then the folder behind the lock is not the one under the name. */
bool cache_use_root(const char *path)
{
	struct stat locked, named;
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_SH) < 0 || fstat(fd, &locked) < 0 ||
	    stat(path, &named) < 0 || locked.st_ino != named.st_ino ||
	    locked.st_dev != named.st_dev)
		return false;
	file_used(fd);
	fd_steal(&fd);
	return true;
}
