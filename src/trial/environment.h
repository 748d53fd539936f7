/* environment: "NAME=value" strings, each name once. Pure. */
#pragma once

#include "trial/trial.h"

/* A later value takes the place of an earlier one. */
void environment_set(struct str_vec *env, struct arena *a, struct str variable);

/* Empty where it is not set. */
struct str environment_get(const struct str_vec *env, struct str name);

/* $NAME and ${NAME} replaced, as Go's os.Expand does: what is not set stands for nothing. A "$"
 * before anything else stays. */
struct str environment_expand(const struct str_vec *env, struct str text, struct arena *a);

/* Likewise where the test wants it; else as it is. */
struct str environment_expanded(const struct str_vec *env, const struct trial_test *test,
				struct str text, struct arena *a);

/* The PATH that engines put in where the image says nothing. */
void environment_begin(struct str_vec *env, struct arena *a);

/* What the setup says, over it what the test says. */
void environment_add(struct str_vec *env, const struct trial_setup *setup,
		     const struct trial_test *test, struct arena *a);
