/* compare: what has become of one image's vulnerabilities in another. Pure.
 *
 * A vulnerability that is no longer reported is gone only if what it lies in is gone: where the
 * files are still there and no record of them is, it has become invisible. */
#pragma once

#include "scan/scan.h"

enum fate {
	FATE_REMOVED,   /* the package is gone, and so are its files */
	FATE_FIXED,     /* the package is there in a version that does not have it */
	FATE_INVISIBLE, /* the files are there, and nothing that could be judged tells of them */
	FATE_SAME,
	FATE_NEW /* in the second image alone */
};

struct compared {
	const struct vulnerability
		*vulnerability; /* of the first image; of the second where it is new */
	enum fate fate;
	struct str why; /* the version that mends it; where its file lies, and how that is known */
};

struct comparison {
	VEC(struct compared)
	list; /* in the order of the scans, each once a source package; new ones last */
	size_t counts[FATE_NEW + 1];
};

struct compared_image {
	const struct tree *tree;
	const struct packages *packages;
	const struct scan *scan;
};

void compare_images(struct comparison *out, const struct compared_image *first,
		    const struct compared_image *second, struct arena *a);

/* "removed" … "new". */
const char *fate_name(enum fate fate);
