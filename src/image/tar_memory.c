#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "image/reading.h"
#include "image/reference_name.h"

/* A file that was written just now may be written again without its times changing: the
 * kernel's clock for them ticks some hundred times a second. */
enum { SETTLED_NS = 20 * 1000 * 1000 };

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_settled(const struct stat *st)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return nanoseconds(now) - nanoseconds(st->st_ctim) > SETTLED_NS &&
	       nanoseconds(now) - nanoseconds(st->st_mtim) > SETTLED_NS;
}

struct tar_memory tar_memory_of(int fd, struct str path, struct arena *a)
{
	struct stat st;
	char absolute[PATH_MAX];
	if (fstat(fd, &st) < 0 || !is_settled(&st) || !realpath(path.p, absolute))
		return (struct tar_memory){STR_NONE};
	struct str name = arena_printf(
		a, "%s\n%llu %llu %llu %lld %lld", absolute, (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino, (unsigned long long)st.st_size,
		(long long)nanoseconds(st.st_mtim), (long long)nanoseconds(st.st_ctim));
	struct str digest = sha256_of(name, a);
	return (struct tar_memory){arena_printf(a, "tar:%.*s", STR_ARG(str_skip(digest, 7)))};
}

struct str tar_memory_get(const struct tar_memory *m, struct store *store, struct arena *a)
{
	struct str text;
	if (m->key.n == 0 || !store_get(store, m->key, &text))
		return STR_NONE;
	if (digest_is_sound(text))
		return arena_str(a, text);
	store_drop(store, m->key);
	return STR_NONE;
}

void tar_memory_put(const struct tar_memory *m, int fd, struct str path, struct store *store,
                    struct str diff_id, struct arena *a)
{
	struct tar_memory now = tar_memory_of(fd, path, a);
	if (m->key.n && str_eq(m->key, now.key))
		store_put(store, m->key, diff_id);
}
