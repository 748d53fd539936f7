#include "advise/improve.h"

#include "advise/rewrite.h"

/* Where neither Dockerfile nor base name a user. No passwd has to know it. */
static const struct str nobody = STR_INIT("65532:65532");

struct improving {
	struct improvement *out;
	const struct improve_request *request;
	const struct pick_request *ladder;
	const struct base_context *c;
	struct arena *arena;
};

/* ---- Building, and the tests ---- */

static bool build(struct improving *i, struct str text, const char *name, struct built *b,
                  struct err *e)
{
	const struct improve_request *q = i->request;
	struct str image;
	*b = (struct built){0};
	if (!q->build(text, &image, &b->why, q->build_context, i->arena, e))
		return false;
	b->is_built = b->why.n == 0;
	if (b->is_built && !base_open(&b->rung.base, image, i->c, e))
		return false;
	b->rung.base.name = str_of(name); /* an ID says nothing */
	return true;
}

/* Each image starts its own server. */
static const struct trial_test *tests_for(struct improving *i, const struct image_config *config)
{
	const struct pick_request *q = i->ladder;
	struct trial_test *tests = arena_array(i->arena, q->test_count, sizeof *tests);
	for (size_t k = 0; k < q->test_count; k++) {
		tests[k] = q->tests[k];
		if (tests[k].kind == TRIAL_HTTP)
			tests[k].argv = str_vec_join(&config->entrypoint, &config->cmd, i->arena);
	}
	return tests;
}

/* On the image as it is: it is base and application in one. */
static bool try_built(struct improving *i, struct built *b, struct err *e)
{
	struct pick_request alone = *i->ladder;
	if (!b->is_built || !alone.test_count)
		return true;
	alone.app = NULL;
	alone.tests = tests_for(i, &b->rung.base.image.config);
	if (alone.progress)
		alone.progress(&b->rung.base, alone.progress_context);
	return pick_try(&b->rung, &alone, i->c, i->arena, e);
}

static bool holds(const struct built *b, const struct pick_request *q)
{
	return b->is_built && (!q->test_count || b->rung.state == RUNG_PASSED);
}

/* ---- The application ---- */

/* What its last stage stands on, where the builder has it under that name. */
static struct str base_of(const struct dockerfile *d, struct str scheme, const struct base_context *c,
                          struct arena *a)
{
	const struct stage *s = &d->stages.p[d->stages.n - 1];
	struct base b;
	struct err ignored = ERR_INIT;
	if (s->scratch)
		return STR("scratch");
	if (s->image == NO_STAGE || !d->images.p[s->image].value.n)
		return STR("");
	struct str name = arena_printf(a, "%.*s%.*s", STR_ARG(scheme),
	                               STR_ARG(d->images.p[s->image].value));
	return base_open(&b, name, c, &ignored) ? name : STR("");
}

static bool open_app(struct improving *i, struct err *e)
{
	struct improvement *out = i->out;
	struct app_options o = {.exec_form = true,
	                        .base_was = base_of(out->dockerfile, i->request->scheme, i->c, i->arena)};
	struct str image = out->was.rung.base.reference.text;
	struct err first = ERR_INIT;
	if (app_open(&out->app, image, &o, i->c, &first))
		return true;
	/* A stage on another stage's image need not begin with what FROM says. */
	o.base_was = STR("");
	return app_open(&out->app, image, &o, i->c, e);
}

/* ---- Proposals ---- */

struct way {
	bool in_place, as_nobody;
};

/* Whether a user would be named: nobody else names one. */
static bool user_is_free(const struct improving *i)
{
	const struct pick_result *p = &i->out->pick;
	return !p->user.n && !p->asked_user.n && !i->out->app.image.config.user.n;
}

static void refuse(struct improving *i, const struct way *w, const struct built *b)
{
	const char *how = w->in_place ? "in place" : "with a new stage on top";
	struct str user = w->as_nobody ? arena_printf(i->arena, ", as user %.*s", STR_ARG(nobody))
	                               : STR("");
	struct str why = !b->is_built           ? b->why
	                 : b->rung.reasons.n    ? b->rung.reasons.p[0]
	                                        : STR("its tests failed");
	*vec_push(&i->out->refused, i->arena) =
		arena_printf(i->arena, "%s%.*s: %s%.*s", how, STR_ARG(user),
	                     b->is_built ? "" : "does not build: ", STR_ARG(why));
}

static bool try_way(struct improving *i, const struct way *w, bool *done, struct err *e)
{
	struct improvement *out = i->out;
	struct str text, user = w->as_nobody ? nobody : out->pick.asked_user;
	bool ok = w->in_place
		? rewrite_in_place(out->dockerfile, &out->pick, user, &text, i->arena, e)
		: rewrite_on_top(out->dockerfile, &out->pick, user, &text, i->arena, e);
	if (!ok || !build(i, text, "Dockerfile rewritten", &out->is, e) || !try_built(i, &out->is, e))
		return false;
	out->in_place = w->in_place;
	*done = holds(&out->is, i->ladder);
	if (*done)
		out->text = text;
	else
		refuse(i, w, &out->is);
	return true;
}

/* The smallest change first; a user who is not root wherever that works. */
static bool propose(struct improving *i, struct err *e)
{
	static const struct way ways[] = {{true, true}, {false, true}, {true, false}, {false, false}};
	bool done = false, fits = rewrite_fits_in_place(i->out->dockerfile), free = user_is_free(i);
	for (size_t k = 0; k < sizeof ways / sizeof *ways && !done; k++)
		if ((fits || !ways[k].in_place) && (free || !ways[k].as_nobody) &&
		    !try_way(i, &ways[k], &done, e))
			return false;
	return true;
}

bool improve_begin(struct improvement *out, const struct improve_request *q,
                   const struct base_context *c, struct arena *a, struct err *e)
{
	struct improving i = {.out = out, .request = q, .c = c, .arena = a};
	struct dockerfile *d = ARENA_NEW(a, struct dockerfile);
	*out = (struct improvement){.dockerfile = d};
	if (!dockerfile_parse(d, q->text, q->name, a, e))
		return false;
	if (!d->stages.n)
		return err_set(e, ERR_INPUT, "%.*s: no FROM in it", STR_ARG(q->name));
	return build(&i, q->text, "Dockerfile as it is", &out->was, e) && (!out->was.is_built || open_app(&i, e));
}

bool improve_finish(struct improvement *out, const struct improve_request *q,
                    const struct pick_request *ladder, const struct base_context *c,
                    struct arena *a, struct err *e)
{
	struct improving i = {.out = out, .request = q, .ladder = ladder, .c = c, .arena = a};
	if (!try_built(&i, &out->was, e))
		return false;
	if (!holds(&out->was, ladder))
		return true;
	if (!pick(&out->pick, ladder, c, a, e))
		return false;
	if (!out->pick.choice || !out->pick.reference.n)
		return true;
	out->already = str_eq(out->pick.choice->base.name, out->app.above.base) &&
	               !rewrite_fits_in_place(out->dockerfile);
	return out->already || propose(&i, e);
}
