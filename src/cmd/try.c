#include "cmd/commands.h"
#include "cmd/trial_options.h"
#include "report/pick_report.h"

int cmd_try(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct app app;
	struct pick_request q = {.app = &app};
	if (s->args.n < 2)
		return session_usage(s, "try wants an application and at least one base");
	if (!workplace_open(&w, s, &e) || !workplace_app(&w, s, s->args.p[0], &app, &e) ||
	    !trial_options(s, &app, &q, &e))
		return session_fail(&e);
	if (!q.test_count)
		return session_usage(s, "try wants a test: --test COMMAND, --test-file YAML or --http PORT");

	size_t count = s->args.n - 1;
	struct rung *rungs = arena_array(s->arena, count, sizeof *rungs);
	bool all_passed = true;
	for (size_t i = 0; i < count; i++) {
		struct rung *r = &rungs[i];
		if (!base_open(&r->base, s->args.p[i + 1], &w.bases, &e))
			return session_fail(&e);
		if (!r->base.at_hand)
			return session_usage(s, "%.*s is not here, only facts of it are: %.*s",
			                     STR_ARG(r->base.name), STR_ARG(r->base.how_to_get));
		trial_progress(&r->base, s);
		if (!pick_try(r, &q, &w.bases, s->arena, &e))
			return session_fail(&e);
		all_passed &= r->state == RUNG_PASSED;
	}
	struct try_result result = {.app = &app, .rungs = rungs, .count = count};
	if (!session_render(s, "table json", try_render, &result, &e))
		return session_fail(&e);
	return all_passed ? EXIT_YES : EXIT_NO;
}
