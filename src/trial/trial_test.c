/* Real containers, under every runtime that this machine has. Where it can run none the tests are
 * skipped, saying why; SOCLE_TEST_CONTAINERS=required makes that a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/limits.h"
#include "trial/act_test.h"

static void passes_and_says_so(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "say", "hello there");
	assert_true(a.result.passed);
	assert_int_equal(a.result.exit, 0);
	assert_str(a.result.out, "hello there\n");
	assert_str(a.result.err, "");
	assert_str(a.result.command, "/app/actor say 'hello there'");
	assert_true(a.result.observed);
	assert_int_equal(a.result.missing.n, 0);
	assert_int_equal(a.result.notes.n, 0);
}

static void runs_on_scratch(void **state)
{
	(void)state;
	ACT a = on_base("");
	RUN(&a, "/app/actor", "stat", "/tmp", "/etc/hosts");
	assert_int_equal(a.result.exit, 1);
	/* A base without /tmp has none here either: its absence is a finding. */
	assert_str(a.result.out, "/tmp: No such file or directory\n/etc/hosts: ok\n");
	assert_non_null(missing(&a, "/tmp"));
}

static void exit_status_is_the_programs(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "exit", "3");
	assert_false(a.result.passed);
	assert_int_equal(a.result.exit, 3);
	assert_str(a.result.why, "exit status 3");

	ACT b = on_base(stage.base);
	b.test.has_exit = true;
	b.test.exit = 3;
	RUN(&b, "/app/actor", "exit", "3");
	assert_true(b.result.passed);
}

static void runs_what_has_no_slash_along_path(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	*vec_push(&a.setup.env, &a.arena) = STR("PATH=/nowhere:/app");
	RUN(&a, "actor", "env", "PATH");
	assert_str(a.result.out, "/nowhere:/app\n");

	ACT b = on_base(stage.base);
	b.setup.working_dir = STR("/app");
	RUN(&b, "./actor", "where");
	assert_str(b.result.out, "/app\n");
}

static void what_cannot_start_is_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *program, *why, *missing;
	} table[] = {
		{"/app/lost", "/app/lost is not there", "/app/lost"},
		{"lost", "lost is in no folder of PATH", "lost"},
		{"/app/script",
		 "/app/script is there, but its interpreter /opt/lost/interpreter is not",
		 "/opt/lost/interpreter"},
		{"/app/plain", "/app/plain is no file with an execute bit", NULL},
		{"/app", "/app is no file with an execute bit", NULL},
		{"/app/text", "/app/text is neither an ELF program nor a script with a #! line",
		 NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ACT a = on_base(stage.base);
		RUN(&a, table[i].program);
		assert_false(a.result.passed);
		assert_int_equal(a.result.exit, -1);
		assert_str(a.result.why, table[i].why);
		if (table[i].missing)
			assert_str(missing(&a, table[i].missing)->call, "execve");
		else
			assert_int_equal(a.result.missing.n, 0);
	}
}

static void glibc_program_misses_its_loader(void **state)
{
	(void)state;
	ACT a = on_base(stage.alpine[0] ? stage.alpine : stage.base);
	RUN(&a, "/app/dynamic", "exit", "0");
	assert_int_equal(a.result.exit, -1);
	assert_in(a.result.why, "/app/dynamic is there, but its interpreter /lib");
	assert_int_equal(a.result.missing.n, 1);
	assert_str(a.result.missing.p[0].call, "execve");
	assert_int_equal(a.result.missing.p[0].times, 1);
}

/* … also where a script starts it, and says only "not found". */
static void interpreter_is_named_for_children_too(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "exec", "/app/script");
	assert_int_equal(a.result.exit, 1);
	assert_non_null(missing(&a, "/opt/lost/interpreter"));
	assert_null(missing(&a, "/app/script"));
}

static void signals_are_named(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "signal", "11");
	assert_int_equal(a.result.exit, 128 + 11);
	assert_str(a.result.why, "ended by signal 11 (SIGSEGV)");
}

