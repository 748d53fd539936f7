/* flatten: a merged tree as one layer's facts.
 *
 * What is shipped or learned of a base is what a container would see of it:
 * one record, whatever its layers were. Pure. */
#pragma once

#include "facts/tree.h"

/* Appends the encoded record of everything visible in `t`, or of what `keeps` (may be NULL) is
 * true of. Parents come before their children,
 * the first name of a file before its other hard links. `digest` stands where a layer's record
 * has its diff ID: that of the image's manifest or index; empty where there is none. */
MUST_USE bool facts_flatten(const struct tree *t, struct str digest,
                            bool (*keeps)(const struct node *n, void *context), void *context,
                            struct buf *record, struct arena *a, struct err *e);
