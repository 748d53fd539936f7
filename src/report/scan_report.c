#include "report/scan_report.h"

#include "package/purl.h"

/* ---- Who brought it ---- */

static bool is_added(const struct above *above, struct str name)
{
	for (size_t i = 0; i < above->packages.n; i++)
		if (str_eq(above->packages.p[i], name))
			return true;
	return false;
}

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
		return is_added(above, p->name) ? STR("app") : STR("base");
	if (above->base_layers)
		return p->layer < above->base_layers ? STR("base") : STR("app");
	return STR("");
}

static struct str layer_of(const struct scan_result *r, const struct package *p)
{
	const struct image *image = &r->base->image;
	return p->layer < image->layer_count ? image->layers[p->layer]->diff_id : STR("");
}

/* ---- Table ---- */

static enum style style_of(enum severity_word word)
{
	return word >= SEVERITY_HIGH     ? STYLE_RED
	       : word == SEVERITY_MEDIUM ? STYLE_YELLOW
					 : STYLE_PLAIN;
}

static struct str dash(struct str s)
{
	return s.n ? s : STR("-");
}

/* The day of an RFC 3339 time; Go's database writes the year 1 for none. */
static struct str day_of(struct str time)
{
	return str_starts(time, STR("0001-")) ? STR("-") : dash(str_slice(time, 0, 10));
}

static struct str score_text(const struct severity *s, struct arena *a)
{
	struct str name = str_of(severity_name(s->word));
	if (!s->vector.n)
		return name;
	return arena_printf(a, "%.*s %u.%u", STR_ARG(name), s->score_tenths / 10,
			    s->score_tenths % 10);
}

/* What a person wants to see beside it: exploited, likely to be, not certain, does not count. */
static struct str notes_of(const struct vulnerability *f, struct arena *a)
{
	struct str_vec notes = {0};
	struct str all = STR("");
	if (f->exploited.n)
		*vec_push(&notes, a) =
			arena_printf(a, "exploited since %.*s", STR_ARG(f->exploited));
	if (f->epss >= 0)
		*vec_push(&notes, a) = arena_printf(a, "EPSS %.2f%%", f->epss * 100);
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

static void print_findings(const struct out *o, const struct scan_result *r, struct arena *a)
{
	static const char *const heads[] = {"SEVERITY", "VULNERABILITY", "PACKAGE", "INSTALLED",
					    "FIXED",    "ORIGIN",        "NOTES"};
	struct table t;
	size_t rows = 0;
	table_init(&t, a, 7);
	for (size_t i = 0; i < 7; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->scan->findings.n; i++) {
		const struct vulnerability *f = &r->scan->findings.p[i];
		bool counts = f->status == VULNERABILITY_COUNTS;
		if (!counts && !o->verbose)
			continue;
		rows++;
		table_cell(&t, counts ? style_of(f->severity.word) : STYLE_DIM,
			   score_text(&f->severity, a));
		table_cell(&t, STYLE_BOLD, vulnerability_name(f));
		table_cell(&t, STYLE_PLAIN, f->package->name);
		table_cell(&t, STYLE_PLAIN, f->package->version);
		table_cell(&t, STYLE_GREEN, dash(f->fixed));
		table_cell(&t, STYLE_DIM, dash(scan_origin(r, f->package)));
		table_cell(&t, f->exploited.n ? STYLE_RED : STYLE_DIM, notes_of(f, a));
	}
	if (rows) {
		table_print(&t, o);
		out_printf(o, STYLE_PLAIN, "\n");
	}
}

/* "3 critical, 4 high". */
static struct str counts_text(const struct scan *s, struct arena *a)
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

static size_t count_all(const struct scan *s, enum vulnerability_status status)
{
	size_t n = 0;
	for (size_t i = 0; i < s->findings.n; i++)
		n += s->findings.p[i].status == status;
	return n;
}

static void print_snapshot(const struct out *o, const struct scan_result *r, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < r->advisories->sources.n; i++) {
		const struct database *d = &r->advisories->sources.p[i];
		struct str date = day_of(d->about.newest);
		all = arena_printf(a, "%.*s%s%.*s %.*s", STR_ARG(all), all.n ? ", " : "",
				   STR_ARG(d->name), STR_ARG(date));
	}
	out_wrapped(o, 0, STYLE_DIM,
		    all.n ? arena_printf(a, "advisories: %.*s", STR_ARG(all))
			  : STR("advisories: none"));
}

