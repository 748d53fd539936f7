/* Layouts, archives of them and `docker save`: which image is meant, and what is refused.
 * Made here from text, so that each may be wrong in its own way. */
#include "image/image.h"
#include "image/testing_layout.h"

/* An image of one layer that holds etc/os-release with `id`. */
struct made {
	const char *layout, *id, *architecture, *os;
	const char *manifest_type, *config_type, *layer_type;
	void (*pack)(const void *p, size_t n, struct buf *out);
	const char *wrong_diff_id, *schema, *extra;
};

static struct str layer_tar(const char *id)
{
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "etc/os-release", TEXT("ID=%s\n", id).p);
	tar_end(&tar);
	return arena_str(&test_arena, buf_str(&tar));
}

static struct str config_text(const struct made *m, struct str diff_id)
{
	return TEXT("{\"os\":\"%s\",\"architecture\":\"%s\",\"config\":{\"Env\":[\"PATH=/bin\"],"
	            "\"Entrypoint\":[\"/bin/%s\"],\"Cmd\":[\"-x\",\"\"],\"User\":\"app\","
	            "\"WorkingDir\":\"/srv\",\"ExposedPorts\":{\"80/tcp\":{}},"
	            "\"Healthcheck\":{\"Test\":[\"CMD\",\"/x\"],\"Interval\":5000000000,\"Retries\":7}},"
	            "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}",
	            m->os ? m->os : "linux", m->architecture ? m->architecture : "amd64", m->id,
	            m->wrong_diff_id ? m->wrong_diff_id : diff_id.p);
}

static struct blob put_image(const struct made *m)
{
	struct str tar = layer_tar(m->id);
	CLEANUP_BUF struct buf packed = TEST_BUF;
	if (m->pack)
		m->pack(tar.p, tar.n, &packed);
	else
		test_append(&packed, tar.p, tar.n);
	struct blob layer = put_blob(m->layout, buf_str(&packed));
	struct blob config = put_blob(m->layout, config_text(m, sha256_of(tar, &test_arena)));
	struct str text =
		TEXT("{\"schemaVersion\":%s,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}",
	             m->schema ? m->schema : "2", m->manifest_type ? m->manifest_type : MANIFEST,
	             descriptor(config, m->config_type ? m->config_type : CONFIG, "").p,
	             descriptor(layer, m->layer_type ? m->layer_type : LAYER, "").p,
	             m->extra ? m->extra : "");
	return put_blob(m->layout, text);
}

static const char *tagged(const char *tag)
{
	return TEXT(",\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}", tag).p;
}

static const char *for_platform(const char *architecture, const char *variant)
{
	return TEXT(",\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"%s}", architecture,
	            variant ? TEXT(",\"variant\":\"%s\"", variant).p : "")
	        .p;
}

/* ---- Opening ---- */

struct opened {
	struct arena arena;
	struct image img;
	struct err e;
	bool ok;
};

static void opened_release(struct opened *o)
{
	arena_release(&o->arena);
}
#define CLEANUP_OPENED __attribute__((cleanup(opened_release)))

static struct opened open_image(struct str text, const char *platform)
{
	struct opened o = {.arena = ARENA_INIT, .e = ERR_INIT};
	struct store none = {.dir_fd = -1};
	struct reference ref;
	struct image_options options = {.platform = str_of(platform), .threads = 2};
	o.ok = reference_parse(&ref, text, path_exists, &o.arena, &o.e) &&
	       image_open(&o.img, &ref, &none, &options, &o.arena, &o.e);
	return o;
}

static struct str in_folder(const char *layout, const char *rest)
{
	return TEXT("oci-dir:%s%s", test_path(layout), rest);
}

/* That the image is the one that was made with `id`. */
static void expect_image(struct str ref, const char *platform, const char *id)
{
	CLEANUP_OPENED struct opened o = open_image(ref, platform);
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t;
	struct str content;
	struct err e = ERR_INIT;
	if (!o.ok)
		fail_msg("%s: %s", ref.p, o.e.message);
	tree_init(&t, &a);
	assert_true(image_merge(&o.img, STR(""), &t, &e));
	assert_true(tree_kept(&t, STR("etc/os-release"), &content));
	assert_string_equal(arena_cstr(&a, content), TEXT("ID=%s\n", id).p);
}

