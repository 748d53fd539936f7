/* One application on one base: entries that a runtime takes, what a description is enough for,
 * and cures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/described.h"
#include "advise/made_test.h"

static struct judgement judged(struct made *m, const char *base)
{
	struct base *b = ARENA_NEW(&m->arena, struct base);
	struct judgement j;
	struct err e = ERR_INIT;
	if (!base_open(b, str_of(base), &m->bases, &e) ||
	    !judge(&j, &m->app, b, &m->request.judge_options, &m->arena, &e))
		fail_msg("%s", e.message);
	cure_findings(&j.prediction, b, &m->bases, &m->shelf, &m->arena);
	return j;
}

/* main.py without `#!` and execute bit is run by a Python that must be there and must start. */
static void a_runtime_is_judged_for_its_file(void **state)
{
	(void)state;
	CLEANUP_MADE struct made m = {0};
	made_open(&m, "bases:\n- name: without\n- name: with\n- name: broken\n");
	static const struct app_file app[] = {{.path = "main.py", .text = "print()\n", .mode = 0644}, {0}};
	static const struct app_file without[] = {{.path = "bin/x", .text = ""}, {0}};
	static const struct app_file broken[] = {
		{.path = "usr/bin/python3", .text = "#!/bin/none\n"}, {0}};
	struct app_file with[] = {{.path = "usr/bin/python3", .object = "static"}, {0}};
	if (!compile(&m.arena, "cc", "static", "-static", "int main(void) { return 0; }"))
		fail_msg("no static program could be made");
	made_learn(&m, "without", without);
	made_learn(&m, "with", with);
	made_learn(&m, "broken", broken);
	made_app(&m, app, "main.py");

	struct judgement j = judged(&m, "without");
	assert_int_equal(j.prediction.verdict, VERDICT_FAILS);
	assert_int_equal(j.prediction.findings.n, 1);
	const struct finding *f = &j.prediction.findings.p[0];
	assert_int_equal(f->kind, FINDING_RUNTIME);
	assert_true(str_eq(f->name, STR("python")));
	assert_true(str_eq(f->object, STR("/app/main.py")));
	assert_true(str_eq(f->message, STR("python, which runs it, is not in PATH")));
	assert_true(str_eq(f->cure.p[0], STR("add python to the base, or choose one that has it")));

	j = judged(&m, "with");
	assert_int_equal(j.prediction.verdict, VERDICT_RUNS);
	assert_int_equal(j.prediction.findings.n, 1);
	assert_int_equal(j.prediction.findings.p[0].severity, SEVERITY_NOTE);
	assert_true(str_eq(j.prediction.findings.p[0].message, STR("/usr/bin/python3 runs it")));

	j = judged(&m, "broken");
	assert_int_equal(j.prediction.verdict, VERDICT_FAILS);
	assert_true(str_eq(j.prediction.findings.p[0].object, STR("/usr/bin/python3")));
}

