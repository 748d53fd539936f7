/* sbom_report: what is installed in an image: a table for people, CycloneDX for programs. */
#pragma once

#include "advise/base.h"
#include "package/package.h"
#include "report/json.h"
#include "report/text.h"

struct sbom_result {
	const struct base *base;
	const struct packages *packages;
	struct str time; /* "2026-11-24T00:00:00Z" of SOURCE_DATE_EPOCH; empty: none is told */
};
bool sbom_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* The whole document (CycloneDX 1.6, ECMA-424), the caller's: the same bytes for the same image. */
json_t *cyclonedx_of(const struct sbom_result *r, struct arena *a);
