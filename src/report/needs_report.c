#include "report/needs_report.h"

static struct str evidence_text(const struct need *n, bool all, struct arena *a)
{
	struct str text = STR("");
	size_t shown = all ? n->because.n : (n->because.n > 0);
	for (size_t i = 0; i < shown; i++)
		text = arena_printf(a, "%.*s%s%.*s %.*s", STR_ARG(text), i ? "; " : "",
		                    STR_ARG(n->because.p[i].file), STR_ARG(n->because.p[i].how));
	if (shown < n->because.n)
		text = arena_printf(a, "%.*s (and %zu more)", STR_ARG(text), n->because.n - shown);
	return text;
}

static bool render_table(const struct out *o, const struct needs_result *r, struct arena *a)
{
	const struct needs *needs = r->needs;
	out_printf(o, STYLE_DIM, "libc  ");
	out_text(o, STYLE_BOLD, str_of(needs_libc_name(needs->libc)));
	if (needs->libc_min_version.n) {
		fputs(" ", o->file);
		out_text(o, STYLE_BOLD, needs->libc_min_version);
		fputs(" or later", o->file);
	}
	fputs("\n\n", o->file);
	if (!needs->list.n) {
		out_printf(o, STYLE_DIM, "needs nothing else\n");
		return true;
	}
	struct table t;
	table_init(&t, a, 4);
	static const char *const heads[] = {"KIND", "NAME", "CERTAINTY", "BECAUSE"};
	for (size_t i = 0; i < 4; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < needs->list.n; i++) {
		const struct need *n = &needs->list.p[i];
		enum style style = n->certainty == CERTAINTY_CERTAIN  ? STYLE_GREEN
		                   : n->certainty == CERTAINTY_LIKELY ? STYLE_YELLOW
		                                                      : STYLE_DIM;
		table_cell(&t, STYLE_PLAIN, str_of(need_kind_name(n->kind)));
		table_cell(&t, STYLE_BOLD, n->name);
		table_cell(&t, style, str_of(certainty_name(n->certainty)));
		table_cell(&t, STYLE_PLAIN, evidence_text(n, o->verbose, a));
	}
	table_print(&t, o);
	return true;
}

static json_t *json_of_need(const struct need *n)
{
	json_t *j = json_object(), *because = json_array();
	json_set_str(j, "kind", str_of(need_kind_name(n->kind)));
	json_set_str(j, "name", n->name);
	json_set_str(j, "certainty", str_of(certainty_name(n->certainty)));
	for (size_t i = 0; i < n->because.n; i++) {
		json_t *e = json_object();
		json_set_str(e, "file", n->because.p[i].file);
		json_set_str(e, "how", n->because.p[i].how);
		json_array_append_new(because, e);
	}
	json_object_set_new(j, "because", because);
	return j;
}

bool needs_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct needs_result *r = result;
	if (!str_eq(format, STR("json")))
		return render_table(o, r, a);
	json_t *doc = json_object(), *libc = json_object(), *list = json_array();
	json_set_str(doc, "schema", STR("socle/needs/1"));
	json_set_str(doc, "app", r->app->name);
	json_set_str(libc, "family", str_of(needs_libc_name(r->needs->libc)));
	json_set_str_if(libc, "min_version", r->needs->libc_min_version);
	json_object_set_new(doc, "libc", libc);
	for (size_t i = 0; i < r->needs->list.n; i++)
		json_array_append_new(list, json_of_need(&r->needs->list.p[i]));
	json_object_set_new(doc, "needs", list);
	return json_write(doc, o->file);
}
