/* One test in an engine, as a report that is judged like any other. */
#include <ctype.h>

#include "core/limits.h"
#include "trial/environment.h"
#include "trial/hosted_parts.h"
#include "trial/probe.h"
#include "trial/start.h"

struct attempt {
	const struct hosted *h;
	const struct trial_test *test;
	struct report *report;
	struct arena *arena;
	struct str_vec env;
	struct str image; /* with what the commands before have left */
	bool has_app;
};

static void note(struct attempt *at, struct str text)
{
	*vec_push(&at->report->notes, at->arena) = text;
}

static struct str expanded(struct attempt *at, struct str text)
{
	return environment_expanded(&at->env, at->test, text, at->arena);
}

/* HOME is the engine's to fill in. */
static void make_environment(struct attempt *at)
{
	environment_begin(&at->env, at->arena);
	environment_add(&at->env, at->h->setup, at->test, at->arena);
}

/* ---- Commands ---- */

/* The kernel of the engine's words: "…: unable to start container process: WHAT: unknown". */
static struct str in_short(struct str says)
{
	static const struct str front[] = {STR_INIT("unable to start container process: "),
					   STR_INIT("OCI runtime error: "), STR_INIT("for attach: ")};
	for (size_t i = 0; i < sizeof front / sizeof *front; i++) {
		size_t at = str_find(says, front[i]);
		if (at < says.n)
			says = str_skip(says, at + front[i].n);
	}
	says = str_slice(says, 0, str_find(says, STR(": OCI ")));
	return str_ends(says, STR(": unknown")) ? str_slice(says, 0, says.n - 9) : says;
}

/* Alone, not as a part of another: "sh" is in every "shim". */
static bool has_word(struct str text, struct str word)
{
	for (size_t at = 0; word.n && at + word.n <= text.n; at++) {
		at += str_find(str_skip(text, at), word);
		char before = at > 0 ? text.p[at - 1] : ' ';
		char after = at + word.n < text.n ? text.p[at + word.n] : ' ';
		if (at + word.n <= text.n && !isalnum((unsigned char)before) &&
		    !isalnum((unsigned char)after) && !strchr("_-./", before) && !strchr("_-/", after))
			return true;
	}
	return false;
}

/* What a test asks for and the container does not have is the test's failure; that the engine can
 * make no container is not. */
static bool is_about_the_test(const struct attempt *at, const struct str_vec *argv, struct str says)
{
	static const struct str words[] = {STR_INIT("unable to find user"),
					   STR_INIT("unable to find group"), STR_INIT("passwd file"),
					   STR_INIT("exec format error"), STR_INIT("no users found"),
					   STR_INIT("not a directory")};
	if (has_word(says, argv->p[0]) || has_word(says, at->h->setup->user))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_contains(says, words[i]))
			return true;
	return false;
}

/* In the words of the built-in runtime, where the program is to blame. */
static struct str why_not_started(struct attempt *at, const struct str_vec *argv,
				  const struct hosted_outcome *o)
{
	const struct trial_setup *s = at->h->setup;
	if (!o->container.n)
		return STR_NONE;
	struct hosted_looker looker = {at->h, o->container, at->arena, ERR_INIT};
	struct start_files files = {hosted_open_file, &looker};
	struct start_check c = start_check_in(&files, argv->p[0],
					      s->working_dir.n ? s->working_dir : STR("/"),
					      environment_get(&at->env, STR("PATH")), at->arena);
	return looker.trouble.code == ERR_NONE ? start_why(&c, at->arena) : STR_NONE;
}

static bool run(struct attempt *at, const struct str_vec *argv, bool probing,
		struct hosted_outcome *o, struct err *e)
{
	struct hosted_order order = {.hosted = at->h,
				     .image = at->image,
				     .has_app = at->has_app,
				     .argv = argv,
				     .env = &at->env,
				     .http_port = probing ? at->test->http_port : 0,
				     .http_path = at->test->http_path};
	const char *name = engine_name(at->h->engine->kind);
	if (!hosted_command(&order, o, at->arena, e))
		return false;
	if (!o->says.n)
		return true;
	struct str why = why_not_started(at, argv, o);
	if (!why.n && !is_about_the_test(at, argv, o->says))
		return err_set(e, ERR_IO, "%s cannot start a container: %.*s", name,
			       STR_ARG(str_slice(o->says, 0, 700)));
	o->says = why.n ? why
			: arena_printf(at->arena, "%s could not start it: %.*s", name,
				       STR_ARG(in_short(o->says)));
	return true;
}