static void expect_refused(struct str ref, const char *platform, enum err_code code,
                           const char *words)
{
	CLEANUP_OPENED struct opened o = open_image(ref, platform);
	if (o.ok)
		fail_msg("%s was opened", ref.p);
	if (!strstr(o.e.message, words))
		fail_msg("\"%s\" is not in: %s", words, o.e.message);
	assert_int_equal(o.e.code, code);
	assert_true(
		str_starts(str_of(o.e.message), ref)); /* the message names what was asked for */
}

static void the_configuration_is_read(void **state)
{
	(void)state;
	struct blob b =
		put_image(&(struct made){.layout = "config", .id = "one", .pack = pack_gzip});
	put_index("config", descriptor(b, MANIFEST, tagged("v1")).p);
	CLEANUP_OPENED struct opened o = open_image(in_folder("config", ""), "");
	assert_true(o.ok);
	const struct image_config *c = &o.img.config;
	assert_true(c->has_config);
	assert_true(str_eq(c->os, STR("linux")) && str_eq(c->architecture, STR("amd64")));
	assert_true(str_eq(c->user, STR("app")) && str_eq(c->working_dir, STR("/srv")));
	assert_true(c->env.n == 1 && str_eq(c->env.p[0], STR("PATH=/bin")));
	assert_true(c->entrypoint.n == 1 && str_eq(c->entrypoint.p[0], STR("/bin/one")));
	assert_true(c->cmd.n == 2 && str_eq(c->cmd.p[1], STR("")));
	assert_true(c->exposed_ports.n == 1 && str_eq(c->exposed_ports.p[0], STR("80/tcp")));
	assert_true(c->health_check.n == 2 && c->health_times.interval_ns == 5000000000);
	assert_true(c->health_times.retries == 7 && !c->health_times.timeout_ns);
	assert_true(str_eq(o.img.digest, b.digest));
	assert_true(str_eq(o.img.tag, STR("v1")));
	assert_true(str_eq(o.img.layer_info[0].media_type, STR(LAYER)));
	assert_true(o.img.layer_info[0].packed_bytes > 0);
	assert_true(str_eq(o.img.layer_info[0].diff_id, o.img.layers[0]->diff_id));
}

static void media_types_of_both_worlds_are_read(void **state)
{
	(void)state;
	static const struct made all[] = {
		{.layout = "m0", .id = "plain"},
		{.layout = "m1", .id = "gzip", .layer_type = LAYER "+gzip", .pack = pack_gzip},
		{.layout = "m2", .id = "zstd", .layer_type = LAYER "+zstd", .pack = pack_zstd},
		{.layout = "m3",
	         .id = "docker",
	         .manifest_type = DOCKER_MANIFEST,
	         .config_type = DOCKER "container.image.v1+json",
	         .layer_type = DOCKER "image.rootfs.diff.tar.gzip",
	         .pack = pack_gzip},
		/* Content decides, as it does for the tools that wrote such things. */
		{.layout = "m4", .id = "mislabelled", .layer_type = LAYER "+gzip"},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct blob b = put_image(&all[i]);
		const char *type = all[i].manifest_type ? all[i].manifest_type : MANIFEST;
		put_index(all[i].layout, descriptor(b, type, "").p);
		expect_image(in_folder(all[i].layout, ""), "", all[i].id);
	}
}

static void images_are_picked_by_name(void **state)
{
	(void)state;
	struct blob one = put_image(&(struct made){.layout = "names", .id = "one"});
	struct blob two = put_image(&(struct made){.layout = "names", .id = "two"});
	put_index("names", TEXT("%s,%s", descriptor(one, MANIFEST, tagged("one")).p,
	                        descriptor(two, MANIFEST, tagged("docker.io/library/x:two")).p)
	                           .p);
	expect_image(in_folder("names", ":one"), "", "one");
	expect_image(in_folder("names", ":two"), "", "two");
	expect_image(in_folder("names", ":docker.io/library/x:two"), "", "two");
	expect_image(in_folder("names", TEXT("@%s", two.digest.p).p), "", "two");
	expect_refused(in_folder("names", ""), "", ERR_USAGE, "one, docker.io/library/x:two");
	expect_refused(in_folder("names", ":three"), "", ERR_INPUT,
	               "no image called three in it; it has one,");
}

