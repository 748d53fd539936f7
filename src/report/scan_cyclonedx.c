/* A scan as CycloneDX 1.6: the document of `socle sbom`, with its vulnerabilities. */
#include "package/purl.h"
#include "report/sbom_report.h"
#include "report/scan_parts.h"

/* "#/definitions/severity": a score of 0 is "none", a distributor's "unimportant" is "info". */
static struct str severity_of(const struct severity *s)
{
	if (s->word == SEVERITY_NEGLIGIBLE)
		return s->vector.n ? STR("none") : STR("info");
	return str_of(severity_name(s->word));
}

/* "#/definitions/scoreMethod". */
static struct str method_of(struct str vector)
{
	static const struct {
		struct str start, method;
	} methods[] = {{STR_INIT("CVSS:4.0/"), STR_INIT("CVSSv4")},
		       {STR_INIT("CVSS:3.1/"), STR_INIT("CVSSv31")},
		       {STR_INIT("CVSS:3.0/"), STR_INIT("CVSSv3")},
		       {STR_INIT("AV:"), STR_INIT("CVSSv2")}};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (str_starts(vector, methods[i].start))
			return methods[i].method;
	return STR("other");
}

static json_t *ratings_of(const struct severity *s)
{
	json_t *all = json_array(), *j = json_object();
	if (s->vector.n)
		json_object_set_new(j, "score", json_real(s->score_tenths / 10.0));
	json_set_str(j, "severity", severity_of(s));
	json_set_str(j, "method", method_of(s->vector));
	json_set_str_if(j, "vector", s->vector);
	json_array_append_new(all, j);
	return all;
}

static json_t *source_of(struct str id, struct arena *a)
{
	json_t *j = json_object();
	json_set_str(j, "name", STR("OSV"));
	json_set_str_if(j, "url", scan_link(id, a));
	return j;
}

static json_t *references_of(const struct vulnerability *f, struct arena *a)
{
	json_t *all = json_array();
	for (size_t i = 0; i < f->others.n; i++) {
		json_t *j = json_object();
		json_set_str(j, "id", f->others.p[i]);
		json_object_set_new(j, "source", source_of(f->others.p[i], a));
		json_array_append_new(all, j);
	}
	return all;
}

/* What has the same URL is one component, and stands here once. */
static json_t *affects_of(const struct scan_group *g, const struct scan_result *r, struct arena *a)
{
	json_t *all = json_array();
	struct map seen = {0};
	for (size_t i = 0; i < g->findings.n; i++) {
		struct str purl = purl_of_package(g->findings.p[i]->package, r->packages, a);
		bool added;
		map_put(&seen, a, purl, &added);
		if (!added)
			continue;
		json_t *j = json_object();
		json_set_str(j, "ref", purl);
		json_array_append_new(all, j);
	}
	return all;
}

/* VEX's words begin with the status that they stand for. What a person leaves out is a decision
 * and no state: it may well be exploitable. */
static json_t *analysis_of(const struct vulnerability *f)
{
	json_t *j = json_object();
	if (f->status == VULNERABILITY_VEX) {
		bool fixed = str_starts(f->reason, STR("fixed"));
		json_set_str(j, "state", fixed ? STR("resolved") : STR("not_affected"));
	} else {
		json_t *response = json_array();
		json_array_append_new(response, json_of_str(STR("will_not_fix")));
		json_object_set_new(j, "response", response);
	}
	json_set_str_if(j, "detail", f->reason);
	return j;
}

/* RFC 3339, as the schema's date-time wants it. */
static void set_time(json_t *j, const char *key, struct str time)
{
	if (time.n >= sizeof "2026-11-24T00:00:00Z" - 1 && time.p[10] == 'T' &&
	    !str_starts(time, STR("0001-")))
		json_set_str(j, key, time);
}

static json_t *vulnerability_of(const struct scan_group *g, const struct scan_result *r,
				struct arena *a)
{
	const struct vulnerability *f = g->findings.p[0];
	json_t *j = json_object();
	json_set_str(j, "id", f->id);
	json_object_set_new(j, "source", source_of(f->id, a));
	json_object_set_new(j, "references", references_of(f, a));
	json_object_set_new(j, "ratings", ratings_of(&f->severity));
	if (f->fixed.n)
		json_set_str(j, "recommendation",
			     arena_printf(a, "%.*s %.*s or newer", STR_ARG(g->label),
					  STR_ARG(f->fixed)));
	set_time(j, "published", f->published);
	set_time(j, "updated", f->modified);
	if (f->status != VULNERABILITY_COUNTS)
		json_object_set_new(j, "analysis", analysis_of(f));
	json_object_set_new(j, "affects", affects_of(g, r, a));
	return j;
}

/* Which advisories were asked, and what could not be judged: an empty list alone would pass for
 * safety. */
static json_t *properties_of(const struct scan_result *r, struct arena *a)
{
	json_t *all = json_array(), *j = json_object();
	json_set_str(j, "name", STR("socle:advisories"));
	json_set_str(j, "value", scan_snapshot(r->advisories, a));
	json_array_append_new(all, j);
	for (size_t i = 0; i < r->uncovered.n; i++) {
		j = json_object();
		json_set_str(j, "name", STR("socle:not-judged"));
		json_set_str(j, "value", r->uncovered.p[i]);
		json_array_append_new(all, j);
	}
	return all;
}

bool scan_cyclonedx(const struct out *o, const struct scan_result *r, struct arena *a)
{
	const struct sbom_result sbom = {
		.base = r->base, .packages = r->packages, .tree = r->tree, .time = r->time};
	json_t *document = cyclonedx_of(&sbom, a), *all = json_array();
	struct scan_groups groups;
	scan_group(&groups, r, false, a);
	for (size_t i = 0; i < groups.list.n; i++)
		json_array_append_new(all, vulnerability_of(&groups.list.p[i], r, a));
	json_object_set_new(document, "vulnerabilities", all);
	json_object_set_new(json_object_get(document, "metadata"), "properties",
			    properties_of(r, a));
	/* Another document than that without them. */
	json_set_str(document, "serialNumber", STR(""));
	json_set_str(document, "serialNumber", sbom_uuid(document, a));
	return json_write(document, o->file);
}
