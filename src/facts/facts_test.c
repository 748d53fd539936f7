/* Facts records: what goes in comes out, and damage is seen. Paths and kept files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "core/limits.h"
#include "facts/facts.h"
#include "facts/record.h"

static const struct entry samples[] = {
	{.path = STR_INIT(""), .type = ENTRY_DIR, .mode = 0755},
	{.path = STR_INIT("etc/os-release"),
         .type = ENTRY_FILE,
         .mode = 0644,
         .uid = 1,
         .gid = 4000000000u,
         .mtime_s = -5,
         .size_bytes = 11},
	{.path = STR_INIT("bin/sh"), .type = ENTRY_SYMLINK, .mode = 0777, .link = STR_INIT("dash")},
	{.path = STR_INIT("bin/l\xe9"), .type = ENTRY_HARDLINK, .link = STR_INIT("etc/os-release")},
	{.path = STR_INIT("bin/x"),
         .type = ENTRY_FILE,
         .mode = 04755,
         .size_bytes = 1ull << 40,
         .shebang = STR_INIT("/bin/sh -e")},
	{.path = STR_INIT("lib/bad.so"),
         .type = ENTRY_FILE,
         .size_bytes = 3,
         .elf_error = STR_INIT("cut short")},
	{.path = STR_INIT("gone"), .type = ENTRY_WHITEOUT},
	{.path = STR_INIT("etc"), .type = ENTRY_OPAQUE},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

/* Twice: one kept file that packs and one that does not. */
static void build(struct buf *record)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct facts_builder *b = facts_builder_new(&a);
	char many[4000];
	memset(many, 'x', sizeof many);
	struct str packs = {many, sizeof many}, plain = STR("NAME=Alpine"), gist = STR("short");
	for (size_t i = 0; i < SAMPLES; i++)
		assert_true(facts_builder_add_gist(b, &samples[i], NULL,
		                                   i == 1   ? &plain
		                                   : i == 4 ? &packs
		                                            : NULL,
		                                   i == 3 || i == 4 ? &gist : NULL, &e));
	assert_true(facts_builder_encode(b, STR("sha256:abc"), 77, record, &e));
	facts_builder_release(b);
}

static void records_give_back_what_was_put_in(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	struct err e = ERR_INIT;
	struct facts f;
	build(&record);
	assert_true(facts_open(&f, buf_str(&record), &a, &e));

	assert_true(str_eq(f.diff_id, STR("sha256:abc")));
	assert_int_equal(f.compressed_bytes, 77);
	assert_int_equal(f.unpacked_bytes, 11 + 3 + (1ull << 40));
	assert_int_equal(f.entry_count, SAMPLES);
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct entry *in = &samples[i], *out = &f.entries[i];
		assert_true(str_eq(in->path, out->path));
		assert_true(str_eq(in->link, out->link));
		assert_true(str_eq(in->shebang, out->shebang));
		assert_true(str_eq(in->elf_error, out->elf_error));
		assert_int_equal(in->type, out->type);
		assert_int_equal(in->mode, out->mode);
		assert_int_equal(in->uid, out->uid);
		assert_int_equal(in->gid, out->gid);
		assert_int_equal(in->mtime_s, out->mtime_s);
		assert_int_equal(in->size_bytes, out->size_bytes);
	}

	struct str content;
	assert_true(facts_kept(&f, &f.entries[1], &content));
	assert_true(str_eq(content, STR("NAME=Alpine")));
	assert_true(facts_kept(&f, &f.entries[4], &content));
	assert_int_equal(content.n, 4000);
	assert_int_equal(content.p[3999], 'x');
	assert_false(facts_kept(&f, &f.entries[2], &content));
	assert_null(facts_elf(&f, &f.entries[1]));

	for (size_t i = 0; i < SAMPLES; i++)
		assert_int_equal(facts_gist(&f, &f.entries[i], &content), i == 3 || i == 4);
	assert_true(facts_gist(&f, &f.entries[4], &content));
	assert_true(str_eq(content, STR("short")));
	assert_false(facts_kept(&f, &f.entries[3], &content));
}

static void equal_input_gives_equal_records(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf first = BUF_INIT(LIMIT_RECORD_BYTES);
	CLEANUP_BUF struct buf second = BUF_INIT(LIMIT_RECORD_BYTES);
	build(&first);
	build(&second);
	assert_true(str_eq(buf_str(&first), buf_str(&second)));
}

