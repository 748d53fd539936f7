#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "advise/catalogue.h"

#define FOUND(c, a, reference, wanted) \
	do { \
		const struct catalogue_base *found = catalogue_find(c, STR(reference), a); \
		assert_non_null(found); \
		assert_true(str_eq(found->name, STR(wanted))); \
	} while (0)

static void assert_str(struct str s, const char *wanted)
{
	if (!str_eq(s, str_of(wanted)))
		fail_msg("\"%.*s\" instead of \"%s\"", STR_ARG(s), wanted);
}

static void test_the_embedded_catalogue(void **state)
{
	(void)state;
	struct arena a CLEANUP_ARENA = ARENA_INIT;
	struct catalogue c;
	struct err e = ERR_INIT;
	if (!catalogue_load(&c, &a, &e))
		fail_msg("%s", e.message);
	FOUND(&c, &a, "scratch", "scratch");
	FOUND(&c, &a, "gcr.io/distroless/cc-debian12", "distroless/cc-debian12");
	FOUND(&c, &a, "gcr.io/distroless/cc-debian12:latest", "distroless/cc-debian12");
	FOUND(&c, &a, "distroless/cc-debian12:nonroot", "distroless/cc-debian12:nonroot");
	FOUND(&c, &a, "docker.io/library/alpine:3.20.3", "alpine:3.20");
	FOUND(&c, &a, "docker.io/debian:12-slim", "debian:bookworm-slim");
	FOUND(&c, &a, "python:3.14-slim", "python:3.14-slim-trixie");
	FOUND(&c, &a, "registry.redhat.io/ubi9/ubi-micro", "ubi9/ubi-micro");
	assert_null(catalogue_find(&c, STR("alpine:1.0"), &a));
	assert_null(catalogue_find(&c, STR("localhost:5000/alpine:3.20"), &a));
	assert_null(catalogue_find(&c, STR(""), &a));

	const struct catalogue_base *slim = catalogue_find(&c, STR("debian:trixie-slim"), &a);
	assert_str(slim->assemble, "debian:trixie-slim");
	assert_str(slim->libc_version, "2.41"); /* of the declarations */
	assert_str(catalogue_reference(slim, &a), "docker.io/library/debian:trixie-slim");
	assert_true(slim->architectures.n > 3);
	const struct catalogue_base *old =
		catalogue_find(&c, STR("gcr.io/distroless/python3-debian12"), &a);
	assert_true(old->deprecated.n > 0);
	assert_str(old->interpreters.p[0].name, "python");
	assert_str(old->interpreters.p[0].version, "3.11");
	assert_true(catalogue_is_over(old, STR("2026-11-24")));
	assert_str(catalogue_reference(&c.bases[0], &a), "");
}

static void test_every_base_is_named_by_its_name(void **state)
{
	(void)state;
	struct arena a CLEANUP_ARENA = ARENA_INIT;
	struct catalogue c;
	struct err e = ERR_INIT;
	assert_true(catalogue_load(&c, &a, &e));
	for (size_t i = 0; i < c.n; i++) {
		assert_ptr_equal(catalogue_find(&c, c.bases[i].name, &a), &c.bases[i]);
		struct str pulled = catalogue_reference(&c.bases[i], &a);
		if (pulled.n)
			assert_ptr_equal(catalogue_find(&c, pulled, &a), &c.bases[i]);
		else
			assert_str(c.bases[i].name, "scratch");
	}
}

static void test_support_end(void **state)
{
	(void)state;
	static const struct {
		const char *end, *today;
		bool over;
	} cases[] = {
		{"2026-09", "2026-09-30", false}, {"2026-09", "2026-10-01", true},
		{"2026-09-15", "2026-09-15", false}, {"2026-09-15", "2026-09-16", true},
		{"", "2026-09-15", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct catalogue_base base = {.support_end = str_of(cases[i].end)};
		assert_int_equal(catalogue_is_over(&base, str_of(cases[i].today)), cases[i].over);
	}
}

/* Each refusal says what is wrong, and where. */
static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *message;
	} cases[] = {
		{"", "not a catalogue"},
		{"bases:\n- nme: x\n", "nme"},
		{"bases:\n- repository: x\n", "name"},
		{"bases:\n- name: x\n  size_bytes: many\n", "many"},
		{"bases:\n- name: x\n  size_bytes: -1\n", "-1"},
		{"bases:\n- name: x\n  libc: newlib 4\n", "newlib"},
		{"bases:\n- name: x\n  support_end: next year\n", "next year"},
		{"bases:\n- name: 'x y'\n", "no image reference"},
		{"bases:\n- name: 'x:y:z/'\n", "no image reference"},
		{"bases:\n- name: x\n  repository: x:y\n", "the repository is not one"},
		{"bases:\n- name: 'x:'\n", "no image reference"},
		{"bases:\n- name: x\n  aliases: ['y z']\n", "an alias is no repository"},
		{"bases:\n- name: x\n  tags: ['../y', 'a b']\n", "\"../y\" is no tag"},
		{"bases:\n- name: x\n  env: [PATH]\n", "\"PATH\" has no ="},
		{"bases:\n- name: x\n- name: x\n", "x stands there twice"},
		{"bases:\n- name: x:1\n  tags: [new]\n- name: x:2\n  tags: [new]\n",
		 "x:new names both x:1 and x:2"},
		{"bases:\n- &one\n  name: x\n- *one\n", ""},
		{"bases: [[[[[", ""},
		{"\xff\xfe\x00", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a CLEANUP_ARENA = ARENA_INIT;
		struct catalogue c = {0};
		struct err e = ERR_INIT;
		if (catalogue_parse(&c, str_of(cases[i].yaml), "mine.yaml", &a, &e))
			fail_msg("case %zu is taken", i);
		assert_int_equal(e.code, ERR_INPUT);
		assert_true(str_starts(str_of(e.message), STR("mine.yaml: ")));
		if (!str_contains(str_of(e.message), str_of(cases[i].message)))
			fail_msg("case %zu: %s", i, e.message);
	}
}

static void test_a_second_document_adds(void **state)
{
	(void)state;
	struct arena a CLEANUP_ARENA = ARENA_INIT;
	struct catalogue c = {0};
	struct err e = ERR_INIT;
	assert_true(catalogue_parse(&c, STR("bases:\n- name: x:1\n  shell: zsh\n"), "one", &a, &e));
	assert_true(catalogue_parse(&c, STR("bases:\n- name: x:1\n  shell: dash\n"
					    "  libc: glibc 2.36\n  tags: [one]\n"
					    "  interpreters: [python 3.12]\n- name: x:2\n"),
				    "two", &a, &e));
	assert_int_equal(c.n, 2);
	FOUND(&c, &a, "x:one", "x:1");
	assert_str(c.bases[0].shell, "zsh");
	assert_str(c.bases[0].libc_version, "2.36");
	assert_str(c.bases[0].interpreters.p[0].version, "3.12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_embedded_catalogue),
		cmocka_unit_test(test_every_base_is_named_by_its_name),
		cmocka_unit_test(test_support_end),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_a_second_document_adds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