static bool scan_table(const struct out *o, const struct scan_result *r, struct arena *a)
{
	size_t affected = count_all(r->scan, VULNERABILITY_COUNTS);
	size_t silenced = r->scan->findings.n - affected;
	print_findings(o, r, a);
	out_printf(o, STYLE_BOLD, "%.*s: ", STR_ARG(text_clean(r->name, a)));
	struct str packages = text_count(r->scan->packages, "package", a);
	if (affected)
		out_printf(o, STYLE_PLAIN, "%zu vulnerabilit%s in %.*s: %.*s", affected,
			   affected == 1 ? "y" : "ies", STR_ARG(packages),
			   STR_ARG(counts_text(r->scan, a)));
	else if (r->judged)
		out_printf(o, STYLE_PLAIN, "no known vulnerabilities in %.*s", STR_ARG(packages));
	else
		out_printf(o, STYLE_YELLOW, "nothing could be judged of %.*s", STR_ARG(packages));
	if (r->unfixed)
		out_printf(o, STYLE_DIM, " (%zu more without a fix)", r->unfixed);
	if (silenced)
		out_printf(o, STYLE_DIM, " (%zu more do not count: -v shows them)", silenced);
	out_printf(o, STYLE_PLAIN, "\n");
	if (r->limited)
		out_printf(o, r->reached ? STYLE_RED : STYLE_GREEN, "%zu at or above %s\n",
			   r->reached, severity_name(r->fail_on));
	for (size_t i = 0; i < r->uncovered.n; i++)
		out_wrapped(o, 0, STYLE_YELLOW,
			    arena_printf(a, "not judged: %.*s", STR_ARG(r->uncovered.p[i])));
	print_snapshot(o, r, a);
	return !ferror(o->file);
}

/* ---- JSON ---- */

static json_t *json_of_sources(const struct advisories *v)
{
	json_t *all = json_array();
	for (size_t i = 0; i < v->sources.n; i++) {
		const struct database *d = &v->sources.p[i];
		json_t *j = json_object(), *ecosystems = json_object();
		json_set_str(j, "name", d->name);
		json_set_str(j, "from", d->about.source);
		json_set_str_if(j, "date", d->about.newest);
		json_set_str_if(j, "taken", d->about.taken);
		json_object_set_new(j, "advisories", json_of_number(d->about.advisories, true));
		json_object_set_new(j, "known_exploited", json_of_number(d->about.exploited, true));
		json_object_set_new(j, "epss", json_of_number(d->about.epss, true));
		for (size_t k = 0; k < d->ecosystems.list.n; k++) {
			const struct ecosystem_count *c = &d->ecosystems.list.p[k];
			json_object_set_new(ecosystems, json_string_value(json_of_str(c->name)),
					    json_of_number(c->advisories, true));
		}
		json_object_set_new(j, "ecosystems", ecosystems);
		json_array_append_new(all, j);
	}
	return all;
}

/* The newest of all dates; each source has its own beside it. */
static json_t *json_of_snapshot(const struct advisories *v)
{
	json_t *j = json_object();
	struct str newest = STR("");
	for (size_t i = 0; i < v->sources.n; i++)
		if (str_cmp(v->sources.p[i].about.newest, newest) > 0)
			newest = v->sources.p[i].about.newest;
	json_set_str_if(j, "date", newest);
	json_object_set_new(j, "sources", json_of_sources(v));
	return j;
}

static json_t *json_of_coverage(const struct scan *s)
{
	json_t *j = json_object(), *all = json_array();
	bool complete = s->versionless == 0;
	for (size_t i = 0; i < s->coverage.n; i++) {
		const struct coverage *c = &s->coverage.p[i];
		json_t *row = json_object();
		json_set_str(row, "ecosystem", c->ecosystem);
		json_object_set_new(row, "packages", json_of_number(c->packages, true));
		json_object_set_new(row, "advisories", json_of_number(c->advisories, true));
		json_object_set_new(row, "covered", json_boolean(c->advisories > 0));
		json_array_append_new(all, row);
		complete = complete && c->advisories > 0;
	}
	json_object_set_new(j, "complete", json_boolean(complete));
	json_object_set_new(j, "without_version", json_of_number(s->versionless, true));
	json_object_set_new(j, "ecosystems", all);
	return j;
}

static const char *status_name(enum vulnerability_status status)
{
	static const char *const names[] = {"affected", "ignored", "vex"};
	return names[status];
}

