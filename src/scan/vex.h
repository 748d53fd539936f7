/* vex: what somebody says of vulnerabilities in products (Vulnerability Exploitability eXchange).
 *
 * OpenVEX 0.2 (and 0.0.1) and CSAF 2.0 (profiles VEX and security advisory) as JSON become
 * statements; which of them speaks of a package in an image is asked here too. Pure. */
#pragma once

#include "core/err.h"
#include "package/purl.h"
#include "scan/scan.h"

enum vex_status { VEX_UNDER_INVESTIGATION, VEX_AFFECTED, VEX_FIXED, VEX_NOT_AFFECTED };

/* What a statement is about. */
struct vex_product {
	struct purl product;   /* a package, or an image ("pkg:oci/…", "pkg:docker/…") */
	struct purl component; /* of that image the one package; type NULL: all of it */
	struct str platform;   /* CPE of the system that the package belongs to; empty: any */
};

struct vex_statement {
	struct str_vec ids; /* of the vulnerability: its name, and others that it has */
	enum vex_status status;
	struct str justification; /* "vulnerable_code_not_present" */
	struct str text;          /* impact, in words for a person; may be empty */
	int64_t time_ns;          /* since 1970; INT64_MIN: unsaid */
	VEC(struct vex_product) products;
};

struct vex {
	VEC(struct vex_statement) list; /* as read */
};

/* The image that packages are in. Empty where unknown. */
struct vex_image {
	struct str repository; /* "docker.io/library/alpine" */
	struct str digest, index_digest;
};

/* Adds a document's statements. ERR_INPUT for what is neither, or damaged. Strings are views of
 * `text`, or in the arena. Products without a package URL are left out: they match nothing. */
MUST_USE bool vex_read(struct vex *v, struct str text, struct arena *a, struct err *e);

/* The statement on a vulnerability (by any of its names) in a package of the image that counts: the
 * newest; of equally new ones that which names a version, else the one read last. NULL: none.
 * A product's URL without version or qualifiers is any version and any qualifiers (OpenVEX, "Product
 * matching"); one of a source package (arch=src, arch=source) is all that was built from it. */
const struct vex_statement *vex_find(const struct vex *v, const struct str_vec *ids,
				     const struct package *p, const struct packages *in,
				     const struct vex_image *image, struct arena *a);

/* Marks the findings that a statement calls not affected or fixed: VULNERABILITY_VEX, with the
 * reason. Returns how many. */
size_t vex_apply(const struct vex *v, struct scan *s, const struct packages *in,
		 const struct vex_image *image, struct arena *a);

/* "not_affected" … as OpenVEX has it. */
const char *vex_status_name(enum vex_status status);
