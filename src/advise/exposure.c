/* exposure: what is known of a base's vulnerabilities, before anything runs on it. */
#include "advise/pick_parts.h"
#include "package/package.h"

static void add_unjudged(struct exposure *x, struct str ecosystem, struct arena *a)
{
	x->unjudged = x->unjudged.n ? arena_printf(a, "%.*s, %.*s", STR_ARG(x->unjudged),
						   STR_ARG(ecosystem))
				    : ecosystem;
}

bool expose(struct rung *r, const struct advisory_shelf *shelf, struct arena *a, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct exposure *x = &r->exposure;
	struct tree t;
	struct packages packages;
	struct scan scan;
	if (!shelf || !r->base.has_facts)
		return true;
	if (!base_tree(&r->base, &t, &scratch, e))
		return false;
	packages_read(&packages, &t, &scratch);
	if (!scan_packages(&scan, &packages, shelf, &scratch, e))
		return err_wrap(e, "%.*s", STR_ARG(r->base.name));
	scan_count(&scan, x->counts);
	for (int word = 0; word <= SEVERITY_CRITICAL; word++)
		x->all += x->counts[word];
	if (scan.findings.n)
		x->gravest = arena_str(a, vulnerability_name(&scan.findings.p[0]));
	for (size_t i = 0; i < scan.coverage.n; i++)
		if (!scan.coverage.p[i].advisories)
			add_unjudged(x, arena_str(a, scan.coverage.p[i].ecosystem), a);
	for (size_t i = 0; i < packages.unread.n; i++)
		add_unjudged(x, arena_str(a, packages.unread.p[i]), a);
	/* Files without records are out of sight, not out of danger. */
	if (!packages.list.n && r->base.file_count)
		add_unjudged(x, STR("files that no record tells of"), a);
	x->judged = !x->unjudged.n;
	return true;
}

/* What cannot be held against the limit has not kept it. */
bool exposure_allows(struct rung *r, const struct pick_wishes *w, struct arena *a)
{
	const struct exposure *x = &r->exposure;
	size_t reached = 0;
	if (!w->limited)
		return true;
	for (int word = w->fail_on; word <= SEVERITY_CRITICAL; word++)
		reached += x->counts[word];
	if (reached)
		rung_say(r, a,
			 arena_printf(a, "%zu vulnerabilit%s at or above --fail-on %s: %.*s%s",
				      reached, reached == 1 ? "y" : "ies",
				      severity_name(w->fail_on), STR_ARG(x->gravest),
				      reached > 1 ? " …" : ""));
	else if (!x->judged && r->base.has_facts)
		rung_say(r, a,
			 arena_printf(
				 a,
				 "cannot be held against --fail-on: no advisories on %.*s are at "
				 "hand (socle db update)",
				 STR_ARG(x->unjudged)));
	else if (!x->judged)
		rung_say(r, a, STR("cannot be held against --fail-on: only described"));
	return !reached && x->judged;
}
