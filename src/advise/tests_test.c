/* The words of --test and --http. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/tests.h"

static void commands_are_split_as_a_shell_would(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct {
		struct str command;
		const char *words[5];
	} rows[] = {
		{STR_INIT("bin/server --selftest"), {"bin/server", "--selftest"}},
		{STR_INIT("  a\t'b c'  \"d e\" "), {"a", "b c", "d e"}},
		{STR_INIT("a\\ b 'c\\d' \"e\\\"f\""), {"a b", "c\\d", "e\"f"}},
		{STR_INIT("sh -c 'a | b > c && $d'"), {"sh", "-c", "a | b > c && $d"}},
		{STR_INIT("a ''"), {"a", ""}},
		{STR_INIT("grep \"a\\.b\" \"\\$x\\\\\" \\."), {"grep", "a\\.b", "$x\\", "."}},
		{STR_INIT("a \"b\\\nc\" d\\\ne"), {"a", "bc", "de"}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = ERR_INIT;
		struct str_vec argv = {0};
		assert_true(tests_split(rows[i].command, &argv, &a, &e));
		size_t n = 0;
		for (; n < 5 && rows[i].words[n]; n++) {
			assert_true(n < argv.n);
			assert_true(str_eq(argv.p[n], str_of(rows[i].words[n])));
		}
		assert_int_equal(argv.n, n);
	}
}

static void what_wants_a_shell_is_refused(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct str bad[] = {STR_INIT("a | b"), STR_INIT("a > b"), STR_INIT("a; b"),
	                                 STR_INIT("echo $HOME"), STR_INIT("a 'b"), STR_INIT("  ")};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = ERR_INIT;
		struct str_vec argv = {0};
		assert_false(tests_split(bad[i], &argv, &a, &e));
		assert_int_equal(e.code, ERR_USAGE);
	}
}

static void probes_are_ports_and_paths(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct app app = {0};
	struct test_list l = {0};
	struct err e = ERR_INIT;
	assert_false(tests_add_http(&l, STR("8080/healthz"), &app, &a, &e)); /* nothing to start */
	*vec_push(&app.entries, &a) = STR("/app/bin/server");
	*vec_push(&app.entries, &a) = STR("/app/bin/other");
	assert_true(tests_add_http(&l, STR("8080/healthz"), &app, &a, &e));
	assert_true(tests_add_http(&l, STR("80"), &app, &a, &e));
	assert_int_equal(l.p[0].http_port, 8080);
	assert_true(str_eq(l.p[0].http_path, STR("/healthz")));
	assert_int_equal(l.p[0].argv.n, 1);
	assert_true(str_eq(l.p[1].http_path, STR("/")));
	app.runtime = STR("python");
	assert_true(tests_add_http(&l, STR("80"), &app, &a, &e));
	assert_int_equal(l.p[2].argv.n, 2);
	assert_true(str_eq(l.p[2].argv.p[0], STR("python3")));
	assert_true(str_eq(l.p[2].argv.p[1], STR("/app/bin/server")));
	app.runtime = STR("java");
	assert_true(tests_add_http(&l, STR("80"), &app, &a, &e));
	assert_true(str_eq(l.p[3].argv.p[1], STR("-jar")));
	static const struct str bad[] = {STR_INIT("0"), STR_INIT("65536"), STR_INIT("x"), STR_INIT("")};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(tests_add_http(&l, bad[i], &app, &a, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_split_as_a_shell_would),
		cmocka_unit_test(what_wants_a_shell_is_refused),
		cmocka_unit_test(probes_are_ports_and_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
