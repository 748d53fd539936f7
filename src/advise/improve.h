/* improve: from a project's Dockerfile to a better one.
 *
 * The project is built as it is, and its tests run on that image; the application in it goes up
 * the ladder; the Dockerfile is rewritten for the choice, built again, and the same tests run on
 * what came out. Only a proposal that builds and passes them is one. */
#pragma once

#include "advise/pick.h"
#include "dockerfile/dockerfile.h"

/* An image that was built, and what its tests said. */
struct built {
	bool is_built;
	struct str why;   /* not built: what the builder said last */
	struct rung rung; /* base: the image; state, results: of its tests */
};

struct improvement {
	const struct dockerfile *dockerfile; /* as it is */
	struct built was;
	struct app app;
	struct pick_result pick;
	bool already;     /* it stands on the choice, and nothing could be changed in place */
	bool in_place;    /* the last stage changed in place; else a new one stands on top */
	struct str text;  /* the Dockerfile proposed; empty: none */
	struct built is;  /* of the last one that was tried */
	struct str_vec refused; /* why others were not it, a sentence each */
};

struct improve_request {
	struct str name; /* of the Dockerfile, for messages */
	struct str text;
	/* Builds a Dockerfile's text with the project as its context. *image: a reference
	 * ("docker:1234…"), or *why: not built, and what the builder said. False where the builder
	 * itself is in trouble. */
	bool (*build)(struct str text, struct str *image, struct str *why, void *context,
	              struct arena *a, struct err *e);
	void *build_context;
	struct str scheme; /* of references that it gives: "docker:" */
};

/* Builds the project as it is and opens the application in it; out->was says whether it was built.
 * ERR_INPUT for a text that is no Dockerfile. */
MUST_USE bool improve_begin(struct improvement *out, const struct improve_request *request,
                            const struct base_context *context, struct arena *a, struct err *e);

/* The rest of the way, with the person's tests and wishes; `ladder`'s app is out->app. Where the
 * project does not pass its own tests, nothing was chosen, or no proposal holds, the result says
 * so and `text` is empty: that is no error. */
MUST_USE bool improve_finish(struct improvement *out, const struct improve_request *request,
                             const struct pick_request *ladder, const struct base_context *context,
                             struct arena *a, struct err *e);
