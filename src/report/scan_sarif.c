/* A scan as SARIF 2.1.0, with what GitHub's code scanning asks for beyond it ("SARIF support for
 * code scanning"): security-severity, a place in a file, a fingerprint. */
#include "image/stream.h"
#include "package/purl.h"
#include "report/sarif.h"
#include "report/scan_parts.h"

/* 3.27.10: error, warning, note; what nobody has graded may be anything. */
static struct str level_of(enum severity_word word)
{
	return word >= SEVERITY_HIGH                                      ? STR("error")
	       : word == SEVERITY_MEDIUM || word == SEVERITY_UNKNOWN ? STR("warning")
								     : STR("note");
}

/* GitHub sorts by a number: the score; of a word alone, the middle of its range in CVSS's rating
 * scale. Empty where nothing is known. */
static struct str security_severity(const struct severity *s, struct arena *a)
{
	static const struct str middle[] = {STR_INIT(""),    STR_INIT("0.0"), STR_INIT("2.0"),
					    STR_INIT("5.4"), STR_INIT("7.9"), STR_INIT("9.5")};
	if (!s->vector.n)
		return middle[s->word];
	return arena_printf(a, "%u.%u", s->score_tenths / 10, s->score_tenths % 10);
}

/* ---- Rules: one a vulnerability ---- */

struct rules {
	struct map by_name; /* the name that people know to its index */
	json_t *list;
};

/* All that is known of it without the package: no advisory's sentences are kept. */
static struct str description_of(const struct vulnerability *f, struct arena *a)
{
	struct str text = arena_printf(a, "%.*s: %.*s", STR_ARG(f->id),
				       STR_ARG(scan_severity(&f->severity, a)));
	if (f->severity.vector.n)
		text = arena_printf(a, "%.*s, %.*s", STR_ARG(text), STR_ARG(f->severity.vector));
	if (f->exploited.n)
		text = arena_printf(a, "%.*s; exploited since %.*s", STR_ARG(text),
				    STR_ARG(f->exploited));
	for (size_t i = 0; i < f->others.n; i++)
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "; also ",
				    STR_ARG(f->others.p[i]));
	return text;
}

static json_t *rule_of(const struct vulnerability *f, struct arena *a)
{
	json_t *j = json_object(), *properties = json_object(), *tags = json_array();
	json_t *configuration = json_object();
	struct str name = vulnerability_name(f), severity = security_severity(&f->severity, a);
	json_set_str(j, "id", name);
	json_object_set_new(j, "shortDescription",
			    sarif_text(arena_printf(a, "%.*s (%.*s)", STR_ARG(name),
						    STR_ARG(scan_severity(&f->severity, a)))));
	json_object_set_new(j, "fullDescription", sarif_text(description_of(f, a)));
	json_set_str_if(j, "helpUri", scan_link(f->id, a));
	json_object_set_new(j, "help", sarif_text(description_of(f, a)));
	json_set_str(configuration, "level", level_of(f->severity.word));
	json_object_set_new(j, "defaultConfiguration", configuration);
	json_set_str_if(properties, "security-severity", severity);
	json_set_str_if(properties, "cvss", f->severity.vector);
	json_array_append_new(tags, json_of_str(STR("security")));
	json_array_append_new(tags, json_of_str(STR("vulnerability")));
	json_object_set_new(properties, "tags", tags);
	json_object_set_new(j, "properties", properties);
	return j;
}

/* The findings come gravest first, so that a rule has the severity of its gravest. */
static size_t rule_index(struct rules *rules, const struct vulnerability *f, struct arena *a)
{
	bool added;
	uintptr_t *place = map_put(&rules->by_name, a, vulnerability_name(f), &added);
	if (added) {
		*place = json_array_size(rules->list);
		json_array_append_new(rules->list, rule_of(f, a));
	}
	return *place;
}

/* ---- Results ---- */

/* The file that tells of the package; a line must be said, and a record in a database has none. */
static json_t *location_of(const struct vulnerability *f, const struct scan_result *r,
			   struct arena *a)
{
	const struct package *p = f->package;
	json_t *j = json_object(), *physical = json_object(), *artifact = json_object();
	json_t *region = json_object(), *logical = json_object(), *all = json_array();
	struct str path = p->path.n ? p->path : r->name;
	while (str_starts(path, STR("/")))
		path = str_skip(path, 1);
	json_set_str(artifact, "uri", sarif_uri(path, a));
	json_object_set_new(region, "startLine", json_integer(1));
	json_object_set_new(physical, "artifactLocation", artifact);
	json_object_set_new(physical, "region", region);
	json_object_set_new(j, "physicalLocation", physical);
	json_set_str(logical, "name", p->name);
	json_set_str(logical, "fullyQualifiedName", purl_of_package(p, r->packages, a));
	json_set_str(logical, "kind", STR("package"));
	json_array_append_new(all, logical);
	json_object_set_new(j, "logicalLocations", all);
	return j;
}

/* The same in every run while the vulnerability stays in that package, also when its version has
 * changed; of what is there several times, the first keeps its number. primaryLocationLineHash is
 * the one that GitHub compares. */
