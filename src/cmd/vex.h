/* vex: --vex for the commands that scan. */
#pragma once

#include "cmd/open.h"
#include "scan/vex.h"

/* Reads all documents that --vex names and marks the findings that these excuse. */
MUST_USE bool scan_apply_vex(struct session *s, struct scan *scan, const struct contents *c,
			     struct err *e);