static void platforms_are_picked(void **state)
{
	(void)state;
	static const struct {
		const char *id, *architecture, *variant;
	} all[] = {
		{"amd", "amd64", NULL}, {"arm64", "arm64", "v8"},   {"armv6", "arm", "v6"},
		{"armv7", "arm", "v7"}, {"power", "ppc64le", NULL},
	};
	struct str manifests = STR("");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct blob b = put_image(&(struct made){.layout = "platforms",
		                                         .id = all[i].id,
		                                         .architecture = all[i].architecture});
		struct str d =
			descriptor(b, MANIFEST, for_platform(all[i].architecture, all[i].variant));
		manifests = TEXT("%s%s%s", manifests.p, i ? "," : "", d.p);
	}
	/* What buildkit puts beside an image. */
	struct blob attestation = put_blob("platforms", STR("{\"schemaVersion\":2}"));
	struct str extra = descriptor(
		attestation, MANIFEST,
		",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},"
		"\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}");
	struct blob index =
		put_blob("platforms",
	                 TEXT("{\"schemaVersion\":2,\"manifests\":[%s,%s]}", manifests.p, extra.p));
	put_index("platforms", descriptor(index, INDEX, "").p);

	expect_image(in_folder("platforms", ""), "linux/amd64", "amd");
	expect_image(in_folder("platforms", ""), "x86_64", "amd");
	expect_image(in_folder("platforms", ""), "linux/arm64", "arm64");
	expect_image(in_folder("platforms", ""), "linux/arm64/v8", "arm64");
	expect_image(in_folder("platforms", ""), "aarch64", "arm64");
	expect_image(in_folder("platforms", ""), "linux/arm", "armv7");
	expect_image(in_folder("platforms", ""), "linux/arm/v6", "armv6");
	expect_image(in_folder("platforms", ""), "ppc64le", "power");
	expect_refused(in_folder("platforms", ""), "linux/s390x", ERR_INPUT,
	               "no image for linux/s390x in it; it has linux/amd64, linux/arm64/v8, "
	               "linux/arm/v6, linux/arm/v7, linux/ppc64le");
	expect_refused(in_folder("platforms", ""), "linux/arm/v5", ERR_INPUT, "it has linux/amd64");
	expect_refused(in_folder("platforms", ""), "windows/amd64", ERR_USAGE, "Linux alone");
}

static void a_platform_that_was_asked_for_must_be_the_images(void **state)
{
	(void)state;
	struct blob b = put_image(
		&(struct made){.layout = "one-arm", .id = "arm", .architecture = "arm64"});
	put_index("one-arm", descriptor(b, MANIFEST, "").p);
	expect_image(in_folder("one-arm", ""), "", "arm");
	expect_image(in_folder("one-arm", ""), "arm64", "arm");
	expect_refused(in_folder("one-arm", ""), "amd64", ERR_INPUT,
	               "an image for linux/arm64, not for linux/amd64");
}

static void indexes_lie_in_one_another(void **state)
{
	(void)state;
	struct blob b = put_image(&(struct made){.layout = "deep", .id = "deep"});
	struct str d = descriptor(b, MANIFEST, "");
	for (unsigned depth = 1; depth <= LIMIT_INDEX_DEPTH + 1; depth++) {
		put_index("deep", d.p);
		if (depth <= LIMIT_INDEX_DEPTH)
			expect_image(in_folder("deep", ""), "", "deep");
		else
			expect_refused(in_folder("deep", ""), "", ERR_LIMIT,
			               "indexes in one another");
		b = put_blob("deep", TEXT("{\"schemaVersion\":2,\"manifests\":[%s]}", d.p));
		d = descriptor(b, depth % 2 ? DOCKER_LIST : INDEX, "");
	}
}

/* ---- What is refused ---- */

