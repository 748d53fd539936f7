/* socle sbom: what is installed in any application or base, by facts. */
#include <stdlib.h>
#include <time.h>

#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/sbom_report.h"

/* reproducible-builds.org: SOURCE_DATE_EPOCH is the time that a document may tell. Without it none
 * is told, so that the same image gives the same document at any time. */
static struct str fixed_time(struct arena *a)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;
	struct tm tm;
	if (!fixed || !str_to_u64(str_of(fixed), &seconds) || seconds > INT32_MAX)
		return STR("");
	gmtime_r(&(time_t){(time_t)seconds}, &tm);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
	                    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

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
	                             .time = fixed_time(s->arena)};
	if (!session_render(s, sbom_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
