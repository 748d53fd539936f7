#include "report/scan_parts.h"

/* ---- Who brought it ---- */

struct str scan_origin(const struct scan_result *r, const struct package *p)
{
	const struct above *above = r->above;
	if (!above)
		return STR("base");
	if (above->how == ABOVE_UNKNOWN)
		return STR("");
	/* A database is rewritten by whoever adds a package: its layer tells nothing of the others.
	 */
	if (p->type <= PACKAGE_RPM)
		return str_vec_has(&above->packages, p->name) ? STR("app") : STR("base");
	if (above->base_layers)
		return p->layer < above->base_layers ? STR("base") : STR("app");
	return STR("");
}

struct str scan_layer(const struct scan_result *r, const struct package *p)
{
	const struct image *image = &r->base->image;
	return p->layer < image->layer_count ? image->layers[p->layer]->diff_id : STR("");
}

/* ---- Words ---- */

/* Go's database writes the year 1 for none. */
struct str scan_day(struct str time)
{
	return str_starts(time, STR("0001-")) ? STR("-") : text_dash(str_slice(time, 0, 10));
}

struct str scan_severity(const struct severity *s, struct arena *a)
{
	struct str name = str_of(severity_name(s->word));
	if (!s->vector.n)
		return name;
	return arena_printf(a, "%.*s %u.%u", STR_ARG(name), s->score_tenths / 10,
			    s->score_tenths % 10);
}

struct str scan_epss(const struct vulnerability *f, struct arena *a)
{
	return f->epss < 0 ? STR("") : arena_printf(a, "%.1f%%", f->epss * 100);
}

const char *scan_status_name(enum vulnerability_status status)
{
	static const char *const names[] = {"affected", "ignored", "vex"};
	return names[status];
}

struct str scan_notes(const struct vulnerability *f, struct arena *a)
{
	struct str_vec notes = {0};
	struct str all = STR("");
	if (f->exploited.n)
		*vec_push(&notes, a) =
			arena_printf(a, "exploited since %.*s", STR_ARG(f->exploited));
	if (f->package->likely)
		*vec_push(&notes, a) = STR("likely: by a version marker");
	if (f->status != VULNERABILITY_COUNTS)
		*vec_push(&notes, a) = arena_printf(
			a, "%s: %.*s", f->status == VULNERABILITY_VEX ? "VEX" : "ignored",
			STR_ARG(f->reason));
	for (size_t i = 0; i < notes.n; i++)
		all = i ? arena_printf(a, "%.*s; %.*s", STR_ARG(all), STR_ARG(notes.p[i]))
			: notes.p[0];
	return all;
}

/* "DEBIAN-CVE-2024-1", "RHSA-2024:1": nothing in it may mean anything to a URL or to Markdown. */
static bool is_plain_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			     c == '-' || c == ':';
		if (!plain)
			return false;
	}
	return id.n > 0;
}

struct str scan_link(struct str id, struct arena *a)
{
	return is_plain_id(id) ? arena_printf(a, "https://osv.dev/vulnerability/%.*s", STR_ARG(id))
			       : STR("");
}

/* ---- Sums ---- */

struct str scan_counts(const struct scan *s, struct arena *a)
{
	size_t counts[SEVERITY_CRITICAL + 1];
	struct str all = STR("");
	scan_count(s, counts);
	for (int word = SEVERITY_CRITICAL; word >= 0; word--)
		if (counts[word])
			all = arena_printf(a, "%.*s%s%zu %s", STR_ARG(all), all.n ? ", " : "",
					   counts[word], severity_name((enum severity_word)word));
	return all;
}

size_t scan_count_status(const struct scan *s, enum vulnerability_status status)
{
	size_t n = 0;
	for (size_t i = 0; i < s->findings.n; i++)
		n += s->findings.p[i].status == status;
	return n;
}

struct str scan_summary(const struct scan_result *r, struct arena *a)
{
	size_t affected = scan_count_status(r->scan, VULNERABILITY_COUNTS);
	struct str packages = text_count(r->scan->packages, "package", a);
	if (affected)
		return arena_printf(a, "%zu vulnerabilit%s in %.*s: %.*s", affected,
				    affected == 1 ? "y" : "ies", STR_ARG(packages),
				    STR_ARG(scan_counts(r->scan, a)));
	if (r->scan->judged && r->scan->judged < r->scan->packages)
		return arena_printf(a, "no known vulnerabilities in %zu of %.*s", r->scan->judged,
				    STR_ARG(packages));
	return arena_printf(a, "%s %.*s",
			    r->judged ? "no known vulnerabilities in" : "nothing could be judged of",
			    STR_ARG(packages));
}

struct str scan_reached(const struct scan_result *r, struct arena *a)
{
	const char *limit = severity_name(r->fail_on);
	if (!r->limited)
		return STR("");
	if (!r->ungraded)
		return arena_printf(a, "%zu at or above %s", r->reached, limit);
	return arena_printf(a,
			    "%zu at or above %s; %zu of unknown severity %s not counted by "
			    "--fail-on %s: --fail-on unknown counts all",
			    r->reached, limit, r->ungraded, r->ungraded == 1 ? "is" : "are", limit);
}

struct str scan_snapshot(const struct advisories *v, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < v->sources.n; i++) {
		const struct database *d = &v->sources.p[i];
		all = arena_printf(a, "%.*s%s%.*s %.*s", STR_ARG(all), all.n ? ", " : "",
				   STR_ARG(d->name), STR_ARG(scan_day(d->about.newest)));
	}
	return all.n ? all : STR("none");
}

/* ---- Formats ---- */

bool scan_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	static const struct {
		struct str name;
		bool (*render)(const struct out *o, const struct scan_result *r, struct arena *a);
	} formats[] = {
		{STR_INIT("json"), scan_json},
		{STR_INIT("sarif"), scan_sarif},
		{STR_INIT("cyclonedx-json"), scan_cyclonedx},
		{STR_INIT("markdown"), scan_markdown},
	};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (str_eq(format, formats[i].name))
			return formats[i].render(o, result, a);
	return scan_table(o, result, a);
}
