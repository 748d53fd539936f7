/* Challenges, links and ranges: what registries say, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "core/limits.h"
#include "image/registry/headers.h"

static void assert_text(struct str got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("\"%.*s\" instead of \"%s\"", STR_ARG(got), wanted);
}

static const struct {
	const char *value;
	size_t count;
	enum challenge_scheme scheme; /* of the last one */
	const char *realm, *service, *scope;
} challenges[] = {
	{"Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
	 "scope=\"repository:library/alpine:pull\"",
	 1, CHALLENGE_BEARER, "https://auth.docker.io/token", "registry.docker.io",
	 "repository:library/alpine:pull"},
	{"Basic realm=\"Registry Realm\"", 1, CHALLENGE_BASIC, "Registry Realm", "", ""},
	{"basic", 1, CHALLENGE_BASIC, "", "", ""},
	{"bEARER REALM=x , Service = y", 1, CHALLENGE_BEARER, "x", "y", ""},
	{"Negotiate, Basic realm=\"a,b\"", 2, CHALLENGE_BASIC, "a,b", "", ""},
	{"Negotiate YII/+abc==, Bearer realm=r", 2, CHALLENGE_BEARER, "r", "", ""},
	{"Digest qop=\"auth\", nonce=n, Bearer realm=\"a\\\"b\", error=invalid_token", 2,
	 CHALLENGE_BEARER, "a\"b", "", ""},
	{"Bearer realm=\"x\",, service=\"y\",", 1, CHALLENGE_BEARER, "x", "y", ""},
	{"", 0, CHALLENGE_OTHER, "", "", ""},
};

static void test_challenges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof challenges / sizeof *challenges; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct challenge out[CHALLENGES_MAX];
		size_t count;
		if (!challenges_parse(str_of(challenges[i].value), out, &count, &a, &e))
			fail_msg("%s: %s", challenges[i].value, e.message);
		assert_int_equal(count, challenges[i].count);
		if (count == 0)
			continue;
		assert_int_equal(out[count - 1].scheme, challenges[i].scheme);
		assert_text(out[count - 1].realm, challenges[i].realm);
		assert_text(out[count - 1].service, challenges[i].service);
		assert_text(out[count - 1].scope, challenges[i].scope);
	}
}

static void test_challenges_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"=", "\"x\"", "Bearer realm=\"x", "Bearer realm=", "Bearer realm=\"a\", realm=\"b\"",
		"Bearer realm=\"a\" service=\"b\"", "Bearer realm=\"a\x01\"", "Bearer/x",
		"A,B,C,D,E,F,G,H,I", "Bearer @",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct challenge out[CHALLENGES_MAX];
		size_t count;
		if (challenges_parse(str_of(bad[i]), out, &count, &a, &e))
			fail_msg("%s is taken", bad[i]);
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void test_header_too_long(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct challenge out[CHALLENGES_MAX];
	size_t count;
	struct str target, value = {arena_alloc(&a, LIMIT_HTTP_HEADER_BYTES + 1),
	                            LIMIT_HTTP_HEADER_BYTES + 1};
	memset((char *)(uintptr_t)value.p, 'a', value.n);
	assert_false(challenges_parse(value, out, &count, &a, &e));
	assert_false(link_next(value, &target, &a, &e));
}

static void test_links(void **state)
{
	(void)state;
	static const struct {
		const char *value, *target; /* NULL: refused */
	} cases[] = {
		{"</v2/a/tags/list?n=2&last=b>; rel=\"next\"", "/v2/a/tags/list?n=2&last=b"},
		{"<x>; rel=next", "x"},
		{"<x>; REL = \"prev NEXT\"", "x"},
		{"<a>; rel=\"prev\", <b,c>; title=\"x;y,z\"; rel=\"next\"", "b,c"},
		{"<a>; rel=\"prev\"; rel=\"next\"", ""},
		{"<a>", ""},
		{"", ""},
		{"<a>; rel", ""},
		{"<a", NULL},
		{"a; rel=next", NULL},
		{"<a>; rel=\"next", NULL},
		{"<a> rel=next", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct str target;
		bool ok = link_next(str_of(cases[i].value), &target, &a, &e);
		if (ok != (cases[i].target != NULL))
			fail_msg("%s: %s", cases[i].value, ok ? "is taken" : e.message);
		if (ok)
			assert_text(target, cases[i].target);
	}
}

static void test_ranges(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		bool ok;
		uint64_t first, total;
	} cases[] = {
		{"bytes 5-9/10", true, 5, 10}, {"bytes 0-0/1", true, 0, 1}, {"bytes 5-9/*", false, 0, 0},
		{"bytes 9-5/10", false, 0, 0}, {"bytes 0-10/10", false, 0, 0}, {"bytes */10", false, 0, 0},
		{"items 0-1/2", false, 0, 0},  {"", false, 0, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e = ERR_INIT;
		uint64_t first = 0, total = 0;
		assert_int_equal(content_range_parse(str_of(cases[i].value), &first, &total, &e),
		                 cases[i].ok);
		if (cases[i].ok) {
			assert_int_equal(first, cases[i].first);
			assert_int_equal(total, cases[i].total);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenges), cmocka_unit_test(test_challenges_refused),
		cmocka_unit_test(test_header_too_long), cmocka_unit_test(test_links),
		cmocka_unit_test(test_ranges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
