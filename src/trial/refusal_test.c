/* What a machine, a runtime or an order may refuse, and what then happens. */
#include <pthread.h>

#include "trial/act_test.h"

/* Runs with SOCLE_RUNTIME set to `runtime`. */
static void run_under(const char *runtime, struct act *a, const char *const *argv)
{
	const char *before = getenv("SOCLE_RUNTIME");
	char kept[256];
	snprintf(kept, sizeof kept, "%s", before ? before : "");
	setenv("SOCLE_RUNTIME", runtime, 1);
	run(a, argv);
	if (kept[0])
		setenv("SOCLE_RUNTIME", kept, 1);
	else
		unsetenv("SOCLE_RUNTIME");
}

/* A runtime that refuses a configuration in which `word` stands, and is crun otherwise. */
static const char *fussy_runtime(const char *word)
{
	static char path[256];
	char text[1024];
	snprintf(path, sizeof path, "%s/crun-fussy", stage.folder);
	snprintf(text, sizeof text,
		 "#!/bin/sh\n"
		 "for a in \"$@\"; do\n"
		 "	[ \"$l\" = --log ] && log=$a\n"
		 "	[ \"$l\" = --bundle ] && bundle=$a\n"
		 "	l=$a\n"
		 "done\n"
		 "if grep -q %s \"$bundle/config.json\"; then\n"
		 "	echo '{\"level\":\"error\",\"msg\":\"this is too new\"}' >\"$log\"\n"
		 "	exit 1\n"
		 "fi\n"
		 "exec crun \"$@\"\n",
		 word);
	assert_true(write_text(stage.folder, "crun-fussy", text, 0755));
	return path;
}

static void old_runtimes_get_less(void **state)
{
	(void)state;
	static const struct {
		const char *word, *note;
		bool observed;
	} table[] = {
		{"WAIT_KILLABLE", NULL, true},
		{"listenerPath", "missing files were not observed: ", false},
		{"seccomp", "ran without a seccomp profile", false},
	};
	if (!able || !shell("command -v crun >/dev/null"))
		skip();
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ACT a = on_base(stage.base);
		run_under(fussy_runtime(table[i].word), &a,
			  (const char *const[]){"/app/actor", "open", "/lost", NULL});
		assert_int_equal(a.result.exit, 1);
		assert_int_equal(a.result.observed, table[i].observed);
		assert_int_equal(a.result.missing.n, table[i].observed);
		assert_int_equal(a.result.notes.n, table[i].note != NULL);
		if (table[i].note)
			assert_in(a.result.notes.p[0], table[i].note);
	}
}

static void runtime_that_never_works_is_quoted(void **state)
{
	(void)state;
	ACT a = on_base(stage.base);
	if (!able)
		skip();
	run_under(fussy_runtime("ociVersion"), &a,
		  (const char *const[]){"/app/actor", "exit", "0", NULL});
	assert_int_equal(a.result.exit, -1);
	assert_str(a.result.why, "the runtime could not start it: this is too new");
}

static bool try_order(const struct trial_setup *s, const struct trial_test *t, struct err *e)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct trial_result r = {0};
	*e = (struct err)ERR_INIT;
	return trial_run(s, t, 1, &r, &a, e);
}

static void missing_runtime_is_an_error(void **state)
{
	(void)state;
	struct str word = STR("true");
	struct trial_test t = {.argv = {&word, 1, 1}};
	struct trial_setup s = {0};
	struct err e;
	const char *own = getenv("SOCLE_RUNTIME");
	char kept[256];
	snprintf(kept, sizeof kept, "%s", own ? own : "");
	setenv("SOCLE_RUNTIME", "no-such-runtime", 1);
	assert_null(trial_runtime());
	assert_false(try_order(&s, &t, &e));
	assert_int_equal(e.code, ERR_MISSING_TOOL);
	assert_string_equal(e.message, "SOCLE_RUNTIME: no program no-such-runtime");
	if (kept[0])
		setenv("SOCLE_RUNTIME", kept, 1);
	else
		unsetenv("SOCLE_RUNTIME");
}

static void orders_without_sense_are_refused(void **state)
{
	(void)state;
	struct str word = STR("/bin/actor");
	struct trial_test ok = {.argv = {&word, 1, 1}}, none = {0};
	struct trial_test http = {.kind = TRIAL_HTTP, .argv = {&word, 1, 1}};
	struct trial_test path = {.kind = TRIAL_HTTP,
				  .argv = {&word, 1, 1},
				  .http_port = 1,
				  .http_path = STR("/a b")};
	struct trial_test file = {.kind = TRIAL_FILE, .file = {.path = STR("etc")}};
	struct str bad = STR("(");
	struct trial_test pattern = {.argv = {&word, 1, 1}, .stdout_match = {&bad, 1, 1}};
	struct {
		struct trial_setup setup;
		const struct trial_test *test;
		const char *message;
		enum err_code code;
	} table[] = {
		{{.network = false}, &none, "a test without a command", ERR_USAGE},
		{{.network = false}, &http, "HTTP port 0, path '': cannot be asked for", ERR_USAGE},
		{{.network = false},
		 &path,
		 "HTTP port 1, path '/a b': cannot be asked for",
		 ERR_USAGE},
		{{.network = false}, &file, "file 'etc' is no absolute path", ERR_USAGE},
		{{.network = false}, &pattern, "pattern '(': Unmatched ( or \\(", ERR_USAGE},
		{{.base_dir = STR("base")}, &ok, "base 'base' is no absolute path", ERR_USAGE},
		{{.app = {STR("/a"), STR("/proc/a")}},
		 &ok,
		 "an application cannot lie in /proc",
		 ERR_USAGE},
		{{.base_dir = STR("/no/such/base")},
		 &ok,
		 "trial: /no/such/base: No such file or directory",
		 ERR_IO},
		{{.base_dir = STR("/dev/null")},
		 &ok,
		 "trial: /dev/null: a base is a folder here",
		 ERR_USAGE},
	};
	if (!able)
		skip();
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct err e;
		assert_false(try_order(&table[i].setup, table[i].test, &e));
		assert_string_equal(e.message, table[i].message);
		assert_int_equal(e.code, table[i].code);
	}
}

