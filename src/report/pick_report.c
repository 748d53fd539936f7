#include "report/pick_report.h"

#include "report/check_report.h"

/* ---- Tables ---- */

static enum style state_style(enum rung_state s)
{
	switch (s) {
	case RUNG_PASSED: return STYLE_GREEN;
	case RUNG_FAILED:
	case RUNG_FAILS: return STYLE_RED;
	default: return STYLE_DIM;
	}
}

static struct str tried_word(const struct rung *r)
{
	return r->state == RUNG_PASSED   ? STR("passed")
	       : r->state == RUNG_FAILED ? STR("failed")
	                                 : STR("-");
}

static struct str rung_why(const struct rung *r, struct arena *a)
{
	if (r->reasons.n)
		return r->reasons.p[0];
	return prediction_headline(&r->judgement.prediction, a);
}

/* A base that is only described says little: it stands in the table where the person named it
 * or its size is known, and is else one of those that print_described() counts. */
static bool stands_in_table(const struct pick_result *r, const struct rung *g)
{
	return g->base.has_facts || r->named || (g->base.size_bytes && g->state != RUNG_RULED_OUT);
}

static void print_ladder(const struct out *o, const struct pick_result *r, struct arena *a)
{
	static const char *const heads[] = {"  BASE", "SIZE", "PREDICTED", "TRIED", "WHY"};
	struct table t;
	table_init(&t, a, 5);
	for (size_t i = 0; i < 5; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		const struct rung *g = &r->rungs[i];
		if (!stands_in_table(r, g))
			continue;
		enum verdict v = g->judgement.prediction.verdict;
		table_cell(&t, g->chosen ? STYLE_GREEN : STYLE_BOLD,
		           arena_printf(a, "%s %.*s", g->chosen ? ">" : " ", STR_ARG(g->base.name)));
		table_number(&t, base_size_text(&g->base, a));
		table_cell(&t, verdict_style(v), str_of(verdict_name(v)));
		table_cell(&t, state_style(g->state), tried_word(g));
		table_cell(&t, g->chosen ? STYLE_GREEN : STYLE_PLAIN, rung_why(g, a));
	}
	table_print(&t, o);
}

/* Where the facts behind the predictions come from: a line each for measured, assembled and
 * documented ones. */
static void print_provenance(const struct out *o, const struct pick_result *r, struct arena *a)
{
	static const char *const meaning[] = {"measured", "assembled from the same packages",
	                                      "described by the publisher"};
	fputc('\n', o->file);
	for (enum provenance p = PROVENANCE_MEASURED; p <= PROVENANCE_DOCUMENTED; p++) {
		struct str names = STR("");
		for (size_t i = 0; i < r->count; i++)
			if (r->rungs[i].base.provenance == p && stands_in_table(r, &r->rungs[i]))
				names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), names.n ? ", " : "",
				                     STR_ARG(r->rungs[i].base.name));
		if (names.n)
			out_wrapped(o, 0, STYLE_DIM, arena_printf(a, "%s: %.*s", meaning[p], STR_ARG(names)));
	}
}

/* What is only described, in two lines: those it rules out, and those that may hold. */
static void print_described(const struct out *o, const struct pick_result *r, struct arena *a)
{
	struct str fails = STR(""), open = STR("");
	for (size_t i = 0; i < r->count; i++) {
		const struct rung *g = &r->rungs[i];
		if (stands_in_table(r, g) || g->state == RUNG_RULED_OUT)
			continue;
		struct str *list = g->state == RUNG_FAILS ? &fails : &open;
		*list = arena_printf(a, "%.*s%s%.*s", STR_ARG(*list), list->n ? ", " : "",
		                     STR_ARG(g->base.name));
	}
	if (fails.n || open.n)
		out_printf(o, STYLE_BOLD, "\nonly described by their publishers\n");
	if (fails.n)
		out_wrapped(o, 2, STYLE_DIM, arena_printf(a, "fail: %.*s", STR_ARG(fails)));
	if (open.n)
		out_wrapped(o, 2, STYLE_DIM,
		            arena_printf(a, "unknown until measured (socle bases learn): %.*s", STR_ARG(open)));
}

/* Smaller ones that should hold, but are not here to be tried. */
static void print_untried(const struct out *o, const struct pick_result *r, struct arena *a)
{
	bool headed = false;
	for (size_t i = 0; i < r->count && !r->rungs[i].chosen; i++) {
		const struct rung *g = &r->rungs[i];
		if (g->state != RUNG_NOT_AT_HAND || !stands_in_table(r, g))
			continue;
		if (!headed)
			out_printf(o, STYLE_BOLD, "\nsmaller, but only predicted\n");
		headed = true;
		out_wrapped(o, 2, STYLE_PLAIN,
		            arena_printf(a, "%.*s (%s, %s): %.*s", STR_ARG(g->base.name),
		                         verdict_name(g->judgement.prediction.verdict),
		                         provenance_name(g->base.provenance), STR_ARG(g->base.how_to_get)));
	}
}

