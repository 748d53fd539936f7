/* pick_report: the ladder and the choice, as a table, as socle/pick/1 and as evidence. */
#pragma once

#include "advise/pick.h"
#include "report/json.h"
#include "report/text.h"

/* `result` is a struct pick_result. Formats: table, json, evidence, dockerfile. */
bool pick_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* socle/pick/1, or socle/evidence/1. */
json_t *json_of_pick(const struct pick_result *r, bool evidence, struct arena *a);
