/* improve_report: a project before and after: the ladder, the new Dockerfile as a diff, both sizes
 * and both results; as a table, as socle/pick/1 with what was made of the Dockerfile, or the new
 * Dockerfile alone. */
#pragma once

#include "advise/improve.h"
#include "report/json.h"
#include "report/text.h"

struct improve_result {
	const struct improvement *improvement;
	struct str file; /* the Dockerfile's name */
};

/* `result` is a struct improve_result. Formats: table, json, evidence, dockerfile. */
bool improve_render(const struct out *o, struct str format, const void *result, struct arena *a);