static void print_choice(const struct out *o, const struct pick_result *r, struct arena *a)
{
	const struct rung *c = r->choice;
	fputc('\n', o->file);
	if (!c) {
		out_printf(o, STYLE_RED, "no base fits\n");
		return;
	}
	out_printf(o, STYLE_BOLD, "choice  ");
	out_text(o, STYLE_GREEN, c->base.name);
	fputs("  ", o->file);
	out_text(o, STYLE_BOLD, base_size_text(&c->base, a));
	fputc('\n', o->file);
	if (r->reference.n) {
		out_printf(o, STYLE_DIM, "from    ");
		out_text(o, STYLE_PLAIN, r->reference);
		fputc('\n', o->file);
	}
	for (size_t i = 0; i < r->rules.n; i++) {
		out_printf(o, STYLE_DIM, "%s", i ? "        " : "because ");
		out_text(o, STYLE_PLAIN, r->rules.p[i]);
		fputc('\n', o->file);
	}
	const struct prediction *p = &c->judgement.prediction;
	for (size_t i = 0; i < p->findings.n; i++) {
		if (p->findings.p[i].severity != SEVERITY_RISK)
			continue;
		out_printf(o, STYLE_YELLOW, "risk    ");
		out_text(o, STYLE_PLAIN, arena_printf(a, "%.*s: %.*s", STR_ARG(p->findings.p[i].object),
		                                      STR_ARG(p->findings.p[i].message)));
		fputc('\n', o->file);
	}
}

static void print_text_block(const struct out *o, const char *head, struct str text)
{
	struct str line;
	size_t lines = 0;
	while (str_next(&text, '\n', &line) && lines++ < 8) {
		out_printf(o, STYLE_DIM, "    %s ", head);
		out_text(o, STYLE_PLAIN, line);
		fputc('\n', o->file);
	}
	if (text.n)
		out_printf(o, STYLE_DIM, "    %s …\n", head);
}

static void print_failed_test(const struct out *o, const struct trial_result *t, struct arena *a)
{
	out_wrapped(o, 2, STYLE_RED,
	            arena_printf(a, "%.*s: %.*s", STR_ARG(t->command), STR_ARG(t->why)));
	for (size_t i = 0; i < t->missing.n && i < 8; i++) {
		const struct trial_missing *m = &t->missing.p[i];
		out_printf(o, STYLE_YELLOW, "    asked for ");
		out_text(o, STYLE_PLAIN, m->path);
		out_printf(o, STYLE_DIM, ", which is not there (%.*s)\n", STR_ARG(m->call));
	}
	for (size_t i = 0; i < t->notes.n; i++)
		out_wrapped(o, 4, STYLE_DIM, t->notes.p[i]);
	print_text_block(o, "stderr", t->err);
	print_text_block(o, "stdout", t->out);
}

static void print_failures(const struct out *o, const struct rung *rungs, size_t count,
                           struct arena *a)
{
	for (size_t i = 0; i < count; i++) {
		if (rungs[i].state != RUNG_FAILED)
			continue;
		fputc('\n', o->file);
		out_text(o, STYLE_BOLD, rungs[i].base.name);
		fputc('\n', o->file);
		for (size_t k = 0; k < rungs[i].result_count; k++)
			if (!rungs[i].results[k].passed)
				print_failed_test(o, &rungs[i].results[k], a);
	}
}

/* ---- JSON ---- */

static json_t *json_of_test(const struct trial_result *t)
{
	json_t *j = json_object(), *missing = json_array();
	json_set_str(j, "command", t->command);
	json_object_set_new(j, "passed", json_boolean(t->passed));
	json_object_set_new(j, "exit", json_integer(t->exit));
	json_object_set_new(j, "seconds", json_real(t->seconds));
	if (t->http_status)
		json_object_set_new(j, "http_status", json_integer(t->http_status));
	if (t->timed_out)
		json_object_set_new(j, "timed_out", json_true());
	if (t->out_of_memory)
		json_object_set_new(j, "out_of_memory", json_true());
	json_set_str_if(j, "why", t->why);
	json_set_str(j, "stdout", t->out);
	json_set_str(j, "stderr", t->err);
	for (size_t i = 0; i < t->missing.n; i++) {
		json_t *m = json_object();
		json_set_str(m, "path", t->missing.p[i].path);
		json_set_str(m, "call", t->missing.p[i].call);
		json_object_set_new(m, "times", json_integer(t->missing.p[i].times));
		json_array_append_new(missing, m);
	}
	json_object_set_new(j, "missing", missing);
	if (t->notes.n)
		json_object_set_new(j, "notes", json_of_strs(&t->notes));
	return j;
}

