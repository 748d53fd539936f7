#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/needs_report.h"

int cmd_needs(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct app app;
	struct tree t;
	struct node_vec entries = {0};
	if (s->args.n != 1)
		return session_usage(s, "needs wants one application");
	if (!workplace_open(&w, s, &e) || !workplace_app(&w, s, s->args.p[0], &app, &e) ||
	    !app_tree(&app, &t, s->arena, &e) || !app_entries(&app, &t, &entries, s->arena, &e))
		return session_fail(&e);
	if (!entries.n) {
		session_say(s, "%.*s: nothing in it can be started or loaded: name a file with --entry",
		            STR_ARG(app.name));
		return EXIT_NOTHING;
	}
	struct needs_result result = {.app = &app, .needs = &app.needs, .verbose = s->verbose};
	if (!session_render(s, "table json", needs_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
