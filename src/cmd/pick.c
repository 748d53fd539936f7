#include "advise/propose.h"
#include "advisory/advisories.h"
#include "cmd/commands.h"
#include "cmd/project.h"
#include "cmd/trial_options.h"
#include "report/pick_report.h"

static bool read_wishes(struct session *s, struct pick_wishes *w, struct err *e)
{
	const struct str_vec *needs = session_values(s, "need");
	struct str stage = session_value(s, "stage");
	for (size_t i = 0; i < needs->n; i++) {
		struct str rest = needs->p[i], word;
		while (str_next(&rest, ',', &word)) {
			if (str_eq(word, STR("shell")))
				w->shell = true;
			else if (str_eq(word, STR("package-manager")))
				w->package_manager = true;
			else
				return err_set(e, ERR_USAGE, "--need knows shell and package-manager, not %.*s",
				               STR_ARG(word));
		}
	}
	w->development = str_eq(stage, STR("development"));
	if (stage.n && !w->development && !str_eq(stage, STR("production")))
		return err_set(e, ERR_USAGE, "--stage wants production or development, not %.*s",
		               STR_ARG(stage));
	return session_limit(s, &w->limited, &w->fail_on, e) &&
	       session_number(s, "max-size", UINT64_MAX, &w->max_size_bytes, e);
}

/* A digest is asked once, and not for long: without it the choice stands all the same. */
static bool open_hasty(struct workplace *w, struct registry_options *o, struct registry **r,
                       struct err *e)
{
	*o = w->network.options;
	o->patience = (struct patience){.tries = 1, .connect_ms = 3000, .silence_ms = 5000};
	*r = registry_open(o, e);
	return *r != NULL;
}

/* -o dockerfile: nothing is written where there is nothing to propose. */
static bool propose(struct session *s, struct pick_result *result, struct err *e)
{
	bool wanted = false;
	for (size_t i = 0; i < s->outputs.n; i++)
		wanted |= str_eq(s->outputs.p[i].format, STR("dockerfile"));
	return !wanted || !result->choice ||
	       propose_stage(result, &(struct propose_in){0}, &result->dockerfile, s->arena, e);
}

static int pick_app(struct session *s, struct workplace *w, struct pick_request *q)
{
	struct err e = ERR_INIT;
	struct app app;
	struct pick_result result;
	q->app = &app;
	if (!workplace_app(w, s, s->args.p[0], &app, &e) || !trial_options(s, &app, q, &e))
		return session_fail(&e);
	if (!app.entry_count)
		return workplace_nothing(&app);
	if (!pick(&result, q, &w->bases, s->arena, &e) || !propose(s, &result, &e) ||
	    !session_render(s, pick_render, &result, &e))
		return session_fail(&e);
	return result.choice ? EXIT_YES : EXIT_NO;
}

int cmd_pick(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct str dockerfile;
	struct pick_request q = {.names = session_values(s, "base")};
	struct registry_options hasty;
	CLEANUP_ADVISORIES struct advisories advisories = {.folder = {0}};
	if (s->args.n != 1)
		return session_usage(s, "pick wants one application");
	if (!workplace_open(&w, s, &e) || !read_wishes(s, &q.wishes, &e))
		return session_fail(&e);
	if (!advisories_open(&advisories, advisories_folder(s->arena), s->arena, &e))
		return session_fail(&e);
	struct advisory_shelf shelf = advisories_shelf(&advisories);
	q.advisories = &shelf;
	q.wishes.today = session_today(s);
	w.bases.pull = q.names->n > 0 || session_flag(s, "pull");
	q.shelf = &w.shelf;
	q.try_all = session_flag(s, "all");
	if (!open_hasty(&w, &hasty, &q.registry, &e))
		return session_fail(&e);
	int status = project_dockerfile(s, s->args.p[0], &dockerfile)
		? project_pick(s, &w, s->args.p[0], dockerfile, &q)
		: pick_app(s, &w, &q);
	registry_close(&q.registry);
	return status;
}
