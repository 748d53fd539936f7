/* scan_parts: what the formats of a scan share. */
#pragma once

#include "core/map.h"
#include "report/scan_report.h"

bool scan_table(const struct out *o, const struct scan_result *r, struct arena *a);
bool scan_json(const struct out *o, const struct scan_result *r, struct arena *a);
bool scan_sarif(const struct out *o, const struct scan_result *r, struct arena *a);
bool scan_cyclonedx(const struct out *o, const struct scan_result *r, struct arena *a);
bool scan_markdown(const struct out *o, const struct scan_result *r, struct arena *a);

/* ---- Words ---- */

/* The day of an RFC 3339 time; "-" for none. */
struct str scan_day(struct str time);

/* "critical 9.8", or the word alone. */
struct str scan_severity(const struct severity *s, struct arena *a);

/* "3 critical, 4 high" of what counts. */
struct str scan_counts(const struct scan *s, struct arena *a);

/* "12 vulnerabilities in 90 packages: 1 critical, 11 low", or why there are none. */
struct str scan_summary(const struct scan_result *r, struct arena *a);

/* "3 at or above high"; then what could not be held against that limit. Empty without a limit. */
struct str scan_reached(const struct scan_result *r, struct arena *a);

/* "Debian 2026-11-24, kev 2026-11-23": the sources with their dates. */
struct str scan_snapshot(const struct advisories *v, struct arena *a);

/* How many have that status. */
size_t scan_count_status(const struct scan *s, enum vulnerability_status status);

/* "affected", "ignored", "vex". */
const char *scan_status_name(enum vulnerability_status status);

/* The diff ID of the layer that a package's record comes from; empty: not known. */
struct str scan_layer(const struct scan_result *r, const struct package *p);

/* "exploited since 2025-12-24; VEX: component_not_present": what else to know of a finding. */
struct str scan_notes(const struct vulnerability *f, struct arena *a);

/* "EPSS" as people write it: "43.2%"; empty: not known. */
struct str scan_epss(const struct vulnerability *f, struct arena *a);

/* Where OSV's database shows an advisory; empty for an identifier that has no such form. */
struct str scan_link(struct str id, struct arena *a);

json_t *scan_json_of_sources(const struct advisories *v);
json_t *scan_json_of_snapshot(const struct advisories *v);
json_t *scan_json_of_counts(const struct scan *s);

/* ---- Groups ---- */

/* One vulnerability in the packages that were built of one source in one version, and that share
 * all else that a row tells: libc6, libc-bin and locales are upgraded together. */
struct scan_group {
	VEC(const struct vulnerability *) findings; /* at least one, in the scan's order */
	struct str label;                           /* the package, or the source of several */
	struct str members; /* "libc6, libc-bin, locales", or the files that tell of a language's
			       package; empty: the label says it */
};
struct scan_groups {
	VEC(struct scan_group) list; /* gravest first, then what is exploited, then by label */
};

/* All findings; `counting`: only those that count. */
void scan_group(struct scan_groups *out, const struct scan_result *r, bool counting,
		struct arena *a);