static void a_description_never_gives_runs(void **state)
{
	(void)state;
	static const struct {
		const char *description, *script;
		bool promising;
		const char *message;
	} rows[] = {
		{"shell: dash", "#!/bin/sh\n", true, ", which names dash"},
		{"shell: none", "#!/bin/sh\n", false, ", which names no /bin/sh"},
		{"shell: busybox", "#!/bin/bash\n", false, ", which names no /bin/bash"},
		{"interpreters: [python 3.14]", "#!/usr/bin/python3\n", true, ", which names python 3.14"},
		{"interpreters: [python 3.14]", "#!/usr/bin/python3.1\n", false, ", which names no python3.1"},
		{"interpreters: [python 3.14]", "#!/usr/bin/env node\n", false, ", which names no node"},
		{"libc: musl", "#!/bin/x\n", true, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_MADE struct made m = {0};
		const struct app_file app[] = {{.path = "run", .text = rows[i].script}, {0}};
		made_open(&m, arena_printf(&m.arena, "bases:\n- name: described\n  repository: r/d\n  %s\n",
		                           rows[i].description).p);
		made_app(&m, app, NULL);
		struct judgement j = judged(&m, "described");
		assert_int_equal(j.prediction.verdict, VERDICT_UNKNOWN);
		assert_int_equal(j.promising, rows[i].promising);
		assert_int_equal(j.prediction.findings.n, 1);
		assert_true(j.prediction.findings.p[0].undecided);
		struct str wanted = arena_printf(&m.arena, "socle has not seen what is inside, only its "
		                                 "publisher's description%s", rows[i].message);
		assert_string_equal(arena_cstr(&m.arena, j.prediction.findings.p[0].message),
		                    arena_cstr(&m.arena, wanted));
	}
}

static void interpreters_serve_by_whole_parts_of_versions(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct {
		struct str have, runtime;
		bool serves;
	} rows[] = {
		{STR_INIT("3.14"), STR_INIT("python"), true},   {STR_INIT("3.14"), STR_INIT("python3"), true},
		{STR_INIT("3.14"), STR_INIT("python3.14"), true}, {STR_INIT("3.14"), STR_INIT("python3.1"), false},
		{STR_INIT("3.14"), STR_INIT("python2"), false}, {STR_INIT(""), STR_INIT("python3"), true},
		{STR_INIT(""), STR_INIT("python3.11"), false},  {STR_INIT("3.14"), STR_INIT("pythonic"), false},
		{STR_INIT("3.14"), STR_INIT("pypy3"), false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct catalogue_base d = {.name = STR("x")};
		*vec_push(&d.interpreters, &a) =
			(struct catalogue_interpreter){STR("python"), rows[i].have};
		if ((described_interpreter(&d, rows[i].runtime, &a).n > 0) != rows[i].serves)
			fail_msg("%.*s by %.*s", STR_ARG(rows[i].runtime), STR_ARG(rows[i].have));
	}
}

/* /etc/shadow says nothing about programs; a closed folder may hide any. */
static void what_could_not_be_read_is_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct entry entries[] = {
		{.path = STR_INIT("closed"), .type = ENTRY_DIR, .elf_error = STR_INIT("cannot be read: x")},
		{.path = STR_INIT("damaged"), .type = ENTRY_FILE, .mode = 0755,
		 .elf_error = STR_INIT("ends early")},
		{.path = STR_INIT("etc/shadow"), .type = ENTRY_FILE, .mode = 0600,
		 .elf_error = STR_INIT("cannot be read: x")},
		{.path = STR_INIT("libx.so.1"), .type = ENTRY_FILE, .mode = 0600,
		 .elf_error = STR_INIT("cannot be read: x")},
	};
	struct facts_builder *b = facts_builder_new(&a);
	struct buf record = BUF_INIT(1 << 20);
	struct facts facts;
	struct tree t;
	struct err e = ERR_INIT;
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		assert_true(facts_builder_add(b, &entries[i], NULL, NULL, &e));
	assert_true(facts_builder_encode(b, STR(""), 0, &record, &e));
	facts_builder_release(b);
	tree_init(&t, &a);
	assert_true(facts_open(&facts, buf_str(&record), &a, &e) && tree_add(&t, &facts, STR(""), &e));
	struct str_vec unread = tree_unread(&t, &a);
	assert_int_equal(unread.n, 2);
	assert_true(str_eq(unread_text(STR("app"), &unread, &a),
	                   STR("app: /closed cannot be read (and 1 more): what is in it is not known")));
	assert_true(str_eq(unread.p[1], STR("/libx.so.1")));
	buf_release(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_runtime_is_judged_for_its_file),
		cmocka_unit_test(a_description_never_gives_runs),
		cmocka_unit_test(what_could_not_be_read_is_told),
		cmocka_unit_test(interpreters_serve_by_whole_parts_of_versions),
	};
	return cmocka_run_group_tests(tests, made_begin, made_end);
}
