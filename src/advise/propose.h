/* propose: a Dockerfile's stage that puts the application on the base of the choice.
 *
 * It says what was tried and no more: the chosen reference, the application at its place, its
 * environment and command, the user whom the tests ran as. What cannot come along (a health check
 * that calls what the base has not) is left out with a comment that says why. Pure text: nothing
 * is built. */
#pragma once

#include "advise/pick.h"

/* The Dockerfile that the stage goes into; zeroed: one of its own. */
struct propose_in {
	struct str from_stage; /* has the application at its place; empty: the build's context has it
	                        * under the name that the person gave, or, where it is an image with a
	                        * name, that image */
	struct str platform;   /* flag of FROM, a blank behind it; empty: none */
	char escape;           /* 0: a backslash */
};

/* The stage, lines with their newlines. ERR_USAGE where nothing was chosen, or no Dockerfile can
 * name what is chosen or copied. */
MUST_USE bool propose_stage(const struct pick_result *result, const struct propose_in *in,
                            struct str *text, struct arena *a, struct err *e);

/* ["a", "b"], as exec forms have it (RFC 8259). */
struct str propose_array(const struct str_vec *words, struct arena *a);
