/* container-structure-test's files: what is read, and what is refused where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "core/limits.h"
#include "trial/judge.h"
#include "trial/testfile.h"

#define HEAD "schemaVersion: 2.0.0\n"

static bool parse(const char *text, struct test_file *f, struct arena *a, struct err *e)
{
	*e = (struct err)ERR_INIT;
	return test_file_parse(str_of(text), "t.yaml", f, a, e);
}

static void assert_str(struct str is, const char *wanted)
{
	if (!str_eq(is, str_of(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(is), wanted);
}

static void everything_is_read(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct test_file f;
	struct err e;
	bool ok = parse("# Order of the parts does not matter.\n"
			"commandTests:\n"
			"- name: gunicorn\n"
			"  setup: [[virtualenv, /env], [pip, install, gunicorn]]\n"
			"  teardown: [[rm, -rf, /env]]\n"
			"  command: which\n"
			"  args: [gunicorn, 5]\n"
			"  envVars: [{key: A, value: '$PATH:x'}]\n"
			"  expectedOutput: ['^/env/\\w+/gunicorn']\n"
			"  excludedError: ['.*Error.*']\n"
			"  exitCode: 3\n"
			"fileExistenceTests:\n"
			"- name: root\n"
			"  path: /\n"
			"  permissions: drwxr-xr-x\n"
			"  uid: 0\n"
			"  gid: 10\n"
			"  isExecutableBy: any\n"
			"- {name: gone, path: etc/shadow, shouldExist: no}\n"
			"fileContentTests:\n"
			"- name: sources\n"
			"  path: /etc/apt/sources.list\n"
			"  expectedContents: ['deb\\.debian\\.org']\n"
			"metadataTest:\n"
			"  envVars: [{key: foo, value: 'b.z', isRegex: true}]\n"
			"  unboundEnvVars: [{key: DEBUG}]\n"
			"  labels: [{key: date, value: '^\\d{4}$', isRegex: true}]\n"
			"  exposedPorts: ['8080', 2345]\n"
			"  unmountedVolumes: [/x]\n"
			"  entrypoint: []\n"
			"  cmd: ~\n"
			"  workdir: /app\n"
			"  user: luke\n"
			"globalEnvVars: [{key: VIRTUAL_ENV, value: /env}]\n"
			"containerRunOptions: {user: web, privileged: false}\n"
			"schemaVersion: '2.0.0'\n",
			&f, &a, &e);
	if (!ok)
		fail_msg("%s", e.message);
	assert_int_equal(f.test.n, 5);
	assert_str(f.user, "web");

	const struct trial_test *t = &f.test.p[0];
	assert_int_equal(t->kind, TRIAL_COMMAND);
	assert_int_equal(t->argv.n, 3);
	assert_str(t->argv.p[2], "5");
	assert_int_equal(t->before.n, 2);
	assert_str(t->before.p[1].v.p[2], "gunicorn");
	assert_str(t->after.p[0].v.p[0], "rm");
	assert_str(t->env.p[0], "VIRTUAL_ENV=/env");
	assert_str(t->env.p[1], "A=$PATH:x");
	assert_true(t->has_exit && t->exit == 3 && t->expands);
	assert_true(pattern_matches(t->stdout_match.p[0], STR("/env/bin/gunicorn")));
	assert_int_equal(t->stderr_exclude.n, 1);

	t = &f.test.p[1];
	assert_true(t->file.has_uid && t->file.uid == 0 && t->file.has_gid && t->file.gid == 10);
	assert_int_equal(t->file.executable_by, TRIAL_MAY_ANY);
	assert_false(t->file.absent);
	assert_true(f.test.p[2].file.absent && !f.test.p[2].file.has_uid);
	assert_str(f.test.p[2].file.path, "/etc/shadow");
	assert_str(f.test.p[3].file.match.p[0], "deb\\.debian\\.org");

	const struct trial_metadata_wants *m = &f.test.p[4].metadata;
	assert_true(m->env.p[0].is_pattern && m->has_entrypoint && !m->has_cmd);
	assert_int_equal(m->entrypoint.n, 0);
	assert_str(m->labels.p[0].value, "^[0123456789]{4}$");
	assert_str(m->ports.p[1], "2345");
	assert_str(m->volumes_absent.p[0], "/x");
	assert_str(m->env_absent.p[0], "DEBUG");
	assert_str(m->user, "luke");
}

static void json_is_yaml(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct test_file f;
	struct err e;
	assert_true(parse("{\"schemaVersion\": \"2.0.0\", \"commandTests\": [{\"name\": \"n\", "
			  "\"command\": \"true\"}]}",
			  &f, &a, &e));
	assert_int_equal(f.test.p[0].exit, 0);
}

static void mistakes_are_named(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"", "t.yaml: empty"},
		{"- a\n", "t.yaml:1: a test file is a mapping (key: value)"},
		{"commandTests: []\n", "t.yaml:1: a test file wants 'schemaVersion'"},
		{"schemaVersion: 1.0.0\n",
		 "t.yaml:1: schemaVersion '1.0.0'; 2.0.0 is what can be read"},
		{HEAD, "t.yaml: no tests"},
		{HEAD "commandTest: []\n",
		 "t.yaml:2: a test file has no 'commandTest'; it has: schemaVersion, "
		 "globalEnvVars, "
		 "commandTests, fileExistenceTests, fileContentTests, metadataTest, "
		 "containerRunOptions, licenseTests"},
		{HEAD "commandTests:\n- name: a\n", "t.yaml:3: a command test wants 'command'"},
		{HEAD "commandTests:\n- name: a\n  command: ''\n",
		 "t.yaml:3: a command test wants a name and a command"},
		{HEAD "commandTests:\n- name: a\n  command: b\n  exitCode: -1\n",
		 "t.yaml:5: a whole number is wanted here"},
		{HEAD "commandTests:\n- name: a\n  command: b\n  exitCode: 256\n",
		 "t.yaml:3: an exit status is 0 to 255, not 256"},
		{HEAD "commandTests:\n- name: a\n  command: b\n  args: -c\n",
		 "t.yaml:5: a list is wanted here"},
		{HEAD "commandTests:\n- name: a\n  name: b\n",
		 "t.yaml:4: 'name' stands here twice"},
		{HEAD "commandTests:\n- name: a\n  command: b\n  setup: [[]]\n",
		 "t.yaml:5: an empty command"},
		{HEAD "commandTests:\n- name: a\n  command: b\n  expectedOutput: ['a', '(?=x)']\n",
		 "t.yaml:5: pattern '(?=x)': flags elsewhere than at the beginning"},
		{HEAD "fileExistenceTests:\n- {name: a, path: /x, shouldExist: maybe}\n",
		 "t.yaml:3: true or false is wanted here"},
		{HEAD "fileExistenceTests:\n- {name: a, path: /x, isExecutableBy: me}\n",
		 "t.yaml:3: isExecutableBy is owner, group, other or any, not 'me'"},
		{HEAD "licenseTests:\n- debian: true\n",
		 "t.yaml:3: this part of the format is not something a trial does"},
		{HEAD "containerRunOptions:\n  privileged: true\n",
		 "t.yaml:3: this part of the format is not something a trial does"},
		{HEAD "commandTests: [\n",
		 "t.yaml:3: while parsing a flow node, did not find expected "
		 "node content"},
		{HEAD "---\n" HEAD, "t.yaml: no tests"},
		{HEAD "metadataTest: {user: a}\n--- b\n", "t.yaml: more than one document"},
		{HEAD "commandTests:\n- name: \"a\\0b\"\n  command: c\n",
		 "t.yaml:3: a text that holds a NUL"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct test_file f;
		struct err e;
		if (parse(table[i][0], &f, &a, &e))
			fail_msg("read: %s", table[i][0]);
		assert_string_equal(e.message, table[i][1]);
	}
}

/* Ten lines that mean 10^9 values. */
static void laughter_ends(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct test_file f;
	struct err e;
	char text[4096] =
		HEAD "commandTests:\n- &a {name: x, command: y, args: [1,2,3,4,5,6,7,8,9]}\n";
	size_t n = strlen(text);
	for (int i = 0; i < 700; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "- *a\n");
	assert_true(test_file_parse((struct str){text, n}, "t", &f, &a, &e));
	assert_int_equal(f.test.n, 701);
	CLEANUP_ARENA struct arena b = ARENA_INIT;
	struct str big = STR(HEAD "commandTests:\n- &a {name: x, command: y, args: &b [");
	for (int i = 0; i < 12; i++)
		big = arena_printf(&b, "%.*s1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,",
				   STR_ARG(big));
	big = arena_printf(&b, "%.*s1]}\n", STR_ARG(big));
	for (int i = 0; i < 1000; i++)
		big = arena_printf(&b, "%.*s- *a\n", STR_ARG(big));
	assert_false(test_file_parse(big, "t", &f, &a, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(json_is_yaml),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(laughter_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