/* What socle/try/1 says of one base; `trial` of a rung in socle/pick/1 is the same. */
static json_t *json_of_trial(const struct rung *r)
{
	json_t *j = json_object(), *tests = json_array(), *missing = json_array();
	json_set_str(j, "base", r->base.name);
	json_set_str(j, "status", r->state == RUNG_PASSED   ? STR("passed")
	                          : r->state == RUNG_FAILED ? STR("failed")
	                                                    : STR("not-run"));
	for (size_t i = 0; i < r->result_count; i++) {
		json_array_append_new(tests, json_of_test(&r->results[i]));
		for (size_t k = 0; k < r->results[i].missing.n; k++)
			json_array_append_new(missing, json_of_str(r->results[i].missing.p[k].path));
	}
	json_object_set_new(j, "tests", tests);
	json_object_set_new(j, "missing", missing);
	return j;
}

static json_t *json_of_rung(const struct rung *r, bool evidence, struct arena *a)
{
	json_t *j = json_object(), *findings = json_array(), *layers = json_array();
	json_set_str(j, "base", r->base.name);
	json_object_set_new(j, "size_bytes", json_of_number(r->base.size_bytes, base_is_sized(&r->base)));
	json_set_str(j, "verdict", str_of(verdict_name(r->judgement.prediction.verdict)));
	json_set_str(j, "provenance", str_of(provenance_name(r->base.provenance)));
	json_set_str(j, "state", str_of(rung_state_name(r->state)));
	json_object_set_new(j, "trial", json_of_trial(r));
	json_object_set_new(j, "chosen", json_boolean(r->chosen));
	struct str_vec reasons = r->reasons;
	if (!reasons.n)
		*vec_push(&reasons, a) = prediction_headline(&r->judgement.prediction, a);
	json_object_set_new(j, "reasons", json_of_strs(&reasons));
	for (size_t i = 0; i < r->judgement.prediction.findings.n; i++)
		json_array_append_new(findings, json_of_finding(&r->judgement.prediction.findings.p[i]));
	json_object_set_new(j, "findings", findings);
	if (evidence) {
		json_set_str_if(j, "digest", r->base.image.digest);
		json_set_str_if(j, "facts", r->base.source);
		for (size_t i = 0; i < r->base.image.layer_count; i++)
			json_array_append_new(layers, json_of_str(r->base.image.layers[i]->diff_id));
		json_object_set_new(j, "diff_ids", layers);
	} else {
		json_decref(layers);
	}
	return j;
}

static bool render_json(const struct out *o, const struct pick_result *r, bool evidence,
                        struct arena *a)
{
	json_t *doc = json_object(), *ladder = json_array(), *app = json_object();
	json_set_str(doc, "schema", evidence ? STR("socle/evidence/1") : STR("socle/pick/1"));
	json_set_str(app, "name", r->app->name);
	json_set_str(app, "at", r->app->at);
	json_object_set_new(app, "entries", json_of_strs(&r->app->entries));
	json_object_set_new(doc, "app", app);
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(ladder, json_of_rung(&r->rungs[i], evidence, a));
	json_object_set_new(doc, "ladder", ladder);
	json_t *choice = json_null();
	if (r->choice) {
		choice = json_object();
		json_set_str(choice, "base", r->choice->base.name);
		json_set_str(choice, "reference", r->reference);
		json_set_str_if(choice, "digest", r->choice->base.image.digest);
		json_object_set_new(choice, "tried", json_boolean(r->tried));
		json_object_set_new(choice, "rules", json_of_strs(&r->rules));
	}
	json_object_set_new(doc, "choice", choice);
	return json_write(doc, o->file);
}

bool pick_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct pick_result *r = result;
	if (!str_eq(format, STR("table")))
		return render_json(o, r, str_eq(format, STR("evidence")), a);
	print_ladder(o, r, a);
	print_provenance(o, r, a);
	print_failures(o, r->rungs, r->count, a);
	print_untried(o, r, a);
	print_described(o, r, a);
	print_choice(o, r, a);
	return true;
}

bool try_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct try_result *r = result;
	if (str_eq(format, STR("json"))) {
		json_t *doc = json_object(), *bases = json_array();
		json_set_str(doc, "schema", STR("socle/try/1"));
		for (size_t i = 0; i < r->count; i++)
			json_array_append_new(bases, json_of_trial(&r->rungs[i]));
		json_object_set_new(doc, "bases", bases);
		return json_write(doc, o->file);
	}
	struct table t;
	table_init(&t, a, 5);
	static const char *const heads[] = {"BASE", "TEST", "RESULT", "SECONDS", "WHY"};
	for (size_t i = 0; i < 5; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		for (size_t k = 0; k < r->rungs[i].result_count; k++) {
			const struct trial_result *x = &r->rungs[i].results[k];
			table_cell(&t, STYLE_BOLD, r->rungs[i].base.name);
			table_cell(&t, STYLE_PLAIN, x->command);
			table_cell(&t, x->passed ? STYLE_GREEN : STYLE_RED,
			           x->passed ? STR("passed") : STR("failed"));
			table_number(&t, arena_printf(a, "%.2f", x->seconds));
			table_cell(&t, STYLE_PLAIN, x->why);
		}
	}
	table_print(&t, o);
	print_failures(o, r->rungs, r->count, a);
	return true;
}
