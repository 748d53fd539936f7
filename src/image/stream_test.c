/* Streams: each packing, members and frames in a row, damage, limits, threads. */
#include "image/testing.h"

typedef void packer(const void *p, size_t n, struct buf *out);

static const struct {
	const char *name;
	packer *pack;
	enum packing packing;
} packings[] = {
	{"gzip", pack_gzip, PACKING_GZIP},
	{"zstd", pack_zstd, PACKING_ZSTD},
	{"xz", pack_xz, PACKING_XZ},
};
enum { PACKINGS = sizeof packings / sizeof *packings };

/* Text that packs, but not to nothing. */
static void make_plain(struct buf *b, size_t n)
{
	uint32_t x = 1;
	struct err e = ERR_INIT;
	assert_true(buf_reserve(b, n, &e));
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		b->p[b->n++] = (uint8_t)("etaoin shrdlu\n.,"[x >> 28]);
	}
}

/* Unpacks all, in reads of `step` bytes. */
static bool unpack(const struct buf *packed, size_t step, struct buf *out, struct err *e)
{
	CLEANUP_FD int fd = test_fd(packed->p, packed->n);
	enum packing packing = packing_of(buf_str(packed));
	struct stream *raw = stream_source((struct source){fd, 0, packed->n});
	CLEANUP_STREAM struct stream *s = stream_unpack(raw, packing, e);
	size_t n = 1;
	while (s && n > 0) {
		if (!buf_reserve(out, step, e) || !s->read(s, out->p + out->n, step, &n, e))
			return false;
		out->n += n;
	}
	return s != NULL;
}

static void what_was_packed_comes_out(void **state)
{
	(void)state;
	static const size_t steps[] = {1, 7, 4096, 300000};
	CLEANUP_BUF struct buf plain = TEST_BUF;
	make_plain(&plain, 200000);
	for (size_t i = 0; i < PACKINGS; i++) {
		CLEANUP_BUF struct buf packed = TEST_BUF;
		packings[i].pack(plain.p, plain.n, &packed);
		assert_int_equal(packing_of(buf_str(&packed)), packings[i].packing);
		for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
			CLEANUP_BUF struct buf out = TEST_BUF;
			struct err e = ERR_INIT;
			assert_true(unpack(&packed, steps[j], &out, &e));
			assert_true(str_eq(buf_str(&plain), buf_str(&out)));
		}
	}
}

static void members_in_a_row_and_padding_are_read(void **state)
{
	(void)state;
	static const uint8_t zeros[600], skippable[] = "\x5a\x2a\x4d\x18\x03\0\0\0abc";
	for (size_t i = 0; i < PACKINGS; i++) {
		CLEANUP_BUF struct buf packed = TEST_BUF;
		CLEANUP_BUF struct buf out = TEST_BUF;
		struct err e = ERR_INIT;
		if (packings[i].packing == PACKING_ZSTD)
			test_append(&packed, skippable, sizeof skippable - 1);
		packings[i].pack("one", 3, &packed);
		packings[i].pack("", 0, &packed);
		packings[i].pack("two", 3, &packed);
		test_append(&packed, zeros, sizeof zeros);
		assert_true(unpack(&packed, 100, &out, &e));
		assert_true(str_eq(buf_str(&out), STR("onetwo")));
	}
}

static void every_cut_is_told(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf plain = TEST_BUF;
	make_plain(&plain, 3000);
	for (size_t i = 0; i < PACKINGS; i++) {
		CLEANUP_BUF struct buf packed = TEST_BUF;
		packings[i].pack(plain.p, plain.n, &packed);
		size_t whole = packed.n;
		for (size_t n = PACKING_MAGIC_BYTES; n < whole; n++) {
			CLEANUP_BUF struct buf out = TEST_BUF;
			struct err e = ERR_INIT;
			packed.n = n;
			if (unpack(&packed, 4096, &out, &e))
				fail_msg("%s cut at %zu of %zu", packings[i].name, n, whole);
			assert_int_equal(e.code, ERR_INPUT);
			assert_non_null(strstr(e.message, packings[i].name));
			assert_non_null(strstr(e.message, "offset"));
		}
	}
}