/* The next command finds what this one has left. */
static bool hand_on(struct attempt *at, const struct hosted_outcome *o, struct err *e)
{
	if (!o->container.n)
		return true;
	at->has_app = true;
	return engine_commit(at->h->engine, o->container, &at->h->labels, &at->image, at->arena, e);
}

static bool run_steps(struct attempt *at, const struct trial_argv *step, size_t n, const char *when,
		      struct err *e)
{
	for (size_t i = 0; i < n && at->report->why.n == 0; i++) {
		__attribute__((cleanup(hosted_outcome_release))) struct hosted_outcome o = {0};
		if (!run(at, &step[i].v, false, &o, e) || !hand_on(at, &o, e))
			return false;
		if (o.started && o.exit == 0)
			continue;
		struct str why = o.started ? arena_printf(at->arena, "exit status %d", o.exit)
					   : o.says;
		at->report->why = report_step(when, &step[i].v, why, at->arena);
	}
	return true;
}

static void fill_outcome(struct attempt *at, const struct hosted_outcome *o)
{
	struct report *r = at->report;
	r->started = o->started;
	r->timed_out = o->timed_out;
	r->out_of_memory = o->out_of_memory;
	r->http_done = o->http_done;
	r->http_oddly = o->http_oddly;
	r->http_status = o->http_status;
	r->exit = o->exit;
	r->duration_us = (uint64_t)(o->seconds * 1e6);
	r->out = arena_str(at->arena, buf_str(&o->output.out));
	r->err = arena_str(at->arena, buf_str(&o->output.err));
	r->out_cut = o->output.out_cut;
	r->err_cut = o->output.err_cut;
	if (!o->started)
		r->why = o->says;
	for (size_t i = 0; i < o->notes.n; i++)
		note(at, o->notes.p[i]);
}

static bool run_main(struct attempt *at, struct err *e)
{
	__attribute__((cleanup(hosted_outcome_release))) struct hosted_outcome o = {0};
	struct str_vec argv = {0};
	for (size_t i = 0; i < at->test->argv.n; i++)
		*vec_push(&argv, at->arena) = expanded(at, at->test->argv.p[i]);
	if (!run(at, &argv, at->test->kind == TRIAL_HTTP, &o, e))
		return false;
	fill_outcome(at, &o);
	return at->test->after.n == 0 || hand_on(at, &o, e);
}

static bool try_command(struct attempt *at, struct err *e)
{
	const struct trial_test *test = at->test;
	note(at, arena_printf(at->arena,
			      "ran in %s; missing files were not observed: an engine does not "
			      "report system calls",
			      engine_name(at->h->engine->kind)));
	if (!run_steps(at, test->before.p, test->before.n, "before", e))
		return false;
	/* On the machine's own network another server would answer for this one. */
	if (at->report->why.n == 0 && at->h->setup->network && test->kind == TRIAL_HTTP &&
	    probe_is_taken(test->http_port))
		at->report->why = arena_printf(at->arena, "port %u is taken on this machine",
					       test->http_port);
	if (at->report->why.n > 0) {
		at->report->exit = -1;
		return true;
	}
	return run_main(at, e) && run_steps(at, test->after.p, test->after.n, "after", e);
}

/* ---- Files ---- */

static bool try_file(struct attempt *at, struct err *e)
{
	/* Never started; but an engine wants to know what would be. */
	struct str_vec argv = {0};
	*vec_push(&argv, at->arena) = STR("/socle");
	struct hosted_order order = {.hosted = at->h, .image = at->image, .argv = &argv,
				     .env = &at->env};
	struct hosted_outcome o = {0};
	struct str path = expanded(at, at->test->file.path);
	at->report->started = true;
	if (!hosted_container(&order, ENGINE_NETWORK_NONE, &o, at->arena, e))
		return false;
	if (o.says.n)
		return err_set(e, ERR_IO, "%s cannot make a container: %.*s",
			       engine_name(at->h->engine->kind), STR_ARG(o.says));
	return hosted_file(at->h, o.container, path, at->test->kind == TRIAL_CONTENT,
			   &at->report->file, at->arena, e);
}

bool hosted_one(const struct hosted *h, const struct trial_test *test, struct report *r,
		 struct arena *a, struct err *e)
{
	struct attempt at = {.h = h, .test = test, .report = r, .arena = a, .image = h->image};
	make_environment(&at);
	return test->kind == TRIAL_FILE || test->kind == TRIAL_CONTENT ? try_file(&at, e)
								       : try_command(&at, e);
}
