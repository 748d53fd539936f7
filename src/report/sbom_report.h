/* sbom_report: what is installed in an image: a table for people, CycloneDX and SPDX for programs. */
#pragma once

#include "advise/base.h"
#include "package/package.h"
#include "report/json.h"
#include "report/text.h"

struct sbom_result {
	const struct base *base;
	const struct packages *packages;
	const struct tree *tree; /* that the packages were read from; NULL: from an SBOM */
	struct str time; /* "2026-11-24T00:00:00Z" of SOURCE_DATE_EPOCH; empty: none is told */
};
bool sbom_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* The whole document (CycloneDX 1.6, ECMA-424), the caller's: the same bytes for the same image. */
json_t *cyclonedx_of(const struct sbom_result *r, struct arena *a);

/* Likewise SPDX 2.3, whose time without SOURCE_DATE_EPOCH is that of the image itself. */
json_t *spdx_of(const struct sbom_result *r, struct arena *a);

/* ---- For both ---- */

/* RFC 9562, version 8: "urn:uuid:…" of the document's own SHA-256. */
struct str sbom_uuid(const json_t *document, struct arena *a);

/* Whether package `i` is an application's own wherever it lies: documents tell of a URL once. */
bool sbom_is_application(const struct packages *p, size_t i);

/* The files in the tree that a package's records list, "/usr/bin/env", sorted, each once. */
struct sbom_files {
	struct map of; /* "deb/coreutils" to struct str_vec */
};
void sbom_files_read(struct sbom_files *f, const struct sbom_result *r, struct arena *a);
const struct str_vec *sbom_files_of(const struct sbom_files *f, const struct package *p,
                                    struct arena *a);
