/* sbom_parts: what both readers of documents of contents share. For src/package alone. */
#pragma once

#include "core/jnode.h"
#include "package/purl.h"
#include "package/sbom.h"

struct sbom_reading {
	struct packages *out;
	struct sbom_subject *of;
	struct str distro, space; /* of the first package of a distribution: who made it */
	bool has_system;          /* the document names the system itself */
	bool ours;                /* socle wrote it */
	struct arena *arena;
};

/* One more package by its URL; `name` as the document writes it, which keeps the case that a URL may
 * lose. NULL where the URL is of something that is no package (an image, a file), or where there is
 * no place for it, which is told. */
struct package *sbom_add(struct sbom_reading *r, struct str url, struct str name,
			 struct str version);

/* One more place of a package that was added: found there, it counts on its own. */
void sbom_add_place(struct sbom_reading *r, const struct package *p, struct str path);

/* Tells of a package that is left out. */
void sbom_leave_out(struct sbom_reading *r, struct str name, struct str version);

/* The operating system by its own component. */
void sbom_system(struct sbom_reading *r, struct str name, struct str version);

void sbom_read_cyclonedx(struct sbom_reading *r, const struct jnode *document);
void sbom_read_spdx(struct sbom_reading *r, const struct jnode *document);
