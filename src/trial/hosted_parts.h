/* hosted_parts: what the files of hosted share; inside trial only. */
#pragma once

#include "image/engine/container.h"
#include "trial/hosted.h"
#include "trial/report.h"

struct hosted {
	const struct engine *engine;
	const struct trial_setup *setup;
	struct str image;      /* base, in the engine */
	struct str_vec labels; /* "name=value", of all that is made */
};

/* One test, from a fresh container to its report; all of it lives in `a`. */
MUST_USE bool hosted_one(const struct hosted *h, const struct trial_test *test, struct report *r,
			  struct arena *a, struct err *e);

/* ---- hosted_files.c ---- */

/* What is at a path of a container, its last link not followed. */
MUST_USE bool hosted_file(const struct hosted *h, struct str container, struct str path,
			  bool with_content, struct report_file *file, struct arena *a,
			  struct err *e);

struct hosted_looker {
	const struct hosted *hosted;
	struct str container;
	struct arena *arena;
	struct err trouble; /* the engine did not give what is there: nothing is known */
};

/* For start_check_in(): a copy of the file, without a name; links are followed. */
int hosted_open_file(void *looker, struct str path);

/* ---- hosted_run.c ---- */

struct hosted_order {
	const struct hosted *hosted;
	struct str image;
	bool has_app; /* it is in the image */
	const struct str_vec *argv, *env;
	uint16_t http_port; /* 0: nothing is asked */
	struct str http_path;
};

struct hosted_outcome {
	struct str container; /* its ID; it has ended; empty: there is none */
	bool started, timed_out, out_of_memory, http_done, http_oddly;
	int exit, http_status;
	double seconds;
	struct frames output;
	struct str says;      /* not started: the engine's words */
	struct str_vec notes; /* what was done otherwise than asked */
};

/* One command, from container to its end. The outcome is the caller's to release also where this
 * fails. */
MUST_USE bool hosted_command(const struct hosted_order *o, struct hosted_outcome *out,
			     struct arena *a, struct err *e);
void hosted_outcome_release(struct hosted_outcome *o);

/* A container that is not started, with the application in it. */
MUST_USE bool hosted_container(const struct hosted_order *o, enum engine_network network,
			       struct hosted_outcome *out, struct arena *a, struct err *e);
