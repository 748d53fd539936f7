/* testing: one test in the keeper, from a fresh root to its report. */
#pragma once

#include "trial/identity.h"
#include "trial/keeper.h"

struct testing {
	const struct keeper_order *order;
	const struct identity *identity;
	struct ground *ground;
	int control;                /* reports go there */
	struct arena *arena;        /* the keeper's */
	enum profile_level profile; /* what the runtime was found to take */
};

void testing_init(struct testing *t);

/* False: no test can be made on this machine, or socle is not there any more. */
MUST_USE bool testing_one(struct testing *t, const struct trial_test *test, struct err *e);
