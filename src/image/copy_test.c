/* Copying: what is handed on is what lies there, in the order in which it may be put, and what
 * is written out reads like what it was made of. */
#include "image/container.h"
#include "image/layout_write.h"
#include "image/testing_layout.h"

/* ---- A layout with an index of two platforms ---- */

static struct blob put_image(const char *id)
{
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "etc/os-release", TEXT("ID=%s\n", id).p);
	tar_end(&tar);
	struct blob layer = put_blob("two", buf_str(&tar));
	struct blob config =
		put_blob("two", TEXT("{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{"
	                             "\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}",
	                             id, layer.digest.p, layer.digest.p));
	return put_blob("two", TEXT("{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s,%s]}",
	                            descriptor(config, CONFIG, "").p, descriptor(layer, LAYER, "").p,
	                            descriptor(layer, LAYER, "").p));
}

static struct blob put_two(void)
{
	struct str amd64 = descriptor(put_image("amd64"), MANIFEST,
	                              ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}");
	struct str arm64 = descriptor(put_image("arm64"), MANIFEST,
	                              ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}");
	struct blob index = put_blob("two", TEXT("{\"schemaVersion\":2,\"manifests\":[%s,%s,%s]}",
	                                         amd64.p, arm64.p, amd64.p));
	put_index("two", descriptor(index, INDEX, "").p);
	return index;
}

/* ---- A taker that looks on ---- */

struct seen {
	struct arena arena;
	struct map digests;
	size_t blobs, manifests;
	struct str last, last_type;
	bool refuse;
	struct err err;
};

static bool take_blob(void *context, const struct copied_blob *blob, struct err *e)
{
	struct seen *s = context;
	struct str bytes;
	bool added;
	if (s->refuse)
		return err_set(e, ERR_IO, "no more");
	if (!source_read_all(blob->source, 1u << 20, &s->arena, &bytes, e))
		return false;
	assert_true(str_eq(sha256_of(bytes, &s->arena), blob->digest));
	map_put(&s->digests, &s->arena, arena_str(&s->arena, blob->digest), &added);
	assert_true(added && blob->fetch_bytes == 0);
	s->blobs++;
	return true;
}

/* All that a manifest names has come before it. */
static void expect_parts(struct seen *s, struct str bytes)
{
	static const struct str mark = STR_INIT("\"digest\":\"");
	for (size_t at; (at = str_find(bytes, mark)) < bytes.n;) {
		bytes = str_skip(bytes, at + mark.n);
		assert_non_null(map_find(&s->digests, str_slice(bytes, 0, 71)));
	}
}

static bool take_manifest(void *context, const struct copied_manifest *m, struct err *e)
{
	struct seen *s = context;
	bool added;
	(void)e;
	assert_true(str_eq(sha256_of(m->bytes, &s->arena), m->digest));
	expect_parts(s, m->bytes);
	map_put(&s->digests, &s->arena, arena_str(&s->arena, m->digest), &added);
	assert_true(added && s->last.n == 0);
	s->manifests++;
	if (m->outermost) {
		s->last = arena_str(&s->arena, m->digest);
		s->last_type = arena_str(&s->arena, m->media_type);
	}
	return true;
}

static bool copy(struct seen *s, const char *text, const char *platform)
{
	struct reference ref;
	struct image_options options = {.platform = str_of(platform)};
	struct copy_taker taker = {take_blob, take_manifest, s};
	assert_true(reference_parse(&ref, str_of(text), path_exists, &s->arena, &s->err));
	return image_copy(&ref, &options, &taker, &s->arena, &s->err);
}

static void an_index_goes_whole_and_each_part_once(void **state)
{
	(void)state;
	struct blob index = put_two();
	struct seen s = {.arena = ARENA_INIT};
	assert_true(copy(&s, TEXT("oci-dir:%s", test_path("two")).p, ""));
	assert_int_equal(s.blobs, 4);
	assert_int_equal(s.manifests, 3);
	assert_true(str_eq(s.last, index.digest));
	assert_true(str_eq(s.last_type, STR(INDEX)));
	arena_release(&s.arena);
}

static void one_platform_goes_alone(void **state)
{
	(void)state;
	put_two();
	struct seen s = {.arena = ARENA_INIT};
	assert_true(copy(&s, TEXT("oci-dir:%s", test_path("two")).p, "linux/arm64"));
	assert_int_equal(s.blobs, 2);
	assert_int_equal(s.manifests, 1);
	assert_true(str_eq(s.last_type, STR(MANIFEST)));
	arena_release(&s.arena);
}

