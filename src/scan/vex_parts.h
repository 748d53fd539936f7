/* vex_parts: what the readers of statements share. For src/scan alone. */
#pragma once

#include "core/jnode.h"
#include "scan/vex.h"

struct vex_reading {
	struct vex *out;
	struct arena *arena;
};

/* RFC 3339; INT64_MIN for what is no time. */
int64_t vex_time(struct str text);

void vex_read_openvex(struct vex_reading *r, const struct jnode *document);
void vex_read_csaf(struct vex_reading *r, const struct jnode *document);