static json_t *json_of_finding(const struct vulnerability *f, const struct scan_result *r,
			       struct arena *a)
{
	json_t *j = json_object();
	const struct package *p = f->package;
	json_set_str(j, "id", f->id);
	json_object_set_new(j, "aliases", json_of_strs(&f->others));
	json_set_str(j, "severity", str_of(severity_name(f->severity.word)));
	json_object_set_new(j, "score",
			    f->severity.vector.n ? json_real(f->severity.score_tenths / 10.0)
						 : json_null());
	json_set_str_if(j, "vector", f->severity.vector);
	json_set_str(j, "package", p->name);
	json_set_str(j, "source", p->source);
	json_set_str(j, "version", p->version);
	json_set_str(j, "fixed", f->fixed);
	json_set_str(j, "type", str_of(package_type_name(p->type)));
	json_set_str(j, "purl", purl_of_package(p, r->packages, a));
	json_set_str(j, "path", p->path);
	json_set_str(j, "origin", scan_origin(r, p));
	json_set_str(j, "layer", layer_of(r, p));
	json_set_str(j, "status", str_of(status_name(f->status)));
	json_set_str_if(j, "reason", f->reason);
	json_object_set_new(j, "known_exploited", json_boolean(f->exploited.n > 0));
	json_set_str_if(j, "exploited_since", f->exploited);
	if (f->epss >= 0)
		json_object_set_new(j, "epss", json_real(f->epss));
	if (p->likely)
		json_object_set_new(j, "likely", json_true());
	return j;
}

static json_t *json_of_counts(const struct scan *s)
{
	size_t counts[SEVERITY_CRITICAL + 1];
	json_t *j = json_object();
	scan_count(s, counts);
	for (int word = SEVERITY_CRITICAL; word >= 0; word--)
		json_object_set_new(j, severity_name((enum severity_word)word),
				    json_of_number(counts[word], true));
	return j;
}

static bool scan_json(const struct out *o, const struct scan_result *r, struct arena *a)
{
	json_t *doc = json_object(), *findings = json_array();
	json_set_str(doc, "schema", STR("socle/scan/1"));
	json_set_str(doc, "image", r->name);
	json_set_str_if(doc, "digest", r->base->image.digest);
	json_object_set_new(doc, "snapshot", json_of_snapshot(r->advisories));
	json_object_set_new(doc, "coverage", json_of_coverage(r->scan));
	json_object_set_new(doc, "packages", json_of_number(r->scan->packages, true));
	json_object_set_new(doc, "counts", json_of_counts(r->scan));
	for (size_t i = 0; i < r->scan->findings.n; i++)
		json_array_append_new(findings, json_of_finding(&r->scan->findings.p[i], r, a));
	json_object_set_new(doc, "findings", findings);
	return json_write(doc, o->file);
}

bool scan_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct scan_result *r = result;
	return str_eq(format, STR("json")) ? scan_json(o, r, a) : scan_table(o, r, a);
}

/* ---- db ---- */

static bool is_told(const struct db_result *r, struct str name)
{
	for (size_t i = 0; i < r->changed.n; i++)
		if (str_eq(r->changed.p[i], name))
			return true;
	return r->changed.n == 0;
}

static struct str ecosystems_text(const struct database *d, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < d->ecosystems.list.n && i < 8; i++)
		all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "",
				   STR_ARG(d->ecosystems.list.p[i].name));
	if (d->ecosystems.list.n > 8)
		all = arena_printf(a, "%.*s and %zu more", STR_ARG(all), d->ecosystems.list.n - 8);
	return dash(all);
}

static bool db_table(const struct out *o, const struct db_result *r, struct arena *a)
{
	static const char *const heads[] = {"SOURCE", "DATE", "TAKEN", "ADVISORIES", "ECOSYSTEMS"};
	struct table t;
	size_t rows = 0;
	table_init(&t, a, 5);
	for (size_t i = 0; i < 5; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->advisories->sources.n; i++) {
		const struct database *d = &r->advisories->sources.p[i];
		uint64_t n = d->about.advisories + d->about.exploited + d->about.epss;
		if (!is_told(r, d->name))
			continue;
		rows++;
		table_cell(&t, STYLE_BOLD, d->name);
		table_cell(&t, STYLE_PLAIN, day_of(d->about.newest));
		table_cell(&t, STYLE_PLAIN, day_of(d->about.taken));
		table_number(&t, arena_printf(a, "%llu", (unsigned long long)n));
		table_cell(&t, STYLE_DIM, ecosystems_text(d, a));
	}
	if (rows)
		table_print(&t, o);
	else
		out_printf(o, STYLE_DIM,
			   "no advisories but the snapshot inside socle: `socle db update` or "
			   "`socle db import FILE` brings more\n");
	return !ferror(o->file);
}

bool db_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct db_result *r = result;
	if (!str_eq(format, STR("json")))
		return db_table(o, r, a);
	json_t *doc = json_object();
	json_set_str(doc, "schema", STR("socle/db/1"));
	json_set_str(doc, "folder", r->advisories->folder);
	json_object_set_new(doc, "sources", json_of_sources(r->advisories));
	return json_write(doc, o->file);
}
