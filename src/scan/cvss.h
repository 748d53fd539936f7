/* cvss: the vectors of the Common Vulnerability Scoring System, behind severity.h. For src/scan
 * alone. */
#pragma once

#include "core/str.h"

/* A metric and its values, divided by blanks. Where the first value is "X" or "ND" (not defined) the
 * metric may be left out, and counts as that. */
struct cvss_metric {
	struct str name, values;
};

/* Of "AV:N/AC:L/…" the place of each metric's value in its `values`, in the order of `metrics`;
 * false where one stands twice, is unknown or missing, or has no such value. */
bool cvss_read(struct str vector, const struct cvss_metric *metrics, size_t count, uint8_t *value);

/* Whether any metric of [from, to) is defined. */
bool cvss_any(const uint8_t *value, size_t from, size_t to);

/* Scores in tenths of all behind the prefix; false where it is no vector of that version. */
bool cvss2_score(struct str vector, unsigned *tenths);
bool cvss30_score(struct str vector, unsigned *tenths);
bool cvss31_score(struct str vector, unsigned *tenths);
bool cvss4_score(struct str vector, unsigned *tenths);
