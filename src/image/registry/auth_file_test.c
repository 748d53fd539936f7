/* Whose password is whose: entries of config.json and auth.json, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "image/registry/auth_file.h"

/* dTpw is "u:p". */
static const struct {
	const char *text, *host, *repository;
	const char *user, *password, *identity, *bearer, *helper;
} cases[] = {
	{"{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"dTpw\"}}}", "docker.io",
	 "library/x", "u", "p", "", "", ""},
	{"{\"auths\":{\"docker.io\":{\"auth\":\"dTpw\"}}}", "docker.io", "x/y", "u", "p", "", "", ""},
	{"{\"auths\":{\"localhost:5000\":{\"auth\":\"dTpw\"}}}", "localhost:5000", "x", "u", "p", "",
	 "", ""},
	/* Another port, another name, a name that only begins alike: another server. */
	{"{\"auths\":{\"localhost:5001\":{\"auth\":\"dTpw\"}}}", "localhost:5000", "x", "", "", "",
	 "", ""},
	{"{\"auths\":{\"quay.io\":{\"auth\":\"dTpw\"}}}", "quay.io.evil.example", "x", "", "", "", "",
	 ""},
	{"{\"auths\":{\"quay.io/org\":{\"auth\":\"dTpw\"}}}", "quay.io", "organ/x", "", "", "", "",
	 ""},
	{"{\"auths\":{\"quay.io\":{\"auth\":\"YTpi\"},\"quay.io/org\":{\"auth\":\"dTpw\"}}}",
	 "quay.io", "org/x", "u", "p", "", "", ""},
	{"{\"auths\":{\"r.io\":{\"username\":\"u\",\"password\":\"p\"}}}", "r.io", "x", "u", "p", "",
	 "", ""},
	{"{\"auths\":{\"r.io\":{\"identitytoken\":\"i\"}}}", "r.io", "x", "", "", "i", "", ""},
	{"{\"auths\":{\"r.io\":{\"registrytoken\":\"t\"}}}", "r.io", "x", "", "", "", "t", ""},
	{"{\"auths\":{\"r.io\":{}},\"credsStore\":\"desktop\"}", "r.io", "x", "", "", "", "",
	 "desktop"},
	{"{\"credHelpers\":{\"gcr.io\":\"gcloud\"},\"credsStore\":\"desktop\"}", "gcr.io", "x", "",
	 "", "", "", "gcloud"},
	{"{}", "r.io", "x", "", "", "", "", ""},
	/* "u:p:q": the first colon ends the name. */
	{"{\"auths\":{\"r.io\":{\"auth\":\"dTpwOnE=\"}}}", "r.io", "x", "u", "p:q", "", "", ""},
};

static void assert_text(struct str got, const char *wanted, const char *text)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("%s: \"%.*s\" instead of \"%s\"", text, STR_ARG(got), wanted);
}

static void test_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct auth_said said;
		if (!auth_file_find(str_of(cases[i].text), str_of(cases[i].host),
		                    str_of(cases[i].repository), &said, &a, &e))
			fail_msg("%s: %s", cases[i].text, e.message);
		assert_text(said.credential.user, cases[i].user, cases[i].text);
		assert_text(said.credential.password, cases[i].password, cases[i].text);
		assert_text(said.credential.identity_token, cases[i].identity, cases[i].text);
		assert_text(said.credential.bearer, cases[i].bearer, cases[i].text);
		assert_text(said.helper, cases[i].helper, cases[i].text);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "{", "[1", "{\"auths\":{\"r.io\":{\"auth\":\"dTp\"}}}",
		"{\"auths\":{\"r.io\":{\"auth\":\"dXA=\"}}}", "{\"auths\":{\"r.io\":{\"auth\":\"!!!!\"}}}",
		"{\"credsStore\":\"../../bin/sh\"}", "{\"credHelpers\":{\"r.io\":\"a b\"}}",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct auth_said said;
		if (auth_file_find(str_of(bad[i]), STR("r.io"), STR("x"), &said, &a, &e))
			fail_msg("%s is taken", bad[i]);
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void test_helper_answers(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct credential c;
	assert_true(helper_answer_parse(STR("{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"p\"}"),
	                                &c, &a, &e));
	assert_text(basic_authorization(&c, &a), "Basic dTpw", "helper");
	assert_true(helper_answer_parse(STR("{\"Username\":\"<token>\",\"Secret\":\"t\"}"), &c, &a, &e));
	assert_text(c.identity_token, "t", "helper");
	assert_int_equal(c.user.n, 0);
	assert_false(helper_answer_parse(STR("credentials not found"), &c, &a, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_helper_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
