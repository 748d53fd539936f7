/* Go's patterns, what they become, and what they then match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "trial/judge.h"
#include "trial/re2.h"

/* Whether each text matches is what Go's regexp.MatchString says. */
static const struct {
	const char *re2, *matches, *does_not;
} table[] = {
	{".*go version.*", "x go version 1", "go\nversion"},
	{"^\\d{4}-\\d{2}T\\d+\\.\\d{6}$", "2024-11T1.123456", "2024-11T1x123456"},
	{"a.b", "a-b", "a\nb"},
	{"(?s)a.b", "a\nb", "ab"},
	{"(?i)hello WORLD", "HeLLo world", "hello-world"},
	{"(?m)^two$", "one\ntwo\nthree", "one two"},
	{"^two$", "two", "one\ntwo"},
	{"(?im)^TWO$", "one\ntwo", "twos"},
	{"(?:foo|bar)+?baz", "foobarbaz", "fobaz"},
	{"(?P<major>[0-9]+)\\.x", "12.x", "12-x"},
	{"\\w+@\\w+\\.com", "me@a.com", "@a.com"},
	{"[\\w.-]+\\]", "a-b.c]", "]"},
	{"[^\\s]x", "ax", " x"},
	{"[]a]b", "]b", "[b"},
	{"[\\]\\-^]z", "^z", "az"},
	{"[\\^-]z", "-z", "az"},
	{"[\\^]z", "^z", "az"},
	{"[a-]z", "-z", "bz"},
	{"[[:digit:]x]+!", "1x!", "!"},
	{"[[.]a", ".a", "]a"},
	{"\\Qa.b*\\E", "a.b*", "aab"},
	{"\\x41\\x{42}", "AB", "ab"},
	{"\\tx", "\tx", "tx"},
	{"a{2,3}?b", "aab", "ab"},
	{"{json}", "{json}", "json"},
	{"x{,2}", "x{,2}", "xx"},
	{"\\bword\\b", "a word b", "awordb"},
	{"\\Aab\\z", "ab", "abc"},
	{"a|b", "b", "c"},
	{"\\/usr\\/bin", "/usr/bin", "usr"},
	{"price: \\$5", "price: $5", "price: 5"},
	{"\xc3\xa4+", "\xc3\xa4", "a"},
	{"", "anything", NULL},
	{"a}b", "a}b", "ab"},
	{"a]b", "a]b", "ab"},
};

static void patterns_mean_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str posix;
		struct err e = ERR_INIT;
		if (!re2_to_posix(str_of(table[i].re2), &a, &posix, &e) ||
		    !pattern_check(posix, &e))
			fail_msg("%s", e.message);
		if (!pattern_matches(posix, str_of(table[i].matches)))
			fail_msg("%s: '%s' does not match", table[i].re2, posix.p);
		if (table[i].does_not && pattern_matches(posix, str_of(table[i].does_not)))
			fail_msg("%s: '%s' matches too much", table[i].re2, posix.p);
	}
}

static void what_cannot_be_said_is_refused(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"\\pL", "pattern '\\pL': \\p cannot be said in a POSIX pattern"},
		{"a\\", "pattern 'a\\': a backslash at the end"},
		{"[a", "pattern '[a': a class without its closing bracket"},
		{"[\xc3\xa4]", "pattern '[\xc3\xa4]': a class that names more than ASCII"},
		{"x(?i)y", "pattern 'x(?i)y': flags elsewhere than at the beginning"},
		{"(?=x)", "pattern '(?=x)': flags elsewhere than at the beginning"},
		{"\\1", "pattern '\\1': \\1 cannot be said in a POSIX pattern"},
		{"[z-a]", "pattern '[z-a]': a range that runs backwards"},
		{"a**", "pattern 'a**': a repetition of a repetition"},
		{"*a", "pattern '*a': nothing to repeat"},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str posix;
		struct err e = ERR_INIT;
		assert_false(re2_to_posix(str_of(pairs[i][0]), &a, &posix, &e));
		assert_string_equal(e.message, pairs[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_the_same),
		cmocka_unit_test(what_cannot_be_said_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
