#include "dockerfile/ignore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The same as docker build says: tests/engines asks it. */
static void patterns(void **state)
{
	(void)state;
	static const struct {
		const char *text, *taken, *kept; /* paths, divided by blanks */
	} cases[] = {
		{"", "", "a a/b"},
		{"# no\na\n\n  b  \n", "a a/x b", "c x/a"},
		{"*.md", "a.md", "b/a.md md"},
		{"**/*.md", "a.md b/a.md b/c/a.md", "a.mdx"},
		{"**", "a a/b", ""},
		{"*", "a a/b .x", ""},
		{"a/**/z", "a/z a/b/z a/b/c/z", "z a/bz"},
		{"a/**", "a/b a/b/c", "a b"},
		{"**/node_modules", "node_modules x/node_modules x/node_modules/y", "node_modulesx"},
		{"*\n!keep\n!sub/x", "a sub sub/y", "keep keep/it sub/x"},
		{"*\n!keep\nkeep/not", "keep/not keep/not/x", "keep keep/it"},
		{"/a\n./b/\nc//d", "a b b/x c/d", "x/a c"},
		{"a/../b", "b", "a"},
		{"?x", "ax bx", "x /x aax"},
		{"[a-c]x[^0-9]", "axb cx_", "dxb ax1"},
		{"[]x]", "x ]", "y"},
		{"\\*x", "*x", "ax"},
		{"a.b", "a.b", "axb"},
		{"\xef\xbb\xbf" "a", "a", "b"},
		{"*/*/c*", "a/b/c a/b/cd", "a/c a/b/x/c"},
		{"x**y", "xy xa/y", "xay"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct ignore ig;
		struct err e = ERR_INIT;
		assert_true(ignore_parse(&ig, str_of(cases[i].text), &a, &e));
		struct str taken = str_of(cases[i].taken), kept = str_of(cases[i].kept), path;
		while (str_word(&taken, &path))
			if (!ignore_takes(&ig, path))
				fail_msg("\"%s\" keeps %.*s", cases[i].text, STR_ARG(path));
		while (str_word(&kept, &path))
			if (ignore_takes(&ig, path))
				fail_msg("\"%s\" takes %.*s", cases[i].text, STR_ARG(path));
	}
}

static void no_patterns(void **state)
{
	(void)state;
	static const char *const bad[] = {"a\n[b", "!", "[", "x[^]"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct ignore ig;
		struct err e = ERR_INIT;
		assert_false(ignore_parse(&ig, str_of(bad[i]), &a, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(no_patterns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
