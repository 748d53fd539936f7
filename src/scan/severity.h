/* severity: how grave a vulnerability is, by CVSS vectors or by a distributor's word. Pure.
 *
 * Scores follow the formulas of FIRST's specifications: CVSS 2.0 (section 3.2.1), 3.0 and 3.1
 * (section 7), 4.0 (section 8); the words of 3.1 and 4.0 their qualitative rating scale (3.1,
 * section 5). */
#pragma once

#include "core/str.h"

/* In this order: a limit reaches what is as grave or graver. */
enum severity_word {
	SEVERITY_UNKNOWN,
	SEVERITY_NEGLIGIBLE, /* a score of 0; Debian's "unimportant", Ubuntu's "negligible" */
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};

struct severity {
	enum severity_word word;
	unsigned score_tenths; /* 0 to 100; with an empty vector it says nothing */
	struct str vector;     /* "CVSS:3.1/AV:N/…"; empty: by a word alone */
};

/* "unknown" … "critical". */
const char *severity_name(enum severity_word word);

/* A limit as a person writes it: one of those names. */
bool severity_parse(struct str name, enum severity_word *word);

/* A word of a distributor, in any case: "Important", "Moderate", "unimportant", "medium", "not yet
 * assigned". Unknown words are SEVERITY_UNKNOWN. */
enum severity_word severity_of_word(struct str word);

/* A vector of version 2, 3.0, 3.1 or 4.0 ("AV:N/AC:L/Au:N/C:P/I:P/A:P" has no prefix); false where
 * it is none: a metric that is missing, unknown, stands twice or has no such value. The score is
 * the vector's own, its temporal (threat) and environmental metrics counted where it has them. */
bool severity_of_vector(struct str vector, struct severity *out);
