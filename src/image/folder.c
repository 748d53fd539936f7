#include "image/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/map.h"
#include "core/vec.h"
#include "image/intake.h"
#include "os/beneath.h"
#include "os/file.h"

struct folder_walk {
	int root_fd;
	struct facts_builder *builder;
	struct intake intake;
	struct arena *arena;    /* paths */
	struct map inodes;      /* "dev:ino" of files with several names, to the first path */
	struct str_vec waiting; /* folders still to be read, the next one last */
};

static bool add_file(struct intake *in, struct entry *entry, int fd, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	return intake_file(in, entry, file_content(fd, entry->size_bytes, &scratch), e);
}

static void set_stat(struct entry *entry, const struct stat *st)
{
	entry->mode = st->st_mode & 07777;
	entry->uid = st->st_uid;
	entry->gid = st->st_gid;
	entry->mtime_s = st->st_mtime;
	if (S_ISREG(st->st_mode))
		entry->size_bytes = (uint64_t)st->st_size;
}

/* ---- Entries ---- */

/* True where another name of the same file came before; entry->link is set then. */
static bool is_hard_link(struct folder_walk *w, struct entry *entry, const struct stat *st)
{
	if (st->st_nlink < 2)
		return false;
	bool added;
	struct str key = arena_printf(w->arena, "%llx:%llx", (unsigned long long)st->st_dev,
	                              (unsigned long long)st->st_ino);
	uintptr_t *first = map_put(&w->inodes, w->arena, key, &added);
	if (added) {
		struct str *path = ARENA_NEW(w->arena, struct str);
		*path = entry->path;
		*first = (uintptr_t)path;
		return false;
	}
	*entry = (struct entry){
		.path = entry->path, .type = ENTRY_HARDLINK, .link = *(const struct str *)*first};
	return true;
}

/* Opened without following and without waiting (it may be a pipe by now), and looked at
 * again: what was a file may have been replaced. */
static bool add_regular(struct folder_walk *w, struct entry *entry, int dir_fd, const char *name,
                        struct err *e)
{
	CLEANUP_FD int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	struct err why = ERR_INIT;
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_errno(&why, "cannot be read");
		entry->elf_error = str_of(why.message);
		return facts_builder_add(w->builder, entry, NULL, NULL, e);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, "%.*s changed while it was read", STR_ARG(entry->path));
	set_stat(entry, &st);
	return add_file(&w->intake, entry, fd, e) || err_wrap(e, "%.*s", STR_ARG(entry->path));
}

static bool add_symlink(struct folder_walk *w, struct entry *entry, int dir_fd, const char *name,
                        struct err *e)
{
	char target[LIMIT_PATH_BYTES];
	ssize_t n = readlinkat(dir_fd, name, target, sizeof target);
	if (n < 0)
		return err_errno(e, "%.*s", STR_ARG(entry->path));
	entry->type = ENTRY_SYMLINK;
	entry->link = (struct str){target, (size_t)n};
	return facts_builder_add(w->builder, entry, NULL, NULL, e);
}

static bool add_special(struct folder_walk *w, struct entry *entry, const struct stat *st,
                        struct err *e)
{
	mode_t mode = st->st_mode;
	if (S_ISCHR(mode) || S_ISBLK(mode))
		entry->link =
			arena_printf(w->arena, "%u:%u", major(st->st_rdev), minor(st->st_rdev));
	if (S_ISCHR(mode))
		entry->type = ENTRY_CHAR;
	else if (S_ISBLK(mode))
		entry->type = ENTRY_BLOCK;
	else if (S_ISFIFO(mode))
		entry->type = ENTRY_FIFO;
	else
		return true; /* a socket: of a running program, not of an image */
	return facts_builder_add(w->builder, entry, NULL, NULL, e);
}

static bool add_child(struct folder_walk *w, struct str folder, int dir_fd, const char *name,
                      struct err *e)
{
	struct stat st;
	struct entry entry = {.type = ENTRY_FILE};
	entry.path = folder.n ? arena_printf(w->arena, "%.*s/%s", STR_ARG(folder), name)
	                      : arena_str(w->arena, str_of(name));
	if (entry.path.n >= LIMIT_PATH_BYTES)
		return err_set(e, ERR_INPUT, "%.*s/%s: a path of %zu bytes", STR_ARG(folder), name,
		               entry.path.n);
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || err_errno(e, "%.*s", STR_ARG(entry.path));
	set_stat(&entry, &st);
	if (S_ISDIR(st.st_mode)) {
		*vec_push(&w->waiting, w->arena) = entry.path;
		return true;
	}
	if (is_hard_link(w, &entry, &st))
		return facts_builder_add(w->builder, &entry, NULL, NULL, e);
	if (S_ISREG(st.st_mode))
		return add_regular(w, &entry, dir_fd, name, e);
	if (S_ISLNK(st.st_mode))
		return add_symlink(w, &entry, dir_fd, name, e);
	return add_special(w, &entry, &st, e);
}

