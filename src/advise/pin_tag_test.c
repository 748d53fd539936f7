#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "advise/pin_tag.h"

static void tags_that_move(void **state)
{
	(void)state;
	static const char *const moving[] = {"", "latest", "3", "3.12", "3.12-slim", "slim", "bookworm", "stable",
	                                     "1-alpine3.20", "8.0-alpine", "nonroot", "ltsc2022", "dind", "v1.2",
	                                     "main", "deadbeef", "1234567", "1..2", "1."};
	static const char *const exact[] = {"3.12.1", "v1.2.3", "3.12.1-slim-bookworm", "bookworm-20241016-slim",
	                                    "jammy-20240911.1", "20240923", "1.2.3.4", "sha-1a2b3c4", "12.2.0-devel-ubuntu22.04"};
	for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
		if (!pin_tag_moves(str_of(moving[i])))
			fail_msg("%s moves", moving[i]);
	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		if (pin_tag_moves(str_of(exact[i])))
			fail_msg("%s does not move", exact[i]);
}

static void more_exact_tags(void **state)
{
	(void)state;
	static const struct {
		const char *candidate, *tag;
		bool refines;
	} cases[] = {
		{"3.12.7", "3.12", true},
		{"3.12.7", "3", true},
		{"3.12", "3", true},
		{"3.12.7", "latest", true},
		{"3.12.7", "", true},
		{"20240923", "latest", true},
		{"3.12.7-slim", "3.12-slim", true},
		{"3.12.7-slim", "slim", true},
		{"3.12.7-slim-bookworm", "3.12-slim-bookworm", true},
		{"bookworm-20241016-slim", "bookworm-slim", true},
		{"bookworm-20241016", "bookworm", true},
		{"v1.2.3", "v1", true},
		{"1.27.2-alpine3.20", "1.27-alpine3.20", true},
		{"3.12", "3.12", false},
		{"3.1.7", "3.12", false},
		{"3.120.1", "3.12", false},
		{"3.12.7-slim", "3.12", false},
		{"3.12.7-slim", "latest", false},
		{"3.12.7-slim-bookworm", "3.12-slim", false},
		{"3.12.7", "3.12-slim", false},
		{"3.13.0rc1", "3.13", false},
		{"3.13.0rc1", "latest", false},
		{"latest", "3", false},
		{"4", "latest", false},
		{"bookworm-slim", "bookworm-slim", false},
		{"", "latest", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (pin_tag_refines(str_of(cases[i].candidate), str_of(cases[i].tag)) != cases[i].refines)
			fail_msg("%s for %s", cases[i].candidate, cases[i].tag);
}

static void the_most_exact_and_newest_first(void **state)
{
	(void)state;
	static const char *const order[] = {"1.2.10-slim", "1.2.9-slim", "v1.2.8-slim", "1.1.100-slim", "1.2-slim", "20241016-slim",
	                                    "20231016-slim"};
	for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++) {
		assert_true(pin_tag_order(str_of(order[i]), str_of(order[i + 1])) < 0);
		assert_true(pin_tag_order(str_of(order[i + 1]), str_of(order[i])) > 0);
	}
	assert_int_equal(pin_tag_order(STR("1.2.3"), STR("1.2.3")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_that_move),
		cmocka_unit_test(more_exact_tags),
		cmocka_unit_test(the_most_exact_and_newest_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
