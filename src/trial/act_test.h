/* For the tests of trial that run containers: one command on a base, and what came of it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <grp.h>
#include <sys/prctl.h>

#include "trial/stage_test.h"

static struct stage stage;
static bool able; /* this machine runs containers */

/* One command on a base, and what came of it. */
struct act {
	struct arena arena;
	struct trial_setup setup;
	struct trial_test test;
	struct trial_result result;
};

static inline void act_release(struct act *a)
{
	arena_release(&a->arena);
}
#define ACT __attribute__((cleanup(act_release))) struct act

static inline struct act on_base(const char *base)
{
	struct act a = {.setup = {.base_dir = str_of(base),
				  .app = {str_of(stage.app), STR("/app")},
				  .timeout_ms = 20000}};
	return a;
}

static inline void run(struct act *a, const char *const *argv)
{
	struct err e = ERR_INIT;
	if (!able) {
		arena_release(&a->arena); /* skip() jumps over the cleanup */
		skip();
	}
	for (; *argv; argv++)
		*vec_push(&a->test.argv, &a->arena) = str_of(*argv);
	if (!trial_run(&a->setup, &a->test, 1, &a->result, &a->arena, &e))
		fail_msg("%s", e.message);
}
#define RUN(act, ...) run((act), (const char *const[]){__VA_ARGS__, NULL})

static inline void assert_str(struct str is, const char *wanted)
{
	if (!str_eq(is, str_of(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(is), wanted);
}

static inline void assert_in(struct str text, const char *part)
{
	if (!str_contains(text, str_of(part)))
		fail_msg("\"%.*s\" does not hold \"%s\"", STR_ARG(text), part);
}

static inline const struct trial_missing *missing(const struct act *a, const char *path)
{
	for (size_t i = 0; i < a->result.missing.n; i++)
		if (str_eq(a->result.missing.p[i].path, str_of(path)))
			return &a->result.missing.p[i];
	return NULL;
}

static int make(void **state)
{
	(void)state;
	if (!stage_make(&stage))
		return -1;
	const char *why = stage_unable(&stage), *must = getenv("SOCLE_TEST_CONTAINERS");
	able = why == NULL;
	if (why)
		print_message("no containers here, so most is skipped: %s\n", why);
	return why && must && strcmp(must, "required") == 0 ? -1 : 0;
}

static int clean(void **state)
{
	(void)state;
	stage_remove(&stage);
	return 0;
}

#define ORDINARY_USER 1000

/* The group once more as an ordinary user, where we are root: that is another way through. */
static int run_rootless(int (*group)(void))
{
	if (geteuid() != 0)
		return 0;
	print_message("# as user %d\n", ORDINARY_USER);
	pid_t child = fork();
	if (child == 0) {
		if (setgroups(0, NULL) < 0 || setgid(ORDINARY_USER) < 0 ||
		    setuid(ORDINARY_USER) < 0)
			_exit(1);
		/* setuid(2) hid our own /proc from us, as no program started by that user would see
		 * it. */
		prctl(PR_SET_DUMPABLE, 1);
		if (access("tests/fixtures/trial/actor.c", R_OK) < 0) {
			print_message("# … who may not read the sources: left out\n");
			_exit(0);
		}
		_exit(group() == 0 ? 0 : 1);
	}
	int status = 0;
	waitpid(child, &status, 0);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/* Every test under every runtime that is installed, or under $SOCLE_RUNTIME alone. */
static int under_each_runtime(int (*group)(void))
{
	static const char *const known[] = {"crun", "runc"};
	int failed = 0, ran = 0;
	if (getenv("SOCLE_RUNTIME"))
		return group() + run_rootless(group);
	for (size_t i = 0; i < 2; i++) {
		setenv("SOCLE_RUNTIME", known[i], 1);
		if (!trial_runtime())
			continue;
		print_message("# %s\n", known[i]);
		failed |= group();
		failed |= run_rootless(group);
		ran++;
	}
	unsetenv("SOCLE_RUNTIME");
	return ran ? failed : group();
}