static int by_bytes(const void *a, const void *b)
{
	const struct str *left = a, *right = b;
	return str_cmp(*left, *right);
}

/* Takes fd over. */
static bool list(int fd, struct arena *a, struct str_vec *names, struct err *e)
{
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_errno(e, "listing");
	}
	struct dirent *d;
	errno = 0;
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			*vec_push(names, a) = arena_str(a, str_of(d->d_name));
		errno = 0;
	}
	bool ok = errno == 0 || err_errno(e, "listing");
	closedir(dir);
	if (names->n)
		qsort(names->p, names->n, sizeof *names->p, by_bytes);
	return ok;
}

/* What the kernel makes up is no part of an image. */
static bool is_pseudo(int fd)
{
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return false;
	switch (fs.f_type) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case DEVPTS_SUPER_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
	case BPF_FS_MAGIC:
		return true;
	default:
		return false;
	}
}

/* What lies in the folder; folders in it are left waiting, the first of them on top. */
static bool add_contents(struct folder_walk *w, struct str path, int dir_fd, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str_vec names = {0};
	int list_fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (list_fd < 0)
		return err_errno(e, "/%.*s", STR_ARG(path));
	if (!list(list_fd, &scratch, &names, e))
		return err_wrap(e, "/%.*s", STR_ARG(path));
	size_t first = w->waiting.n;
	for (size_t i = 0; i < names.n; i++)
		if (!add_child(w, path, dir_fd, names.p[i].p, e))
			return false;
	for (size_t end = w->waiting.n; first + 1 < end; first++, end--) {
		struct str swapped = w->waiting.p[first];
		w->waiting.p[first] = w->waiting.p[end - 1];
		w->waiting.p[end - 1] = swapped;
	}
	return true;
}

/* Opened from the root again, not from the folder above: neither descriptors nor stack grow
 * with the depth. */
static bool add_folder(struct folder_walk *w, struct str folder, struct err *e)
{
	struct entry entry = {.path = folder, .type = ENTRY_DIR};
	char *path = arena_cstr(w->arena, folder);
	CLEANUP_FD int fd = open_beneath(w->root_fd, path, O_RDONLY | O_DIRECTORY, 0);
	struct stat st;
	struct err why = ERR_INIT;
	if (fd < 0 && errno == EACCES) {
		err_errno(&why, "cannot be read");
		entry.elf_error = str_of(why.message);
		return facts_builder_add(w->builder, &entry, NULL, NULL, e);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "/%s", path);
	set_stat(&entry, &st);
	if (!facts_builder_add(w->builder, &entry, NULL, NULL, e))
		return false;
	return is_pseudo(fd) || add_contents(w, folder, fd, e);
}

static bool add_all(struct folder_walk *w, struct err *e)
{
	*vec_push(&w->waiting, w->arena) = STR("");
	while (w->waiting.n > 0)
		if (!add_folder(w, w->waiting.p[--w->waiting.n], e))
			return false;
	return true;
}

bool folder_read(int dir_fd, struct buf *record, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct folder_walk w = {.root_fd = dir_fd, .arena = &scratch};
	w.builder = facts_builder_new(&scratch);
	intake_open(&w.intake, w.builder);
	bool ok = add_all(&w, e) && facts_builder_encode(w.builder, STR_NONE, 0, record, e);
	intake_close(&w.intake);
	facts_builder_release(w.builder);
	return ok;
}

bool file_read_facts(int fd, struct str name, struct buf *record, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct facts_builder *builder = facts_builder_new(&scratch);
	struct intake in;
	struct stat st;
	struct entry entry = {.path = name, .type = ENTRY_FILE};
	if (fstat(fd, &st) < 0) {
		facts_builder_release(builder);
		return err_errno(e, "%.*s", STR_ARG(name));
	}
	set_stat(&entry, &st);
	intake_open(&in, builder);
	bool ok = add_file(&in, &entry, fd, e) &&
	          facts_builder_encode(builder, STR_NONE, 0, record, e);
	intake_close(&in);
	facts_builder_release(builder);
	return ok;
}
