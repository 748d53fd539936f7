/* .socle.yaml: a flat mapping, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "cmd/settings.h"

static void values_and_lists_become_settings(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct settings s;
	struct err e = ERR_INIT;
	assert_true(settings_parse(&s, "f", STR("at: /srv\ntest:\n  - a b\n  - c\nall: true\n"), &a, &e));
	assert_int_equal(s.n, 4);
	assert_true(str_eq(s.p[0].key, STR("at")) && str_eq(s.p[0].value, STR("/srv")));
	assert_true(str_eq(s.p[1].key, STR("test")) && str_eq(s.p[1].value, STR("a b")));
	assert_true(str_eq(s.p[2].key, STR("test")) && str_eq(s.p[2].value, STR("c")));
	assert_true(str_eq(s.p[3].key, STR("all")));
	assert_int_equal(s.p[3].line, 5);
	assert_true(settings_parse(&s, "f", STR(""), &a, &e));
	assert_int_equal(s.n, 0);
}

static void what_is_no_flat_mapping_is_refused_with_its_line(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct {
		struct str text;
		const char *where;
	} rows[] = {
		{STR_INIT("just text\n"), "f:1:"},    {STR_INIT("a: 1\nb:\n  c: 2\n"), "f:3:"},
		{STR_INIT("- a\n"), "f:1:"},          {STR_INIT("a: [1, [2]]\n"), "f:1:"},
		{STR_INIT("a: &x 1\nb: *x\n"), "f:2:"}, {STR_INIT("a: \"unclosed\n"), "f:"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct settings s;
		struct err e = ERR_INIT;
		assert_false(settings_parse(&s, "f", rows[i].text, &a, &e));
		assert_int_equal(strncmp(e.message, rows[i].where, strlen(rows[i].where)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_lists_become_settings),
		cmocka_unit_test(what_is_no_flat_mapping_is_refused_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