static json_t *fingerprints_of(const struct vulnerability *f, struct map *seen, struct arena *a)
{
	const struct package *p = f->package;
	struct str text = arena_printf(
		a, "%.*s\n%s\n%.*s\n%.*s\n%.*s", STR_ARG(vulnerability_name(f)),
		package_type_name(p->type), STR_ARG(p->name), STR_ARG(p->architecture),
		STR_ARG(p->path));
	struct str digest = str_slice(str_skip(sha256_of(text, a), sizeof "sha256:" - 1), 0, 32);
	uintptr_t *count = map_put(seen, a, digest, NULL);
	json_t *j = json_object();
	json_set_str(j, "primaryLocationLineHash",
		     arena_printf(a, "%.*s:%zu", STR_ARG(digest), (size_t)++*count));
	return j;
}

/* 3.35: what does not count stays in the document, with the reason. */
static json_t *suppressions_of(const struct vulnerability *f)
{
	json_t *all = json_array();
	if (f->status == VULNERABILITY_COUNTS)
		return all;
	json_t *j = json_object();
	json_set_str(j, "kind", STR("external"));
	json_set_str(j, "status", STR("accepted"));
	json_set_str_if(j, "justification", f->reason);
	json_array_append_new(all, j);
	return all;
}

/* 3.11.6: "[text](target)" in a message is a link; what comes from an image makes none. */
static struct str without_links(struct str text, struct arena *a)
{
	char *p = arena_alloc(a, text.n * 2 + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '[' || text.p[i] == ']')
			p[n++] = '\\';
		p[n++] = text.p[i];
	}
	return (struct str){p, n};
}

static struct str message_of(const struct vulnerability *f, const struct scan_result *r,
			     struct arena *a)
{
	struct str notes = scan_notes(f, a);
	return arena_printf(
		a, "%.*s %.*s in %.*s has %.*s (%.*s); %s%.*s%s%.*s", STR_ARG(f->package->name),
		STR_ARG(f->package->version), STR_ARG(r->name), STR_ARG(vulnerability_name(f)),
		STR_ARG(scan_severity(&f->severity, a)), f->fixed.n ? "fixed in " : "no fix is known",
		STR_ARG(f->fixed), notes.n ? "; " : "", STR_ARG(notes));
}

static json_t *properties_of(const struct vulnerability *f, const struct scan_result *r)
{
	json_t *j = json_object();
	json_set_str(j, "advisory", f->id);
	json_set_str(j, "installed", f->package->version);
	json_set_str_if(j, "fixed", f->fixed);
	json_set_str_if(j, "origin", scan_origin(r, f->package));
	json_set_str_if(j, "exploitedSince", f->exploited);
	if (f->epss >= 0)
		json_object_set_new(j, "epss", json_real(f->epss));
	return j;
}

static json_t *result_of(const struct vulnerability *f, const struct scan_result *r,
			 struct rules *rules, struct map *seen, struct arena *a)
{
	json_t *j = json_object(), *locations = json_array();
	json_set_str(j, "ruleId", vulnerability_name(f));
	json_object_set_new(j, "ruleIndex", json_integer((json_int_t)rule_index(rules, f, a)));
	json_set_str(j, "level", level_of(f->severity.word));
	json_object_set_new(j, "message", sarif_text(without_links(message_of(f, r, a), a)));
	json_array_append_new(locations, location_of(f, r, a));
	json_object_set_new(j, "locations", locations);
	json_object_set_new(j, "partialFingerprints", fingerprints_of(f, seen, a));
	json_object_set_new(j, "suppressions", suppressions_of(f));
	json_object_set_new(j, "properties", properties_of(f, r));
	return j;
}

/* ---- The run ---- */

static void add_notification(json_t *all, struct str text)
{
	json_t *j = json_object();
	json_set_str(j, "level", STR("warning"));
	json_object_set_new(j, "message", sarif_text(text));
	json_array_append_new(all, j);
}

/* 3.20: what could not be judged is said, for no result would pass for safety. */
static json_t *invocations_of(const struct scan_result *r, struct arena *a)
{
	json_t *all = json_array(), *j = json_object(), *notifications = json_array();
	for (size_t i = 0; i < r->uncovered.n; i++)
		add_notification(notifications, arena_printf(a, "not judged: %.*s",
							     STR_ARG(r->uncovered.p[i])));
	for (size_t i = 0; i < r->remarks.n; i++)
		add_notification(notifications, r->remarks.p[i]);
	json_object_set_new(j, "executionSuccessful", json_boolean(r->judged));
	json_object_set_new(j, "toolExecutionNotifications", notifications);
	json_array_append_new(all, j);
	return all;
}

bool scan_sarif(const struct out *o, const struct scan_result *r, struct arena *a)
{
	struct rules rules = {.list = json_array()};
	struct map seen = {0};
	json_t *results = json_array(), *properties = json_object();
	for (size_t i = 0; i < r->scan->findings.n; i++)
		json_array_append_new(results,
				      result_of(&r->scan->findings.p[i], r, &rules, &seen, a));
	json_t *run = sarif_run(rules.list, results);
	json_object_set_new(run, "invocations", invocations_of(r, a));
	json_set_str(properties, "image", r->name);
	json_set_str_if(properties, "digest", r->base->image.digest);
	json_object_set_new(properties, "snapshot", scan_json_of_snapshot(r->advisories));
	json_object_set_new(run, "properties", properties);
	return sarif_write(run, o->file);
}
