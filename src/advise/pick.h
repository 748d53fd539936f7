/* pick: the ladder of candidates, and the choice with its reasons.
 *
 * Candidates stand by size. What must fail is ruled out by prediction or by
 * what the person asked for; what may hold is tried, smallest first, until one
 * passes. A candidate that is not at hand stays predicted: it is never chosen
 * over one that passed, and is named beside it. Renders nothing. */
#pragma once

#include "advise/cure.h"
#include "advise/judge.h"
#include "advise/root.h"
#include "advise/tests.h"
#include "scan/scan.h"
#include "trial/hosted.h"

enum rung_state {
	RUNG_RULED_OUT,   /* by a wish of the person, or by a rule */
	RUNG_FAILS,       /* by prediction */
	RUNG_NOT_AT_HAND, /* may hold; cannot be tried here */
	RUNG_NOT_TRIED,   /* may hold; larger than the choice, or no test was given */
	RUNG_PASSED,
	RUNG_FAILED       /* by its trial */
};

/* Known vulnerabilities of a base, by the packages in it. */
struct exposure {
	bool judged;                          /* every package's ecosystem is spoken of, or there is none */
	size_t counts[SEVERITY_CRITICAL + 1]; /* by enum severity_word */
	size_t all;
	struct str gravest; /* the first of them: "CVE-2024-1"; empty: none */
	struct str unjudged; /* "Alpine:v3.20": what no advisories at hand speak of */
};

struct rung {
	struct base base;
	struct exposure exposure;
	struct judgement judgement;
	enum rung_state state;
	/* The same files under a tag of their own, started as a user who is not root; NULL: none. Where
	 * nobody else names a user the trial runs as that one, and as root where it fails. */
	const struct catalogue_base *variant;
	bool as_root;                 /* there is a variant, and the results are root's */
	struct trial_result *results; /* of the tests that ran */
	size_t result_count;
	bool chosen;
	struct str_vec reasons; /* why it stands as it does; the most telling first */
};

struct pick_wishes {
	bool shell, package_manager; /* --need */
	bool development;            /* --stage development */
	uint64_t max_size_bytes;     /* UINT64_MAX: any */
	bool limited;                /* --fail-on */
	enum severity_word fail_on;
	struct str today;            /* "2026-11-24": bases of the catalogue past their support end
	                          * are ruled out, unless the person names them */
};

struct pick_request {
	const struct app *app;
	const struct str_vec *names; /* candidates; empty: from the catalogue */
	const struct trial_test *tests;
	size_t test_count;
	const struct engine *engine; /* tests run there; NULL: under a runtime of our own */
	struct trial_setup setup;    /* limits, user, environment; base and app are filled in */
	struct pick_wishes wishes;
	struct judge_options judge_options;
	bool try_all;
	struct cure_shelf *shelf;
	const struct advisory_shelf *advisories; /* NULL: vulnerabilities are no matter */
	struct registry *registry; /* asked for the digest of the choice; NULL: none is */
	/* Told before each trial; may be NULL. */
	void (*progress)(const struct base *base, void *context);
	void *progress_context;
};

struct pick_result {
	const struct app *app;
	bool named;         /* the person named the candidates */
	struct str asked_user; /* whom the person wants the tests to run as; empty: nobody */
	struct str date;    /* of the choice: "2026-11-24" */
	struct rung *rungs; /* smallest first */
	size_t count;
	const struct rung *choice;     /* NULL: none fits */
	bool tried;                    /* the choice passed its tests; else only predicted */
	struct str reference;          /* of the choice: what goes into a FROM line, with its digest
	                                * where that is known; never `latest`: empty where there is
	                                * no other tag and no digest */
	struct str digest;             /* in it; empty: not known */
	struct str user;               /* whom the choice's variant starts as, or "0" where the tests
	                                * passed as root alone; empty: nothing depends on it */
	struct str dockerfile;         /* a stage for it; where somebody asked for one */
	struct str_vec rules;          /* sentences: which rules decided */
	const struct rung *measure_first; /* only described, and most worth a measurement; or NULL */
	struct str measure_reason;        /* a sentence */
};

MUST_USE bool pick(struct pick_result *out, const struct pick_request *request,
                   const struct base_context *context, struct arena *a, struct err *e);

/* One base, its tests: shared with `try`. Without an application the base, an image, is both. */
MUST_USE bool pick_try(struct rung *r, const struct pick_request *request,
                       const struct base_context *context, struct arena *a, struct err *e);

const char *rung_state_name(enum rung_state s);
