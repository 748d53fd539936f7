/* pick_report: the ladder and trials, as tables, socle/pick/1, socle/try/1 and the evidence. */
#pragma once

#include "advise/pick.h"
#include "report/json.h"
#include "report/text.h"

/* `result` is a struct pick_result. Formats: table, json, evidence. */
bool pick_render(const struct out *o, struct str format, const void *result, struct arena *a);

struct try_result {
	const struct app *app;
	const struct rung *rungs;
	size_t count;
};
/* `result` is a struct try_result. Formats: table, json. */
bool try_render(const struct out *o, struct str format, const void *result, struct arena *a);
