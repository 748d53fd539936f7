/* Licences of Debian's packages as expressions of SPDX. */
#include "package/one_file_test.h"

#include "core/buf.h"
#include "package/formats.h"

static void names_become_identifiers(void **state)
{
	(void)state;
	static const struct {
		const char *gist, *expression;
	} rows[] = {
		{"license\tGPL-2+\n", "GPL-2.0-or-later"},
		{"license\tGPL-2+\nlicense\tExpat\nlicense\tMIT\n", "GPL-2.0-or-later AND MIT"},
		{"license\tGPL-2+ or Artistic\n", "GPL-2.0-or-later OR Artistic-1.0-Perl"},
		{"license\tGPL-1+ or Artistic\nlicense\tzlib\n",
		 "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND Zlib"},
		{"license\tGPL-1+ or Artistic, and BSD-3-clause\n",
		 "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND BSD-3-Clause"},
		{"license\tISC, and GPL-1+ or Artistic\n",
		 "ISC AND (GPL-1.0-or-later OR Artistic-1.0-Perl)"},
		{"license\tPerl\nlicense\tISC\n", "(Artistic-1.0-Perl OR GPL-1.0-or-later) AND ISC"},
		{"license\tGPL-3+ with Bison exception\n", "GPL-3.0-or-later WITH Bison-exception-2.2"},
		{"license\tGPL-2+ with OpenSSL exception\n", "GPL-2+-with-OpenSSL-exception"},
		{"license\tpublic domain\n", "public-domain"},
		{"common\tGPL-2+\ncommon\tLGPL-2.1\n", "GPL-2.0-or-later AND LGPL-2.1-only"},
		{"common\tGPL\ncommon\tBSD\n", "GPL-1.0-or-later AND BSD-3-Clause"},
		{"license\tor and, with\n", ""},
		{"program\tnode\t1\n", ""},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str got = license_of_debian(str_of(rows[i].gist), &a);
		assert_string_equal(arena_cstr(&a, got), rows[i].expression);
	}
}

/* What repeats and what never ends are as long as the file at most, and take no time. */
static void many_names_and_long_ones_stay_small(void **state)
{
	(void)state;
	enum { LINES = 60000, WORDS = 500000 };
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf gist = BUF_INIT(4 << 20);
	struct err e = ERR_INIT;
	for (unsigned i = 0; i < LINES; i++) {
		struct str line = arena_printf(&a, "license\tL%u\n", i);
		assert_true(buf_append(&gist, line.p, line.n, &e));
	}
	assert_true(str_ends(license_of_debian(buf_str(&gist), &a), STR("L59998 AND L59999")));
	gist.n = 0;
	assert_true(buf_append(&gist, "license\t", 8, &e));
	for (unsigned i = 0; i < WORDS; i++)
		assert_true(buf_append(&gist, "a ", 2, &e));
	assert_int_equal(license_of_debian(buf_str(&gist), &a).n, 2 * WORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_identifiers),
		cmocka_unit_test(many_names_and_long_ones_stay_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
