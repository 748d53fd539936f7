#include "advise/pick.h"

#include <stdlib.h>

#include "advise/cure.h"

const char *rung_state_name(enum rung_state s)
{
	static const char *const name[] = {"ruled out", "fails",  "not at hand",
	                                   "not tried", "passed", "failed"};
	return name[s];
}

static void say_why(struct rung *r, struct arena *a, struct str reason)
{
	if (reason.n)
		*vec_push(&r->reasons, a) = reason;
}

/* ---- Which bases are candidates ---- */

/* Images that carry a language are candidates for applications in that language. */
static bool app_wants_interpreter(const struct app *app, struct str name, const struct tree *t,
                                  struct arena *a)
{
	struct node_vec entries = {0};
	struct err ignored;
	if (!app_entries(app, t, &entries, a, &ignored))
		return false;
	for (size_t i = 0; i < entries.n; i++) {
		struct str line = node_shebang(entries.p[i]), word;
		while (str_word(&line, &word))
			if (str_starts(str_basename(word), name))
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
                         const struct tree *t, struct str architecture, struct arena *a)
{
	bool built = b->architectures.n == 0;
	for (size_t i = 0; i < b->architectures.n; i++)
		built |= str_starts(b->architectures.p[i], architecture);
	if (!built)
		return false;
	for (size_t i = 0; i < sizeof made_for / sizeof *made_for; i++)
		if (str_contains(b->repository, made_for[i].part))
			return app_wants_interpreter(app, made_for[i].interpreter, t, a);
	if (b->interpreters.n == 0)
		return true;
	for (size_t i = 0; i < b->interpreters.n; i++)
		if (app_wants_interpreter(app, b->interpreters.p[i].name, t, a))
			return true;
	return false;
}

/* What adds nothing to the ladder: a full image that has a slim one, and a variant (nonroot,
 * debug) of a base that is listed before it, unless it has the shell that is wanted. */
static bool is_redundant(const struct catalogue *c, size_t i, const struct pick_wishes *w,
                         struct arena *a)
{
	const struct catalogue_base *b = &c->bases[i];
	struct str slim = arena_printf(a, "%.*s-slim", STR_ARG(b->name));
	for (size_t k = 0; k < c->n; k++)
		if (str_eq(c->bases[k].name, slim))
			return true;
	if (!catalogue_is_variant(c, b))
		return false;
	return !(w->shell || w->development) || str_eq(b->shell, STR("none"));
}

static bool gather(struct str_vec *names, const struct pick_request *q,
                   const struct base_context *c, struct arena *a, struct err *e)
{
	struct tree t;
	struct str architecture = q->app->architecture.n ? q->app->architecture : STR("amd64");
	if (q->names->n) {
		*names = *q->names;
		return true;
	}
	if (!app_tree(q->app, &t, a, e))
		return false;
	for (size_t i = 0; i < c->catalogue->n; i++)
		if (!is_redundant(c->catalogue, i, &q->wishes, a) &&
		    is_candidate(&c->catalogue->bases[i], q->app, &t, architecture, a))
			*vec_push(names, a) = c->catalogue->bases[i].name;
	return true;
}

/* ---- Order ---- */

static uint64_t size_or_most(const struct base *b)
{
	return b->has_facts || b->size_bytes ? b->size_bytes : UINT64_MAX;
}

/* By size; a tie goes to fewer packages, then to longer support, then to the name. */
static int compare_rungs(const void *x, const void *y)
{
	const struct rung *p = x, *q = y;
	uint64_t a = size_or_most(&p->base), b = size_or_most(&q->base);
	if (a != b)
		return a < b ? -1 : 1;
	if (p->base.package_count != q->base.package_count)
		return p->base.package_count < q->base.package_count ? -1 : 1;
	if (p->base.entry && q->base.entry) {
		int c = str_cmp(q->base.entry->support_end, p->base.entry->support_end);
		if (c)
			return c;
	}
	return str_cmp(p->base.name, q->base.name);
}

/* ---- Wishes ---- */

static const struct str shells[] = {STR_INIT("/bin/sh"), STR_INIT("/bin/bash"),
                                    STR_INIT("/busybox/sh")};
static const struct str managers[] = {STR_INIT("/sbin/apk"),         STR_INIT("/usr/bin/apk"),
                                      STR_INIT("/usr/bin/apt-get"),  STR_INIT("/usr/bin/microdnf"),
                                      STR_INIT("/usr/bin/dnf"),      STR_INIT("/usr/bin/zypper")};

static bool has_one_of(const struct base *b, const struct str *paths, size_t count,
                       struct str described, struct arena *a)
{
	struct tree t;
	struct err ignored;
	if (!b->has_facts)
		return described.n && !str_eq(described, STR("none"));
	if (!base_tree(b, &t, a, &ignored))
		return false;
	for (size_t i = 0; i < count; i++)
		if (tree_find(&t, paths[i]))
			return true;
	return false;
}

static bool meets_wishes(struct rung *r, const struct pick_wishes *w, bool named, struct arena *a)
{
	const struct base *b = &r->base;
	const struct catalogue_base *d = b->entry;
	if (w->max_size_bytes && size_or_most(b) > w->max_size_bytes && size_or_most(b) != UINT64_MAX)
		say_why(r, a, STR("larger than --max-size"));
	if ((w->shell || w->development) &&
	    !has_one_of(b, shells, sizeof shells / sizeof *shells, d ? d->shell : STR(""), a))
		say_why(r, a, w->shell ? STR("has no shell, which --need asks for")
		                       : STR("has no shell, and people must look inside in development"));
	if (w->package_manager &&
	    !has_one_of(b, managers, sizeof managers / sizeof *managers,
	                d ? d->package_manager : STR(""), a))
		say_why(r, a, STR("has no package manager, which --need asks for"));
	if (d && d->deprecated.n && !named)
		say_why(r, a, arena_printf(a, "deprecated: %.*s", STR_ARG(d->deprecated)));
	else if (d && !named && catalogue_is_over(d, w->today))
		say_why(r, a, arena_printf(a, "its support ended %.*s", STR_ARG(d->support_end)));
	return r->reasons.n == 0;
}

/* ---- Trial ---- */

/* "bin/server --selftest: exit status 3; it asked for /etc/services, which is not there". */
static struct str failure(const struct trial_result *t, struct arena *a)
{
	struct str text = arena_printf(a, "%.*s: %.*s", STR_ARG(t->command), STR_ARG(t->why));
	if (t->exit < 0 || !t->missing.n)
		return text;
	return arena_printf(a, "%.*s; it asked for %.*s, which is not there", STR_ARG(text),
	                    STR_ARG(t->missing.p[0].path));
}

bool pick_try(struct rung *r, const struct pick_request *q, const struct base_context *c,
              struct arena *a, struct err *e)
{
	const struct app *app = q->app;
	struct trial_setup setup = q->setup;
	struct str app_root = app->source;
	if (!root_folder(&r->base.image, &r->base.reference, c->image_options, c->cache,
	                 &setup.base_dir, a, e))
		return false;
	if (!app_root.n && !root_folder(&app->image, &app->reference, c->image_options, c->cache,
	                                &app_root, a, e))
		return false;
	setup.app.source = app_root;
	setup.app.target = app->image.single_file
		? arena_printf(a, "%.*s/%.*s", STR_ARG(app->at), STR_ARG(str_basename(app_root)))
		: app->at;
	if (!setup.working_dir.n)
		setup.working_dir = app->at;
	struct str_vec env = {0};
	for (size_t i = 0; i < r->base.image.config.env.n; i++)
		*vec_push(&env, a) = r->base.image.config.env.p[i];
	for (size_t i = 0; i < q->setup.env.n; i++)
		*vec_push(&env, a) = q->setup.env.p[i];
	setup.env = env;
	if (!setup.user.n)
		setup.user = r->base.image.config.user;

