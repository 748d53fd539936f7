/* configured: what an image's configuration asks of a base: that what it starts is there, and the
 * user whom it names. Engines refuse to start a container without either. */
#pragma once

#include "advise/app.h"

/* Appends findings to `out`, and the program that the configuration starts to `programs`. Nothing
 * for an application that is no image. `target->tree` holds base and application. */
void configured_judge(const struct app *app, const struct predict_target *target,
                      struct node_vec *programs, struct prediction *out, struct arena *a);

/* `CMD server --port 80` is kept as a shell with that line. */
bool configured_is_shell_form(const struct str_vec *command);

/* The argument vector of a shell's line where no shell is needed to read it: one command, nothing
 * to expand. */
bool configured_words(struct str line, struct str_vec *argv, struct arena *a);

/* CMD ["server", "--port", "80"] for such a line; empty where only a shell can read it. */
struct str configured_exec_form(const char *instruction, struct str line, struct arena *a);

/* A comment's line for a health check that calls what the base has not; empty: it has all. */
struct str configured_health_comment(const struct prediction *p, struct arena *a);

/* Of what an image's configuration says, what its own base did not say. */
struct str_vec app_own(const struct str_vec *all, const struct str_vec *of_base, struct arena *a);

/* The environment on that base: the base's, over it what the application's image sets and its own
 * old base did not say, over it the person's. */
struct str_vec app_env(const struct app *app, const struct base *base, const struct str_vec *own,
                       struct arena *a);
