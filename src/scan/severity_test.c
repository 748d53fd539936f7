/* Severities: scores that Red Hat's `cvss` gave (tests/scores/ask), and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "scan/severity.h"

/* Each line "VECTOR SCORE"; how many there were. What is no such line is said. */
static size_t hold_lines(FILE *lines)
{
	char line[1024];
	size_t n = 0, wrong = 0;
	while (fgets(line, sizeof line, lines)) {
		struct str rest = str_of(line), vector, score;
		struct severity said = {0};
		if (!str_word(&rest, &vector) || !str_word(&rest, &score) || str_trim(rest).n) {
			print_message("%s", line);
			continue;
		}
		char ours[16] = "none";
		if (severity_of_vector(vector, &said))
			snprintf(ours, sizeof ours, "%u.%u", said.score_tenths / 10,
				 said.score_tenths % 10);
		n++;
		if (!str_eq(str_of(ours), score)) {
			print_error("%.*s: %.*s, and not %s\n", STR_ARG(vector), STR_ARG(score),
				    ours);
			wrong++;
		}
	}
	if (wrong)
		fail_msg("%zu of %zu vectors", wrong, n);
	return n;
}

static void as_the_table_says(void **state)
{
	(void)state;
	FILE *table = fopen("tests/fixtures/scan/scores", "r");
	assert_non_null(table);
	assert_int_equal(hold_lines(table), 600);
	fclose(table);
}

static void as_the_tool_says(void **state)
{
	(void)state;
	FILE *said = popen("tests/scores/ask 2500 20261124", "r");
	assert_non_null(said);
	size_t n = hold_lines(said);
	int status = pclose(said);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
	assert_int_equal(n, 10000);
}

/* Scores that the specifications' own examples give, and the words of their scales. */
static void vectors_have_words(void **state)
{
	(void)state;
	static const struct {
		const char *vector;
		unsigned tenths;
		enum severity_word word;
	} rows[] = {
		{"AV:N/AC:L/Au:N/C:N/I:N/A:C", 78, SEVERITY_HIGH},
		{"AV:N/AC:L/Au:N/C:C/I:C/A:C", 100, SEVERITY_HIGH},
		{"CVSS:2.0/AV:L/AC:H/Au:N/C:C/I:C/A:C", 62, SEVERITY_MEDIUM},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98, SEVERITY_CRITICAL},
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, SEVERITY_CRITICAL},
		{"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 78, SEVERITY_HIGH},
		{"CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", 16, SEVERITY_LOW},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, SEVERITY_NEGLIGIBLE},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93,
		 SEVERITY_CRITICAL},
		{"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 73,
		 SEVERITY_HIGH},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct severity s;
		assert_true(severity_of_vector(str_of(rows[i].vector), &s));
		if (s.score_tenths != rows[i].tenths || s.word != rows[i].word)
			fail_msg("%s: %u %s", rows[i].vector, s.score_tenths,
				 severity_name(s.word));
		assert_true(str_eq(s.vector, str_of(rows[i].vector)));
	}
}

static void what_is_no_vector(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"9.8",
		"CVSS:3.1/",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",         /* one is missing */
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H", /* twice */
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:C",     /* no such value */
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/Q:X", /* unknown */
		"CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A",
		"CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
		"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct severity s;
		if (severity_of_vector(str_of(rows[i]), &s))
			fail_msg("%s", rows[i]);
	}
}

static void words_of_distributors(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		enum severity_word means;
	} rows[] = {{"Critical", SEVERITY_CRITICAL},
		    {"Important", SEVERITY_HIGH},
		    {"HIGH", SEVERITY_HIGH},
		    {"high**", SEVERITY_HIGH},
		    {"Moderate", SEVERITY_MEDIUM},
		    {"MODERATE", SEVERITY_MEDIUM},
		    {"medium", SEVERITY_MEDIUM},
		    {"Low", SEVERITY_LOW},
		    {"negligible", SEVERITY_NEGLIGIBLE},
		    {"unimportant", SEVERITY_NEGLIGIBLE},
		    {"not yet assigned", SEVERITY_UNKNOWN},
		    {"untriaged", SEVERITY_UNKNOWN},
		    {"", SEVERITY_UNKNOWN}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (severity_of_word(str_of(rows[i].said)) != rows[i].means)
			fail_msg("%s", rows[i].said);
	enum severity_word word;
	assert_true(severity_parse(STR("critical"), &word));
	assert_int_equal(word, SEVERITY_CRITICAL);
	assert_false(severity_parse(STR("important"), &word));
	assert_string_equal(severity_name(SEVERITY_NEGLIGIBLE), "negligible");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_table_says),     cmocka_unit_test(as_the_tool_says),
		cmocka_unit_test(vectors_have_words),    cmocka_unit_test(what_is_no_vector),
		cmocka_unit_test(words_of_distributors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
