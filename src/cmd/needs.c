#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/needs_report.h"

int cmd_needs(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct app app;
	if (s->args.n != 1)
		return session_usage(s, "needs wants one application");
	if (!workplace_open(&w, s, &e) || !workplace_app(&w, s, s->args.p[0], &app, &e))
		return session_fail(&e);
	if (!app.entry_count)
		return workplace_nothing(&app);
	struct needs_result result = {.app = &app, .needs = &app.needs};
	if (!session_render(s, needs_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