static void wrong_images_are_refused(void **state)
{
	(void)state;
	static const struct {
		struct made made;
		enum err_code code;
		const char *words;
	} all[] = {
		{{.wrong_diff_id =
	                  "sha256:"
	                  "0000000000000000000000000000000000000000000000000000000000000000"},
	         ERR_INPUT,
	         "but should be sha256:0000"},
		{{.wrong_diff_id = "sha256:12"}, ERR_INPUT, "\"sha256:12\" is no diff ID"},
		{{.wrong_diff_id = "x\",\"y"},
	         ERR_INPUT,
	         "1 layers, but its configuration names 2"},
		{{.os = "windows"}, ERR_UNSUPPORTED, "an image for windows"},
		{{.schema = "1"}, ERR_UNSUPPORTED, "schema 1, not 2"},
		{{.config_type = "application/vnd.cncf.helm.config.v1+json"},
	         ERR_UNSUPPORTED,
	         "an artifact of type application/vnd.cncf.helm"},
		{{.layer_type = LAYER "+gzip+encrypted"}, ERR_UNSUPPORTED, "is encrypted"},
		{{.extra = ",\"manifests\":[]"}, ERR_INPUT, "is an index as well"},
		{{.manifest_type = INDEX}, ERR_INPUT, "says that it is " INDEX},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct made made = all[i].made;
		made.layout = TEXT("wrong%zu", i).p;
		made.id = "x";
		put_index(made.layout, descriptor(put_image(&made), MANIFEST, "").p);
		expect_refused(in_folder(made.layout, ""), "", all[i].code, all[i].words);
	}
}

static void wrong_blobs_are_refused(void **state)
{
	(void)state;
	struct blob good = put_image(&(struct made){.layout = "blobs", .id = "x"});

	struct blob b = good;
	b.size_bytes++;
	put_index("blobs", descriptor(b, MANIFEST, "").p);
	expect_refused(in_folder("blobs", ""), "", ERR_INPUT, "but should have");

	b = good;
	b.digest = STR("sha256:../../../../etc/passwd");
	put_index("blobs", descriptor(b, MANIFEST, "").p);
	expect_refused(in_folder("blobs", ""), "", ERR_INPUT, "no sound digest");

	b.digest = sha256_of(STR("not there"), &test_arena);
	put_index("blobs", descriptor(b, MANIFEST, "").p);
	expect_refused(in_folder("blobs", ""), "", ERR_INPUT, "is not in it");

	/* Other bytes of the same length under its name. */
	char *path = test_path(TEXT("blobs/blobs/sha256/%s", good.digest.p + 7).p);
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str bytes;
	struct err e = ERR_INIT;
	assert_true(file_read(path, 1 << 20, &a, &bytes, &e));
	test_write(TEXT("blobs/blobs/sha256/%s", good.digest.p + 7).p,
	           TEXT("%.*s ", (int)bytes.n - 1, bytes.p).p, bytes.n);
	put_index("blobs", descriptor(good, MANIFEST, "").p);
	expect_refused(in_folder("blobs", ""), "", ERR_INPUT,
	               TEXT("the manifest should be %s, but is sha256:", good.digest.p).p);
}

static void wrong_indexes_are_refused(void **state)
{
	(void)state;
	put_index("none", "");
	expect_refused(in_folder("none", ""), "", ERR_INPUT, "no image in it");
	test_write("none/index.json", "{\"manifests\":[}", 15);
	expect_refused(in_folder("none", ""), "", ERR_INPUT,
	               "index.json: not JSON: line 1, column 15");
	char deep[400];
	memset(deep, '[', sizeof deep);
	test_write("none/index.json", deep, sizeof deep);
	expect_refused(in_folder("none", ""), "", ERR_LIMIT, "nested more than 100");
	unlink(test_path("none/index.json"));
	expect_refused(in_folder("none", ""), "", ERR_INPUT, "no index.json in it");
	assert_int_equal(mkfifo(test_path("none/index.json"), 0600), 0);
	expect_refused(in_folder("none", ""), "", ERR_INPUT, "no file");
	expect_refused(in_folder("nowhere", ""), "", ERR_INPUT, "No such file");
}

/* ---- Archives ---- */

/* A layout's folder as a tar, by the system's own tar. */
static void archive(const char *layout, const char *path, const char *how)
{
	struct str command = TEXT("tar -C %s %s -f %s .", test_path(layout), how, test_path(path));
	assert_int_equal(system(command.p), 0);
}

