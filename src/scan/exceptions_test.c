/* What a person leaves out: the file, and which findings it means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scan/exceptions.h"

static void mistakes_are_named_by_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"- id: CVE-1\n  reason: x\n- reason: y\n", "f:3: what is ignored wants 'id'"},
		{"- id: CVE-1\n", "f:1: what is ignored wants 'reason'"},
		{"- id: CVE-1\n  reason: ' '\n", "f:1: an empty reason: say why it may be ignored"},
		{"- id: CVE-1\n  reason: x\n  expires: 2026-02-29\n",
		 "f:1: expires wants a day, 2026-12-31, not '2026-02-29'"},
		{"- id: CVE-1\n  reason: x\n  expires: soon\n",
		 "f:1: expires wants a day, 2026-12-31, not 'soon'"},
		{"- id: CVE-1\n  reason: x\n  until: 1\n",
		 "f:3: what is ignored has no 'until'; it has: id, package, reason, expires"},
		{"id: CVE-1\n", "f:1: a list is wanted here"},
		{"", "f: empty"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct exceptions rules;
		struct err e = ERR_INIT;
		assert_false(exceptions_read(&rules, str_of(rows[i].text), "f", &a, &e));
		assert_string_equal(e.message, rows[i].message);
	}
}

static void a_rule_means_names_and_packages_until_its_day(void **state)
{
	(void)state;
	static const struct package p = {.name = STR_INIT("libssl3"), .source = STR_INIT("openssl")};
	static const struct {
		const char *rule;
		bool ignored;
		const char *remark;
	} rows[] = {
		{"- {id: DSA-1, reason: x}", true, ""},
		{"- {id: CVE-1, reason: x}", true, ""},
		{"- {id: CVE-1, package: openssl, reason: x}", true, ""},
		{"- {id: CVE-1, package: libssl3, reason: x}", true, ""},
		{"- {id: CVE-1, package: libc6, reason: x}", false,
		 "f:1: CVE-1 of libc6: nothing of that is here"},
		{"- {id: CVE-2, reason: x}", false, "f:1: CVE-2: nothing of that is here"},
		{"- {id: CVE-1, reason: x, expires: 2026-11-25}", true, ""},
		{"- {id: CVE-1, reason: x, expires: 2026-11-24}", false,
		 "f:1: CVE-1: counts again: the exception ended on 2026-11-24"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct exceptions rules;
		struct scan s = {0};
		struct str_vec remarks = {0};
		struct err e = ERR_INIT;
		struct vulnerability *f = vec_push(&s.findings, &a);
		*f = (struct vulnerability){.package = &p, .id = STR("DSA-1")};
		*vec_push(&f->others, &a) = STR("CVE-1");
		assert_true(exceptions_read(&rules, str_of(rows[i].rule), "f", &a, &e));
		exceptions_apply(&rules, &s, STR("2026-11-24"), "f", &remarks, &a);
		assert_int_equal(f->status == VULNERABILITY_IGNORED, rows[i].ignored);
		assert_int_equal(remarks.n, *rows[i].remark != 0);
		if (remarks.n)
			assert_true(str_eq(remarks.p[0], str_of(rows[i].remark)));
		if (rows[i].ignored)
			assert_true(str_eq(f->reason, STR("x")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named_by_line),
		cmocka_unit_test(a_rule_means_names_and_packages_until_its_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
