/* candidates: which bases of the catalogue are worth a place on an application's ladder. */
#include <stdlib.h>

#include "advise/pick_parts.h"

/* Images that carry a language are candidates for applications in that language. */
static bool app_wants_interpreter(const struct app *app, struct str name)
{
	for (size_t i = 0; i < app->needs.list.n; i++) {
		const struct need *n = &app->needs.list.p[i];
		if (n->kind == NEED_RUNTIME && n->certainty != CERTAINTY_POSSIBLE &&
		    str_starts(n->name, name))
			return true;
	}
	return false;
}

/* Images made for one language that carry no interpreter: compilers, what a runtime needs. */
static const struct {
	struct str part, interpreter;
} made_for[] = {
	{STR_INIT("/golang"), STR_INIT("go")},
	{STR_INIT("/java-base"), STR_INIT("java")},
	{STR_INIT("/dotnet/"), STR_INIT("dotnet")},
};

static bool is_candidate(const struct catalogue_base *b, const struct app *app,
                         struct str architecture)
{
	bool built = b->architectures.n == 0;
	for (size_t i = 0; i < b->architectures.n; i++) {
		struct str a_variant = b->architectures.p[i]; /* "arm/v7" */
		built |= str_eq(str_slice(a_variant, 0, str_index(a_variant, '/')), architecture);
	}
	if (!built)
		return false;
	for (size_t i = 0; i < sizeof made_for / sizeof *made_for; i++)
		if (str_contains(b->repository, made_for[i].part))
			return app_wants_interpreter(app, made_for[i].interpreter);
	if (b->interpreters.n == 0)
		return true;
	for (size_t i = 0; i < b->interpreters.n; i++)
		if (app_wants_interpreter(app, b->interpreters.p[i].name))
			return true;
	return false;
}

/* "python:3.14-slim-trixie" is the slim one of "python:3.14-trixie". */
static bool is_slim_of(struct str slim, struct str full)
{
	static const struct str mark = STR_INIT("-slim");
	size_t at = str_find(slim, mark);
	return at < slim.n && full.n + mark.n == slim.n &&
	       str_eq(str_slice(slim, 0, at), str_slice(full, 0, at)) &&
	       str_eq(str_skip(slim, at + mark.n), str_skip(full, at));
}

/* What adds nothing to the ladder: a full image that has a slim one, and a variant (nonroot,
 * debug) of a base that is listed before it, unless it has the shell that is wanted. */
static bool is_redundant(const struct catalogue *c, size_t i, const struct pick_wishes *w)
{
	const struct catalogue_base *b = &c->bases[i];
	for (size_t k = 0; k < c->n; k++)
		if (is_slim_of(c->bases[k].name, b->name))
			return true;
	if (!catalogue_is_variant(c, b))
		return false;
	return !(w->shell || w->development) || str_eq(b->shell, STR("none"));
}

void candidates_gather(struct str_vec *names, const struct pick_request *q,
                       const struct base_context *c, struct arena *a)
{
	struct str architecture = q->app->architecture.n ? q->app->architecture : STR("amd64");
	if (q->names->n) {
		*names = *q->names;
		return;
	}
	for (size_t i = 0; i < c->catalogue->n; i++)
		if (is_candidate(&c->catalogue->bases[i], q->app, architecture) &&
		    !is_redundant(c->catalogue, i, &q->wishes))
			*vec_push(names, a) = c->catalogue->bases[i].name;
}

/* ---- Order ---- */

static uint64_t size_or_most(const struct base *b)
{
	return base_is_sized(b) ? b->size_bytes : UINT64_MAX;
}

/* Fewer of the gravest first; what could not be judged has none to compare. */
static int compare_exposures(const struct exposure *x, const struct exposure *y)
{
	for (int word = SEVERITY_CRITICAL; x->judged && y->judged && word >= 0; word--)
		if (x->counts[word] != y->counts[word])
			return x->counts[word] < y->counts[word] ? -1 : 1;
	return 0;
}

/* By size; a tie goes to what facts are known of, then to fewer vulnerabilities, fewer packages,
 * longer support, and the name. */
static int compare_rungs(const void *x, const void *y)
{
	const struct rung *p = x, *q = y;
	uint64_t a = size_or_most(&p->base), b = size_or_most(&q->base);
	if (a != b)
		return a < b ? -1 : 1;
	if (p->base.has_facts != q->base.has_facts)
		return p->base.has_facts ? -1 : 1;
	int exposures = compare_exposures(&p->exposure, &q->exposure);
	if (exposures)
		return exposures;
	if (p->base.package_count != q->base.package_count)
		return p->base.package_count < q->base.package_count ? -1 : 1;
	if (p->base.entry && q->base.entry) {
		int c = str_cmp(q->base.entry->support_end, p->base.entry->support_end);
		if (c)
			return c;
	}
	return str_cmp(p->base.name, q->base.name);
}

void candidates_sort(struct rung *rungs, size_t count)
{
	if (count)
		qsort(rungs, count, sizeof *rungs, compare_rungs);
}
