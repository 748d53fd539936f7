#include "advise/configured.h"
#include "advise/pick_parts.h"

const char *rung_state_name(enum rung_state s)
{
	static const char *const name[] = {"ruled out", "fails",  "not at hand",
	                                   "not tried", "passed", "failed"};
	return name[s];
}

void rung_say(struct rung *r, struct arena *a, struct str reason)
{
	*vec_push(&r->reasons, a) = reason;
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

static void lay_app(struct trial_setup *setup, const struct app *app, struct str app_root,
                    struct arena *a)
{
	setup->app.source = app_root;
	setup->app.target = app->image.single_file
		? arena_printf(a, "%.*s/%.*s", STR_ARG(app->at),
	                       STR_ARG(app->image.layers[0]->entries[0].path))
		: app->at;
}

/* The configuration of base and application, as the container has it. */
static void fill_setup(struct trial_setup *setup, const struct rung *r, const struct app *app,
                       const struct pick_request *q, struct arena *a)
{
	const struct image_config *c = &r->base.image.config;
	struct trial_config *config = ARENA_NEW(a, struct trial_config);
	if (app && app->is_image)
		c = &app->image.config;
	if (!setup->working_dir.n)
		setup->working_dir = app ? app->working_dir : c->working_dir;
	setup->env = app ? app_env(app, &r->base, &q->setup.env, a)
	                 : str_vec_join(&c->env, &q->setup.env, a);
	if (!setup->user.n)
		setup->user = c->user.n ? c->user : r->base.image.config.user;
	*config = (struct trial_config){.env = setup->env,
	                                .labels = c->labels,
	                                .exposed_ports = c->exposed_ports,
	                                .volumes = c->volumes,
	                                .entrypoint = c->entrypoint,
	                                .cmd = c->cmd,
	                                .working_dir = c->working_dir,
	                                .user = setup->user};
	setup->config = config;
}

static bool app_folder(const struct app *app, const struct base_context *c, struct str *folder,
                       struct arena *a, struct err *e)
{
	struct tree t;
	bool part = app->is_image && app->above.how != ABOVE_UNKNOWN;
	if (part && !app_tree(app, &t, a, e))
		return false;
	return root_folder(&app->whole, &app->reference, c->image_options, part ? &t : NULL, c->cache,
	                   folder, a, e);
}

/* Under a runtime of our own, or in the engine that is asked for: there an image of its own is used
 * as it lies. */
static bool run_tests(const struct rung *r, const struct pick_request *q,
                      const struct base_context *c, struct trial_setup *setup, struct arena *a,
                      struct err *e)
{
	const struct base *b = &r->base;
	if (!q->engine)
		return root_folder(&b->image, &b->reference, c->image_options, NULL, c->cache,
		                   &setup->base_dir, a, e) &&
		       trial_run(setup, q->tests, q->test_count, r->results, a, e);
	struct hosted_base base = {.reference = &b->reference, .store = c->store,
	                           .options = c->image_options};
	if (b->image.engine == q->engine)
		base.id = b->image.engine_id;
	return hosted_run(q->engine, &base, setup, q->tests, q->test_count, r->results, a, e);
}

bool pick_try(struct rung *r, const struct pick_request *q, const struct base_context *c,
              struct arena *a, struct err *e)
{
	const struct app *app = q->app;
	struct trial_setup setup = q->setup;
	struct str app_root = app ? app->source : STR("");
	if (app && !app_root.n && !app_folder(app, c, &app_root, a, e))
		return false;
	if (app)
		lay_app(&setup, app, app_root, a);
	fill_setup(&setup, r, app, q, a);
	r->results = arena_array(a, q->test_count, sizeof *r->results);
	if (!run_tests(r, q, c, &setup, a, e))
		return err_wrap(e, "trial on %.*s", STR_ARG(r->base.name));
	r->result_count = q->test_count;
	r->state = RUNG_PASSED;
	for (size_t i = 0; i < r->result_count; i++) {
		if (r->results[i].passed)
			continue;
		r->state = RUNG_FAILED;
		rung_say(r, a, failure(&r->results[i], a));
	}
	return true;
}

/* Whoever is not root may be refused what root is given; what took too long would do so again. */
static bool root_may_help(const struct rung *r)
{
	for (size_t i = 0; i < r->result_count; i++)
		if (!r->results[i].passed)
			return !r->results[i].timed_out;
	return false;
}

/* Where neither the person nor the application's image says as whom. */
static bool runs_as_variant(const struct rung *r, const struct pick_request *q)
{
	return r->variant && !q->setup.user.n && !(q->app->is_image && q->app->image.config.user.n);
}

/* As the user of its variant first. */
static bool try_rung(struct rung *r, const struct pick_request *q, const struct base_context *c,
                     struct arena *a, struct err *e)
{
	struct image_config *config = &r->base.image.config;
	struct str own = config->user;
	if (!runs_as_variant(r, q))
		return pick_try(r, q, c, a, e);
	config->user = r->variant->user;
	if (!pick_try(r, q, c, a, e))
		return false;
	if (r->state == RUNG_PASSED || !root_may_help(r))
		return true;
	struct rung as_user = *r;
	config->user = own;
	r->reasons = (struct str_vec){0};
	if (!pick_try(r, q, c, a, e))
		return false;
	r->as_root = true;
	if (r->state == RUNG_PASSED)
		rung_say(r, a, arena_printf(a, "passes as root alone; as user %.*s: %.*s",
		                            STR_ARG(r->variant->user), STR_ARG(as_user.reasons.p[0])));
	return true;
}

static void describe_pass(struct rung *r, const struct pick_request *q, struct arena *a)
{
	double seconds = 0;
	for (size_t i = 0; i < r->result_count; i++)
		seconds += r->results[i].seconds;
	struct str user = runs_as_variant(r, q) && !r->as_root
		? arena_printf(a, " as user %.*s", STR_ARG(r->variant->user))
		: STR("");
	rung_say(r, a, arena_printf(a, "%zu test%s passed in %.*f s%.*s", r->result_count,
	                           r->result_count == 1 ? "" : "s", seconds < 1 ? 2 : 1, seconds,
	                           STR_ARG(user)));
}

/* ---- The climb ---- */

static bool open_rung(struct rung *r, struct str name, const struct base_context *c, struct err *e)
{
	if (!base_open(&r->base, name, c, e))
		return false;
	if (r->base.entry)
		r->variant = catalogue_unprivileged(c->catalogue, r->base.entry);
	return true;
}

static bool judge_rung(struct rung *r, const struct pick_request *q, struct str built_packages,
                       const struct base_context *c, struct arena *a, struct err *e)
{
	if (!judge(&r->judgement, q->app, &r->base, &q->judge_options, a, e))
		return false;
	cure_findings(&r->judgement.prediction, &r->base, c, q->shelf, a);
	r->judgement.base = &r->base;
	if (!rules_allow(r, q, built_packages, a)) {
		r->state = RUNG_RULED_OUT;
		return true;
	}
	if (r->judgement.prediction.verdict == VERDICT_FAILS) {
		r->state = RUNG_FAILS;
		return true;
	}
	bool can_be_tried = r->base.at_hand && machine_runs(r->base.architecture);
	r->state = can_be_tried ? RUNG_NOT_TRIED : RUNG_NOT_AT_HAND;
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
		if (!try_rung(r, q, c, a, e))
			return false;
		if (r->state == RUNG_PASSED)
			describe_pass(r, q, a);
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
	if (runs_as_variant(choice, q))
		out->user = choice->as_root ? STR("0") : choice->variant->user;
	*vec_push(&out->rules, a) = out->tried ? STR("the smallest on which every test passed")
	                            : q->test_count
		? STR("the smallest that should hold it: predicted, not tried")
		: STR("the smallest that should hold it: predicted, not tried (give --test or --http)");
}

/* Reasons of those that prediction alone decided about, once the choice is known. */
static void explain_rungs(struct pick_result *out, struct arena *a)
{
	bool above = false;
	for (size_t i = 0; i < out->count; i++) {
		struct rung *r = &out->rungs[i];
		bool open = r->state == RUNG_NOT_AT_HAND || r->state == RUNG_NOT_TRIED;
		if (open && above && base_is_sized(&r->base))
			rung_say(r, a, STR("larger than the choice"));
		else if (open && !r->base.has_facts)
			rung_say(r, a, STR("only described: not seen, not tried"));
		else if (open && !machine_runs(r->base.architecture))
			rung_say(r, a, arena_printf(a, "predicted, not tried: this machine cannot run %.*s",
			                            STR_ARG(r->base.architecture)));
		else if (r->state == RUNG_NOT_AT_HAND)
			rung_say(r, a, STR("predicted, not tried: it is not at hand"));
		else if (open)
			rung_say(r, a, STR("predicted, not tried"));
		above |= r->chosen;
	}
}

bool pick(struct pick_result *out, const struct pick_request *q, const struct base_context *c,
          struct arena *a, struct err *e)
{
	struct str_vec names = {0};
	*out = (struct pick_result){.app = q->app, .named = q->names->n > 0,
	                            .date = q->wishes.today, .asked_user = q->setup.user};
	struct str built_packages = rules_built_packages(q->app, a);
	candidates_gather(&names, q, c, a);
	out->rungs = arena_array(a, names.n, sizeof *out->rungs);
	out->count = names.n;
	for (size_t i = 0; i < names.n; i++)
		if (!open_rung(&out->rungs[i], names.p[i], c, e) ||
		    !expose(&out->rungs[i], q->advisories, a, e))
			return false;
	candidates_sort(out->rungs, out->count);
	for (size_t i = 0; i < out->count; i++)
		if (!judge_rung(&out->rungs[i], q, built_packages, c, a, e))
			return false;
	if (!climb(out, q, c, a, e))
		return false;
	choose(out, q, a);
	rules_explain(out, q, a);
	refer(out, q->registry, a);
	explain_rungs(out, a);
	suggest(out, &q->wishes, built_packages, a);
	return true;
}
