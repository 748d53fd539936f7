/* The pure parts of a trial: who, what, which answer, and the report's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>

#include "core/limits.h"
#include "trial/account.h"
#include "trial/bundle.h"
#include "trial/judge.h"
#include "trial/probe.h"
#include "trial/program.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "bad\n"
			     "huge:x:4294967295:1:::\n"
			     "web:x:100:101:Web:/srv/web:/sbin/nologin\n"
			     "7:x:77:78::/home/seven:\n"
			     "nohome:x:9:9:::";
static const char group[] = "root:x:0:\nweb:x:101:\nextra:x:5:web,other\nmore:x:6: web \n";

static void users_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *user;
		uint32_t uid, gid;
		size_t groups;
		const char *home;
	} table[] = {
		{"", 0, 0, 0, "/root"},
		{"web", 100, 101, 2, "/srv/web"},
		{"100", 100, 101, 2, "/srv/web"},
		{"web:5", 100, 5, 0, "/srv/web"},
		{"web:extra", 100, 5, 0, "/srv/web"},
		{"7", 77, 78, 0, "/home/seven"},
		{"4000", 4000, 0, 0, "/"},
		{"4000:4001", 4000, 4001, 0, "/"},
		{"nohome", 9, 9, 0, "/"},
		{":web", 0, 101, 0, "/root"},
		{"web:", 100, 101, 0, "/srv/web"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct account a;
		struct err e = ERR_INIT;
		if (!account_find(str_of(table[i].user), str_of(passwd), str_of(group), &a, &e))
			fail_msg("%s: %s", table[i].user, e.message);
		assert_int_equal(a.uid, table[i].uid);
		assert_int_equal(a.gid, table[i].gid);
		assert_int_equal(a.groups, table[i].groups);
		assert_true(str_eq(a.home, str_of(table[i].home)));
	}
	static const char *const bad[] = {"lost", "huge", "web:lost", "4294967295", "-1", "1 "};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct account a;
		struct err e = ERR_INIT;
		assert_false(account_find(str_of(bad[i]), str_of(passwd), str_of(group), &a, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void answers_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *head;
		int status;
	} table[] = {
		{"HTTP/1.1 200 OK\r\n", 200},
		{"HTTP/1.0 404", 404},
		{"HTTP/1.1 20", 0},
		{"", 0},
		{"HTT", 0},
		{"HTTP/2 200", -1},
		{"GET / HTTP/1.1", -1},
		{"HTTP/1.1  200", -1},
		{"HTTP/1.1 0200", -1},
		{"HTTP/1.1 100 Continue\r\n", 0},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\n", 500},
		{"HTTP/1.1 100 Continue\r\n\r\nSMTP", -1},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(probe_status(str_of(table[i].head)), table[i].status);
}

static void interpreters_of_scripts(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"#!/bin/sh\n", "/bin/sh"},
		{"#! \t/usr/bin/env python3\n", "/usr/bin/env"},
		{"#!/bin/sh\r\n", "/bin/sh\r"},
		{"#!\n/bin/sh", ""},
		{"#/bin/sh", ""},
		{"#!", ""},
		{"#!/bin/sh", "/bin/sh"},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_true(str_eq(script_interpreter(str_of(pairs[i][0])), str_of(pairs[i][1])));
}

static void reports_travel(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf b = BUF_INIT(LIMIT_TRIAL_FRAME_BYTES);
	struct err e = ERR_INIT;
	struct report r = {.started = true,
			   .http_oddly = true,
			   .exit = -1,
			   .http_status = 404,
			   .duration_us = 1234567,
			   .out = STR("a\0b"),
			   .err = STR(""),
			   .why = STR("because"),
			   .file = {.type = 'd', .mode = 01777, .there = true}};
	*vec_push(&r.missing, &a) = (struct trial_missing){STR("/x"), STR("open"), 7};
	*vec_push(&r.notes, &a) = STR("note");
	assert_true(report_encode(&r, &b, &e));
	struct str frame = str_skip(buf_str(&b), 4);
	struct report back;
	assert_true(report_decode(frame, &back, &a, &e));
	assert_true(back.started && back.http_oddly && !back.timed_out && back.file.there);
	assert_int_equal(back.exit, -1);
	assert_int_equal(back.http_status, 404);
	assert_int_equal(back.duration_us, 1234567);
	assert_int_equal(back.out.n, 3);
	assert_int_equal(back.file.mode, 01777);
	assert_int_equal(back.missing.p[0].times, 7);
	assert_true(str_eq(back.notes.p[0], STR("note")));
	/* Cut anywhere, or with something behind it: refused. */
	for (size_t n = 0; n < frame.n; n++)
		assert_false(report_decode(str_slice(frame, 0, n), &back, &a, &e));
	assert_false(report_decode(str_skip(buf_str(&b), 3), &back, &a, &e));
}