static void time_ends(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	a.setup.timeout_ms = 300;
	RUN(&a, "/app/actor", "sleep", "60");
	assert_true(a.result.timed_out);
	assert_false(a.result.passed);
	assert_str(a.result.why, "did not end within 0.3 s");
	assert_true(a.result.seconds >= 0.3 && a.result.seconds < 15);
}

static void output_is_bounded(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "spam", "5000000");
	assert_true(a.result.passed);
	assert_true(a.result.out.n > LIMIT_TRIAL_OUTPUT_BYTES &&
		    a.result.out.n < LIMIT_TRIAL_OUTPUT_BYTES + 100);
	assert_in(a.result.out, "[cut: ");
}

static void memory_is_bounded(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	a.setup.memory_bytes = 32u << 20;
	RUN(&a, "/app/actor", "eat", "2000");
	assert_true(a.result.out_of_memory);
	assert_str(a.result.why, "took more than 32 MiB of memory");
}

static void processes_are_bounded(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	a.setup.processes = 20;
	RUN(&a, "/app/actor", "breed", "60");
	assert_true(a.result.too_many_processes);
	assert_str(a.result.why, "had more than 20 processes and threads");
}

static void orphans_end_with_it(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "orphan");
	assert_true(a.result.passed);
	assert_true(a.result.seconds < 15);
}

static void network_is_loopback_alone(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "connect", "192.0.2.1", "80");
	assert_str(a.result.out, "connect: Network is unreachable\n");
	ACT b = on_base(stage.base);
	RUN(&b, "/app/actor", "connect", "127.0.0.1", "9");
	assert_str(b.result.out, "connect: Connection refused\n");
}

static void engines_denials_hold(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "denied");
	assert_str(a.result.out, "mount: Operation not permitted\n"
				 "unshare: Operation not permitted\n"
				 "mknod: Operation not permitted\n"
				 "keyctl: Operation not permitted\n"
				 "clone: Operation not permitted\n");
}

