/* described: what a publisher's description says of a base, held against what an application asks
 * for by name: a libc, a runtime, a shell. Enough to rule a base out or to make it worth
 * measuring; never enough to rule it in. */
#pragma once

#include "advise/app.h"
#include "advise/base.h"

/* Fills `out`, for a base without facts: `fails` where the description is enough for that, else
 * `unknown` with one finding that says what is described. *promising: the description names all
 * that the application asks for. */
MUST_USE bool described_judge(struct prediction *out, bool *promising, const struct app *app,
                              const struct base *base, struct arena *a, struct err *e);

/* "python 3.14": the description's interpreter that serves the runtime "python3", or empty. */
struct str described_interpreter(const struct catalogue_base *d, struct str runtime,
                                 struct arena *a);
