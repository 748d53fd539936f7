/* trial_options: --test, --http, limits: shared by pick and try. */
#pragma once

#include "advise/pick.h"
#include "cmd/open.h"

MUST_USE bool trial_options(struct session *s, const struct app *app, struct pick_request *q,
                            struct err *e);

/* Says on standard error what is tried, where a person watches. */
void trial_progress(const struct base *base, void *session);