/* gzip and xz carry checksums; zstd's is an option that images use seldom. */
static void damage_is_told(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf plain = TEST_BUF;
	make_plain(&plain, 3000);
	for (size_t i = 0; i < PACKINGS; i++) {
		CLEANUP_BUF struct buf packed = TEST_BUF;
		packings[i].pack(plain.p, plain.n, &packed);
		for (size_t at = 12; at < packed.n; at += 5) {
			CLEANUP_BUF struct buf out = TEST_BUF;
			struct err e = ERR_INIT;
			packed.p[at] ^= 0x24;
			bool ok = unpack(&packed, 4096, &out, &e);
			if (ok && packings[i].packing != PACKING_ZSTD)
				fail_msg("%s damaged at %zu", packings[i].name, at);
			packed.p[at] ^= 0x24;
		}
	}
}

static void something_else_behind_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < PACKINGS; i++) {
		CLEANUP_BUF struct buf packed = TEST_BUF;
		CLEANUP_BUF struct buf out = TEST_BUF;
		struct err e = ERR_INIT;
		packings[i].pack("one", 3, &packed);
		test_append(&packed, "something else", 14);
		assert_false(unpack(&packed, 100, &out, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void bzip2_is_refused_with_the_cure(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf packed = TEST_BUF;
	CLEANUP_BUF struct buf out = TEST_BUF;
	struct err e = ERR_INIT;
	test_append(&packed, "BZh91AY&SY", 10);
	assert_false(unpack(&packed, 100, &out, &e));
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e.message, "bunzip2"));
}

/* A window of a gigabyte is asked for by a few bytes (RFC 8878, 3.1.1.1.2). */
static void greedy_frames_are_refused(void **state)
{
	(void)state;
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0, 0};
	CLEANUP_BUF struct buf packed = TEST_BUF;
	CLEANUP_BUF struct buf out = TEST_BUF;
	struct err e = ERR_INIT;
	test_append(&packed, frame, sizeof frame);
	assert_false(unpack(&packed, 100, &out, &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.message, "too much memory"));
}

static void bombs_end_at_the_limit(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf plain = TEST_BUF;
	CLEANUP_BUF struct buf packed = TEST_BUF;
	struct err e = ERR_INIT;
	assert_true(buf_reserve(&plain, 50 << 20, &e));
	memset(plain.p, 0, 50 << 20);
	pack_gzip(plain.p, 50 << 20, &packed);
	assert_true(packed.n < 100000);

	CLEANUP_FD int fd = test_fd(packed.p, packed.n);
	struct stream *raw = stream_source((struct source){fd, 0, packed.n});
	CLEANUP_STREAM struct stream *s =
		stream_limit(stream_unpack(raw, PACKING_GZIP, &e), 1 << 20);
	char room[65536];
	size_t n = 1, total = 0;
	while (s->read(s, room, sizeof room, &n, &e))
		total += n;
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(total <= 1 << 20);
	assert_non_null(strstr(e.message, "1048576 bytes"));
}

