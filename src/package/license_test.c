/* Licences as expressions of SPDX. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "package/license.h"

static void expressions(void **state)
{
	(void)state;
	static const struct {
		const char *declared, *expression;
	} rows[] = {
		{"MIT", "MIT"},
		{"mit", "MIT"},
		{"MIT AND BSD-3-Clause", "MIT AND BSD-3-Clause"},
		{"MIT and bsd-3-clause  OR ISC", "MIT AND BSD-3-Clause OR ISC"},
		{"(MIT OR Apache-2.0)", "(MIT OR Apache-2.0)"},
		{"GPL-2.0-or-later WITH Classpath-exception-2.0",
		 "GPL-2.0-or-later WITH Classpath-exception-2.0"},
		{"GPL-2.0+", "GPL-2.0+"},
		{"Apache-2.0+", "Apache-2.0+"},
		{"Zlib", "Zlib"},
		{"0BSD", "0BSD"},
		{"ZPL-2.1", "ZPL-2.1"},
		{"MIT BSD", ""},
		{"GPL", ""},
		{"BSD License", ""},
		{"MIT AND", ""},
		{"AND MIT", ""},
		{"(MIT", ""},
		{"MIT)", ""},
		{"()", ""},
		{"MIT WITH MIT", ""},
		{"(MIT) WITH Classpath-exception-2.0", ""},
		{"Classpath-exception-2.0", ""},
		{"MIT/Apache-2.0", ""},
		{"LicenseRef-mine", ""},
		{"", ""},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str said = license_expression(str_of(rows[i].declared), &a);
		if (!str_eq(said, str_of(rows[i].expression)))
			fail_msg("%s: \"%.*s\"", rows[i].declared, STR_ARG(said));
	}
	assert_true(license_is_id(STR("MIT")));
	assert_false(license_is_id(STR("Apache-2.0+")));
	assert_false(license_is_id(STR("MIT OR ISC")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(expressions)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
