/* judge: a report against what the test wanted. Pure. */
#pragma once

#include "trial/report.h"

/* Fills everything of *out from the report; what it points to lives in `a` (or in the report's
 * own arena). */
void judge_report(const struct trial_setup *setup, const struct trial_test *test,
		  const struct report *r, struct trial_result *out, struct arena *a);

/* Held against setup->config alone. */
void judge_metadata(const struct trial_setup *setup, const struct trial_test *test,
		    struct trial_result *out, struct arena *a);

/* The test as one line for people. */
struct str judge_shown(const struct trial_test *test, struct arena *a);

/* ERR_USAGE where a pattern is no POSIX extended regular expression. */
MUST_USE bool pattern_check(struct str pattern, struct err *e);

/* Found anywhere in the text. */
bool pattern_matches(struct str pattern, struct str text);