static json_t *config_of(struct bundle *b, struct arena *a)
{
	struct str text;
	struct err e = ERR_INIT;
	b->working_dir = STR("/");
	b->rootfs = "/r";
	b->listener_path = "/l";
	if (!bundle_config(b, a, &text, &e))
		fail_msg("%s", e.message);
	return json_loadb(text.p, text.n, 0, NULL);
}

static void configuration_is_the_engines(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str words[] = {STR("sh"), STR("-c"), STR("\"\t\\ä\"")};
	struct str_vec argv = {words, 3, 3}, env = {0};
	struct account root = {0}, web = {.uid = 100, .gid = 101, .group = {5}, .groups = 1};
	struct bundle b = {.argv = &argv,
			   .env = &env,
			   .account = &root,
			   .max_files = 4096,
			   .max_core = 0,
			   .oom_score_adj = 700,
			   .may_set_groups = true};
	json_t *c = config_of(&b, &a), *p = json_object_get(c, "process"), *caps, *effective;
	assert_string_equal(json_string_value(json_array_get(json_object_get(p, "args"), 2)),
			    "\"\t\\ä\"");
	assert_true(json_is_true(json_object_get(p, "noNewPrivileges")));
	assert_int_equal(json_integer_value(json_object_get(p, "oomScoreAdj")), 700);
	caps = json_object_get(p, "capabilities");
	effective = json_object_get(caps, "effective");
	assert_int_equal(json_array_size(effective), 13);
	json_decref(c);

	b.account = &web;
	b.own_ids = true;
	c = config_of(&b, &a);
	caps = json_object_get(json_object_get(c, "process"), "capabilities");
	assert_int_equal(json_array_size(json_object_get(caps, "effective")), 0);
	assert_int_equal(json_array_size(json_object_get(caps, "bounding")), 13);
	json_t *mapping =
		json_array_get(json_object_get(json_object_get(c, "linux"), "uidMappings"), 0);
	assert_int_equal(json_integer_value(json_object_get(mapping, "containerID")), 100);
	json_decref(c);
}