static void archives_of_layouts_are_read(void **state)
{
	(void)state;
	struct blob b =
		put_image(&(struct made){.layout = "arch", .id = "arch", .pack = pack_gzip});
	put_index("arch", descriptor(b, MANIFEST, tagged("t")).p);
	archive("arch", "arch.tar", "-c --format=gnu");
	archive("arch", "arch-pax.tar", "-c --format=pax");
	archive("arch", "arch.tar.gz", "-cz");
	archive("arch", "arch.tar.zst", "-c -I zstd");
	expect_image(TEXT("oci-archive:%s", test_path("arch.tar")), "", "arch");
	expect_image(TEXT("oci-archive:%s:t", test_path("arch.tar")), "", "arch");
	expect_image(TEXT("oci-archive:%s", test_path("arch-pax.tar")), "", "arch");
	expect_image(TEXT("oci-archive:%s", test_path("arch.tar.gz")), "", "arch");
	expect_image(TEXT("oci-archive:%s", test_path("arch.tar.zst")), "", "arch");
	/* A bare path is looked at. */
	expect_image(str_of(test_path("arch.tar")), "", "arch");
	expect_image(str_of(test_path("arch.tar.gz")), "", "arch");
	expect_image(str_of(test_path("arch")), "", "arch");
	expect_refused(TEXT("oci-archive:%s", test_path("arch")), "", ERR_INPUT, "write oci-dir:");
	expect_refused(TEXT("docker-archive:%s", test_path("arch.tar")), "", ERR_INPUT,
	               "no manifest.json in it");

	assert_int_equal(truncate(test_path("arch.tar"), 3000), 0);
	expect_refused(TEXT("oci-archive:%s", test_path("arch.tar")), "", ERR_INPUT, "");
}

/* Layers named once and linked to, as `docker save` did for layers that are equal. */
static void docker_archives_are_read(void **state)
{
	(void)state;
	struct str tar = layer_tar("docker");
	struct str id = sha256_of(tar, &test_arena);
	struct made made = {.id = "docker"};
	struct str config = config_text(&made, id);
	struct str layers[] = {STR("one/layer.tar"), STR("two/layer.tar"), STR("three/layer.tar")};
	struct str manifest = STR("[");
	for (size_t i = 0; i < 3; i++)
		manifest = TEXT(
			"%s%s{\"Config\":\"c.json\",\"RepoTags\":[\"docker.io/library/x:%zu\"],"
			"\"Layers\":[\"%s\"]}",
			manifest.p, i ? "," : "", i, layers[i].p);
	CLEANUP_BUF struct buf outer = TEST_BUF;
	tar_symlink(&outer, "two/layer.tar", "../one/layer.tar");
	tar_file(&outer, "one/layer.tar", tar.p, tar.n);
	tar_hardlink(&outer, "three/layer.tar", "one/layer.tar");
	tar_file(&outer, "c.json", config.p, config.n);
	tar_text(&outer, "manifest.json", TEXT("%s]", manifest.p).p);
	tar_end(&outer);
	test_write_buf("docker.tar", &outer);

	for (size_t i = 0; i < 3; i++)
		expect_image(TEXT("docker-archive:%s:x:%zu", test_path("docker.tar"), i), "",
		             "docker");
	expect_refused(TEXT("docker-archive:%s", test_path("docker.tar")), "", ERR_USAGE,
	               "several images: docker.io/library/x:0, docker.io/library/x:1");
	expect_refused(TEXT("docker-archive:%s:y", test_path("docker.tar")), "", ERR_INPUT,
	               "no image called y in it");
}

/* The first name looks like an archive of images, but there is none in it. */
static void tars_that_only_look_like_archives_are_root_file_systems(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text;
	} first[] = {
		{"manifest.json", "{\"short_name\":\"web\",\"icons\":[]}"},
		{"manifest.json", "[1,2]"},
		{"manifest.json", "not JSON"},
		{"index.json", "{}"},
		{"oci-layout", "{}"},
		{"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "x"},
	};
	for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
		CLEANUP_BUF struct buf tar = TEST_BUF;
		CLEANUP_BUF struct buf packed = TEST_BUF;
		tar_text(&tar, first[i].name, first[i].text);
		tar_text(&tar, "etc/os-release", "ID=rootfs\n");
		tar_end(&tar);
		pack_gzip(tar.p, tar.n, &packed);
		test_write_buf("looks.tar", &tar);
		test_write_buf("looks.tar.gz", &packed);
		expect_image(str_of(test_path("looks.tar")), "", "rootfs");
		expect_image(str_of(test_path("looks.tar.gz")), "", "rootfs");
	}
}

