/* testing: what the tests of this floor share. Tars made byte by byte (also such as no tool
 * writes), packing, a folder that goes away, layouts out of text. Included by tests alone. */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "core/buf.h"
#include "core/limits.h"
#include "image/stream.h"
#include "os/file.h"

#define TEST_UNUSED __attribute__((unused))

/* ---- Folders ---- */

static char test_root[64];

static int test_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

/* Group set-up: a folder of its own, and the store in it. */
TEST_UNUSED static int test_folder_make(void **state)
{
	(void)state;
	snprintf(test_root, sizeof test_root, "/tmp/socle-test.XXXXXX");
	if (!mkdtemp(test_root))
		return -1;
	char cache[sizeof test_root + 8];
	snprintf(cache, sizeof cache, "%s/cache", test_root);
	return setenv("SOCLE_CACHE", cache, 1);
}

TEST_UNUSED static int test_folder_remove(void **state)
{
	(void)state;
	return nftw(test_root, test_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* PATH below the test's folder, in a small ring of buffers. */
TEST_UNUSED static char *test_path(const char *path)
{
	static char room[8][512];
	static unsigned next;
	char *p = room[next++ % 8];
	snprintf(p, sizeof room[0], "%s/%s", test_root, path);
	return p;
}

TEST_UNUSED static void test_write(const char *path, const void *p, size_t n)
{
	struct err e = ERR_INIT;
	char *full = test_path(path);
	char *slash = strrchr(full, '/');
	*slash = '\0';
	assert_true(folder_make(full, &e));
	*slash = '/';
	int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, p, n, &e));
	close(fd);
}

TEST_UNUSED static void test_write_buf(const char *path, const struct buf *b)
{
	test_write(path, b->p, b->n);
}

/* ---- Tars ---- */

#define TEST_BUF BUF_INIT(1u << 30)

TEST_UNUSED static void test_append(struct buf *b, const void *p, size_t n)
{
	struct err e = ERR_INIT;
	assert_true(buf_append(b, p, n, &e));
}

static void tar_checksum(uint8_t header[512])
{
	unsigned sum = 0;
	memset(header + 148, ' ', 8);
	for (unsigned i = 0; i < 512; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
}

/* A header that says `size`, whatever follows. */
static void tar_header(struct buf *b, char type, const char *name, const char *link, unsigned mode,
                       uint64_t size)
{
	uint8_t header[512] = {0};
	memcpy(header, name, strnlen(name, 100));
	snprintf((char *)header + 100, 8, "%07o", mode);
	snprintf((char *)header + 108, 8, "%07o", 0);
	snprintf((char *)header + 116, 8, "%07o", 0);
	snprintf((char *)header + 124, 12, "%011llo", (unsigned long long)size & 077777777777);
	snprintf((char *)header + 136, 12, "%011o", 1700000000);
	header[156] = (uint8_t)type;
	if (link)
		memcpy(header + 157, link, strnlen(link, 100));
	memcpy(header + 257, "ustar\0" "00", 8);
	tar_checksum(header);
	test_append(b, header, sizeof header);
}

static void tar_content_of(struct buf *b, const void *p, size_t n)
{
	static const uint8_t zeros[512];
	test_append(b, p, n);
	if (n % 512)
		test_append(b, zeros, 512 - n % 512);
}

TEST_UNUSED static void tar_file(struct buf *b, const char *name, const void *p, size_t n)
{
	tar_header(b, '0', name, NULL, 0644, n);
	tar_content_of(b, p, n);
}

TEST_UNUSED static void tar_text(struct buf *b, const char *name, const char *text)
{
	tar_file(b, name, text, strlen(text));
}

TEST_UNUSED static void tar_dir(struct buf *b, const char *name)
{
	tar_header(b, '5', name, NULL, 0755, 0);
}

TEST_UNUSED static void tar_symlink(struct buf *b, const char *name, const char *target)
{
	tar_header(b, '2', name, target, 0777, 0);
}

TEST_UNUSED static void tar_hardlink(struct buf *b, const char *name, const char *target)
{
	tar_header(b, '1', name, target, 0644, 0);
}

/* Extended headers (POSIX pax) for the entry that follows: "KEY=VALUE" each. */
TEST_UNUSED static void tar_pax(struct buf *b, const char *const *records)
{
	char text[8192];
	size_t n = 0;
	for (; *records; records++) {
		size_t body = strlen(*records) + 2, total = body + 1;
		char digits[16];
		while ((size_t)snprintf(digits, sizeof digits, "%zu", total) + body != total)
			total++;
		n += (size_t)snprintf(text + n, sizeof text - n, "%zu %s\n", total, *records);
	}
	tar_header(b, 'x', "pax", NULL, 0644, n);
	tar_content_of(b, text, n);
}

TEST_UNUSED static void tar_end(struct buf *b)
{
	static const uint8_t zeros[1024];
	test_append(b, zeros, sizeof zeros);
}

/* ---- Packing ---- */

TEST_UNUSED static void pack_gzip(const void *p, size_t n, struct buf *out)
{
	struct err e = ERR_INIT;
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	size_t bound = deflateBound(&z, n);
	assert_true(buf_reserve(out, bound, &e));
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = out->p + out->n;
	z.avail_out = (uInt)bound;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += z.total_out;
	deflateEnd(&z);
}

TEST_UNUSED static void pack_zstd(const void *p, size_t n, struct buf *out)
{
	struct err e = ERR_INIT;
	size_t bound = ZSTD_compressBound(n);
	assert_true(buf_reserve(out, bound, &e));
	size_t made = ZSTD_compress(out->p + out->n, bound, p, n, 3);
	assert_false(ZSTD_isError(made));
	out->n += made;
}

TEST_UNUSED static void pack_xz(const void *p, size_t n, struct buf *out)
{
	struct err e = ERR_INIT;
	size_t bound = lzma_stream_buffer_bound(n), made = 0;
	assert_true(buf_reserve(out, bound, &e));
	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, p, n, out->p + out->n,
	                                         &made, bound),
	                 LZMA_OK);
	out->n += made;
}

/* A descriptor without a name that holds the bytes. */
TEST_UNUSED static int test_fd(const void *p, size_t n)
{
	struct err e = ERR_INIT;
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, p, n, &e));
	return fd;
}
