/* testing_layout: OCI layouts out of text, for tests. */
#pragma once

#include "image/testing.h"

static struct arena test_arena = ARENA_INIT;

#define TEXT(...) arena_printf(&test_arena, __VA_ARGS__)

struct blob {
	struct str digest;
	size_t size_bytes;
};

TEST_UNUSED static struct blob put_blob(const char *layout, struct str bytes)
{
	struct blob b = {sha256_of(bytes, &test_arena), bytes.n};
	test_write(TEXT("%s/blobs/sha256/%s", layout, b.digest.p + 7).p, bytes.p, bytes.n);
	return b;
}

TEST_UNUSED static struct str descriptor(struct blob b, const char *type, const char *more)
{
	return TEXT("{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}", type, b.digest.p,
	            b.size_bytes, more);
}

#define OCI "application/vnd.oci.image."
#define INDEX OCI "index.v1+json"
#define MANIFEST OCI "manifest.v1+json"
#define CONFIG OCI "config.v1+json"
#define LAYER OCI "layer.v1.tar"
#define DOCKER "application/vnd.docker."
#define DOCKER_LIST DOCKER "distribution.manifest.list.v2+json"
#define DOCKER_MANIFEST DOCKER "distribution.manifest.v2+json"

TEST_UNUSED static void put_index(const char *layout, const char *manifests)
{
	struct str text = TEXT("{\"schemaVersion\":2,\"manifests\":[%s]}", manifests);
	test_write(TEXT("%s/index.json", layout).p, text.p, text.n);
	static const char version[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	test_write(TEXT("%s/oci-layout", layout).p, version, sizeof version - 1);
}

/* An image of these layers, the lowest first, as the only one of a layout. */
TEST_UNUSED static void put_image_of(const char *layout, const struct buf *tars, size_t count)
{
	struct str layers = STR(""), ids = STR("");
	for (size_t i = 0; i < count; i++) {
		struct str tar = buf_str(&tars[i]);
		struct str d = descriptor(put_blob(layout, tar), LAYER, "");
		layers = TEXT("%s%s%s", layers.p, i ? "," : "", d.p);
		ids = TEXT("%s%s\"%s\"", ids.p, i ? "," : "", sha256_of(tar, &test_arena).p);
	}
	struct blob config =
		put_blob(layout, TEXT("{\"os\":\"linux\",\"architecture\":\"amd64\","
	                              "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
	                              ids.p));
	struct blob b = put_blob(layout, TEXT("{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}",
	                                      descriptor(config, CONFIG, "").p, layers.p));
	put_index(layout,
	          descriptor(b, MANIFEST,
	                     ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"it\"}")
	                  .p);
}

TEST_UNUSED static int test_layout_remove(void **state)
{
	arena_release(&test_arena);
	return test_folder_remove(state);
}
