/* ld.so.cache: files made here byte by byte, after sysdeps/generic/dl-cache.h of glibc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/buf.h"
#include "elf/elf.h"
#include "predict/glibc_cache.h"

enum { AMD64 = 0x0303, ARM64 = 0x0a03 };

struct line {
	uint32_t flags;
	const char *name, *path;
	unsigned hwcap; /* 1 + index of a folder of glibc-hwcaps; 0: none */
};

static void put(struct buf *b, const void *data, size_t n)
{
	struct err e;
	if (!buf_append(b, data, n, &e))
		fail_msg("%s", e.message);
}

static void put_u32(struct buf *b, uint32_t v)
{
	put(b, &(uint8_t[4]){(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)}, 4);
}

/* cache_file_new, its entries, the strings, and the extension that names hwcaps folders. */
static struct str cache_of(struct arena *a, const struct line *lines, size_t count,
                           const char *const *folders, size_t folder_count)
{
	struct buf b = BUF_INIT(1 << 20), strings = BUF_INIT(1 << 20);
	uint32_t at = 48 + 24 * (uint32_t)count, folder_at[4];
	put(&b, "glibc-ld.so.cache1.1", 20);
	put_u32(&b, (uint32_t)count);
	put_u32(&b, 0);
	put(&b, "\2\0\0\0", 4); /* little-endian */
	size_t extension_at = b.n;
	put_u32(&b, 0);
	put(&b, (char[12]){0}, 12);
	for (size_t i = 0; i < count; i++) {
		put_u32(&b, lines[i].flags);
		put_u32(&b, at + (uint32_t)strings.n);
		put(&strings, lines[i].name, strlen(lines[i].name) + 1);
		put_u32(&b, at + (uint32_t)strings.n);
		put(&strings, lines[i].path, strlen(lines[i].path) + 1);
		put_u32(&b, 0);
		put_u32(&b, lines[i].hwcap ? lines[i].hwcap - 1 : 0);
		put_u32(&b, lines[i].hwcap ? 1u << 30 : 0); /* DL_CACHE_HWCAP_EXTENSION */
	}
	for (size_t i = 0; i < folder_count; i++) {
		folder_at[i] = at + (uint32_t)strings.n;
		put(&strings, folders[i], strlen(folders[i]) + 1);
	}
	put(&b, strings.p, strings.n);
	while (b.n % 4)
		put(&b, "", 1);
	if (folder_count) {
		uint32_t extension = (uint32_t)b.n, table = extension + 8 + 16;
		memcpy(b.p + extension_at, &extension, 4); /* this machine is little-endian too */
		put_u32(&b, 0xeaa42174);
		put_u32(&b, 1);
		put_u32(&b, 1); /* cache_extension_tag_glibc_hwcaps */
		put_u32(&b, 0);
		put_u32(&b, table);
		put_u32(&b, 4 * (uint32_t)folder_count);
		for (size_t i = 0; i < folder_count; i++)
			put_u32(&b, folder_at[i]);
	}
	struct str made = arena_str(a, buf_str(&b));
	buf_release(&b);
	buf_release(&strings);
	return made;
}

static const struct line libraries[] = {
	{AMD64, "libz.so.1", "/l/v4/libz.so.1", 3},
	{AMD64, "libz.so.1", "/l/v2/libz.so.1", 1},
	{AMD64, "libz.so.1", "/l/v3/libz.so.1", 2},
	{AMD64, "libz.so.1", "/l/libz.so.1", 0},
	{ARM64, "libz.so.1", "/arm/libz.so.1", 0},
	{AMD64, "libz.so.1", "/second/libz.so.1", 0},
	{AMD64, "liba.so.12", "/l/liba.so.12", 0},
};
static const char *const folders[] = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};

static void test_lookup(void **state)
{
	static const struct {
		const char *name;
		uint16_t machine;
		unsigned level;
		const char *path; /* NULL: not there */
	} wanted[] = {
		{"libz.so.1", ELF_X86_64, 0, "/l/libz.so.1"},
		{"libz.so.1", ELF_X86_64, 1, "/l/libz.so.1"},
		{"libz.so.1", ELF_X86_64, 2, "/l/v2/libz.so.1"},
		{"libz.so.1", ELF_X86_64, 3, "/l/v3/libz.so.1"},
		{"libz.so.1", ELF_X86_64, 4, "/l/v4/libz.so.1"},
		{"libz.so.1", ELF_AARCH64, 4, "/arm/libz.so.1"},
		{"libz.so.1", ELF_386, 4, NULL},
		{"libz.so.01", ELF_X86_64, 1, "/l/libz.so.1"}, /* numbers compare by value */
		{"libz.so.2", ELF_X86_64, 1, NULL},
		{"libz.so.11", ELF_X86_64, 1, NULL},
		{"libz.so", ELF_X86_64, 1, NULL},
		{"liba.so.12", ELF_X86_64, 1, "/l/liba.so.12"},
		{"", ELF_X86_64, 1, NULL},
	};
	(void)state;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct libc_cache cache;
	struct str bytes = cache_of(&a, libraries, sizeof libraries / sizeof *libraries, folders, 3), path;
	assert_true(libc_cache_parse(&cache, bytes, &a, &e));
	assert_int_equal(cache.count, sizeof libraries / sizeof *libraries);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		bool found = libc_cache_find(&cache, str_of(wanted[i].name), wanted[i].machine,
		                             wanted[i].level, &path);
		if (found != (wanted[i].path != NULL) || (found && !str_eq(path, str_of(wanted[i].path))))
			fail_msg("%s, level %u: %.*s", wanted[i].name, wanted[i].level,
			         STR_ARG(found ? path : STR("not found")));
	}
	arena_release(&a);
}

/* The format of glibc 2.2 behind that of libc5: CACHEMAGIC, aligned to 8. */
static void test_old_part(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(1 << 20);
	struct libc_cache cache;
	struct str new = cache_of(&a, libraries, 1, NULL, 0), path;
	put(&b, "ld.so-1.7.0\0", 12);
	put_u32(&b, 1);
	put(&b, (char[16]){0}, 16); /* one entry of 12 bytes, and what aligns */
	put(&b, new.p, new.n);
	assert_true(libc_cache_parse(&cache, buf_str(&b), &a, &e));
	assert_int_equal(cache.count, 1);
	/* The folder of its only entry has no name: nobody may use it. */
	assert_false(libc_cache_find(&cache, STR("libz.so.1"), ELF_X86_64, 4, &path));
	buf_release(&b);
	arena_release(&a);
}

static void test_damage(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct libc_cache cache;
	struct str whole = cache_of(&a, libraries, sizeof libraries / sizeof *libraries, folders, 3);
	assert_false(libc_cache_parse(&cache, STR("ld.so-1.7.0"), &a, &e));
	assert_false(libc_cache_parse(&cache, STR("nothing"), &a, &e));
	assert_string_equal(e.message, "ld.so.cache: not in the format of glibc 2.2 or later");
	assert_false(libc_cache_parse(&cache, str_slice(whole, 0, 100), &a, &e));
	assert_string_equal(e.message, "ld.so.cache: 7 entries do not fit into the file");
	/* Without its strings: every entry is passed over, as ld.so does. */
	assert_true(libc_cache_parse(&cache, str_slice(whole, 0, 48 + 24 * 7), &a, &e));
	assert_int_equal(cache.count, 0);
	for (size_t n = 0; n < whole.n; n++)
		if (libc_cache_parse(&cache, str_slice(whole, 0, n), &a, &e))
			assert_true(cache.count <= 7);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_old_part),
		cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