static void parts_of_a_file_are_read(void **state)
{
	(void)state;
	CLEANUP_FD int fd = test_fd("0123456789", 10);
	char room[16];
	size_t n;
	struct err e = ERR_INIT;
	CLEANUP_STREAM struct stream *s = stream_source((struct source){fd, 3, 4});
	assert_true(stream_fill(s, room, sizeof room, &n, &e));
	assert_true(str_eq((struct str){room, n}, STR("3456")));

	CLEANUP_STREAM struct stream *beyond = stream_source((struct source){fd, 8, 4});
	assert_false(stream_fill(beyond, room, sizeof room, &n, &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_string_equal(e.message, "ends at offset 10, 2 bytes early");
}

static void digests_are_those_of_the_bytes(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	/* FIPS 180-4, "abc" */
	assert_string_equal(
		sha256_of(STR("abc"), &a).p,
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CLEANUP_FD int fd = test_fd("abc", 3);
	CLEANUP_SHA256 struct sha256 *h = sha256_new();
	CLEANUP_STREAM struct stream *s =
		stream_digest(stream_source((struct source){fd, 0, 3}), h);
	char room[2];
	size_t n = 1;
	struct err e = ERR_INIT;
	while (n > 0)
		assert_true(s->read(s, room, sizeof room, &n, &e));
	assert_true(str_eq(sha256_final(h, &a), sha256_of(STR("abc"), &a)));
}

static void a_pump_gives_what_its_stream_gives(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf plain = TEST_BUF;
	CLEANUP_BUF struct buf out = TEST_BUF;
	make_plain(&plain, 3000000);
	CLEANUP_FD int fd = test_fd(plain.p, plain.n);
	CLEANUP_PUMP struct pump *p = pump_start(stream_source((struct source){fd, 0, plain.n}));
	struct str block;
	struct err e = ERR_INIT;
	do {
		assert_true(pump_next(p, &block, &e));
		test_append(&out, block.p, block.n);
	} while (block.n > 0);
	assert_true(str_eq(buf_str(&plain), buf_str(&out)));
	assert_true(pump_next(p, &block, &e) && block.n == 0);
}

/* Whatever the reader's pieces are. */
static void reading_ahead_changes_nothing(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str bytes = {arena_alloc(&a, 3000001), 3000001};
	for (size_t i = 0; i < bytes.n; i++)
		((char *)(uintptr_t)bytes.p)[i] = (char)(i * 7 + i / 251);
	static const size_t pieces[] = {1000, 65536, 262144, 262145, 4000000};
	for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
		CLEANUP_STREAM struct stream *s =
			stream_ahead(stream_source(source_bytes(bytes, &a)));
		char *room = arena_alloc(&a, pieces[k]);
		struct err e = ERR_INIT;
		size_t n = 1, at = 0;
		for (; n > 0; at += n) {
			assert_true(s->read(s, room, pieces[k], &n, &e));
			assert_true(at + n <= bytes.n && memcmp(room, bytes.p + at, n) == 0);
		}
		assert_int_equal(at, bytes.n);
		assert_true(s->read(s, room, pieces[k], &n, &e) && n == 0);
	}
}

static void a_pump_tells_errors_and_may_be_closed_at_any_time(void **state)
{
	(void)state;
	CLEANUP_FD int fd = test_fd("0123456789", 10);
	struct str block;
	struct err e = ERR_INIT;
	struct pump *p = pump_start(stream_source((struct source){fd, 0, 11}));
	assert_false(pump_next(p, &block, &e));
	assert_int_equal(e.code, ERR_INPUT);
	pump_close(&p);

	CLEANUP_BUF struct buf plain = TEST_BUF;
	make_plain(&plain, 5000000);
	CLEANUP_FD int long_fd = test_fd(plain.p, plain.n);
	for (int i = 0; i < 50; i++) {
		p = pump_start(stream_source((struct source){long_fd, 0, plain.n}));
		for (int j = 0; j < i % 4; j++)
			assert_true(pump_next(p, &block, &e));
		pump_close(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(members_in_a_row_and_padding_are_read),
		cmocka_unit_test(every_cut_is_told),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(something_else_behind_is_refused),
		cmocka_unit_test(bzip2_is_refused_with_the_cure),
		cmocka_unit_test(greedy_frames_are_refused),
		cmocka_unit_test(bombs_end_at_the_limit),
		cmocka_unit_test(parts_of_a_file_are_read),
		cmocka_unit_test(digests_are_those_of_the_bytes),
		cmocka_unit_test(a_pump_gives_what_its_stream_gives),
		cmocka_unit_test(reading_ahead_changes_nothing),
		cmocka_unit_test(a_pump_tells_errors_and_may_be_closed_at_any_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
