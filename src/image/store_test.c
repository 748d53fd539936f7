/* The store: what is put comes back, damage is dropped and made again, and a store that
 * cannot be written is no failure. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "image/image.h"
#include "image/testing.h"

static const char key[] = "sha256:00000000000000000000000000000000000000000000000000000000000000ff";

static char *file_of_key(void)
{
	char name[200];
	snprintf(name, sizeof name, "cache/facts/%u/%s", FACTS_FORMAT_VERSION, key);
	*strchr(name, ':') = '-';
	return test_path(name);
}

static void what_is_put_comes_back(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct store s;
	struct str record;
	store_open(&s, &a);
	assert_int_equal(s.why_not.code, ERR_NONE);
	assert_false(store_get(&s, str_of(key), &record));
	store_put(&s, str_of(key), STR("first"));
	assert_true(store_get(&s, str_of(key), &record) && str_eq(record, STR("first")));
	assert_true(path_exists(file_of_key()));
	store_put(&s, str_of(key), STR("second"));
	/* What was mapped before stays as it was. */
	assert_true(str_eq(record, STR("first")));
	assert_true(store_get(&s, str_of(key), &record) && str_eq(record, STR("second")));
	store_drop(&s, str_of(key));
	assert_false(store_get(&s, str_of(key), &record));
	assert_int_equal(s.why_not.code, ERR_NONE);
	store_close(&s);
}

static void keys_are_no_paths(void **state)
{
	(void)state;
	static const char *const keys[] = {"", "../x", "a/b", ".", "A", "sha256:../../x"};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct store s;
	struct str record;
	store_open(&s, &a);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		store_put(&s, str_of(keys[i]), STR("x"));
		assert_false(store_get(&s, str_of(keys[i]), &record));
	}
	assert_false(path_exists(test_path("cache/x")));
	store_close(&s);
}

static void make_tar(const char *path)
{
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "etc/os-release", "ID=test\n");
	tar_end(&tar);
	test_write_buf(path, &tar);
	usleep(50000); /* until its times have settled */
}

/* Opens the tar and tells whether its facts came from the store. */
static bool opened_from_store(const char *path, struct store *s, struct arena *a)
{
	struct reference ref;
	struct image img;
	struct image_options options = {.threads = 1};
	struct err e = ERR_INIT;
	assert_true(reference_parse(&ref, str_of(test_path(path)), path_exists, a, &e));
	if (!image_open(&img, &ref, s, &options, a, &e))
		fail_msg("%s", e.message);
	assert_int_equal(img.layer_count, 1);
	assert_int_equal(img.layers[0]->entry_count, 1);
	return img.layer_info[0].from_store;
}

static void the_second_reading_comes_from_the_store(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct store s;
	make_tar("second.tar");
	store_open(&s, &a);
	assert_false(opened_from_store("second.tar", &s, &a));
	assert_true(opened_from_store("second.tar", &s, &a));
	/* Other bytes under the same name: its facts are new ones. */
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "etc/os-release", "ID=tset\n");
	tar_end(&tar);
	test_write_buf("second.tar", &tar);
	assert_false(opened_from_store("second.tar", &s, &a));
	store_close(&s);
}

/* Every record in the store, damaged in one way after another, is made again. */
static void damaged_records_are_made_again(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct store s;
	make_tar("damaged.tar");
	store_open(&s, &a);
	opened_from_store("damaged.tar", &s, &a);
	for (int way = 0; way < 4; way++) {
		static const char *const shell[] = {
			"for f in sha256-*; do printf X | dd status=none of=$f bs=1 seek=99 "
			"conv=notrunc; done",
			"for f in sha256-*; do truncate -s 50 $f; done",
			"for f in sha256-*; do : > $f; done",
			"for f in tar-*; do echo nonsense > $f; done",
		};
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		assert_int_equal(
			system(arena_printf(&scratch, "cd %s; %s", s.path.p, shell[way]).p), 0);
		assert_false(opened_from_store("damaged.tar", &s, &scratch));
		assert_true(opened_from_store("damaged.tar", &s, &scratch));
	}
	store_close(&s);
}

static void leftovers_of_a_crash_are_in_nobodys_way(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct store s;
	struct str record;
	char name[64];
	store_open(&s, &a);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "cache/facts/%u/new-%ld-%u", FACTS_FORMAT_VERSION,
		         (long)getpid(), i);
		test_write(name, "half", 4);
	}
	/* The last one is older than anybody still writes. */
	char *old = test_path(name);
	const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	assert_int_equal(utimensat(AT_FDCWD, old, times, 0), 0);
	store_put(&s, str_of(key), STR("whole"));
	assert_false(path_exists(old));
	assert_true(store_get(&s, str_of(key), &record) && str_eq(record, STR("whole")));
	store_close(&s);
}

/* In a child, so that limits and identity go with it: everything works, nothing is kept, and
 * the store says why. */
static void in_child(void (*limit)(void))
{
	pid_t child = fork();
	if (child == 0) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct store s;
		limit();
		store_open(&s, &a);
		bool again = opened_from_store("unwritable.tar", &s, &a) ||
		             opened_from_store("unwritable.tar", &s, &a);
		_exit(!again && s.why_not.code != ERR_NONE && s.why_not.message[0] ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void no_room(void)
{
	struct rlimit none = {64, 64};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
}

static void somebody_else(void)
{
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		_exit(3);
	setenv("SOCLE_CACHE", test_path("read-only"), 1);
}

static void no_home(void)
{
	unsetenv("SOCLE_CACHE");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
}

static void below_a_file(void)
{
	setenv("SOCLE_CACHE", test_path("unwritable.tar/cache"), 1);
}

static void a_store_that_takes_nothing_is_no_failure(void **state)
{
	(void)state;
	make_tar("unwritable.tar");
	assert_int_equal(chmod(test_root, 0755), 0);
	assert_int_equal(mkdir(test_path("read-only"), 0555), 0);
	in_child(no_room);
	in_child(somebody_else);
	in_child(no_home);
	in_child(below_a_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_back),
		cmocka_unit_test(keys_are_no_paths),
		cmocka_unit_test(the_second_reading_comes_from_the_store),
		cmocka_unit_test(damaged_records_are_made_again),
		cmocka_unit_test(leftovers_of_a_crash_are_in_nobodys_way),
		cmocka_unit_test(a_store_that_takes_nothing_is_no_failure),
	};
	return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