/* With the machine's network, whoever listens there already would answer. */
static void taken_port_is_no_answer(void **state)
{
	(void)state;
	ACT server = on_base(stage.base);
	ACT a = on_base(stage.base);
	if (!able)
		skip();
	pid_t child = fork();
	if (child == 0) {
		char actor[200];
		snprintf(actor, sizeof actor, "%s/actor", stage.app);
		execl(actor, "actor", "serve", "28765", "HTTP/1.1 200 OK\r\n\r\n", NULL);
		_exit(127);
	}
	usleep(400000);
	a.setup.network = true;
	a.test.kind = TRIAL_HTTP;
	a.test.http_port = 28765;
	RUN(&a, "/app/actor", "sleep", "5");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_str(a.result.why, "port 28765 is taken on this machine");
	assert_false(a.result.passed);
}

static void *run_one(void *number)
{
	ACT a = on_base(stage.base);
	struct err e = ERR_INIT;
	char text[16];
	snprintf(text, sizeof text, "%d", (int)(intptr_t)number);
	const char *const argv[] = {"/app/actor", "exit", text};
	for (int i = 0; i < 3; i++)
		*vec_push(&a.test.argv, &a.arena) = str_of(argv[i]);
	for (int i = 0; i < 5; i++)
		if (!trial_run(&a.setup, &a.test, 1, &a.result, &a.arena, &e) ||
		    a.result.exit != (int)(intptr_t)number)
			return NULL;
	return number;
}

static void trials_run_side_by_side(void **state)
{
	(void)state;
	pthread_t thread[4];
#if defined(__SANITIZE_ADDRESS__)
	skip(); /* the sanitizer's allocator, unlike libc's, may be locked for ever behind a fork */
#endif
	if (!able)
		skip();
	for (intptr_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, run_one, (void *)(i + 1)), 0);
	for (intptr_t i = 0; i < 4; i++) {
		void *result;
		pthread_join(thread[i], &result);
		assert_int_equal((intptr_t)result, i + 1);
	}
}

/* 32-bit programs of the same processor are watched too. */
static void other_architectures_are_watched(void **state)
{
	(void)state;
#if defined(__x86_64__)
	assert_true(write_text(
		stage.folder, "small.c",
		"void _start(void)\n{\n"
		"	int r;\n"
		"	__asm__ volatile(\"int $0x80\" : \"=a\"(r) : \"a\"(5), "
		"\"b\"(\"/etc/lost-32\"), \"c\"(0), \"d\"(0));\n"
		"	__asm__ volatile(\"int $0x80\" : : \"a\"(1), \"b\"(r == -2 ? 7 : 8));\n"
		"}\n",
		0644));
	if (!able ||
	    !shell("cc -m32 -O1 -w -ffreestanding -fno-pic -fno-stack-protector -nostdlib -static "
		   "-o %s/small %s/small.c 2>/dev/null && %s/small; [ $? = 7 ]",
		   stage.app, stage.folder, stage.app))
		skip();
	ACT a = on_base(stage.base);
	RUN(&a, "/app/small");
	assert_int_equal(a.result.exit, 7);
	assert_non_null(missing(&a, "/etc/lost-32"));
#else
	skip();
#endif
}

/* Nothing of ours is inherited: signals that socle ignores, its environment, its descriptors. */
static void container_starts_clean(void **state)
{
	(void)state;
	ACT a = on_base(stage.alpine);
	if (stage.alpine[0] == '\0')
		skip();
	setenv("NOTIFY_SOCKET", "/tmp/nowhere", 1);
	RUN(&a, "sh", "-c",
	    "grep -E 'SigIgn|SigBlk' /proc/self/status; ls /proc/self/fd; env | grep NOTIFY");
	unsetenv("NOTIFY_SOCKET");
	/* 3 is ls reading the folder. */
	assert_str(a.result.out,
		   "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n1\n2\n3\n");
}

static int group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_runtimes_get_less),
		cmocka_unit_test(runtime_that_never_works_is_quoted),
		cmocka_unit_test(missing_runtime_is_an_error),
		cmocka_unit_test(orders_without_sense_are_refused),
		cmocka_unit_test(taken_port_is_no_answer),
		cmocka_unit_test(trials_run_side_by_side),
		cmocka_unit_test(other_architectures_are_watched),
		cmocka_unit_test(container_starts_clean),
	};
	return cmocka_run_group_tests(tests, make, clean);
}

int main(void)
{
	return under_each_runtime(group);
}
