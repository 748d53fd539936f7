/* socle sbom: what is installed in any application or base, by facts. */
#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/sbom_report.h"

int cmd_sbom(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct contents c;
	if (s->args.n != 1)
		return session_usage(s, "sbom wants one image");
	if (!workplace_open(&w, s, &e) || !workplace_contents(&w, s, s->args.p[0], &c, &e))
		return session_fail(&e);
	for (size_t i = 0; i < c.missing.n; i++)
		session_complain("%.*s: %.*s", STR_ARG(c.base.name), STR_ARG(c.missing.p[i]));
	struct sbom_result result = {.base = &c.base, .packages = &c.packages, .tree = c.at,
	                             .time = session_fixed_time(s)};
	if (!session_render(s, sbom_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
