/* sbom: documents of contents as a source of packages: what other tools have listed. Pure.
 *
 * CycloneDX 1.2 to 1.6 and SPDX 2.2 and 2.3, both as JSON, also in the frames that BuildKit (in-toto's
 * "predicate") and GitHub ("sbom") put around them. A package is what its package URL says; the
 * properties in which syft, trivy and socle tell more are read as well. */
#pragma once

#include "core/err.h"
#include "package/package.h"

/* What the document is about; empty: unsaid. */
struct sbom_subject {
	struct str name;
	struct str digest; /* "sha256:…" */
};

/* ERR_INPUT for what is damaged or none; ERR_UNSUPPORTED, with what to do, for one in another form
 * (XML, tag-value, SPDX 3). Strings are views of `text`, which must outlive them, or in the arena.
 * Of a package the path is what the document tells, which may be nothing. */
MUST_USE bool sbom_read(struct packages *p, struct sbom_subject *of, struct str text,
			struct arena *a, struct err *e);
