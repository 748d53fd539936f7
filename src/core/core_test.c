/* The bottom floor: strings, vectors, maps, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/err.h"
#include "core/map.h"
#include "core/vec.h"

static void strings_are_cut(void **state)
{
	(void)state;
	struct str rest = STR("a::b"), part;
	assert_true(str_next(&rest, ':', &part) && str_eq(part, STR("a")));
	assert_true(str_next(&rest, ':', &part) && str_eq(part, STR("")));
	assert_true(str_next(&rest, ':', &part) && str_eq(part, STR("b")));
	assert_false(str_next(&rest, ':', &part));

	assert_true(str_eq(str_basename(STR("/usr/lib/x.so")), STR("x.so")));
	assert_true(str_eq(str_dirname(STR("/usr/lib/x.so")), STR("/usr/lib")));
	assert_true(str_eq(str_dirname(STR("x.so")), STR("")));
	assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
	assert_true(str_eq(str_trim(STR(" \t x y\r\n")), STR("x y")));
}

static void joined_arrays_leave_theirs_alone(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str_vec first = {0}, second = {0}, none = {0};
	*vec_push(&first, &a) = STR("a"); /* with room for more behind it */
	*vec_push(&second, &a) = STR("b");
	struct str_vec both = str_vec_join(&first, &second, &a);
	*vec_push(&both, &a) = STR("c");
	assert_int_equal(both.n, 3);
	assert_true(str_eq(both.p[0], STR("a")) && str_eq(both.p[1], STR("b")));
	assert_int_equal(first.n, 1);
	assert_null(first.p[1].p);
	assert_int_equal(str_vec_join(&none, &none, &a).n, 0);
}

static void numbers_must_fit(void **state)
{
	(void)state;
	uint64_t v;
	assert_true(str_to_u64(STR("18446744073709551615"), &v) && v == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &v));
	assert_false(str_to_u64(STR(""), &v));
	assert_false(str_to_u64(STR("-1"), &v));
}

static void maps_keep_what_they_were_given(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct map m = {0};
	for (uintptr_t i = 0; i < 5000; i++) {
		bool added;
		*map_put(&m, &a, arena_printf(&a, "key %zu", (size_t)i), &added) = i;
		assert_true(added);
	}
	for (uintptr_t i = 0; i < 5000; i++)
		assert_int_equal(*map_find(&m, arena_printf(&a, "key %zu", (size_t)i)), i);
	assert_null(map_find(&m, STR("key 5000")));
}

static void reads_outside_are_zero_and_remembered(void **state)
{
	(void)state;
	const uint8_t raw[] = {1, 2, 3, 4, 'x', 0};
	struct bytes b = bytes_of(raw, sizeof raw);
	assert_int_equal(bytes_u32(&b, 0), 0x04030201);
	b.big_endian = true;
	assert_int_equal(bytes_u32(&b, 0), 0x01020304);
	assert_true(str_eq(bytes_cstr(&b, 4), STR("x")));
	assert_false(b.bad);
	assert_int_equal(bytes_u32(&b, 3), 0);
	assert_true(b.bad);
	assert_int_equal(bytes_uint(&b, UINT64_MAX, 8), 0);
}

static void long_errors_are_cut_with_a_mark(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	char long_text[2000];
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_false(err_set(&e, ERR_INPUT, "%s", long_text));
	err_wrap(&e, "layer %d", 3);
	assert_true(strncmp(e.message, "layer 3: xxx", 12) == 0);
	assert_string_equal(e.message + strlen(e.message) - 3, "…");
	assert_int_equal(e.code, ERR_INPUT);
}

static void buffers_stop_at_their_maximum(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	CLEANUP_BUF struct buf b = BUF_INIT(10);
	assert_true(buf_append(&b, "12345", 5, &e));
	assert_false(buf_append(&b, "123456", 6, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(b.n, 5);
	assert_true(buf_append(&b, "67890", 5, &e));
}

static void lists_of_strings(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str_vec v = {0};
	str_vec_sort_unique(&v);
	assert_false(str_vec_has(&v, STR("")));
	for (const char *c = "cabcb"; *c; c++)
		*vec_push(&v, &a) = (struct str){c, 1};
	str_vec_sort(&v);
	assert_int_equal(v.n, 5);
	assert_true(str_eq(v.p[2], STR("b")));
	str_vec_sort_unique(&v);
	assert_int_equal(v.n, 3);
	assert_true(str_eq(v.p[0], STR("a")) && str_eq(v.p[2], STR("c")));
	assert_true(str_vec_has(&v, STR("b")));
	assert_false(str_vec_has(&v, STR("B")));
	assert_true(str_eq(arena_lower(&a, STR("aBZ[\xc4")), STR("abz[\xc4")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_cut),
		cmocka_unit_test(joined_arrays_leave_theirs_alone),
		cmocka_unit_test(numbers_must_fit),
		cmocka_unit_test(maps_keep_what_they_were_given),
		cmocka_unit_test(reads_outside_are_zero_and_remembered),
		cmocka_unit_test(long_errors_are_cut_with_a_mark),
		cmocka_unit_test(buffers_stop_at_their_maximum),
		cmocka_unit_test(lists_of_strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
