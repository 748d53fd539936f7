/* The cache: counted by kind, pruned by use; what is locked, strange or elsewhere stays. */
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>

#include "core/arena.h"
#include "facts/facts.h"
#include "image/cache.h"
#include "image/testing.h"

static void put(const char *path)
{
	char name[300];
	snprintf(name, sizeof name, "cache/%s", path);
	test_write(name, "12345", 5);
}

static void age(const char *path, long days)
{
	char name[300];
	time_t then = time(NULL) - days * 86400;
	const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};
	snprintf(name, sizeof name, "cache/%s", path);
	assert_int_equal(utimensat(AT_FDCWD, test_path(name), times, AT_SYMLINK_NOFOLLOW), 0);
}

static bool is_there(const char *path)
{
	char name[300];
	struct stat st;
	snprintf(name, sizeof name, "cache/%s", path);
	return lstat(test_path(name), &st) == 0;
}

static struct cache_report measured(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct cache_report r;
	struct err e = ERR_INIT;
	assert_true(cache_measure(&r, &a, &e));
	return r;
}

static struct cache_report pruned(uint64_t days, bool all)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct cache_report r;
	struct err e = ERR_INIT;
	if (!cache_prune(&r, days * 86400, all, &a, &e))
		fail_msg("%s", e.message);
	return r;
}

#define BLOB "blobs/sha256/0000000000000000000000000000000000000000000000000000000000000000"

static void fill(void)
{
	char facts[64];
	snprintf(facts, sizeof facts, "facts/%u/sha256-0", FACTS_FORMAT_VERSION);
	put(facts);
	put("facts/1/sha256-0");
	put(BLOB);
	put("blobs/sha256/new-1-0");
	put("tags/0");
	put("roots/0-a/bin/sh");
	put("roots/.unpacking-x/bin/sh");
	put("learned/amd64/alpine/3.facts");
	put("bases/amd64/debian/12.tar");
	put("advisories/Debian.db");
	put("advisories/Debian.part");
	put("advisories/lock");
	put("something");
}

static void kinds_are_told_apart(void **state)
{
	(void)state;
	static const uint64_t wanted[CACHE_KINDS] = {[CACHE_FACTS] = 1, [CACHE_BLOBS] = 1,
	                                             [CACHE_TAGS] = 1,  [CACHE_ROOTS] = 1,
	                                             [CACHE_LEARNED] = 1, [CACHE_BASES] = 1,
	                                             [CACHE_ADVISORIES] = 1, [CACHE_LEFT] = 4};
	assert_int_equal(measured().kinds[CACHE_FACTS].count, 0);
	fill();
	struct cache_report r = measured();
	for (unsigned i = 0; i < CACHE_KINDS; i++) {
		assert_int_equal(r.kinds[i].count, wanted[i]);
		assert_int_equal(r.kinds[i].bytes, wanted[i] * 5);
	}
	/* Whoever makes the halves may still be at it. */
	assert_int_equal(pruned(0, true).kinds[CACHE_LEFT].count, 0);
	assert_int_equal(measured().kinds[CACHE_LEFT].count, 4);
	assert_true(is_there("something"));
}

static void what_was_of_use_stays(void **state)
{
	(void)state;
	fill();
	age(BLOB, 40);
	age("roots/0-a", 40);
	age("learned/amd64", 40);
	age("bases/amd64", 40);
	age("advisories/Debian.db", 90);
	age("advisories/Debian.part", 1);
	age("facts/1", 1);
	age("blobs/sha256/new-1-0", 1);
	age("roots/.unpacking-x", 1);
	assert_int_equal(pruned(50, false).kinds[CACHE_LEFT].count, 4);
	assert_true(is_there("advisories/Debian.db") && !is_there("advisories/Debian.part"));
	measured(); /* looking is no use */
	assert_true(is_there(BLOB) && is_there("roots/0-a") && !is_there("facts/1"));
	CLEANUP_FD int held = open(test_path("cache/roots/0-a"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(held, LOCK_SH), 0);
	struct cache_report r = pruned(30, false);
	assert_int_equal(r.kinds[CACHE_BLOBS].count, 1);
	assert_int_equal(r.in_use, 1);
	assert_true(!is_there(BLOB) && is_there("roots/0-a/bin/sh") && is_there("tags/0"));
	assert_int_equal(flock(held, LOCK_UN), 0);
	assert_int_equal(pruned(30, false).kinds[CACHE_ROOTS].count, 1);
	assert_true(!is_there("roots/0-a") && is_there("bases/amd64/debian/12.tar"));
	pruned(0, true);
	assert_true(!is_there("bases/amd64") && !is_there("learned/amd64") && !is_there("tags/0"));
}

static void use_is_noted_and_locks(void **state)
{
	(void)state;
	fill();
	age("roots/0-a", 40);
	assert_false(cache_use_root(test_path("cache/roots/none")));
	assert_true(cache_use_root(test_path("cache/roots/0-a")));
	assert_int_equal(pruned(30, false).in_use, 0); /* young again: nobody looked */
	assert_int_equal(pruned(0, true).in_use, 1);
	assert_true(is_there("roots/0-a/bin/sh"));
}

static void nothing_outside_is_touched(void **state)
{
	(void)state;
	test_write("precious/file", "x", 1);
	fill();
	assert_int_equal(symlink(test_path("precious"), test_path("cache/roots/link")), 0);
	assert_int_equal(symlink(test_path("precious"), test_path("cache/blobs/sha256/link")), 0);
	put("roots/0-b/closed/file");
	assert_int_equal(symlink(test_path("precious"), test_path("cache/roots/0-b/closed/up")), 0);
	assert_int_equal(chmod(test_path("cache/roots/0-b/closed"), 0), 0);
	pruned(0, true);
	assert_false(is_there("roots/0-b"));
	assert_true(path_exists(test_path("precious/file")));
}

/* Deeper than a process may have files open; names as they are moved under are there already. */
static void deep_roots_go_too(void **state)
{
	(void)state;
	put("roots/0-deep/.socle-deep-0");
	put("roots/0-deep/.socle-deep-1/file");
	CLEANUP_FD int fd = open(test_path("cache/roots/0-deep"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int depth = 0; depth < 1500; depth++) {
		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(fd);
		fd = next;
	}
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){200, limit.rlim_max}), 0);
	struct cache_report r = pruned(0, true);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(r.kinds[CACHE_ROOTS].count, 1);
	assert_int_equal(rmdir(test_path("cache/roots")), 0); /* nothing is left in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds_are_told_apart, test_folder_make, test_folder_remove),
		cmocka_unit_test_setup_teardown(what_was_of_use_stays, test_folder_make, test_folder_remove),
		cmocka_unit_test_setup_teardown(use_is_noted_and_locks, test_folder_make, test_folder_remove),
		cmocka_unit_test_setup_teardown(nothing_outside_is_touched, test_folder_make, test_folder_remove),
		cmocka_unit_test_setup_teardown(deep_roots_go_too, test_folder_make, test_folder_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
