/* compare_report: images side by side, and what became of the first one's vulnerabilities. */
#pragma once

#include "advisory/advisories.h"
#include "package/package.h"
#include "report/json.h"
#include "report/text.h"
#include "scan/compare.h"

struct compared_side {
	struct str name;
	uint64_t unpacked_bytes, compressed_bytes; /* compressed 0: not known, or stored plain */
	size_t files, packages, set_id;
	struct str shell, package_manager; /* "dash", "apt"; empty: none */
	struct str user;                   /* of the configuration; empty: it says none, which is root */
	struct unowned unowned;
	const struct scan *scan;
	struct str_vec uncovered;          /* ecosystems that no advisories at hand speak of */
	struct str_vec unread;             /* paths of records that cannot be read */
	bool out_of_sight;                 /* there are files, and no record of any package */
	struct comparison against_first;   /* nothing for the first itself */
};

struct compare_result {
	const struct compared_side *sides;
	size_t count;
	const struct advisories *advisories;
};
bool compare_render(const struct out *o, struct str format, const void *result, struct arena *a);
