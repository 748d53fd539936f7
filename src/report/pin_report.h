/* pin_report: what becomes of each reference, as a table, as socle/pin/1, or as the diff that
 * would do it. Decides nothing.
 *
 *     {"schema": "socle/pin/1",
 *      "files": [
 *        {"file": "Dockerfile",
 *         "references": [
 *           {"line": 1, "column": 6, "image": "python:3.12-slim", "digest": "sha256:…",
 *            "status": "pinned", "reason": "", "result": "python:3.12-slim@sha256:…"}]}]}
 *
 * `status`: pinned, current, updated, unresolved, ignored. Lines and columns count from 1, columns
 * in code points. `digest` is null where there is none, `result` is left out where the reference
 * stays as it is. */
#pragma once

#include "advise/pin.h"
#include "report/json.h"
#include "report/text.h"

struct pin_report {
	const struct pin_file *files;
	size_t count;
	bool done; /* written; else it would be */
};

/* Formats: table, json, diff. `result` is a struct pin_report. */
bool pin_render(const struct out *o, struct str format, const void *result, struct arena *a);
