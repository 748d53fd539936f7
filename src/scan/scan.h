/* scan: packages held against advisories. Pure: who has the advisories answers through a table of
 * functions. */
#pragma once

#include "scan/match.h"

/* One entry of an advisory under the name that was asked for. */
struct advisory_hit {
	struct advisory advisory; /* without its entries */
	struct affected affected;
};
struct advisory_hits {
	VEC(struct advisory_hit) list;
};

struct ecosystem_count {
	struct str name; /* "Debian:12" */
	size_t advisories;
};
struct ecosystem_counts {
	VEC(struct ecosystem_count) list;
};

/* Who has advisories. Every function may fail (a database is damaged): the scan then fails, too. */
struct advisory_shelf {
	void *context;
	/* Everything under a base and a key (ecosystem.h) that speaks of this system's release, of
	 * each advisory the newest state alone and its entries one behind the other. */
	bool (*find)(void *context, struct str base, struct str key, const struct packages *in,
		     struct advisory_hits *hits, struct arena *a, struct err *e);
	/* The ecosystems that are there. */
	bool (*ecosystems)(void *context, struct ecosystem_counts *counts, struct arena *a,
			   struct err *e);
	/* How grave a vulnerability ("CVE-2024-1") is to any advisory that says it. */
	bool (*grade)(void *context, struct str id, struct severity *severity, struct arena *a,
		      struct err *e);
	/* Since when it is known to be exploited; empty: not known. */
	bool (*exploited)(void *context, struct str id, struct str *since, struct arena *a,
			  struct err *e);
	/* Probability of exploitation within 30 days (FIRST's EPSS); negative: none is known. */
	bool (*epss)(void *context, struct str id, double *score, struct err *e);
};

/* ---- Results ---- */

enum vulnerability_status { VULNERABILITY_COUNTS, VULNERABILITY_IGNORED, VULNERABILITY_VEX };

struct vulnerability {
	const struct package *package;
	struct str id;         /* of the advisory */
	struct str_vec others; /* its other names, those it derives from, and duplicates; sorted */
	struct severity severity;
	struct str fixed; /* empty: no version is known that mends it */
	struct str published, modified;
	struct str exploited; /* since when; empty: not known to be */
	double epss;          /* negative: not known */
	enum vulnerability_status status;
	struct str reason; /* why it does not count; empty where it does */
};

/* What could be judged: packages by ecosystem. */
struct coverage {
	struct str ecosystem; /* "Debian:12"; or words, where OSV has none for them */
	struct str base;      /* of OSV; empty: none */
	size_t packages;
	size_t versionless; /* of them: their records tell no version */
	size_t advisories; /* on this release; 0: nothing is known of these packages */
};

struct scan {
	VEC(struct vulnerability)
	findings; /* gravest first, then by package, version, path and id */
	VEC(struct coverage) coverage;
	size_t packages;
	size_t judged;      /* packages that have a version, of ecosystems with advisories */
	size_t versionless; /* packages whose record tells no version: they cannot be judged */
};

/* Holds all packages against the shelf; `in` must outlive the result. */
MUST_USE bool scan_packages(struct scan *out, const struct packages *in,
			    const struct advisory_shelf *shelf, struct arena *a, struct err *e);

/* How many count (status affected), by enum severity_word. */
void scan_count(const struct scan *s, size_t counts[SEVERITY_CRITICAL + 1]);

/* The name that people know: its one CVE, else the advisory's own. */
struct str vulnerability_name(const struct vulnerability *f);
