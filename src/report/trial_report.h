/* trial_report: what tests said on bases, as tables and as socle/try/1. Decides nothing. */
#pragma once

#include "advise/pick.h"
#include "report/json.h"
#include "report/text.h"

struct try_result {
	const struct app *app;
	const struct rung *rungs;
	size_t count;
};

/* `result` is a struct try_result. Formats: table, json. */
bool try_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* Shared with pick: below the table, what failing tests said (with -v all of them) and what could
 * not be done as asked; what socle/try/1 says of one base. */
void trials_print(const struct out *o, const struct rung *rungs, size_t count, struct arena *a);
json_t *json_of_trial(const struct rung *r);