static void who_refuses_is_heard(void **state)
{
	(void)state;
	put_two();
	struct seen s = {.arena = ARENA_INIT, .refuse = true};
	assert_false(copy(&s, TEXT("oci-dir:%s", test_path("two")).p, ""));
	assert_non_null(strstr(s.err.message, "no more"));
	assert_int_equal(s.manifests, 0);
	arena_release(&s.arena);
}

static void files_are_no_images(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "etc/os-release", "ID=x\n");
	tar_end(&tar);
	test_write_buf("plain.tar", &tar);
	const char *const refs[] = {TEXT("file:%s", test_path("plain.tar")).p,
	                            TEXT("dir:%s", test_path(".")).p, "scratch"};
	for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
		struct seen s = {.arena = ARENA_INIT};
		assert_false(copy(&s, refs[i], ""));
		assert_int_equal(s.err.code, ERR_UNSUPPORTED);
		arena_release(&s.arena);
	}
}

/* Layers plain and packed; twice the same bytes. */
static void an_archive_without_manifest_gets_one(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF, packed = TEST_BUF, archive = TEST_BUF;
	tar_text(&tar, "etc/os-release", "ID=x\n");
	tar_end(&tar);
	pack_gzip(tar.p, tar.n, &packed);
	struct str id = sha256_of(buf_str(&tar), &test_arena);
	tar_file(&archive, "a/layer.tar", tar.p, tar.n);
	tar_file(&archive, "b/layer.tar", packed.p, packed.n);
	tar_text(&archive, "c.json",
	         TEXT("{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"%s\","
	              "\"%s\"]}}",
	              id.p, id.p).p);
	tar_text(&archive, "manifest.json",
	         "[{\"Config\":\"c.json\",\"Layers\":[\"a/layer.tar\",\"b/layer.tar\"]}]");
	tar_end(&archive);
	test_write_buf("docker.tar", &archive);
	struct str first = STR_NONE;
	for (unsigned i = 0; i < 2; i++) {
		struct seen s = {.arena = ARENA_INIT};
		if (!copy(&s, TEXT("docker-archive:%s", test_path("docker.tar")).p, ""))
			fail_msg("%s", s.err.message);
		assert_int_equal(s.blobs, 3);
		assert_true(str_eq(s.last_type, STR(MANIFEST)));
		first = first.n ? first : arena_str(&test_arena, s.last);
		assert_true(str_eq(first, s.last));
		arena_release(&s.arena);
	}
}

/* ---- Written out ---- */

static bool write_out(const char *to, struct err *e)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct image_options options = {.platform = STR_NONE};
	struct layout_image image = {.tag = STR("1"), .full_name = STR("host/name:1")};
	struct str from = TEXT("oci-dir:%s", test_path("two"));
	assert_true(reference_parse(&image.ref, from, path_exists, &a, e));
	return layout_write(str_of(to), &image, 1, &options, &a, e);
}

static void what_is_written_is_what_was_there(void **state)
{
	(void)state;
	static const char *const kinds[] = {"oci-dir", "oci-archive"};
	struct blob index = put_two();
	for (size_t i = 0; i < 2; i++) {
		struct err e = ERR_INIT;
		const char *to = TEXT("%s:%s", kinds[i], test_path(kinds[i])).p;
		if (!write_out(to, &e))
			fail_msg("%s", e.message);
		struct seen s = {.arena = ARENA_INIT};
		assert_true(copy(&s, TEXT("%s:1", to).p, ""));
		assert_true(str_eq(s.last, index.digest) && s.blobs == 4);
		arena_release(&s.arena);
		assert_false(write_out(to, &e)); /* it is there already */
		assert_int_equal(e.code, ERR_USAGE);
	}
}

static void what_fails_leaves_nothing(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct blob index = put_two();
	test_write(TEXT("two/blobs/sha256/%s", index.digest.p + 7).p, "{", 1);
	assert_int_equal(mkdir(test_path("empty"), 0755), 0);
	assert_false(write_out(TEXT("oci-dir:%s", test_path("empty/x")).p, &e));
	assert_false(write_out(TEXT("oci-archive:%s", test_path("empty/y")).p, &e));
	assert_int_equal(rmdir(test_path("empty")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_goes_whole_and_each_part_once),
		cmocka_unit_test(one_platform_goes_alone),
		cmocka_unit_test(who_refuses_is_heard),
		cmocka_unit_test(files_are_no_images),
		cmocka_unit_test(an_archive_without_manifest_gets_one),
		cmocka_unit_test(what_is_written_is_what_was_there),
		cmocka_unit_test(what_fails_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, test_folder_make, test_layout_remove);
}
