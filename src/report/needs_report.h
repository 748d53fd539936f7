/* needs_report: what an application needs, as a table or as socle/needs/1. */
#pragma once

#include "advise/app.h"
#include "needs/needs.h"
#include "report/json.h"
#include "report/text.h"

struct needs_result {
	const struct app *app;
	const struct needs *needs;
};
bool needs_render(const struct out *o, struct str format, const void *result, struct arena *a);
