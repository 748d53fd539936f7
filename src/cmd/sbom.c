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
	struct base b;
	struct tree t;
	struct packages packages;
	if (s->args.n != 1)
		return session_usage(s, "sbom wants one image");
	if (!workplace_open(&w, s, &e) || !workplace_tree(&w, s, s->args.p[0], &b, &t, &e))
		return session_fail(&e);
	packages_read(&packages, &t, s->arena);
	for (size_t i = 0; i < packages.unread.n; i++)
		session_complain("%.*s: %.*s cannot be read: what it records is missing from the list",
		                 STR_ARG(b.name), STR_ARG(packages.unread.p[i]));
	struct sbom_result result = {.base = &b, .packages = &packages, .tree = &t, .time = fixed_time(s->arena)};
	if (!session_render(s, sbom_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
