/* Any JSON as index, manifest, configuration or `docker save` list. The first byte says
 * which; what leads there is made sound around it, digests included. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "core/limits.h"
#include "image/container.h"
#include "image/copy.h"
#include "image/stream.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A member of the archive: a ustar header (POSIX.1-1988), the content, padding. */
static bool member(int fd, const char *name, struct str bytes)
{
	static const char zeros[512];
	char header[512] = {0};
	struct err e = ERR_INIT;
	unsigned sum = 0;
	snprintf(header, 100, "%s", name);
	snprintf(header + 100, 8, "%07o", 0644);
	snprintf(header + 124, 12, "%011zo", bytes.n);
	header[156] = '0';
	memcpy(header + 257, "ustar", 6);
	memset(header + 148, ' ', 8);
	for (unsigned i = 0; i < sizeof header; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	return fd_write_all(fd, header, sizeof header, &e) &&
	       fd_write_all(fd, bytes.p, bytes.n, &e) &&
	       fd_write_all(fd, zeros, (512 - bytes.n % 512) % 512, &e);
}

static struct str blob(int fd, struct str bytes, struct arena *a)
{
	struct str digest = sha256_of(bytes, a);
	char name[100];
	snprintf(name, sizeof name, "blobs/sha256/%s", digest.p + 7);
	return member(fd, name, bytes) ? digest : STR("");
}

static struct str index_of(struct str digest, size_t size_bytes, struct arena *a)
{
	return arena_printf(a, "{\"manifests\":[{\"digest\":\"%s\",\"size\":%zu}]}", digest.p,
	                    size_bytes);
}

static void write_archive(int fd, uint8_t kind, struct str json, struct arena *a)
{
	struct str digest, manifest;
	switch (kind % 4) {
	case 0:
		member(fd, "oci-layout", STR("{}"));
		member(fd, "index.json", json);
		return;
	case 1:
		digest = blob(fd, json, a);
		member(fd, "oci-layout", STR("{}"));
		member(fd, "index.json", index_of(digest, json.n, a));
		return;
	case 2:
		digest = blob(fd, json, a);
		manifest = arena_printf(a,
		                        "{\"schemaVersion\":2,\"layers\":[],\"config\":{\"digest\":"
		                        "\"%s\",\"size\":%zu}}",
		                        digest.p, json.n);
		digest = blob(fd, manifest, a);
		member(fd, "oci-layout", STR("{}"));
		member(fd, "index.json", index_of(digest, manifest.n, a));
		return;
	default:
		member(fd, "manifest.json", json);
		member(fd, "c.json", STR("{\"rootfs\":{\"diff_ids\":[]}}"));
	}
}

/* What is handed on is what it says, and nothing twice. */
static bool take_blob(void *context, const struct copied_blob *blob, struct err *e)
{
	struct arena *a = context;
	struct str bytes;
	if (!source_read_all(blob->source, LIMIT_JSON_BYTES, a, &bytes, e))
		return false;
	if (!str_eq(sha256_of(bytes, a), blob->digest))
		abort();
	return true;
}

static bool take_manifest(void *context, const struct copied_manifest *m, struct err *e)
{
	(void)e;
	if (!str_eq(sha256_of(m->bytes, context), m->digest))
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct store none = {.dir_fd = -1};
	struct reference ref;
	struct image img;
	struct image_options options = {.platform = STR("linux/amd64")};
	CLEANUP_FD int fd = memfd_create("archive", MFD_CLOEXEC);
	if (size == 0 || fd < 0)
		return 0;
	write_archive(fd, data[0], (struct str){(const char *)data + 1, size - 1}, &a);
	struct str path = arena_printf(&a, "/proc/self/fd/%d", fd);
	if (!reference_parse(&ref, path, path_exists, &a, &e))
		abort();
	if (!image_open(&img, &ref, &none, &options, &a, &e) && e.code == ERR_NONE)
		abort();
	struct copy_taker taker = {take_blob, take_manifest, &a};
	for (unsigned i = 0; i < 2; i++) {
		e = (struct err)ERR_INIT;
		if (!image_copy(&ref, &options, &taker, &a, &e) && e.code == ERR_NONE)
			abort();
		options.platform = STR_NONE;
	}
	arena_release(&a);
	return 0;
}
