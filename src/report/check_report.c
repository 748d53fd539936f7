#include "report/check_report.h"

json_t *json_of_finding(const struct finding *f)
{
	json_t *j = json_object();
	json_set_str(j, "severity", str_of(finding_severity_name(f->severity)));
	json_set_str(j, "kind", str_of(finding_kind_name(f->kind)));
	json_set_str(j, "name", f->name);
	json_set_str_if(j, "version", f->version);
	json_set_str_if(j, "object", f->object);
	json_object_set_new(j, "needed_by", json_of_strs(&f->needed_by));
	json_object_set_new(j, "searched", json_of_strs(&f->searched));
	json_set_str(j, "message", f->message);
	json_object_set_new(j, "cure", json_of_strs(&f->cure));
	return j;
}

enum style verdict_style(enum verdict v)
{
	return v == VERDICT_RUNS ? STYLE_GREEN : v == VERDICT_FAILS ? STYLE_RED : STYLE_YELLOW;
}

static size_t count_severity(const struct prediction *p, enum finding_severity s)
{
	size_t n = 0;
	for (size_t i = 0; i < p->findings.n; i++)
		n += p->findings.p[i].severity == s;
	return n;
}

struct str prediction_headline(const struct prediction *p, struct arena *a)
{
	size_t blocks = count_severity(p, SEVERITY_BLOCKS);
	size_t risks = count_severity(p, SEVERITY_RISK);
	const struct finding *first = NULL;
	for (size_t i = 0; i < p->findings.n && !first; i++)
		if (blocks ? p->findings.p[i].severity == SEVERITY_BLOCKS : p->findings.p[i].undecided)
			first = &p->findings.p[i];
	if (first && first->object.n) {
		struct str text = arena_printf(a, "%.*s: %.*s", STR_ARG(str_basename(first->object)),
		                               STR_ARG(first->message));
		return blocks > 1 ? arena_printf(a, "%.*s (and %zu more)", STR_ARG(text), blocks - 1) : text;
	}
	if (first)
		return first->message;
	if (risks)
		return arena_printf(a, "%zu risk%s", risks, risks == 1 ? "" : "s");
	return STR("");
}

struct str base_size_text(const struct base *b, struct arena *a)
{
	return base_is_sized(b) ? text_bytes(b->size_bytes, a) : STR("-");
}

/* ---- Table ---- */

static void print_finding(const struct out *o, const struct finding *f, struct arena *a)
{
	static const enum style styles[] = {STYLE_RED, STYLE_YELLOW, STYLE_DIM};
	struct str where = f->object.n ? arena_printf(a, "%.*s: ", STR_ARG(f->object)) : STR("");
	out_printf(o, styles[f->severity], "  %-6s ", finding_severity_name(f->severity));
	out_hanging(o, 9, STYLE_PLAIN,
	            arena_printf(a, "%.*s%.*s", STR_ARG(where), STR_ARG(f->message)));
	struct str list = STR("");
	for (size_t i = 0; i < f->needed_by.n; i++)
		list = arena_printf(a, "%.*s%s%.*s", STR_ARG(list), i ? ", by " : "", STR_ARG(f->needed_by.p[i]));
	if (list.n)
		out_wrapped(o, 9, STYLE_DIM, arena_printf(a, "needed by %.*s", STR_ARG(list)));
	list = STR("");
	for (size_t i = 0; i < f->searched.n; i++)
		list = arena_printf(a, "%.*s%s%.*s", STR_ARG(list), i ? ", " : "", STR_ARG(f->searched.p[i]));
	if (list.n && f->kind == FINDING_LIBRARY)
		out_wrapped(o, 9, STYLE_DIM, arena_printf(a, "searched %.*s", STR_ARG(list)));
	for (size_t i = 0; i < f->cure.n; i++)
		out_wrapped(o, 9, STYLE_CYAN, arena_printf(a, "cure: %.*s", STR_ARG(f->cure.p[i])));
}