/* As crane, ko and Jib write them: a configuration named by digest, layers packed. */
static void archives_of_other_builders_are_read(void **state)
{
	(void)state;
	struct str tar = layer_tar("crane");
	struct made made = {.id = "crane"};
	struct str config = config_text(&made, sha256_of(tar, &test_arena));
	CLEANUP_BUF struct buf packed = TEST_BUF;
	CLEANUP_BUF struct buf outer = TEST_BUF;
	pack_gzip(tar.p, tar.n, &packed);
	const char *layer = TEXT("%s.tar.gz", sha256_of(buf_str(&packed), &test_arena).p + 7).p;
	struct str id = sha256_of(config, &test_arena);
	tar_file(&outer, id.p, config.p, config.n);
	tar_file(&outer, layer, packed.p, packed.n);
	tar_text(&outer, "manifest.json",
	         TEXT("[{\"Config\":\"%s\",\"RepoTags\":[\"x:y\"],\"Layers\":[\"%s\"]}]", id.p,
	              layer)
	                 .p);
	tar_end(&outer);
	test_write_buf("crane.tar", &outer);
	expect_image(str_of(test_path("crane.tar")), "", "crane");
}

static void docker_archives_with_loops_or_lies_are_refused(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf outer = TEST_BUF;
	tar_symlink(&outer, "a.tar", "b.tar");
	tar_symlink(&outer, "b.tar", "a.tar");
	tar_text(&outer, "manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[\"a.tar\"]}]");
	tar_end(&outer);
	test_write_buf("loop.tar", &outer);
	expect_refused(TEXT("docker-archive:%s", test_path("loop.tar")), "", ERR_INPUT, "links");

	outer.n = 0;
	tar_text(&outer, "manifest.json", "[{\"Config\":\"../c.json\",\"Layers\":[]}]");
	tar_end(&outer);
	test_write_buf("up.tar", &outer);
	expect_refused(TEXT("docker-archive:%s", test_path("up.tar")), "", ERR_INPUT,
	               "leaves the root");

	outer.n = 0;
	tar_text(&outer, "manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[\"l.tar\"]}]");
	tar_header(&outer, '0', "l.tar", NULL, 0644, 1 << 30);
	test_write_buf("lie.tar", &outer);
	expect_refused(TEXT("docker-archive:%s", test_path("lie.tar")), "", ERR_INPUT,
	               "ends inside l.tar");
}

/* Several layers are read by several threads; the lowest that is wrong is named. */
static void many_layers_keep_their_order(void **state)
{
	(void)state;
	struct buf tars[40];
	for (int i = 0; i < 40; i++) {
		struct str tar = layer_tar(TEXT("l%d", i).p);
		tars[i] = (struct buf){(uint8_t *)(uintptr_t)tar.p, tar.n, tar.n, tar.n};
	}
	put_image_of("many", tars, 40);
	expect_image(in_folder("many", ""), "", "l39");
	CLEANUP_OPENED struct opened o = open_image(in_folder("many", ""), "");
	assert_int_equal(o.img.layer_count, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configuration_is_read),
		cmocka_unit_test(media_types_of_both_worlds_are_read),
		cmocka_unit_test(images_are_picked_by_name),
		cmocka_unit_test(platforms_are_picked),
		cmocka_unit_test(a_platform_that_was_asked_for_must_be_the_images),
		cmocka_unit_test(indexes_lie_in_one_another),
		cmocka_unit_test(wrong_images_are_refused),
		cmocka_unit_test(wrong_blobs_are_refused),
		cmocka_unit_test(wrong_indexes_are_refused),
		cmocka_unit_test(archives_of_layouts_are_read),
		cmocka_unit_test(docker_archives_are_read),
		cmocka_unit_test(docker_archives_with_loops_or_lies_are_refused),
		cmocka_unit_test(tars_that_only_look_like_archives_are_root_file_systems),
		cmocka_unit_test(archives_of_other_builders_are_read),
		cmocka_unit_test(many_layers_keep_their_order),
	};
	return cmocka_run_group_tests(tests, test_folder_make, test_layout_remove);
}