static void every_flipped_bit_and_every_cut_is_seen(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	build(&record);
	for (size_t bit = 0; bit < record.n * 8; bit++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct facts f;
		record.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_false(facts_open(&f, buf_str(&record), &a, &e));
		assert_int_equal(e.code, ERR_INPUT);
		record.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	for (size_t n = 0; n < record.n; n++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct facts f;
		assert_false(facts_open(&f, (struct str){(char *)record.p, n}, &a, &e));
	}
}

/* With a sound checksum, lies in the fields still lead nowhere. */
static void lying_fields_are_refused(void **state)
{
	(void)state;
	static const struct {
		size_t off;
		unsigned width;
		uint64_t value;
	} lies[] = {
		{HEADER_ENTRY_COUNT, 4, 0xffffffff},
		{HEADER_STRINGS_BYTES, 4, 0xffffffff},
		{HEADER_ELF_COUNT, 4, 0xffffffff},
		{HEADER_KEPT_COUNT, 4, 0xffffffff},
		{HEADER_DIFF_ID, 4, 0xfffffff0},
		{HEADER_VERSION, 4, FACTS_FORMAT_VERSION + 1},
		{RECORD_HEADER + REC_PATH, 4, 0xfffffff0},
		{RECORD_HEADER + REC_PATH_BYTES, 2, 0xffff},
		{RECORD_HEADER + REC_TYPE, 1, 0},
		{RECORD_HEADER + REC_TYPE, 1, 99},
		{RECORD_HEADER + REC_ELF_INDEX, 4, 1},
		{RECORD_HEADER + REC_KEPT_INDEX, 4, 5},
		{RECORD_HEADER + REC_GIST_INDEX, 4, 5},
		{RECORD_HEADER + SAMPLES * RECORD_ENTRY + BLOB_OFFSET, 4, 0x7fffffff},
		{RECORD_HEADER + SAMPLES * RECORD_ENTRY + BLOB_UNPACKED_BYTES, 4, 0x7fffffff},
	};
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
		struct err e = ERR_INIT;
		struct facts f;
		build(&record);
		put_le(record.p + lies[i].off, lies[i].value, lies[i].width);
		put_le(record.p + HEADER_CHECKSUM, record_checksum(record.p, record.n), 8);
		assert_false(facts_open(&f, buf_str(&record), &a, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void paths_are_normalised_or_refused(void **state)
{
	(void)state;
	static const struct {
		struct str in;
		const char *out; /* NULL: refused */
	} cases[] = {
		{STR_INIT("./usr//bin/../lib/"), "usr/lib"},
		{STR_INIT("/etc"), "etc"},
		{STR_INIT("./"), ""},
		{STR_INIT(""), ""},
		{STR_INIT("/"), ""},
		{STR_INIT("a/.."), ""},
		{STR_INIT("a/../b"), "b"},
		{STR_INIT("..."), "..."},
		{STR_INIT("a/..b"), "a/..b"},
		{STR_INIT("caf\xe9/x"), "caf\xe9/x"},
		{STR_INIT("../etc/passwd"), NULL},
		{STR_INIT("a/../../b"), NULL},
		{STR_INIT("/.."), NULL},
		{STR_INIT("a\0b"), NULL},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str path;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e = ERR_INIT;
		bool ok = facts_path(cases[i].in, &a, &path, &e);
		assert_int_equal(ok, cases[i].out != NULL);
		if (ok)
			assert_string_equal(path.p, cases[i].out);
		else
			assert_int_equal(e.code, ERR_INPUT);
	}

	struct err e = ERR_INIT;
	char long_name[LIMIT_PATH_BYTES];
	memset(long_name, 'x', sizeof long_name);
	assert_true(facts_path((struct str){long_name, 255}, &a, &path, &e));
	assert_false(facts_path((struct str){long_name, 256}, &a, &path, &e));
	memset(long_name, '/', sizeof long_name);
	assert_true(facts_path((struct str){long_name, 4095}, &a, &path, &e));
	assert_false(facts_path((struct str){long_name, 4096}, &a, &path, &e));
}

static void kept_files_are_told_by_their_path(void **state)
{
	(void)state;
	static const char *const kept[] = {
		"etc/os-release",
		"etc/ld.so.conf.d/x86_64-linux-gnu.conf",
		"etc/ld-musl-x86_64.path",
		"var/lib/dpkg/status",
		"var/lib/dpkg/status.d/libc6",
		"var/lib/dpkg/info/libc6:amd64.list",
		"lib/apk/db/installed",
		"usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA",
		"usr/lib/python3/dist-packages/old-1.0.egg-info",
		"app/node_modules/express/package.json",
		"opt/java/openjdk/release",
		"app/app.runtimeconfig.json",
	};
	static const char *const not_kept[] = {
		"etc/os-release.bak",   "var/lib/dpkg/info/libc6:amd64.postinst",
		"home/passwd",          "usr/share/METADATA",
		"usr/lib/os-release/x",
	};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		assert_true(facts_keeps(str_of(kept[i]), 100));
	for (size_t i = 0; i < sizeof not_kept / sizeof *not_kept; i++)
		assert_false(facts_keeps(str_of(not_kept[i]), 100));
	assert_false(facts_keeps(STR("etc/os-release"), LIMIT_KEPT_FILE_BYTES + 1));

	assert_true(facts_keeps_script(STR("/bin/sh -e"), 10));
	assert_true(facts_keeps_script(STR("/usr/bin/env bash"), 10));
	assert_true(facts_keeps_script(STR("/usr/bin/env -S bash -x"), 10));
	assert_false(facts_keeps_script(STR("/usr/bin/env"), 10));
	assert_false(facts_keeps_script(STR("/usr/bin/python3"), 10));
	assert_false(facts_keeps_script(STR(""), 10));
	assert_false(facts_keeps_script(STR("/bin/sh"), LIMIT_KEPT_SCRIPT_BYTES + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_give_back_what_was_put_in),
		cmocka_unit_test(equal_input_gives_equal_records),
		cmocka_unit_test(every_flipped_bit_and_every_cut_is_seen),
		cmocka_unit_test(lying_fields_are_refused),
		cmocka_unit_test(paths_are_normalised_or_refused),
		cmocka_unit_test(kept_files_are_told_by_their_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
