#include "image/store.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "facts/facts.h"
#include "os/file.h"
#include "os/new_file.h"

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
	file_used(fd);
	*record = (struct str){p, (size_t)st.st_size};
	return true;
}

void store_drop(struct store *s, struct str key)
{
	char name[KEY_MAX];
	if (s->dir_fd >= 0 && file_name(key, name))
		unlinkat(s->dir_fd, name, 0);
}

static bool write_record(struct store *s, const char *name, struct str record, struct err *e)
{
	CLEANUP_NEW_FILE struct new_file f = NEW_FILE_NONE;
	return (new_file_begin(&f, s->dir_fd, e) && fd_write_all(f.fd, record.p, record.n, e) &&
	        new_file_finish(&f, name, e)) ||
	       err_wrap(e, "%.*s", STR_ARG(s->path));
}

void store_put(struct store *s, struct str key, struct str record)
{
	char name[KEY_MAX];
	struct err e = ERR_INIT;
	if (s->dir_fd < 0 || !file_name(key, name))
		return;
	new_files_sweep(s->dir_fd, &(uint64_t){0});
	if (!write_record(s, name, record, &e))
		s->why_not = e;
}
