/* Which package a file belongs to, by the records of dpkg, Distroless and apk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/owner.h"
#include "needs/app_test.h"

static void records_name_the_owner(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct app_file files[] = {
		{.path = "usr/lib/x86_64-linux-gnu/libz.so.1.3.1", .text = ""},
		{.path = "usr/lib/libpq.so.5.16", .text = ""},
		{.path = "usr/lib/libpq.so.5", .link = "libpq.so.5.16"},
		{.path = "lib/libssl.so.3", .text = ""},
		{.path = "usr/lib/libgone.so.1", .text = ""},
		/* A merged /usr: dpkg wrote the name that the package had. */
		{.path = "var/lib/dpkg/info/zlib1g:amd64.list",
		 .text = "/.\n/lib\n/lib/x86_64-linux-gnu/libz.so.1.3.1\n"},
		{.path = "var/lib/dpkg/status.d/libssl3t64.md5sums",
		 .text = "0123456789abcdef0123456789abcdef  lib/libssl.so.3\n"},
		{.path = "lib/apk/db/installed",
		 .text = "P:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\n"
		         "P:other\nF:usr/share\nR:libpq.so.5.16\n\n"
		         "P:libpq\nV:16.4\nF:usr\nF:usr/lib\nR:libpq.so.5\nR:libpq.so.5.16\nZ:Q1=\n"},
		{0},
	};
	static const struct {
		const char *file, *owner;
	} rows[] = {
		{"/usr/lib/x86_64-linux-gnu/libz.so.1.3.1", "the Debian package zlib1g"},
		{"/lib/libssl.so.3", "the Debian package libssl3t64"},
		{"/usr/lib/libpq.so.5", "the Alpine package libpq"},
		{"/usr/lib/libgone.so.1", ""},
	};
	struct tree t = app_of(files, &a);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str owner = owner_of(&t, tree_find(&t, str_of(rows[i].file)), &a);
		if (!str_eq(owner, str_of(rows[i].owner)))
			fail_msg("%s: \"%.*s\"", rows[i].file, STR_ARG(owner));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(records_name_the_owner)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
