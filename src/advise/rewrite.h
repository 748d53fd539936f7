/* rewrite: a project's Dockerfile with its last stage on the base of the choice.
 *
 * Only the last stage changes; every other byte stays, but for a continuation at the end of the file
 * that leads nowhere. Two ways:
 *
 *   in place   its FROM names the choice; shell forms that need no shell become exec forms, a
 *              health check that the base cannot serve goes, with a comment that says why. For a
 *              stage on an image that runs nothing itself.
 *   on top     the last stage becomes a builder, and a new one behind it copies the application
 *              out of it.
 *
 * Which of the two builds and passes its tests is for others to see. */
#pragma once

#include "advise/pick.h"
#include "dockerfile/dockerfile.h"

/* Whether the last stage can be changed in place. */
bool rewrite_fits_in_place(const struct dockerfile *d);

/* `user` ("65532:65532") is the one that the image starts as; empty: whom the stage names, or
 * nobody. ERR_USAGE where nothing was chosen. */
MUST_USE bool rewrite_in_place(const struct dockerfile *d, const struct pick_result *result,
                               struct str user, struct str *text, struct arena *a, struct err *e);
MUST_USE bool rewrite_on_top(const struct dockerfile *d, const struct pick_result *result,
                             struct str user, struct str *text, struct arena *a, struct err *e);
