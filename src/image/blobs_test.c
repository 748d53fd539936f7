/* Blobs: what is kept comes back, what is damaged never does, and what cannot be kept stops
 * nothing. */
#include <stdlib.h>

#include "image/blobs.h"
#include "image/container.h"
#include "image/testing.h"

struct kept {
	struct arena a;
	struct blobs b;
};

static struct kept *open_blobs(void)
{
	static struct kept k;
	k = (struct kept){.a = ARENA_INIT};
	blobs_open(&k.b, &k.a);
	assert_int_equal(blobs_why_not(&k.b).code, ERR_NONE);
	return &k;
}

static void close_blobs(struct kept *k)
{
	blobs_close(&k->b);
	arena_release(&k->a);
}

static char *file_of(struct str digest)
{
	char name[200];
	snprintf(name, sizeof name, "cache/blobs/sha256/%.*s", STR_ARG(str_skip(digest, 7)));
	return test_path(name);
}

static bool something_is_left_behind(void)
{
	return system("cd \"$SOCLE_CACHE\" && [ -z \"$(find . -name 'new-*')\" ]") != 0;
}

static void what_is_put_comes_back(void **state)
{
	(void)state;
	struct kept *k = open_blobs();
	struct str text = STR("{\"schemaVersion\":2}"), got, digest = sha256_of(text, &k->a);
	assert_false(blobs_get(&k->b, digest, 1000, &got, &k->a));
	blobs_put(&k->b, digest, text);
	assert_true(blobs_has(&k->b, digest, text.n) && !blobs_has(&k->b, digest, text.n + 1));
	assert_true(blobs_get(&k->b, digest, 1000, &got, &k->a) && str_eq(got, text));
	/* Too large for one who asks is not damaged. */
	assert_false(blobs_get(&k->b, digest, 5, &got, &k->a));
	assert_true(blobs_get(&k->b, digest, text.n, &got, &k->a) && str_eq(got, text));
	close_blobs(k);
}

static void damaged_ones_are_thrown_away(void **state)
{
	(void)state;
	struct kept *k = open_blobs();
	struct str text = STR("some bytes"), got, digest = sha256_of(text, &k->a);
	blobs_put(&k->b, digest, text);
	FILE *f = fopen(file_of(digest), "w");
	assert_non_null(f);
	fputs("some bites", f);
	fclose(f);
	assert_false(blobs_get(&k->b, digest, 1000, &got, &k->a));
	assert_false(path_exists(file_of(digest)));
	close_blobs(k);
}

static void digests_are_no_paths(void **state)
{
	(void)state;
	static const char *const digests[] = {"", "sha256:", "sha256:../../../x", "sha512:00",
	                                      "md5:d41d8cd98f00b204e9800998ecf8427e"};
	struct kept *k = open_blobs();
	struct str got;
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
		blobs_put(&k->b, str_of(digests[i]), STR("x"));
		assert_false(blobs_has(&k->b, str_of(digests[i]), 1));
		assert_false(blobs_get(&k->b, str_of(digests[i]), 100, &got, &k->a));
	}
	close_blobs(k);
}

/* ---- Sources ---- */

/* Reads a source of `content` as the blob `digest`, piece by piece; 0: all of it came. */
static bool read_through(struct kept *k, struct str content, struct str digest, bool keep,
                         size_t cap, struct err *e)
{
	test_write("content", content.p, content.n);
	CLEANUP_FD int fd = open(test_path("content"), O_RDONLY);
	struct source from = {fd, 0, content.n};
	from = blobs_source(&k->b, digest, from, keep, &k->a);
	CLEANUP_STREAM struct stream *s = stream_source(from);
	char piece[64];
	size_t n = 1, at = 0;
	for (; n > 0; at += n) {
		if (!s->read(s, piece, cap, &n, e))
			return false;
		assert_true(at + n <= content.n && memcmp(piece, content.p + at, n) == 0);
	}
	assert_int_equal(at, content.n);
	return true;
}

