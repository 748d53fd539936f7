/* Text for people: nothing from an image reaches the terminal as a command; tables fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

static void controls_are_made_visible(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct {
		struct str raw, clean;
	} rows[] = {
		{STR_INIT("plain"), STR_INIT("plain")},
		{STR_INIT("\033[31mred"), STR_INIT("\\x1b[31mred")},
		{STR_INIT("a\nb\x7f"), STR_INIT("a\\x0ab\\x7f")},
		{STR_INIT("\xc2\x9bm"), STR_INIT("\\xc2\\x9bm")},         /* CSI as C1 */
		{STR_INIT("\xe2\x80\xae"), STR_INIT("\\xe2\\x80\\xae")}, /* right-to-left override */
		{STR_INIT("gr\xc3\xbc\xc3\x9f"), STR_INIT("gr\xc3\xbc\xc3\x9f")},
		{STR_INIT("\xc0\xaf"), STR_INIT("\\xc0\\xaf")},           /* overlong */
		{STR_INIT("\xed\xa0\x80"), STR_INIT("\\xed\\xa0\\x80")}, /* surrogate */
		{STR_INIT("\xe2\x82"), STR_INIT("\\xe2\\x82")},           /* cut */
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str clean = text_clean(rows[i].raw, &a);
		assert_int_equal(clean.n, rows[i].clean.n);
		assert_memory_equal(clean.p, rows[i].clean.p, clean.n);
	}
}

static void sizes_read_as_disks_count_them(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {{0, "0 B"}, {999, "999 B"}, {1000, "1.0 kB"}, {999949, "999.9 kB"},
	            {999950, "1.0 MB"}, {76487267, "76.5 MB"}, {UINT64_MAX, "18.4 EB"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(text_bytes(rows[i].bytes, &a).p, rows[i].text);
}

static char *printed(const struct table *t, unsigned width)
{
	char *text = NULL;
	size_t size;
	struct out o = {.file = open_memstream(&text, &size), .width = width};
	table_print(t, &o);
	fclose(o.file);
	return text;
}

static void prose_is_wrapped_in_its_column_or_below(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct table t;
	table_init(&t, &a, 3);
	table_cell(&t, STYLE_PLAIN, STR("NAME"));
	table_cell(&t, STYLE_PLAIN, STR("N"));
	table_cell(&t, STYLE_PLAIN, STR("WHY"));
	table_cell(&t, STYLE_PLAIN, STR("alpine"));
	table_number(&t, STR("12"));
	table_cell(&t, STYLE_PLAIN, STR("one two three four five six seven eight nine"));

	char *wide = printed(&t, 50);
	assert_string_equal(wide, "NAME     N  WHY\n"
	                          "alpine  12  one two three four five six seven\n"
	                          "            eight nine\n");
	free(wide);
	char *narrow = printed(&t, 24);
	assert_string_equal(narrow, "NAME     N  WHY\n"
	                            "alpine  12\n"
	                            "    one two three four\n"
	                            "    five six seven eight\n"
	                            "    nine\n");
	free(narrow);
}

static void words_are_as_far_apart_as_their_letters(void **state)
{
	(void)state;
	assert_int_equal(text_distance(STR("check"), STR("check")), 0);
	assert_int_equal(text_distance(STR("chek"), STR("check")), 1);
	assert_int_equal(text_distance(STR("kitten"), STR("sitting")), 3);
	assert_int_equal(text_distance(STR(""), STR("abc")), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controls_are_made_visible),
		cmocka_unit_test(sizes_read_as_disks_count_them),
		cmocka_unit_test(prose_is_wrapped_in_its_column_or_below),
		cmocka_unit_test(words_are_as_far_apart_as_their_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
