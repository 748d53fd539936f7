/* scan_report: vulnerabilities of an image, and what is known of advisories. */
#pragma once

#include "advise/above.h"
#include "advisory/advisories.h"
#include "report/json.h"
#include "report/text.h"

struct scan_result {
	const struct base *base;
	struct str name; /* as the person wrote it */
	const struct packages *packages;
	const struct above *above; /* NULL: all of it is a base itself */
	const struct scan *scan;
	const struct advisories *advisories;
	bool judged;              /* some packages at least */
	size_t unfixed;           /* left out for --only-fixed */
	enum severity_word fail_on; /* SEVERITY_UNKNOWN with limited: any */
	bool limited;
	size_t reached;           /* findings at or above the limit */
	struct str_vec uncovered; /* remarks for a person, also said on standard error */
};
bool scan_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* "base", "app", or empty where no base was found: who brought a package. */
struct str scan_origin(const struct scan_result *r, const struct package *p);

struct db_result {
	const struct advisories *advisories;
	struct str_vec
		changed; /* sources that this run brought; empty: those that are there are told */
};
bool db_render(const struct out *o, struct str format, const void *result, struct arena *a);