void judgement_print(const struct out *o, const struct judgement *j, struct arena *a)
{
	bool headed = false;
	for (size_t i = 0; i < j->prediction.findings.n; i++) {
		const struct finding *f = &j->prediction.findings.p[i];
		if (f->severity == SEVERITY_NOTE && !o->verbose)
			continue;
		if (!headed) {
			fputc('\n', o->file);
			out_text(o, STYLE_BOLD, j->base->name);
			fputc('\n', o->file);
		}
		headed = true;
		print_finding(o, f, a);
	}
}

static bool render_table(const struct out *o, const struct check_result *r, struct arena *a)
{
	struct table t;
	table_init(&t, a, 5);
	table_cell(&t, STYLE_PLAIN, STR("BASE"));
	table_cell(&t, STYLE_PLAIN, STR("SIZE"));
	table_cell(&t, STYLE_PLAIN, STR("VERDICT"));
	table_cell(&t, STYLE_PLAIN, STR("FACTS"));
	table_cell(&t, STYLE_PLAIN, STR("WHY"));
	for (size_t i = 0; i < r->count; i++) {
		const struct judgement *j = &r->judgements[i];
		table_cell(&t, STYLE_BOLD, j->base->name);
		table_number(&t, base_size_text(j->base, a));
		table_cell(&t, verdict_style(j->prediction.verdict),
		           str_of(verdict_name(j->prediction.verdict)));
		table_cell(&t, STYLE_DIM, str_of(provenance_name(j->base->provenance)));
		table_cell(&t, STYLE_PLAIN, prediction_headline(&j->prediction, a));
	}
	table_print(&t, o);
	for (size_t i = 0; (o->verbose || r->count <= 4) && i < r->count; i++)
		judgement_print(o, &r->judgements[i], a);
	return true;
}

/* ---- JSON ---- */

static json_t *json_of_above(const struct above *above)
{
	json_t *j = json_object();
	json_set_str(j, "base", above->base);
	json_set_str(j, "told_by", str_of(above_how_name(above->how)));
	json_object_set_new(j, "layers", json_integer((json_int_t)above->base_layers));
	json_object_set_new(j, "packages_added", json_of_strs(&above->packages));
	return j;
}

json_t *json_of_app(const struct app *app)
{
	json_t *j = json_object();
	json_set_str(j, "name", app->name);
	json_set_str(j, "at", app->at);
	json_object_set_new(j, "entries", json_of_strs(&app->entries));
	if (app->command.n)
		json_object_set_new(j, "command", json_of_strs(&app->command));
	if (app->is_image)
		json_object_set_new(j, "base_was", app->above.how == ABOVE_UNKNOWN
		                                           ? json_null()
		                                           : json_of_above(&app->above));
	json_set_str_if(j, "architecture", app->architecture);
	if (app->unread.n)
		json_object_set_new(j, "unread", json_of_strs(&app->unread));
	return j;
}

static json_t *json_of_judgement(const struct judgement *j)
{
	json_t *b = json_object(), *findings = json_array();
	json_set_str(b, "base", j->base->name);
	json_set_str(b, "verdict", str_of(verdict_name(j->prediction.verdict)));
	json_set_str(b, "provenance", str_of(provenance_name(j->base->provenance)));
	json_set_str_if(b, "facts", j->base->source);
	json_set_str_if(b, "architecture", j->base->architecture);
	json_object_set_new(b, "size_bytes",
	                    json_of_number(j->base->size_bytes, base_is_sized(j->base)));
	for (size_t i = 0; i < j->prediction.findings.n; i++)
		json_array_append_new(findings, json_of_finding(&j->prediction.findings.p[i]));
	json_object_set_new(b, "findings", findings);
	return b;
}

static bool render_json(const struct out *o, const struct check_result *r)
{
	json_t *doc = json_object(), *bases = json_array();
	json_set_str(doc, "schema", STR("socle/check/1"));
	json_object_set_new(doc, "app", json_of_app(r->app));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(bases, json_of_judgement(&r->judgements[i]));
	json_object_set_new(doc, "bases", bases);
	return json_write(doc, o->file);
}

bool check_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct check_result *r = result;
	return str_eq(format, STR("json")) ? render_json(o, r) : render_table(o, r, a);
}
