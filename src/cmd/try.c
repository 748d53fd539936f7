#include "cmd/commands.h"
#include "cmd/trial_options.h"
#include "report/trial_report.h"

/* socle try APP BASE…: 0 where all tests pass on every base, 1 where one fails. */
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

	/* All are opened before the first is tried: a mistake in the last name costs no trial. */
	size_t count = s->args.n - 1;
	struct rung *rungs = arena_array(s->arena, count, sizeof *rungs);
	for (size_t i = 0; i < count; i++)
		if (!workplace_at_hand(&w, s->args.p[i + 1], &rungs[i].base, &e))
			return session_fail(&e);
	bool all_passed = true;
	for (size_t i = 0; i < count; i++) {
		trial_progress(&rungs[i].base, s);
		if (!pick_try(&rungs[i], &q, &w.bases, s->arena, &e))
			return session_fail(&e);
		all_passed &= rungs[i].state == RUNG_PASSED;
	}
	struct try_result result = {.app = &app, .rungs = rungs, .count = count};
	if (!session_render(s, try_render, &result, &e))
		return session_fail(&e);
	return all_passed ? EXIT_YES : EXIT_NO;
}
