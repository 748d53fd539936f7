#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/diff.h"

struct diff_case {
	const char *before, *after, *diff; /* without its two first lines */
};

static const struct diff_case cases[] = {
	{"a\n", "a\n", ""},
	{"a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n"},
	{"a", "b", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"},
	{"1\n2\n3\n4\na\n6\n7\n8\n9\n", "1\n2\n3\n4\nb\n6\n7\n8\n9\n",
	 "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-a\n+b\n 6\n 7\n 8\n"},
	{"a\nc\n", "b\nd\n", "@@ -1,2 +1,2 @@\n-a\n-c\n+b\n+d\n"},
	{"a\nx\nc\n", "b\nx\nd\n", "@@ -1,3 +1,3 @@\n-a\n+b\n x\n-c\n+d\n"},
	/* Six lines between two changes are context of both; with seven there are two hunks. */
	{"a\n1\n2\n3\n4\n5\n6\na\n", "b\n1\n2\n3\n4\n5\n6\nb\n",
	 "@@ -1,8 +1,8 @@\n-a\n+b\n 1\n 2\n 3\n 4\n 5\n 6\n-a\n+b\n"},
	{"a\n1\n2\n3\n4\n5\n6\n7\na\n", "b\n1\n2\n3\n4\n5\n6\n7\nb\n",
	 "@@ -1,4 +1,4 @@\n-a\n+b\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-a\n+b\n"},
	{"a\r\nx\r\n", "b\r\nx\r\n", "@@ -1,2 +1,2 @@\n-a\r\n+b\r\n x\r\n"},
};

static void changes_with_three_lines_around(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = NULL;
		size_t size = 0;
		struct out o = {.file = open_memstream(&text, &size), .width = 80};
		diff_print(&o, STR("f"), str_of(cases[i].before), str_of(cases[i].after));
		fclose(o.file);
		struct str got = {text, size};
		if (got.n) {
			assert_true(str_starts(got, STR("--- f\n+++ f\n")));
			got = str_skip(got, 12);
		}
		if (!str_eq(got, str_of(cases[i].diff)))
			fail_msg("%s\n%.*s", cases[i].diff, STR_ARG(got));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(changes_with_three_lines_around)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