static void environment_reaches_it(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	*vec_push(&a.setup.env, &a.arena) = STR("COLOUR=red");
	*vec_push(&a.test.env, &a.arena) = STR("COLOUR=blue = \"navy\"");
	RUN(&a, "/app/actor", "env", "COLOUR");
	assert_str(a.result.out, "blue = \"navy\"\n");
	ACT b = on_base(stage.base);
	RUN(&b, "/app/actor", "env", "PATH");
	assert_str(b.result.out, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

static void user_is_the_containers(void **state)
{
	(void)state;
	static const struct {
		const char *user, *who;
	} table[] = {{"", "0:0\n"},        {"web", "1234:1235\n"},  {"1234", "1234:1235\n"},
		     {"4321", "4321:0\n"}, {"web:77", "1234:77\n"}, {"5:extra", "5:77\n"}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ACT a = on_base(stage.base);
		a.setup.user = str_of(table[i].user);
		RUN(&a, "/app/actor", "who");
		assert_true(a.result.passed);
		/* One mapped ID and runc: then it says that it could not. */
		if (!str_eq(a.result.out, str_of(table[i].who)))
			assert_in(a.result.notes.p[0], "ran as root instead of");
	}
	ACT a = on_base(stage.base);
	a.setup.user = STR("nosuch");
	RUN(&a, "/app/actor", "who");
	assert_false(a.result.passed);
	assert_str(a.result.why, "user nosuch: not in the container's /etc/passwd");
}

static void sources_stay_as_they_are(void **state)
{
	(void)state;
	char base[128], app[128];
	snprintf(base, sizeof base, "%s", stage_digest(stage.base));
	snprintf(app, sizeof app, "%s", stage_digest(stage.app));
	static const char *const table[][4] = {
		{"/app/actor", "write", "/app/actor2", NULL},
		{"/app/actor", "write", "/app/plain", NULL},
		{"/app/actor", "write", "/etc/passwd", NULL},
		{"/app/actor", "write", "/new", NULL},
		{"/app/actor", "unlink", "/bin/actor", NULL},
		{"/app/actor", "unlink", "/app/text", NULL},
	};
	for (int copy = 0; copy < 2; copy++)
		for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
			ACT a = on_base(stage.base);
			a.setup.copy = copy;
			run(&a, table[i]);
			assert_true(a.result.passed);
			assert_string_equal(base, stage_digest(stage.base));
			assert_string_equal(app, stage_digest(stage.app));
		}
}

/* What overlay would cut its options at. */
static void odd_names_are_just_names(void **state)
{
	(void)state;
	char base[512], app[512];
	snprintf(base, sizeof base, "%s/b,a:s\\e \"1\"", stage.folder);
	snprintf(app, sizeof app, "%s/a,p:p\\ upperdir=x", stage.folder);
	assert_true(rename(stage.base, base) == 0 && rename(stage.app, app) == 0);
	ACT a = on_base(base);
	a.setup.app.source = str_of(app);
	a.setup.app.target = STR("/o,d:d\\ d");
	struct err e = ERR_INIT;
	*vec_push(&a.test.argv, &a.arena) = STR("/o,d:d\\ d/actor");
	*vec_push(&a.test.argv, &a.arena) = STR("stat");
	*vec_push(&a.test.argv, &a.arena) = STR("/bin/actor");
	bool ok = !able || trial_run(&a.setup, &a.test, 1, &a.result, &a.arena, &e);
	assert_true(rename(base, stage.base) == 0 && rename(app, stage.app) == 0);
	if (!able)
		skip();
	if (!ok)
		fail_msg("%s", e.message);
	assert_str(a.result.out, "/bin/actor: ok\n");
}

static void application_merges_into_the_base(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	a.setup.app.target = STR("/bin");
	RUN(&a, "/bin/dynamic/../actor", "stat", "/bin/actor", "/bin/plain");
	ACT b = on_base(stage.base);
	b.setup.app.target = STR("/");
	RUN(&b, "/actor", "stat", "/bin/actor", "/plain");
	assert_str(b.result.out, "/bin/actor: ok\n/plain: ok\n");
	ACT c = on_base("");
	char file[200];
	snprintf(file, sizeof file, "%s/actor", stage.app);
	c.setup.app.source = str_of(file);
	c.setup.app.target = STR("/opt/deep/one");
	RUN(&c, "/opt/deep/one", "write", "/opt/deep/one");
	assert_in(c.result.out, "Text file busy");
}

static void missing_files_are_observed(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	a.setup.working_dir = STR("/app");
	RUN(&a, "/app/actor", "open", "/etc/services", "data/x.txt", "/etc/services",
	    "/etc/passwd");
	assert_int_equal(missing(&a, "/etc/services")->times, 2);
	assert_non_null(missing(&a, "/app/data/x.txt"));
	assert_null(missing(&a, "/etc/passwd"));
	assert_int_equal(a.result.missing.n, 2);
}

static void searches_are_not_misses(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	RUN(&a, "/app/actor", "execvp", "actor", "say", "found");
	assert_str(a.result.out, "found\n");
	assert_int_equal(a.result.missing.n, 0);
	ACT b = on_base(stage.base);
	RUN(&b, "/app/actor", "execvp", "lost-program");
	assert_int_equal(b.result.missing.n, 1);
	assert_str(b.result.missing.p[0].path, "lost-program");
	assert_int_equal(b.result.missing.p[0].times, 6);
	ACT c = on_base(stage.base);
	RUN(&c, "/app/actor", "write", "/tmp/made");
	assert_int_equal(c.result.missing.n, 0);
}

static const char page[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

static void server_is_probed(void **state)
{
	(void)state;
	static const struct {
		const char *answer, *skip, *why;
		int status;
	} table[] = {
		{page, "0", "", 200},
		{page, "3", "", 200},
		{"HTTP/1.1 404 Not Found\r\n\r\n", "0", "answered 404", 404},
		{"HTTP/1.0 302 Found\r\n\r\n", "0", "", 302},
		{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n", "0", "",
		 204},
		{"HTTP/1.1 503 Not Yet\r\n\r\n", "0", "still answered 503 after 3 s", 503},
		{"SSH-2.0-x\r\n", "0", "no HTTP answer on port 80 within 3 s", 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ACT a = on_base(stage.base);
		a.test.kind = TRIAL_HTTP;
		a.test.http_port = 80;
		a.test.http_path = STR("/health?x=1");
		/* Two of them run into it. */
		a.setup.timeout_ms = strstr(table[i].why, "3 s") ? 3000 : 20000;
		RUN(&a, "/app/actor", "serve", "80", table[i].answer, table[i].skip);
		assert_str(a.result.why, table[i].why);
		assert_int_equal(a.result.http_status, table[i].status);
		assert_int_equal(a.result.passed, table[i].why[0] == '\0');
		assert_in(a.result.out, "GET /health?x=1 HTTP/1.1\n");
	}
}

static void server_that_ends_has_failed(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	a.test.kind = TRIAL_HTTP;
	a.test.http_port = 8080;
	RUN(&a, "/app/actor", "complain", "no database");
	assert_str(a.result.why, "the server ended before it answered: exit status 0");
	assert_str(a.result.err, "no database\n");
	ACT b = on_base(stage.base);
	b.test.kind = TRIAL_HTTP;
	b.test.http_port = 8080;
	b.setup.timeout_ms = 400;
	RUN(&b, "/app/actor", "sleep", "30");
	assert_str(b.result.why, "no answer on port 8080 within 0.4 s");
}

static void output_is_matched(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	*vec_push(&a.test.stdout_match, &a.arena) = STR("^v[0-9]+\\.[0-9]+$");
	RUN(&a, "/app/actor", "say", "version 1.2");
	assert_str(a.result.why, "standard output does not match '^v[0-9]+\\.[0-9]+$'");
	ACT b = on_base(stage.base);
	*vec_push(&b.test.stderr_exclude, &b.arena) = STR("(warn|err)");
	RUN(&b, "/app/actor", "complain", "a warning");
	assert_str(b.result.why, "standard error matches '(warn|err)', which it must not");
}

static void steps_share_a_layer(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	static const char *const before[] = {"/app/actor", "write", "/made"};
	struct trial_argv *step = vec_push(&a.test.before, &a.arena);
	for (size_t i = 0; i < 3; i++)
		*vec_push(&step->v, &a.arena) = str_of(before[i]);
	RUN(&a, "/app/actor", "stat", "/made");
	assert_true(a.result.passed);
	ACT b = on_base(stage.base);
	RUN(&b, "/app/actor", "stat", "/made");
	assert_false(b.result.passed);
}

static void variables_are_expanded_where_asked(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	*vec_push(&a.setup.env, &a.arena) = STR("WHERE=/app");
	*vec_push(&a.test.env, &a.arena) = STR("PATH=$WHERE:${PATH}$");
	a.test.expands = true;
	RUN(&a, "${WHERE}/actor", "env", "PATH");
	assert_str(a.result.out,
		   "/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin$\n");
	ACT b = on_base(stage.base);
	RUN(&b, "/app/actor", "say", "$PATH");
	assert_str(b.result.out, "$PATH\n");
}

static void files_are_looked_at(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct trial_setup setup = {.base_dir = str_of(stage.base),
				    .app = {str_of(stage.app), STR("/app")}};
	struct trial_test t[6] = {
		{.kind = TRIAL_FILE,
		 .file = {.path = STR("/app/plain"), .mode = STR("-rw-r--r--")}},
		{.kind = TRIAL_FILE, .file = {.path = STR("/app/lost")}},
		{.kind = TRIAL_FILE, .file = {.path = STR("/etc/hosts"), .absent = true}},
		{.kind = TRIAL_FILE,
		 .file = {.path = STR("/tmp"),
			  .mode = STR("drwxrwxrwt"),
			  .executable_by = TRIAL_MAY_OTHER}},
		{.kind = TRIAL_CONTENT, .file = {.path = STR("/etc/passwd")}},
		{.kind = TRIAL_METADATA, .metadata = {.user = STR("web")}},
	};
	*vec_push(&t[4].file.match, &a) = STR("^root:.*\nweb:x:1234");
	struct trial_result r[6];
	struct err e = ERR_INIT;
	if (!able)
		skip();
	if (!trial_run(&setup, t, 6, r, &a, &e))
		fail_msg("%s", e.message);
	static const char *const why[] = {
		"", "is not there",
		"", "",
		"", "there is no image configuration to hold this against"};
	for (int i = 0; i < 6; i++)
		assert_str(r[i].why, why[i]);
}

/* The same programs under a plain chroot: whoever passes here passes there. */
static void agrees_with_chroot(void **state)
{
	(void)state;
	if (geteuid() != 0 || stage.alpine[0] == '\0') {
		print_message("wants root, and the Alpine file system in ../shared/bases\n");
		skip();
	}
	static const char *const table[][4] = {
		{"/bin/busybox", "true", NULL},
		{"/bin/busybox", "false", NULL},
		{"/sbin/apk", "--version", NULL},
		{"/app/actor", "exit", "7"},
		{"/app/dynamic", "exit", "0"},
		{"/usr/bin/scanelf", "-V", NULL},
		{"/usr/bin/nothing", NULL},
		{"/bin/sh", "-c", "exit 12"},
		{"/usr/bin/ldd", "/sbin/apk", NULL},
		{"/usr/bin/getent", "passwd", "root"},
		{"/app/text", NULL},
	};
	assert_true(shell("rm -rf %s/hand && cp -a %s %s/hand && cp -a %s %s/hand/app",
			  stage.folder, stage.alpine, stage.folder, stage.app, stage.folder));
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char line[600];
		size_t n = (size_t)snprintf(line, sizeof line, "chroot %s/hand", stage.folder);
		ACT a = on_base(stage.alpine);
		const char *argv[5] = {NULL};
		for (int k = 0; k < 4 && table[i][k]; k++) {
			n += (size_t)snprintf(line + n, sizeof line - n, " '%s'", table[i][k]);
			argv[k] = table[i][k];
		}
		run(&a, argv);
		if (shell("%s >/dev/null 2>&1", line) != a.result.passed)
			fail_msg("%s: %.*s", line, STR_ARG(a.result.why));
	}
}

static int group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_and_says_so),
		cmocka_unit_test(runs_on_scratch),
		cmocka_unit_test(exit_status_is_the_programs),
		cmocka_unit_test(runs_what_has_no_slash_along_path),
		cmocka_unit_test(what_cannot_start_is_told_apart),
		cmocka_unit_test(glibc_program_misses_its_loader),
		cmocka_unit_test(interpreter_is_named_for_children_too),
		cmocka_unit_test(signals_are_named),
		cmocka_unit_test(time_ends),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(processes_are_bounded),
		cmocka_unit_test(orphans_end_with_it),
		cmocka_unit_test(network_is_loopback_alone),
		cmocka_unit_test(engines_denials_hold),
		cmocka_unit_test(environment_reaches_it),
		cmocka_unit_test(user_is_the_containers),
		cmocka_unit_test(sources_stay_as_they_are),
		cmocka_unit_test(odd_names_are_just_names),
		cmocka_unit_test(application_merges_into_the_base),
		cmocka_unit_test(missing_files_are_observed),
		cmocka_unit_test(searches_are_not_misses),
		cmocka_unit_test(server_is_probed),
		cmocka_unit_test(server_that_ends_has_failed),
		cmocka_unit_test(output_is_matched),
		cmocka_unit_test(steps_share_a_layer),
		cmocka_unit_test(variables_are_expanded_where_asked),
		cmocka_unit_test(files_are_looked_at),
		cmocka_unit_test(agrees_with_chroot),
	};
	return cmocka_run_group_tests(tests, make, clean);
}

int main(void)
{
	return under_each_runtime(group);
}
