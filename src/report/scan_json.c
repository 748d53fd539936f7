/* socle/scan/1 (docs/json.md). */
#include "report/scan_parts.h"

#include "package/purl.h"

json_t *scan_json_of_sources(const struct advisories *v)
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
			json_t *key = json_of_str(c->name);
			json_object_set_new(ecosystems, json_string_value(key),
					    json_of_number(c->advisories, true));
			json_decref(key);
		}
		json_object_set_new(j, "ecosystems", ecosystems);
		json_array_append_new(all, j);
	}
	return all;
}

/* The newest of all dates; each source has its own beside it. */
json_t *scan_json_of_snapshot(const struct advisories *v)
{
	json_t *j = json_object();
	struct str newest = STR("");
	for (size_t i = 0; i < v->sources.n; i++)
		if (str_cmp(v->sources.p[i].about.newest, newest) > 0)
			newest = v->sources.p[i].about.newest;
	json_set_str_if(j, "date", newest);
	json_object_set_new(j, "sources", scan_json_of_sources(v));
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
	json_set_str(j, "layer", scan_layer(r, p));
	json_set_str(j, "status", str_of(scan_status_name(f->status)));
	json_set_str_if(j, "reason", f->reason);
	json_object_set_new(j, "known_exploited", json_boolean(f->exploited.n > 0));
	json_set_str_if(j, "exploited_since", f->exploited);
	if (f->epss >= 0)
		json_object_set_new(j, "epss", json_real(f->epss));
	if (p->likely)
		json_object_set_new(j, "likely", json_true());
	return j;
}

json_t *scan_json_of_counts(const struct scan *s)
{
	size_t counts[SEVERITY_CRITICAL + 1];
	json_t *j = json_object();
	scan_count(s, counts);
	for (int word = SEVERITY_CRITICAL; word >= 0; word--)
		json_object_set_new(j, severity_name((enum severity_word)word),
				    json_of_number(counts[word], true));
	return j;
}

bool scan_json(const struct out *o, const struct scan_result *r, struct arena *a)
{
	json_t *doc = json_object(), *findings = json_array();
	json_set_str(doc, "schema", STR("socle/scan/1"));
	json_set_str(doc, "image", r->name);
	json_set_str_if(doc, "digest", r->base->image.digest);
	json_object_set_new(doc, "snapshot", scan_json_of_snapshot(r->advisories));
	json_object_set_new(doc, "coverage", json_of_coverage(r->scan));
	json_object_set_new(doc, "packages", json_of_number(r->scan->packages, true));
	json_object_set_new(doc, "counts", scan_json_of_counts(r->scan));
	for (size_t i = 0; i < r->scan->findings.n; i++)
		json_array_append_new(findings, json_of_finding(&r->scan->findings.p[i], r, a));
	json_object_set_new(doc, "findings", findings);
	return json_write(doc, o->file);
}
