/* Texts and what they mean; and every text is held against a second reader, jansson. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/jnode.h"

static const char *const sound[] = {
	"{}",
	"[]",
	"null",
	" true ",
	"false",
	"0",
	"-0",
	"-12.5e+3",
	"1E9",
	"\"\"",
	"\"a\\\"b\\\\\\/\\n\"",
	"[1, [2, [], {}], {\"a\": [null]}]",
	"{\"a\": 1, \"a\": 2}",
	"\t{\r\n\"\": \"\"}\n",
	"\"\\u00e9\\u20ac\\ud83d\\ude00\"",
};

static const char *const broken[] = {
	"",      " ",         "{",           "[",       "]",         "[1",
	"[1,",   "[1,]",      "[,1]",        "{\"a\"}", "{\"a\":}",  "{\"a\":1,}",
	"{a:1}", "{\"a\" 1}", "[1 2]",       "01",      "-",         "1.",
	".5",    "1e",        "+1",          "nul",     "nulls",     "tru",
	"\"a",   "\"\\x\"",   "\"\\u12g4\"", "\"\t\"",  "'a'",       "1 2",
	"{}}",   "[}",        "NaN",         "\"\\\"",  "[\"a\":1]", "{\"a\":1 \"b\":2}",
};

static bool is_json(const char *text)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct jnodes nodes = {0};
	struct err e = ERR_INIT;
	return jnode_parse(&nodes, str_of(text), &a, &e) != NULL;
}

static bool is_json_to_jansson(const char *text)
{
	json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
	bool is = j != NULL;
	json_decref(j);
	return is;
}

static void texts_are_judged_as_jansson_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
		assert_true(is_json_to_jansson(sound[i]));
		assert_true(is_json(sound[i]));
	}
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		if (is_json_to_jansson(broken[i]) || is_json(broken[i]))
			fail_msg("taken for sound: %s", broken[i]);
	}
}

static void values_are_found(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct jnodes nodes = {0};
	struct err e = ERR_INIT;
	const struct jnode *top =
		jnode_parse(&nodes,
			    STR("{\"id\": \"A\\u00e9\\ud83d\\ude00\\ud800\", \"list\": [{\"x\": "
				"1}, \"two\", []], \"id2\": null,"
				" \"twice\": 1, \"twice\": 2, \"empty\": {}}"),
			    &a, &e);
	assert_non_null(top);
	assert_string_equal(arena_cstr(&a, jnode_get_str(top, "id", &a)),
			    "A\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd");
	assert_true(jnode_is(jnode_get(top, "id2"), JNODE_NULL));
	assert_true(str_eq(jnode_get(top, "twice")->text, STR("2")));
	assert_null(jnode_get(top, "none"));
	assert_null(jnode_get(NULL, "none"));
	assert_null(jnode_first(jnode_get(top, "empty")));
	assert_int_equal(jnode_get_str(top, "list", &a).n, 0);

	const struct jnode *list = jnode_get(top, "list"), *m = jnode_first(list);
	assert_true(str_eq(jnode_get(m, "x")->text, STR("1")));
	assert_true(str_eq(jnode_name(jnode_get(m, "x"))->text, STR("x")));
	m = jnode_next(list, m);
	assert_true(str_eq(jnode_str(m, &a), STR("two")));
	m = jnode_next(list, m);
	assert_true(jnode_is(m, JNODE_ARRAY) && !jnode_first(m));
	assert_null(jnode_next(list, m));
}

static void depth_and_place_are_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct jnodes nodes = {0};
	struct err e = ERR_INIT;
	char deep[300];
	memset(deep, '[', 150);
	memset(deep + 150, ']', 150);
	assert_null(jnode_parse(&nodes, (struct str){deep, sizeof deep}, &a, &e));
	assert_non_null(strstr(e.message, "nested too deeply"));
	assert_non_null(jnode_parse(&nodes, (struct str){deep + 100, 100}, &a, &e));
	assert_null(jnode_parse(&nodes, STR("{\n\"a\": 1,\n\"b\": x}"), &a, &e));
	assert_string_equal(e.message, "line 3, byte 15: no value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_judged_as_jansson_does),
		cmocka_unit_test(values_are_found),
		cmocka_unit_test(depth_and_place_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
