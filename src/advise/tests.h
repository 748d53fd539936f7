/* tests: what the person wants to see pass, from the command line's words. */
#pragma once

#include "advise/app.h"
#include "trial/trial.h"

struct test_list {
	struct trial_test *p;
	size_t n, cap;
};

/* Splits a command as a shell would split it into words: blanks, quotes and backslashes, no
 * expansion. Pipes, redirections and the like are ERR_USAGE: most bases have no shell, and one
 * that has may be asked for by `sh -c '…'`. */
MUST_USE bool tests_split(struct str command, struct str_vec *argv, struct arena *a, struct err *e);

/* --test: one command. */
MUST_USE bool tests_add_command(struct test_list *l, struct str command, struct arena *a,
                                struct err *e);

/* --http "8080/healthz": the application's first entry is started and asked. */
MUST_USE bool tests_add_http(struct test_list *l, struct str text, const struct app *app,
                             struct arena *a, struct err *e);

/* What starts the application: its image's command, or its first entry, which a runtime may have
 * to run; empty where nothing says it. */
struct str_vec app_server(const struct app *app, struct arena *a);
