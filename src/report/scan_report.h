/* scan_report: vulnerabilities of an image: a table, JSON, SARIF, CycloneDX, Markdown. */
#pragma once

#include "advise/above.h"
#include "advisory/advisories.h"
#include "report/json.h"
#include "report/text.h"

struct scan_result {
	const struct base *base;
	struct str name; /* as the person wrote it */
	const struct packages *packages;
	const struct tree *tree; /* that they were read from; NULL: from an SBOM */
	struct str time;         /* of SOURCE_DATE_EPOCH; empty: documents tell none */
	const struct above *above; /* NULL: all of it is a base itself */
	const struct scan *scan;
	const struct advisories *advisories;
	bool judged;              /* some packages at least */
	size_t unfixed;           /* left out for --only-fixed */
	enum severity_word fail_on; /* SEVERITY_UNKNOWN with limited: any */
	bool limited;
	size_t reached;           /* findings at or above the limit */
	size_t ungraded;          /* of unknown severity, which a graver limit does not count */
	struct str_vec uncovered; /* remarks for a person, also said on standard error */
	struct str_vec remarks;   /* likewise, on what the person asked to leave out */
};
bool scan_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* "base", "app", or empty where no base was found: who brought a package. */
struct str scan_origin(const struct scan_result *r, const struct package *p);
