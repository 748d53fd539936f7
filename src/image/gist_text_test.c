/* Gists of well-known programs and of copyright files: what is told of which bytes. */
#include "elf/elf.h"
#include "image/gist.h"
#include "image/testing.h"

static void assert_gist(const char *path, struct str bytes, struct str head, const char *wanted)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf text = BUF_INIT(LIMIT_GIST_BYTES);
	struct err e = ERR_INIT;
	enum gist_kind kind = gist_wanted(str_of(path), bytes.n, head);
	assert_true(gist_make(kind, str_of(path), bytes, &text, &e));
	assert_string_equal(arena_cstr(&a, buf_str(&text)), wanted);
}

static void programs_tell_their_version(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		struct str bytes;
		const char *gist;
	} rows[] = {
		{"usr/local/bin/node", STR_INIT("\0node.js/v20.11.1\0"), "program\tnode\t20.11.1\n"},
		{"usr/local/bin/node", STR_INIT("node.js/v%s"), ""},
		{"bin/busybox", STR_INIT("BusyBox v1.36.1 (2024-06-12)"), "program\tbusybox\t1.36.1\n"},
		{"lib/libcrypto.so.3", STR_INIT("OpenSSL 1\0OpenSSL 3.0.13 30 Jan 2024\0"), "program\topenssl\t3.0.13\n"},
		{"lib/libcrypto.so.1.1", STR_INIT("OpenSSL 1.1.1w  11 Sep 2023\0"), "program\topenssl\t1.1.1w\n"},
		{"usr/sbin/nginx", STR_INIT("nginx version: nginx/1.25.3\n"), "program\tnginx\t1.25.3\n"},
		{"usr/local/lib/libpython3.12.so.1.0", STR_INIT("\0" "3.12\0" "3.11.9\0" "3.12.1\0"), "program\tpython\t3.12.1\n"},
		{"usr/bin/python3.12", STR_INIT("x3.12.1\0"), ""},
		{"usr/local/bin/ruby", STR_INIT("ruby 3.2.2 (2023-03-30 revision e51014f9c0)"), "program\truby\t3.2.2\n"},
		{"lib/libruby.so.3.1", STR_INIT("ruby 3.1.2p20 (2022-04-12)"), "program\truby\t3.1.2\n"},
		{"usr/local/sbin/haproxy", STR_INIT(" version 2.8.3-86e043a, released 2023/09/07"), "program\thaproxy\t2.8.3\n"},
		{"usr/sbin/mariadbd", STR_INIT("\0" "10.11.6-MariaDB-1:10.11.6+maria~ubu2204\0"), "program\tmariadb\t10.11.6\n"},
		{"usr/local/bin/redis-server", STR_INIT("\0" "7.0.3\0" "7.2.4\0" "7.2.4buildkitsandbox-1706000000000\0"), "program\tredis\t7.2.4\n"},
		{"usr/local/bin/redis-server", STR_INIT("\0" "7.0.3\0"), ""},
		{"usr/bin/redis-server", STR_INIT("\0" "7.2.45a3b-1706000000000000000\0" "7.2.4\0"), "program\tredis\t7.2.4\n"},
		{"lib/libz.so.1.3.1", STR_INIT(" deflate 1.3.1 Copyright 1995-2024"), "program\tzlib\t1.3.1\n"},
		{"lib/libsqlite3.so.0", STR_INIT("\0" "3.44.0\0"), "program\tsqlite\t3.44.0\n"},
		{"usr/lib/postgresql/15/bin/postgres", STR_INIT("postgres (PostgreSQL) 15.5 (Debian)\n"), "program\tpostgresql\t15.5\n"},
		{"app/unknown", STR_INIT("node.js/v20.11.1"), ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_gist(rows[i].path, rows[i].bytes, STR("\x7f" "ELF"), rows[i].gist);
	assert_gist("bin/node", STR("node.js/v20.11.1"), STR("no ELF"), "");
}

static void copyright_files_tell_licences(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text, *gist;
	} rows[] = {
		{"usr/share/doc/a/copyright",
		 "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n"
		 "License: GPL-2+ or MIT\n\nFiles: b\nLicense: ISC\n The text: License: no\n\nLicense: ISC\n",
		 "license\tGPL-2+ or MIT\nlicense\tISC\n"},
		{"usr/share/doc/a/copyright",
		 "either version 2 of the License, or any later\nversion. See /usr/share/common-licenses/GPL-2.\n"
		 "And `/usr/share/common-licenses/Apache-2.0', /usr/share/common-licenses/GPL-2 again.\n",
		 "common\tGPL-2+\ncommon\tApache-2.0\n"},
		{"usr/share/doc/a/copyright", "See /usr/share/common-licenses/GPL-2\n", "common\tGPL-2\n"},
		{"usr/share/doc/a/copyright", "Do what you want. License: x\n", ""},
		{"usr/share/doc/a/b/copyright", "/usr/share/common-licenses/GPL-2", ""},
		{"usr/share/doc/copyright", "/usr/share/common-licenses/GPL-2", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_gist(rows[i].path, str_of(rows[i].text), str_of(rows[i].text), rows[i].gist);
}

/* Each text might be the version that a build confirms: none may cost a search of all bytes. */
static void many_versions_take_linear_time(void **state)
{
	(void)state;
	enum { TEXTS = 400000, ROOM = 16 };
	CLEANUP_BUF struct buf bytes = BUF_INIT(TEXTS * ROOM), text = BUF_INIT(4096);
	struct err e = ERR_INIT;
	for (unsigned i = 0; i < TEXTS; i++) {
		char one[ROOM];
		int n = snprintf(one, sizeof one, "%c1.%u.%u", 0, i % 1000, i);
		assert_true(buf_append(&bytes, one, (size_t)n, &e));
	}
	assert_true(gist_program(STR("usr/bin/redis-server"), buf_str(&bytes), &text, &e));
	assert_int_equal(text.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_tell_their_version),
		cmocka_unit_test(copyright_files_tell_licences),
		cmocka_unit_test(many_versions_take_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
