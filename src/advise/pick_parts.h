/* pick_parts: what the files of pick share; inside advise only. */
#pragma once

#include "advise/pick.h"

void rung_say(struct rung *r, struct arena *a, struct str reason);

/* candidates.c: the names of the catalogue that are worth a rung, or those that the person
 * gave; and their order: by size, then fewer packages, longer support, name. */
void candidates_gather(struct str_vec *names, const struct pick_request *q,
                       const struct base_context *c, struct arena *a);
void candidates_sort(struct rung *rungs, size_t count);

/* rules.c: Python packages that requirements.txt asks for and that are long in building where
 * there is no glibc, with commas; empty: none. */
struct str rules_built_packages(const struct app *app, struct arena *a);

/* False where a wish or a rule passes the base over; the rung says which. */
bool rules_allow(struct rung *r, const struct pick_request *q, struct str built_packages_asked,
                 struct arena *a);

/* The sentences that explain a choice. */
void rules_explain(struct pick_result *out, const struct pick_request *q, struct arena *a);

/* exposure.c: fills the rung's exposure; a base without facts has none that is judged. */
MUST_USE bool expose(struct rung *r, const struct advisory_shelf *shelf, struct arena *a,
                     struct err *e);

/* False where --fail-on passes the base over; the rung says why. */
bool exposure_allows(struct rung *r, const struct pick_wishes *w, struct arena *a);

/* suggest.c: among those that are only described, the one that is most worth measuring. */
void suggest(struct pick_result *out, const struct pick_wishes *w, struct str built_packages_asked,
             struct arena *a);

/* refer.c: reference and digest of the choice, with the sentences that belong to them. `registry`
 * is asked for digests; NULL: none is. */
void refer(struct pick_result *out, struct registry *registry, struct arena *a);

/* "docker.io/library/debian:trixie-slim@sha256:…", without a tag that is `latest`. */
struct str refer_text(const struct registry_name *name, struct str tag, struct str digest,
                      struct arena *a);