	r->results = arena_array(a, q->test_count, sizeof *r->results);
	if (!trial_run(&setup, q->tests, q->test_count, r->results, a, e))
		return err_wrap(e, "trial on %.*s", STR_ARG(r->base.name));
	r->result_count = q->test_count;
	r->state = RUNG_PASSED;
	for (size_t i = 0; i < r->result_count; i++) {
		if (r->results[i].passed)
			continue;
		r->state = RUNG_FAILED;
		say_why(r, a, failure(&r->results[i], a));
	}
	return true;
}

static void describe_pass(struct rung *r, struct arena *a)
{
	double seconds = 0;
	for (size_t i = 0; i < r->result_count; i++)
		seconds += r->results[i].seconds;
	say_why(r, a, arena_printf(a, "%zu test%s passed in %.*f s", r->result_count,
	                           r->result_count == 1 ? "" : "s", seconds < 1 ? 2 : 1, seconds));
}

/* ---- The climb ---- */

static bool judge_rung(struct rung *r, const struct pick_request *q,
                       const struct base_context *c, struct arena *a, struct err *e)
{
	if (!judge(&r->judgement, q->app, &r->base, &q->judge_options, a, e))
		return false;
	cure_findings(&r->judgement.prediction, &r->base, c, q->shelf, a);
	r->judgement.base = &r->base;
	if (!meets_wishes(r, &q->wishes, q->names->n > 0, a)) {
		r->state = RUNG_RULED_OUT;
		return true;
	}
	if (r->judgement.prediction.verdict == VERDICT_FAILS) {
		r->state = RUNG_FAILS;
		return true;
	}
	r->state = r->base.at_hand ? RUNG_NOT_TRIED : RUNG_NOT_AT_HAND;
	return true;
}

static bool climb(struct pick_result *out, const struct pick_request *q,
                  const struct base_context *c, struct arena *a, struct err *e)
{
	bool passed = false;
	for (size_t i = 0; i < out->count; i++) {
		struct rung *r = &out->rungs[i];
		if (r->state != RUNG_NOT_TRIED || q->test_count == 0 || (passed && !q->try_all))
			continue;
		if (q->progress)
			q->progress(&r->base, q->progress_context);
		if (!pick_try(r, q, c, a, e))
			return false;
		if (r->state == RUNG_PASSED)
			describe_pass(r, a);
		passed |= r->state == RUNG_PASSED;
	}
	return true;
}

static bool may_hold(const struct rung *r)
{
	return (r->state == RUNG_NOT_AT_HAND || r->state == RUNG_NOT_TRIED) &&
	       r->judgement.prediction.verdict == VERDICT_RUNS;
}

static void choose(struct pick_result *out, const struct pick_request *q, struct arena *a)
{
	struct rung *choice = NULL;
	for (size_t i = 0; i < out->count && !choice; i++)
		if (out->rungs[i].state == RUNG_PASSED)
			choice = &out->rungs[i];
	out->tried = choice != NULL;
	/* Only predicted: what passed nothing may be proposed where nothing was tried. */
	bool any_trial = false;
	for (size_t i = 0; i < out->count; i++)
		any_trial |= out->rungs[i].result_count > 0;
	for (size_t i = 0; i < out->count && !choice && !any_trial; i++)
		if (may_hold(&out->rungs[i]))
			choice = &out->rungs[i];
	if (!choice)
		return;
	choice->chosen = true;
	out->choice = choice;
	out->reference = choice->base.entry ? catalogue_reference(choice->base.entry, a)
	                                    : choice->base.name;
	*vec_push(&out->rules, a) = out->tried ? STR("the smallest on which every test passed")
	                            : q->test_count
		? STR("the smallest that should hold it: predicted, not tried")
		: STR("the smallest that should hold it: predicted, not tried (give --test or --http)");
}

static void explain_rules(struct pick_result *out, const struct pick_request *q, struct arena *a)
{
	const struct rung *c = out->choice;
	if (!c)
		return;
	if (q->wishes.development)
		*vec_push(&out->rules, a) = STR("bases without a shell were passed over: people must look "
		                                "inside in development");
	if (str_ends(out->reference, STR(":latest")))
		*vec_push(&out->rules, a) = STR("its publisher has only tags that move: pin the digest");
	const struct catalogue_base *d = c->base.entry;
	if (d && str_eq(d->family, STR("distroless")))
		*vec_push(&out->rules, a) = STR("a compiled application in production needs no shell");
	else if (str_eq(c->base.name, STR("scratch")))
		*vec_push(&out->rules, a) = STR("a static program needs no base");
}

/* Reasons of those that prediction alone decided about, once the choice is known. */
static void explain_rungs(struct pick_result *out, struct arena *a)
{
	bool above = false;
	for (size_t i = 0; i < out->count; i++) {
		struct rung *r = &out->rungs[i];
		bool open = r->state == RUNG_NOT_AT_HAND || r->state == RUNG_NOT_TRIED;
		if (open && above)
			say_why(r, a, STR("larger than the choice"));
		else if (r->state == RUNG_NOT_AT_HAND)
			say_why(r, a, STR("predicted, not tried: it is not at hand"));
		else if (open)
			say_why(r, a, STR("predicted, not tried"));
		above |= r->chosen;
	}
}

bool pick(struct pick_result *out, const struct pick_request *q, const struct base_context *c,
          struct arena *a, struct err *e)
{
	struct str_vec names = {0};
	*out = (struct pick_result){.app = q->app, .named = q->names->n > 0};
	if (!gather(&names, q, c, a, e))
		return false;
	out->rungs = arena_array(a, names.n, sizeof *out->rungs);
	out->count = names.n;
	for (size_t i = 0; i < names.n; i++)
		if (!base_open(&out->rungs[i].base, names.p[i], c, e))
			return false;
	if (out->count)
		qsort(out->rungs, out->count, sizeof *out->rungs, compare_rungs);
	for (size_t i = 0; i < out->count; i++)
		if (!judge_rung(&out->rungs[i], q, c, a, e))
			return false;
	if (!climb(out, q, c, a, e))
		return false;
	choose(out, q, a);
	explain_rules(out, q, a);
	explain_rungs(out, a);
	return true;
}
