/* db_report: which advisories are at hand. */
#pragma once

#include "advisory/advisories.h"
#include "report/text.h"

struct db_result {
	const struct advisories *advisories;
	struct str_vec
		changed; /* sources that this run brought; empty: those that are there are told */
};
bool db_render(const struct out *o, struct str format, const void *result, struct arena *a);
