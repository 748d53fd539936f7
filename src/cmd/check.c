#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/check_report.h"

/* socle check APP BASE…: 0 where it runs on every base, 1 where it does not. */
int cmd_check(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct app app;
	struct judge_options options;
	if (s->args.n < 1)
		return session_usage(s, "check wants an application and at least one base");
	if (!workplace_open(&w, s, &e) || !workplace_app(&w, s, s->args.p[0], &app, &e) ||
	    !workplace_judge_options(s, app.architecture, &options, &e))
		return session_fail(&e);

	if (!app.entry_count)
		return workplace_nothing(&app);

	/* Without a base: all that facts are shipped of, or that are here. */
	struct str_vec names = {0};
	for (size_t i = 1; i < s->args.n; i++)
		*vec_push(&names, s->arena) = s->args.p[i];
	bool all = names.n == 0;
	w.bases.pull = !all || session_flag(s, "pull");
	for (size_t i = 0; all && i < w.catalogue.n; i++)
		if (!catalogue_is_variant(&w.catalogue, &w.catalogue.bases[i]))
			*vec_push(&names, s->arena) = w.catalogue.bases[i].name;

	struct base *bases = arena_array(s->arena, names.n, sizeof *bases);
	struct judgement *judgements = arena_array(s->arena, names.n, sizeof *judgements);
	struct check_result result = {.app = &app, .judgements = judgements};
	bool all_run = true;
	if (!workplace_bases(&w, names.p, names.n, bases, &e))
		return session_fail(&e);
	for (size_t i = 0; i < names.n; i++) {
		if (all && !bases[i].has_facts)
			continue;
		struct judgement *j = &judgements[result.count++];
		if (!judge(j, &app, &bases[i], &options, s->arena, &e))
			return session_fail(&e);
		cure_findings(&j->prediction, &bases[i], &w.bases, &w.shelf, s->arena);
		all_run &= j->prediction.verdict == VERDICT_RUNS;
	}
	if (!session_render(s, check_render, &result, &e))
		return session_fail(&e);
	return all_run ? EXIT_YES : EXIT_NO;
}
