/* environment: "NAME=value" strings, each name once. Pure. */
#pragma once

#include "core/vec.h"

/* A later value takes the place of an earlier one. */
void environment_set(struct str_vec *env, struct arena *a, struct str variable);

/* Empty where it is not set. */
struct str environment_get(const struct str_vec *env, struct str name);

/* $NAME and ${NAME} replaced, as Go's os.Expand does: what is not set stands for nothing. A "$"
 * before anything else stays. */
struct str environment_expand(const struct str_vec *env, struct str text, struct arena *a);
