/* ecosystem: where OSV files the advisories of a package, and under which name. Pure.
 *
 * OSV's names ("Defined Ecosystems" of the schema): a base ("Debian", "PyPI"), for distributions
 * with a release behind a colon. The system that the packages were read from (os-release(5)) says
 * which one it is. */
#pragma once

#include "package/package.h"
#include "package/version.h"

/* One name under which advisories may stand, and the version that is held against them. */
struct osv_name {
	struct str name, version;
};

struct osv_place {
	struct str base; /* "Debian" */
	enum version_order order;
	struct osv_name names[2]; /* most have one */
	size_t name_count;
};

/* False: advisories on such packages are in no ecosystem that is known here; *base then says in
 * words what it is ("deb packages of kali"). */
bool osv_place_of(const struct package *p, const struct packages *in, struct osv_place *place,
		  struct arena *a);

/* Whether what stands under `ecosystem` ("Debian:12"), whose base is the package's, speaks of this
 * system's release. Ecosystems of languages have none, and every suffix is theirs. */
bool osv_release_is(struct str ecosystem, const struct packages *in);

/* "Ubuntu:Pro:22.04:LTS": fixes that need a subscription. */
bool osv_is_extended(struct str ecosystem);

/* "Debian" of "Debian:12". */
struct str osv_base(struct str ecosystem);

/* The name as it is compared: PyPI's normalised (PEP 503), NuGet's and Packagist's in lower case.
 */
struct str osv_key(struct str base, struct str name, struct arena *a);

/* "Debian:12", "Wolfi", "PyPI": for telling a person. */
struct str osv_ecosystem_text(struct str base, const struct packages *in, struct arena *a);