static void configuration_refuses_what_json_cannot_say(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str bad[] = {STR("a\xff"), STR("a\0b")};
	for (size_t i = 0; i < 2; i++) {
		struct str_vec argv = {&bad[i], 1, 1}, env = {0};
		struct account root = {0};
		struct bundle b = {.argv = &argv,
				   .env = &env,
				   .account = &root,
				   .working_dir = STR("/"),
				   .rootfs = "/r",
				   .listener_path = "/l"};
		struct err e = ERR_INIT;
		struct str text;
		assert_false(bundle_config(&b, &a, &text, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void push(struct str_vec *v, struct arena *a, const char *s)
{
	*vec_push(v, a) = str_of(s);
}

static void metadata_is_held_against_the_configuration(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct trial_config c = {.working_dir = STR("/app"), .user = STR("web")};
	push(&c.env, &a, "PATH=/bin");
	push(&c.labels, &a, "version=1.2.3");
	push(&c.exposed_ports, &a, "8080/tcp");
	push(&c.entrypoint, &a, "/bin/server");
	struct trial_setup setup = {.config = &c};
	struct {
		struct trial_metadata_wants wants;
		const char *why;
	} table[9] = {
		[0] = {{.working_dir = STR("/app"), .user = STR("web")}, ""},
		[1] = {{.user = STR("root")}, "the user is 'web', not 'root'"},
		[2] = {{.has_entrypoint = true}, "the entrypoint is [/bin/server], not []"},
		[3] = {{.has_cmd = true}, ""},
		[4] = {{.user = STR("")}, ""},
		[5] = {{.user = STR("")}, "port 9090 is not declared"},
		[6] = {{.user = STR("")}, "variable PATH is set, and must not be"},
		[7] = {{.user = STR("")}, ""},
		[8] = {{.user = STR("")}, "label version is '1.2.3', not '1.2'"},
	};
	push(&table[4].wants.ports, &a, "8080");
	push(&table[5].wants.ports, &a, "9090");
	push(&table[6].wants.env_absent, &a, "PATH");
	*vec_push(&table[7].wants.labels, &a) =
		(struct trial_pair){STR("version"), STR("^1\\."), true};
	*vec_push(&table[8].wants.labels, &a) =
		(struct trial_pair){STR("version"), STR("1.2"), false};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct trial_test t = {.kind = TRIAL_METADATA, .metadata = table[i].wants};
		struct trial_result r;
		judge_metadata(&setup, &t, &r, &a);
		if (!str_eq(r.why, str_of(table[i].why)))
			fail_msg("%zu: \"%.*s\"", i, STR_ARG(r.why));
		assert_int_equal(r.passed, table[i].why[0] == '\0');
	}
}

static void files_are_judged(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct trial_setup setup = {0};
	static const struct {
		struct trial_file_wants wants;
		struct report_file is;
		const char *why;
	} table[] = {
		{{.mode = STR_INIT("-rwsr-xr-x")}, {.there = true, .type = '-', .mode = 04755}, ""},
		{{.mode = STR_INIT("urwxr-xr-x")}, {.there = true, .type = '-', .mode = 04755}, ""},
		{{.mode = STR_INIT("dtrwxrwxrwx")},
		 {.there = true, .type = 'd', .mode = 01777},
		 ""},
		{{.mode = STR_INIT("Dcrw-rw-rw-")}, {.there = true, .type = 'c', .mode = 0666}, ""},
		{{.mode = STR_INIT("-rw-------")},
		 {.there = true, .type = '-', .mode = 0644},
		 "mode is -rw-r--r--, not -rw-------"},
		{{.absent = true}, {.there = true}, "is there, and must not be"},
		{{.has_uid = true, .uid = 5},
		 {.there = true, .uid = 6},
		 "belongs to user 6, not 5"},
		{{.executable_by = TRIAL_MAY_GROUP},
		 {.there = true, .type = '-', .mode = 0704},
		 "mode -rwx---r-- lacks the wanted execute bit"},
		{{.executable_by = TRIAL_MAY_ANY}, {.there = true, .type = '-', .mode = 0701}, ""},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct trial_test t = {.kind = TRIAL_FILE, .file = table[i].wants};
		struct report r = {.started = true, .file = table[i].is};
		struct trial_result out;
		judge_report(&setup, &t, &r, &out, &a);
		if (!str_eq(out.why, str_of(table[i].why)))
			fail_msg("%zu: \"%.*s\"", i, STR_ARG(out.why));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_found),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(interpreters_of_scripts),
		cmocka_unit_test(reports_travel),
		cmocka_unit_test(configuration_is_the_engines),
		cmocka_unit_test(configuration_refuses_what_json_cannot_say),
		cmocka_unit_test(metadata_is_held_against_the_configuration),
		cmocka_unit_test(files_are_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