static void what_passes_is_kept(void **state)
{
	(void)state;
	static const struct str contents[] = {STR_INIT(""), STR_INIT("x"),
	                                      STR_INIT("a layer, somehow packed")};
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		struct kept *k = open_blobs();
		struct str digest = sha256_of(contents[i], &k->a), got;
		struct err e = ERR_INIT;
		assert_true(read_through(k, contents[i], digest, false, 7, &e));
		assert_false(path_exists(file_of(digest)));
		assert_true(read_through(k, contents[i], digest, true, 7, &e));
		assert_true(blobs_get(&k->b, digest, 1000, &got, &k->a));
		assert_true(str_eq(got, contents[i]));
		/* Now from the file, whatever lies elsewhere. */
		struct source nowhere = {.fd = -1, .size_bytes = contents[i].n};
		struct source kept = blobs_source(&k->b, digest, nowhere, false, &k->a);
		assert_true(source_read_all(kept, 1000, &k->a, &got, &e));
		assert_true(str_eq(got, contents[i]));
		assert_false(something_is_left_behind());
		close_blobs(k);
	}
}

static void what_is_not_what_it_says_is_not_kept(void **state)
{
	(void)state;
	struct kept *k = open_blobs();
	struct str digest = sha256_of(STR("right bytes"), &k->a);
	struct err e = ERR_INIT;
	assert_false(read_through(k, STR("wrong bytes"), digest, true, 64, &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.message, digest.p));
	assert_false(path_exists(file_of(digest)));
	assert_false(something_is_left_behind());
	close_blobs(k);
}

static void who_stops_reading_leaves_nothing(void **state)
{
	(void)state;
	struct kept *k = open_blobs();
	struct str text = STR("a text that nobody reads to its end");
	struct str digest = sha256_of(text, &k->a);
	test_write("content", text.p, text.n);
	CLEANUP_FD int fd = open(test_path("content"), O_RDONLY);
	struct source from = {fd, 0, text.n};
	from = blobs_source(&k->b, digest, from, true, &k->a);
	struct stream *s = stream_source(from);
	char piece[10];
	size_t n;
	struct err e = ERR_INIT;
	assert_true(s->read(s, piece, sizeof piece, &n, &e));
	assert_true(something_is_left_behind());
	stream_close(&s);
	assert_false(something_is_left_behind());
	assert_false(path_exists(file_of(digest)));
	close_blobs(k);
}

/* ---- Tags ---- */

static void tags_are_remembered(void **state)
{
	(void)state;
	struct kept *k = open_blobs();
	struct str name = STR("docker.io/library/alpine:3.20"), got;
	struct str first = sha256_of(STR("1"), &k->a), second = sha256_of(STR("2"), &k->a);
	assert_false(blobs_tag_get(&k->b, name, &got, &k->a));
	blobs_tag_put(&k->b, name, first);
	assert_true(blobs_tag_get(&k->b, name, &got, &k->a) && str_eq(got, first));
	blobs_tag_put(&k->b, name, second);
	assert_true(blobs_tag_get(&k->b, name, &got, &k->a) && str_eq(got, second));
	assert_false(blobs_tag_get(&k->b, STR("docker.io/library/alpine:3.21"), &got, &k->a));
	assert_int_equal(system("cd \"$SOCLE_CACHE/tags\" && echo nonsense > \"$(ls)\""), 0);
	assert_false(blobs_tag_get(&k->b, name, &got, &k->a));
	close_blobs(k);
}

static void without_a_cache_nothing_is_kept(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct blobs b;
	struct str got, digest = sha256_of(STR("x"), &a);
	char *before = getenv("SOCLE_CACHE");
	before = arena_cstr(&a, str_of(before));
	test_write("in the way", "x", 1);
	setenv("SOCLE_CACHE", test_path("in the way"), 1);
	blobs_open(&b, &a);
	setenv("SOCLE_CACHE", before, 1);
	assert_int_equal(blobs_why_not(&b).code, ERR_IO);
	blobs_put(&b, digest, STR("x"));
	blobs_tag_put(&b, STR("x"), digest);
	assert_false(blobs_get(&b, digest, 100, &got, &a));
	assert_false(blobs_tag_get(&b, STR("x"), &got, &a));
	blobs_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_back),
		cmocka_unit_test(damaged_ones_are_thrown_away),
		cmocka_unit_test(digests_are_no_paths),
		cmocka_unit_test(what_passes_is_kept),
		cmocka_unit_test(what_is_not_what_it_says_is_not_kept),
		cmocka_unit_test(who_stops_reading_leaves_nothing),
		cmocka_unit_test(tags_are_remembered),
		cmocka_unit_test(without_a_cache_nothing_is_kept),
	};
	return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
