#include "report/lint_report.h"

#include "report/sarif.h"

/* ---- Table ---- */

static enum style severity_style(enum lint_severity s)
{
	return s == LINT_ERROR ? STYLE_RED : s == LINT_WARNING ? STYLE_YELLOW : STYLE_DIM;
}

static void finding_row(struct table *t, const struct lint_file *f, const struct lint_finding *x,
                        struct arena *a)
{
	table_cell(t, STYLE_PLAIN, arena_printf(a, "%.*s:%u:%u", STR_ARG(f->name), x->line, x->column));
	if (x->ignored)
		table_cell(t, STYLE_DIM, STR("ignored"));
	else
		table_cell(t, severity_style(x->severity), str_of(lint_severity_name(x->severity)));
	table_cell(t, STYLE_BOLD, str_of(x->rule->name));
	struct str text = x->message;
	if (x->ignored && x->reason.n)
		text = arena_printf(a, "%.*s (%.*s)", STR_ARG(text), STR_ARG(x->reason));
	else if (x->cure.n)
		text = arena_printf(a, "%.*s; better: %.*s", STR_ARG(text), STR_ARG(x->cure));
	table_cell(t, STYLE_PLAIN, text);
}

static bool render_table(const struct out *o, const struct lint_report *r, struct arena *a)
{
	struct table t;
	size_t rows = 0;
	table_init(&t, a, 4);
	static const char *const heads[] = {"PLACE", "SEVERITY", "RULE", "WHAT"};
	for (size_t i = 0; i < 4; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		const struct lint_result *result = &r->files[i].result;
		for (size_t k = 0; k < result->findings.n; k++) {
			if (result->findings.p[k].ignored && !r->verbose)
				continue;
			finding_row(&t, &r->files[i], &result->findings.p[k], a);
			rows++;
		}
	}
	if (rows)
		table_print(&t, o);
	else
		out_printf(o, STYLE_GREEN, "nothing to say of %zu file%s\n", r->count, r->count == 1 ? "" : "s");
	return true;
}

/* ---- JSON ---- */

static json_t *words(const char *list)
{
	json_t *j = json_array();
	struct str rest = str_of(list), word;
	while (str_word(&rest, &word))
		json_array_append_new(j, json_of_str(word));
	return j;
}

static json_t *json_of_finding_in(const struct lint_finding *x)
{
	json_t *j = json_object();
	json_set_str(j, "rule", str_of(x->rule->name));
	json_set_str(j, "severity", str_of(lint_severity_name(x->severity)));
	json_object_set_new(j, "line", json_integer(x->line));
	json_object_set_new(j, "column", json_integer(x->column));
	json_object_set_new(j, "end_line", json_integer(x->end_line));
	json_object_set_new(j, "end_column", json_integer(x->end_column));
	json_set_str(j, "message", x->message);
	json_set_str_if(j, "cure", x->cure);
	if (*x->rule->hadolint)
		json_object_set_new(j, "hadolint", words(x->rule->hadolint));
	if (x->ignored)
		json_set_str_if(j, "reason", x->reason);
	return j;
}

static bool render_json(const struct out *o, const struct lint_report *r)
{
	json_t *doc = json_object(), *files = json_array();
	json_set_str(doc, "schema", STR("socle/lint/1"));
	for (size_t i = 0; i < r->count; i++) {
		json_t *file = json_object(), *findings = json_array(), *ignored = json_array();
		const struct lint_result *result = &r->files[i].result;
		json_set_str(file, "file", r->files[i].name);
		for (size_t k = 0; k < result->findings.n; k++)
			json_array_append_new(result->findings.p[k].ignored ? ignored : findings,
			                      json_of_finding_in(&result->findings.p[k]));
		json_object_set_new(file, "findings", findings);
		json_object_set_new(file, "ignored", ignored);
		json_array_append_new(files, file);
	}
	json_object_set_new(doc, "files", files);
	return json_write(doc, o->file);
}

/* ---- SARIF ---- */

/* 3.27.10 level: note, warning, error. */
static const char *level(enum lint_severity s)
{
	return s == LINT_INFO ? "note" : lint_severity_name(s);
}

static json_t *sarif_rules(void)
{
	size_t count;
	const struct lint_rule *rules = lint_rules(&count);
	json_t *list = json_array();
	for (size_t k = 0; k < count; k++) {
		json_t *j = json_object(), *configuration = json_object();
		json_set_str(j, "id", str_of(rules[k].name));
		json_object_set_new(j, "shortDescription", sarif_text(str_of(rules[k].summary)));
		json_set_str(configuration, "level", str_of(level(rules[k].severity)));
		json_object_set_new(j, "defaultConfiguration", configuration);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *sarif_location(const struct lint_file *f, const struct lint_finding *x, struct arena *a)
{
	json_t *location = json_object(), *physical = json_object(), *region = json_object();
	json_t *artifact = json_object();
	json_set_str(artifact, "uri", sarif_uri(f->name, a));
	json_object_set_new(region, "startLine", json_integer(x->line));
	json_object_set_new(region, "startColumn", json_integer(x->column));
	json_object_set_new(region, "endLine", json_integer(x->end_line));
	json_object_set_new(region, "endColumn", json_integer(x->end_column));
	json_object_set_new(physical, "artifactLocation", artifact);
	json_object_set_new(physical, "region", region);
	json_object_set_new(location, "physicalLocation", physical);
	return location;
}

static json_t *sarif_result(const struct lint_file *f, const struct lint_finding *x, struct arena *a)
{
	size_t count;
	json_t *j = json_object(), *locations = json_array(), *suppressions = json_array();
	struct str message = x->message;
	if (x->cure.n)
		message = arena_printf(a, "%.*s; better: %.*s", STR_ARG(message), STR_ARG(x->cure));
	json_set_str(j, "ruleId", str_of(x->rule->name));
	json_object_set_new(j, "ruleIndex", json_integer(x->rule - lint_rules(&count)));
	json_set_str(j, "level", str_of(level(x->severity)));
	json_object_set_new(j, "message", sarif_text(message));
	json_array_append_new(locations, sarif_location(f, x, a));
	json_object_set_new(j, "locations", locations);
	if (x->ignored) {
		json_t *s = json_object();
		json_set_str(s, "kind", STR("inSource"));
		json_set_str_if(s, "justification", x->reason);
		json_array_append_new(suppressions, s);
	}
	/* Empty: suppressions were looked for, and there are none (3.27.23). */
	json_object_set_new(j, "suppressions", suppressions);
	return j;
}

static bool render_sarif(const struct out *o, const struct lint_report *r, struct arena *a)
{
	json_t *results = json_array();
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->files[i].result.findings.n; k++)
			json_array_append_new(results,
			                      sarif_result(&r->files[i], &r->files[i].result.findings.p[k], a));
	json_t *run = sarif_run(sarif_rules(), results);
	json_set_str(run, "columnKind", STR("unicodeCodePoints"));
	return sarif_write(run, o->file);
}

bool lint_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct lint_report *r = result;
	if (str_eq(format, STR("json")))
		return render_json(o, r);
	return str_eq(format, STR("sarif")) ? render_sarif(o, r, a) : render_table(o, r, a);
}
