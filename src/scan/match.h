/* match: whether an advisory speaks of an installed package. Pure. */
#pragma once

#include "scan/advisory.h"
#include "scan/ecosystem.h"

/* Whether `version` is affected by the entry's ranges and lists alone ("Evaluation" of the OSV
 * schema). *fixed: the lowest version behind it that mends it; empty: none is known. */
bool affected_has_version(const struct affected *f, enum version_order order, struct str version,
			  struct str *fixed);

/* The same with everything else that the entry asks for: release, module of RPM, platform of Go,
 * binary packages of SUSE. `name` is the one that the entry was found by. */
bool affected_is(const struct affected *f, const struct package *p, const struct packages *in,
		 const struct osv_name *name, enum version_order order, struct str *fixed);
