/* The ladder without trials: order, wishes and rules, what is chosen and what is proposed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/made_test.h"

#define SHELL {.path = "bin/sh", .text = "#!/bin/x"}
#define FILLER(name, bytes) {.path = (name), .text = (bytes)}

static const struct app_file shell_script[] = {{.path = "run", .text = "#!/bin/sh\n"}, {0}};
static const struct app_file python_script[] = {
	{.path = "main.py", .text = "#!/usr/bin/env python3\n"}, {0}};

/* A shell for scripts is a script here: `#!` chains end at /bin/x, which is there. */
#define INTERPRETER {.path = "bin/x", .text = "", .mode = 0755}

static void a_tie_goes_to_fewer_packages_then_to_longer_support(void **state)
{
	(void)state;
	CLEANUP_MADE struct made m = {0};
	made_open(&m, "bases:\n"
	              "- name: large\n"
	              "- name: many\n  support_end: '2030-01'\n"
	              "- name: short\n  support_end: '2027-01'\n"
	              "- name: long\n  support_end: '2029-01'\n");
	static const struct app_file many[] = {
		{.path = "lib/apk/db/installed", .text = "P:a\n\nP:b"}, {0}};
	static const struct app_file few[] = {
		{.path = "lib/apk/db/installed", .text = "P:a\nV:b\n"}, {0}};
	static const struct app_file large[] = {
		{.path = "lib/apk/db/installed", .text = "P:a\nV:bcdef\n"}, {0}};
	made_learn(&m, "many", many);
	made_learn(&m, "short", few);
	made_learn(&m, "long", few);
	made_learn(&m, "large", large);
	made_app(&m, shell_script, NULL);
	struct pick_result r = made_pick(&m);
	assert_string_equal(made_ladder(&m, &r), "long (fails): -\nshort (fails): -\nmany (fails): -\n"
	                                         "large (fails): -\n");
	assert_null(r.choice);
}

static void wishes_and_rules_pass_bases_over(void **state)
{
	(void)state;
	CLEANUP_MADE struct made m = {0};
	made_open(&m, "bases:\n"
	              "- name: a-over\n  support_end: '2026-10'\n"
	              "- name: b-deprecated\n  deprecated: its publisher says so\n"
	              "- name: c-bare\n"
	              "- name: d-shell\n"
	              "- name: e-described\n  shell: none\n  package_manager: apt\n"
	              "- name: f-unsaid\n");
	static const struct app_file shell[] = {SHELL, INTERPRETER, {0}};
	static const struct app_file bare[] = {INTERPRETER, {0}};
	static const struct app_file program[] = {{.path = "run", .text = "#!/bin/x\n"}, {0}};
	made_learn(&m, "a-over", bare);
	made_learn(&m, "b-deprecated", bare);
	made_learn(&m, "c-bare", bare);
	made_learn(&m, "d-shell", shell);
	made_app(&m, program, NULL);
	m.request.wishes.shell = true;
	struct pick_result r = made_pick(&m);
	assert_string_equal(
		made_ladder(&m, &r),
		"a-over (ruled out): has no shell, which --need asks for\n"
		"b-deprecated (ruled out): has no shell, which --need asks for\n"
		"c-bare (ruled out): has no shell, which --need asks for\n"
		"d-shell (fails): -\n"
		"e-described (ruled out): has no shell, which --need asks for\n"
		"f-unsaid (ruled out): nothing says that it has a shell, which --need asks for\n");

	m.request.wishes.shell = false;
	m.request.wishes.max_size_bytes = 0;
	r = made_pick(&m);
	assert_string_equal(made_ladder(&m, &r), "a-over (ruled out): larger than --max-size\n"
	                                         "b-deprecated (ruled out): larger than --max-size\n"
	                                         "c-bare (ruled out): larger than --max-size\n"
	                                         "d-shell (ruled out): larger than --max-size\n"
	                                         "e-described (not at hand): only described: not seen, not tried\n"
	                                         "f-unsaid (not at hand): only described: not seen, not tried\n");

	m.request.wishes.max_size_bytes = UINT64_MAX;
	r = made_pick(&m);
	assert_true(str_eq(r.rungs[0].reasons.p[0], STR("its support ended 2026-10")));
	assert_true(str_eq(r.rungs[1].reasons.p[0], STR("deprecated: its publisher says so")));

	/* Who names a base knows of it. */
	*vec_push(&m.names, &m.arena) = STR("a-over");
	*vec_push(&m.names, &m.arena) = STR("b-deprecated");
	r = made_pick(&m);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.rungs[0].state, RUNG_FAILS);
	assert_int_equal(r.rungs[1].state, RUNG_FAILS);
}

/* ---- What is only described ---- */

