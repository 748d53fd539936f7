/* socle scan: known vulnerabilities of any application or base, by facts. */
#include "cmd/commands.h"
#include "cmd/open.h"
#include "cmd/vex.h"
#include "core/limits.h"
#include "os/file.h"
#include "report/scan_report.h"
#include "scan/exceptions.h"

/* What was there and could not be judged: said, for silence would pass for safety. */
static void note_uncovered(struct scan_result *r, const struct str_vec *missing, struct arena *a)
{
	r->judged = r->scan->judged > 0;
	for (size_t i = 0; i < r->scan->coverage.n; i++) {
		const struct coverage *c = &r->scan->coverage.p[i];
		if (c->advisories)
			continue;
		*vec_push(&r->uncovered, a) = arena_printf(
			a, "%.*s: no advisories on %.*s are at hand%s",
			STR_ARG(text_count(c->packages, "package", a)), STR_ARG(c->ecosystem),
			c->base.n ? " (socle db update, or db import)" : "");
	}
	if (r->scan->versionless)
		*vec_push(&r->uncovered, a) = arena_printf(
			a, "%.*s of no version that a record tells",
			STR_ARG(text_count(r->scan->versionless, "package", a)));
	for (size_t i = 0; i < missing->n; i++)
		*vec_push(&r->uncovered, a) = missing->p[i];
}

static void count_reached(struct scan_result *r)
{
	for (size_t i = 0; r->limited && i < r->scan->findings.n; i++) {
		const struct vulnerability *f = &r->scan->findings.p[i];
		if (f->status != VULNERABILITY_COUNTS)
			continue;
		r->reached += f->severity.word >= r->fail_on;
		r->ungraded += f->severity.word == SEVERITY_UNKNOWN && r->fail_on > SEVERITY_UNKNOWN;
	}
}

struct ignore_file {
	const char *name; /* NULL: none */
	struct exceptions list;
};

/* Before an image is asked for: a mistake in the file is told at once. */
static bool read_ignored(struct ignore_file *f, struct session *s, struct err *e)
{
	static const char *const here = ".socleignore.yaml";
	struct str path = session_value(s, "ignore-file"), text;
	if (!path.n && !path_exists(here))
		return true;
	f->name = path.n ? arena_cstr(s->arena, path) : here;
	return file_read(f->name, LIMIT_TEXT_FILE_BYTES, s->arena, &text, e) &&
	       exceptions_read(&f->list, text, f->name, s->arena, e);
}

/* Which of it the base brought. A base of the catalogue is all base; an SBOM does not tell. Where
 * nothing was found nobody asks, and looking for a base is half of a scan. */
static bool find_origin(struct session *s, struct workplace *w, struct scan_result *r,
                        struct above *above, struct err *e)
{
	struct image copy = r->base->image;
	struct str base_was = session_value(s, "base-was");
	*above = (struct above){.how = ABOVE_UNKNOWN};
	r->above = r->base->entry ? NULL : above;
	if (r->base->entry || !copy.layer_count || (!r->scan->findings.n && !base_was.n))
		return true;
	return above_split(above, &copy, base_was, &w->bases, e);
}

/* --only-fixed: what nobody has mended is left out, and counted. */
static void drop_unfixed(struct scan *scan, struct scan_result *r)
{
	size_t kept = 0;
	for (size_t i = 0; i < scan->findings.n; i++)
		if (scan->findings.p[i].fixed.n)
			scan->findings.p[kept++] = scan->findings.p[i];
	r->unfixed = scan->findings.n - kept;
	scan->findings.n = kept;
}

/* Nothing there, or nothing that could be judged: no answer is better than a wrong one. */
static int exit_status(const struct scan_result *r)
{
	if (!r->judged)
		return EXIT_NOTHING;
	return r->reached ? EXIT_NO : EXIT_YES;
}

/* On standard error, unless the table on standard output says it. */
static void complain(const struct session *s, const struct scan_result *r)
{
	for (size_t i = 0; i < s->outputs.n; i++)
		if (str_eq(s->outputs.p[i].format, STR("table")) && !s->outputs.p[i].path.n)
			return;
	for (size_t i = 0; i < r->uncovered.n; i++)
		session_complain("%.*s: not judged: %.*s", STR_ARG(r->name),
				 STR_ARG(r->uncovered.p[i]));
	for (size_t i = 0; i < r->remarks.n; i++)
		session_complain("%.*s", STR_ARG(r->remarks.p[i]));
	if (r->ungraded)
		session_complain("%.*s: %zu of unknown severity are not counted by --fail-on %s: "
				 "--fail-on unknown counts all",
				 STR_ARG(r->name), r->ungraded, severity_name(r->fail_on));
}

int cmd_scan(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct contents c;
	struct scan scan;
	struct above above = {.how = ABOVE_UNKNOWN};
	struct ignore_file ignored = {0};
	CLEANUP_ADVISORIES struct advisories advisories = {.folder = {0}};
	struct scan_result r = {
		.base = &c.base, .packages = &c.packages, .scan = &scan, .advisories = &advisories};
	if (s->args.n != 1)
		return session_usage(s, "scan wants one image");
	r.name = s->args.p[0];
	if (!session_limit(s, &r.limited, &r.fail_on, &e) ||
	    !read_ignored(&ignored, s, &e) || !workplace_open(&w, s, &e) ||
	    !workplace_contents(&w, s, r.name, &c, &e))
		return session_fail(&e);
	if (!advisories_open(&advisories, advisories_folder(s->arena), s->arena, &e))
		return session_fail(&e);
	struct advisory_shelf shelf = advisories_shelf(&advisories);
	if (!scan_packages(&scan, &c.packages, &shelf, s->arena, &e) ||
	    !scan_apply_vex(s, &scan, &c, &e) || !find_origin(s, &w, &r, &above, &e))
		return session_fail(&e);
	if (ignored.name)
		exceptions_apply(&ignored.list, &scan, session_today(s), ignored.name, &r.remarks, s->arena);
	if (session_flag(s, "only-fixed"))
		drop_unfixed(&scan, &r);
	note_uncovered(&r, &c.missing, s->arena);
	count_reached(&r);
	r.tree = c.at;
	r.time = session_fixed_time(s);
	if (!session_render(s, scan_render, &r, &e))
		return session_fail(&e);
	complain(s, &r);
	return exit_status(&r);
}
