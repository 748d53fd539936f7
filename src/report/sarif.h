/* sarif: the parts of SARIF 2.1.0 that every report of it has (OASIS, "Static Analysis Results
 * Interchange Format"). */
#pragma once

#include "report/json.h"

/* A message or description: {"text": …} (3.11, 3.12). */
json_t *sarif_text(struct str text);

/* A path as a relative reference, or with file:// where it is absolute (3.4.4, RFC 3986); "-" is
 * "stdin". */
struct str sarif_uri(struct str path, struct arena *a);

/* A run of this program; takes both arrays over. More members may be set. */
json_t *sarif_run(json_t *rules, json_t *results);

/* Writes the document with that one run, and frees it. */
bool sarif_write(json_t *run, FILE *file);
