/* hosted: the same tests, in containers of Docker or Podman instead of a runtime of our own.
 *
 * The base is the engine's own image, or is brought there for the trial; the application is put into
 * each container as COPY does; limits, network and rights are those of the built-in runtime. What an
 * engine cannot do is said in notes: it does not tell which files were asked for and not found. All
 * that is made there is removed afterwards, also where socle is killed (sweeper.h). */
#pragma once

#include "image/engine/engine.h"
#include "image/image.h"
#include "trial/trial.h"

struct hosted_base {
	struct str id; /* of the engine's own image; empty: what follows is brought there */
	const struct reference *reference;
	struct store *store;
	const struct image_options *options;
};

/* As trial_run(); setup's base_dir and copy mean nothing here. */
MUST_USE bool hosted_run(const struct engine *engine, const struct hosted_base *base,
			 const struct trial_setup *setup, const struct trial_test *tests,
			 size_t count, struct trial_result *results, struct arena *a,
			 struct err *e);
