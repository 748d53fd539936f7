#include "cmd/trial_options.h"

#include <stdio.h>

#include "trial/testfile.h"

static bool limits(struct session *s, struct trial_setup *setup, struct err *e)
{
	uint64_t seconds;
	if (!session_number(s, "timeout", 60, &seconds, e) ||
	    !session_number(s, "memory", 2000ull * 1000 * 1000, &setup->memory_bytes, e))
		return false;
	if (seconds == 0 || seconds > 24 * 3600)
		return err_set(e, ERR_USAGE, "--timeout wants 1 to 86400 seconds");
	setup->timeout_ms = (uint32_t)(seconds * 1000);
	setup->network = session_flag(s, "network");
	if (setup->network && session_flag(s, "offline"))
		return err_set(e, ERR_USAGE, "--network and --offline contradict each other");
	if (session_value(s, "user").n)
		setup->user = session_value(s, "user");
	setup->env = *session_values(s, "env");
	return true;
}

static bool choose_engine(struct session *s, const struct engine **engine, struct err *e)
{
	struct str name = session_value(s, "engine");
	*engine = NULL;
	if (!name.n || str_eq(name, STR("builtin")))
		return true;
	bool docker = str_eq(name, STR("docker"));
	if (!docker && !str_eq(name, STR("podman")))
		return err_set(e, ERR_USAGE, "--engine wants builtin, docker or podman, not %.*s",
		               STR_ARG(name));
	*engine = engines_get(s->engines, docker ? ENGINE_DOCKER : ENGINE_PODMAN, e);
	return *engine != NULL;
}

bool trial_options(struct session *s, const struct app *app, struct pick_request *q, struct err *e)
{
	struct test_list tests = {0};
	const struct str_vec *commands = session_values(s, "test");
	for (size_t i = 0; i < commands->n; i++)
		if (!tests_add_command(&tests, commands->p[i], s->arena, e))
			return false;
	const struct str_vec *probes = session_values(s, "http");
	for (size_t i = 0; i < probes->n; i++)
		if (!tests_add_http(&tests, probes->p[i], app, s->arena, e))
			return false;
	const struct str_vec *files = session_values(s, "test-file");
	for (size_t i = 0; i < files->n; i++) {
		struct test_file file;
		if (!test_file_read(arena_cstr(s->arena, files->p[i]), &file, s->arena, e))
			return false;
		for (size_t k = 0; k < file.test.n; k++)
			*vec_push(&tests, s->arena) = file.test.p[k];
		if (file.user.n)
			q->setup.user = file.user;
	}
	q->tests = tests.p;
	q->test_count = tests.n;
	q->progress = trial_progress;
	q->progress_context = s;
	return choose_engine(s, &q->engine, e) && limits(s, &q->setup, e) &&
	       workplace_judge_options(s, q->app->architecture, &q->judge_options, e);
}

void trial_progress(const struct base *base, void *context)
{
	const struct session *s = context;
	if (!s->quiet && !session_flag(s, "no-progress"))
		fprintf(stderr, "socle: trying %.*s\n", STR_ARG(base->name));
}
