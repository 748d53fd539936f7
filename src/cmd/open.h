/* open: what nearly every command opens: the store, the catalogue, APP and BASE. */
#pragma once

#include "advise/cure.h"
#include "advise/judge.h"
#include "cmd/network.h"
#include "package/package.h"

struct workplace {
	struct store store;
	struct network network;
	struct catalogue catalogue;
	struct blobs blobs;
	struct image_options image_options;
	struct base_context bases;
	struct cure_shelf shelf;
};

/* Opens store and catalogue as the options say (--platform, --catalogue, --offline …); asks no
 * registry yet. Lives as long as the session. Names that a person gives may be pulled; who
 * goes through the whole catalogue turns bases.pull off, or asks --pull. */
MUST_USE bool workplace_open(struct workplace *w, struct session *s, struct err *e);

MUST_USE bool workplace_app(struct workplace *w, struct session *s, struct str text,
                            struct app *app, struct err *e);

/* EXIT_NOTHING, with the reason on standard error, for an application without anything to start
 * or load. */
int workplace_nothing(const struct app *app);

/* One after another; the error names the base. */
MUST_USE bool workplace_bases(struct workplace *w, const struct str *names, size_t count,
                              struct base *bases, struct err *e);

/* For reference_parse(), where files are not meant. */
bool nothing_is_a_path(const char *path);

/* A name that is asked of its registry, whatever is at hand; a name of the catalogue stands for
 * its publisher's repository. ERR_USAGE for what lies elsewhere. */
MUST_USE bool workplace_remote(const struct workplace *w, struct session *s, struct str text,
                               struct reference *ref, struct err *e);

/* Options that change the prediction: --cpu, --env. `architecture` is that of what is judged. */
MUST_USE bool workplace_judge_options(struct session *s, struct str architecture,
                                      struct judge_options *o, struct err *e);

/* A base whose bytes are here. ERR_USAGE, with how to get them, where only facts of it are. */
MUST_USE bool workplace_at_hand(struct workplace *w, struct str text, struct base *b,
                                struct err *e);

/* Any APP or BASE by name, as a tree (ldd, ls). A catalogue name must have facts. */
MUST_USE bool workplace_tree(struct workplace *w, struct session *s, struct str text,
                             struct base *b, struct tree *t, struct err *e);

/* What is installed, and where that was read: in an image, or in an SBOM. */
struct contents {
	struct base base;          /* of an SBOM: only what it is called, and its digest */
	struct tree tree;
	const struct tree *at;     /* the tree; NULL: it is an SBOM, there are no files */
	struct packages packages;
	struct str_vec missing;    /* what the list lacks, in words for a person */
};

/* "sbom:FILE", or any APP or BASE as workplace_tree() opens it. */
MUST_USE bool workplace_contents(struct workplace *w, struct session *s, struct str text,
                                 struct contents *c, struct err *e);