static const char pythons[] =
	"bases:\n"
	"- name: python:3.13-alpine3.24\n  repository: docker.io/library/python\n  libc: musl\n"
	"  package_manager: apk\n  shell: busybox\n  interpreters: [python 3.13]\n"
	"- name: python:3.14-alpine3.23\n  repository: docker.io/library/python\n  libc: musl\n"
	"  package_manager: apk\n  shell: busybox\n  interpreters: [python 3.14]\n"
	"- name: python:3.9-alpine3.24\n  repository: docker.io/library/python\n  libc: musl\n"
	"  package_manager: apk\n  shell: busybox\n  interpreters: [python 3.9]\n"
	"- name: python:3.14-trixie\n  repository: docker.io/library/python\n  libc: glibc 2.41\n"
	"  package_manager: apt\n  shell: dash\n  interpreters: [python 3.14]\n"
	"- name: python:3.14-slim-trixie\n  repository: docker.io/library/python\n  libc: glibc 2.41\n"
	"  package_manager: apt\n  shell: dash\n  interpreters: [python 3.14]\n"
	"- name: python:3.13-slim-trixie\n  repository: docker.io/library/python\n  libc: glibc 2.41\n"
	"  package_manager: apt\n  shell: dash\n  interpreters: [python 3.13]\n"
	"- name: node:24-alpine3.24\n  repository: docker.io/library/node\n  libc: musl\n"
	"  package_manager: apk\n  shell: busybox\n  interpreters: [node 24]\n"
	"- name: chainguard/python\n  repository: cgr.dev/chainguard/python\n  libc: glibc\n"
	"  shell: none\n  interpreters: [python]\n";

static void what_is_described_is_proposed_and_never_chosen(void **state)
{
	(void)state;
	static const struct {
		struct app_file more; /* beside main.py */
		const char *measure, *reason;
	} rows[] = {
		{FILLER("README", "x"), "python:3.14-alpine3.23",
		 "for an interpreted language Alpine has shell and package manager at the least size"},
		{FILLER("requirements.txt", "# comment\nflask\nNumPy==2.1  # fast\nscikit_learn\nnumpy\n"),
		 "python:3.14-slim-trixie",
		 "Debian slim: numpy, scikit-learn would be built from source on Alpine"},
		{FILLER("requirements.txt", "numpydoc\npandas-stubs\n"), "python:3.14-alpine3.23",
		 "for an interpreted language Alpine has shell and package manager at the least size"},
		{FILLER("old", "#!/usr/bin/python3.13\n"), "python:3.13-alpine3.24",
		 "for an interpreted language Alpine has shell and package manager at the least size"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_MADE struct made m = {0};
		made_open(&m, pythons);
		const struct app_file files[] = {python_script[0], rows[i].more, {0}};
		made_app(&m, files, NULL);
		struct pick_result r = made_pick(&m);
		assert_null(r.choice);
		assert_non_null(r.measure_first);
		assert_string_equal(arena_cstr(&m.arena, r.measure_first->base.name), rows[i].measure);
		assert_string_equal(arena_cstr(&m.arena, r.measure_reason), rows[i].reason);
		for (size_t k = 0; k < r.count; k++) {
			assert_int_not_equal(r.rungs[k].judgement.prediction.verdict, VERDICT_RUNS);
			assert_false(str_starts(r.rungs[k].base.name, STR("node")));
			assert_false(str_eq(r.rungs[k].base.name, STR("python:3.14-trixie")));
		}
	}
}

/* A smaller proposal beside a choice that is no more than predicted; none for who named bases. */
static void a_proposal_stands_beside_a_prediction(void **state)
{
	(void)state;
	CLEANUP_MADE struct made m = {0};
	made_open(&m, "bases:\n"
	              "- name: debian:trixie-slim\n  repository: docker.io/library/debian\n"
	              "  libc: glibc 2.41\n  shell: dash\n  package_manager: apt\n"
	              "- name: alpine:3.24\n  repository: docker.io/library/alpine\n"
	              "  libc: musl\n  shell: busybox\n  package_manager: apk\n");
	static const struct app_file script[] = {{.path = "run", .text = "#!/bin/sh\n"}, {0}};
	struct app_file base[] = {{.path = "bin/sh", .object = "sh"}, {0}};
	if (!compile(&m.arena, "cc", "sh", "-static", "int main(void) { return 0; }"))
		fail_msg("no static program could be made");
	made_learn(&m, "debian:trixie-slim", base);
	made_app(&m, script, NULL);
	struct pick_result r = made_pick(&m);
	assert_string_equal(made_ladder(&m, &r),
	                    "> debian:trixie-slim (not at hand): predicted, not tried: it is not at hand\n"
	                    "alpine:3.24 (not at hand): only described: not seen, not tried\n");
	assert_false(r.tried);
	assert_true(str_eq(r.reference, STR("docker.io/library/debian:trixie-slim")));
	assert_true(str_starts(r.rules.p[0], STR("the smallest that should hold it: predicted, not tried")));
	assert_non_null(r.measure_first);
	assert_true(str_eq(r.measure_first->base.name, STR("alpine:3.24")));

	*vec_push(&m.names, &m.arena) = STR("alpine:3.24");
	r = made_pick(&m);
	assert_null(r.choice);
	assert_null(r.measure_first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tie_goes_to_fewer_packages_then_to_longer_support),
		cmocka_unit_test(wishes_and_rules_pass_bases_over),
		cmocka_unit_test(what_is_described_is_proposed_and_never_chosen),
		cmocka_unit_test(a_proposal_stands_beside_a_prediction),
	};
	return cmocka_run_group_tests(tests, made_begin, made_end);
}
