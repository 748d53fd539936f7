/* lint_report: findings in Dockerfiles as a table, as socle/lint/1 or as SARIF 2.1.0.
 * Decides nothing.
 *
 *     {"schema": "socle/lint/1",
 *      "files": [
 *        {"file": "Dockerfile",
 *         "findings": [
 *           {"rule": "apt-lists", "severity": "warning", "line": 3, "column": 5,
 *            "end_line": 3, "end_column": 19, "message": "…", "cure": "…",
 *            "hadolint": ["DL3009"]}],
 *         "ignored": [the same, with "reason"]}]}
 *
 * `severity`: error, warning, info. Lines and columns count from 1, columns in code points; the
 * end is behind the last character. `cure`, `hadolint` and `reason` may be missing. */
#pragma once

#include "advise/lint.h"
#include "report/json.h"
#include "report/text.h"

struct lint_file {
	struct str name; /* as given, or found below a folder; "-": standard input */
	struct lint_result result;
};

struct lint_report {
	const struct lint_file *files;
	size_t count;
	bool verbose; /* the table tells what was ignored too */
};

/* Formats: table, json, sarif. `result` is a struct lint_report. */
bool lint_render(const struct out *o, struct str format, const void *result, struct arena *a);
