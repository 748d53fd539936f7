#include "report/pick_report.h"

#include "report/check_report.h"
#include "report/trial_report.h"

/* ---- Tables ---- */

static enum style state_style(enum rung_state s)
{
	switch (s) {
	case RUNG_PASSED: return STYLE_GREEN;
	case RUNG_FAILED: return STYLE_RED;
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

/* "12", "? (3)": three are known, and not everything could be judged. */
static struct str exposure_text(const struct exposure *x, struct arena *a)
{
	if (x->judged)
		return arena_printf(a, "%zu", x->all);
	return x->all ? arena_printf(a, "? (%zu)", x->all) : STR("?");
}

static void print_ladder(const struct out *o, const struct pick_result *r, struct arena *a)
{
	static const char *const heads[] = {"  BASE", "SIZE", "VULNS", "PREDICTED", "TRIED", "WHY"};
	struct table t;
	table_init(&t, a, 6);
	for (size_t i = 0; i < 6; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		const struct rung *g = &r->rungs[i];
		if (!stands_in_table(r, g))
			continue;
		enum verdict v = g->judgement.prediction.verdict;
		table_cell(&t, g->chosen ? STYLE_GREEN : STYLE_BOLD,
		           arena_printf(a, "%s %.*s", g->chosen ? ">" : " ", STR_ARG(g->base.name)));
		table_number(&t, base_size_text(&g->base, a));
		table_number(&t, exposure_text(&g->exposure, a));
		table_cell(&t, verdict_style(v), str_of(verdict_name(v)));
		table_cell(&t, state_style(g->state), tried_word(g));
		table_cell(&t, g->chosen ? STYLE_GREEN : STYLE_PLAIN, rung_why(g, a));
	}
	if (t.cells.n > t.columns)
		table_print(&t, o);
}

/* Where the facts behind the predictions come from: a line each for measured, assembled and
 * documented ones. */
static void print_provenance(const struct out *o, const struct pick_result *r, struct arena *a)
{
	static const char *const meaning[] = {"measured", "assembled from the same packages",
	                                      "described by the publisher"};
	bool any = false;
	for (size_t i = 0; i < r->count; i++)
		any |= stands_in_table(r, &r->rungs[i]);
	if (any)
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

/* ---- What is only described ---- */

enum described { DESCRIBED_FAILS, DESCRIBED_PROMISING, DESCRIBED_OPEN };

static enum described described_as(const struct rung *g)
{
	return g->state == RUNG_FAILS         ? DESCRIBED_FAILS
	       : g->judgement.promising       ? DESCRIBED_PROMISING
	                                      : DESCRIBED_OPEN;
}

/* In three lines: what the description rules out, what it speaks for, and the rest. */
static void print_described(const struct out *o, const struct pick_result *r, struct arena *a)
{
	static const char *const heads[] = {"fail", "may hold, by their descriptions",
	                                    "unknown until measured (socle bases learn)"};
	struct str lists[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	for (size_t i = 0; i < r->count; i++) {
		const struct rung *g = &r->rungs[i];
		if (stands_in_table(r, g) || g->state == RUNG_RULED_OUT)
			continue;
		struct str *list = &lists[described_as(g)];
		*list = arena_printf(a, "%.*s%s%.*s", STR_ARG(*list), list->n ? ", " : "",
		                     STR_ARG(g->base.name));
	}
	if (lists[0].n || lists[1].n || lists[2].n)
		out_printf(o, STYLE_BOLD, "\nonly described by their publishers\n");
	for (size_t i = 0; i < 3; i++)
		if (lists[i].n)
			out_wrapped(o, 2, i == DESCRIBED_PROMISING ? STYLE_PLAIN : STYLE_DIM,
			            arena_printf(a, "%s: %.*s", heads[i], STR_ARG(lists[i])));
}

/* ---- The choice ---- */

/* Smaller ones that should hold, but are not here to be tried. */
static void print_untried(const struct out *o, const struct pick_result *r, struct arena *a)
{
	bool headed = false;
	for (size_t i = 0; i < r->count && !r->rungs[i].chosen; i++) {
		const struct rung *g = &r->rungs[i];
		if (g->state != RUNG_NOT_AT_HAND || !stands_in_table(r, g))
			continue;
		if (!headed)
			out_printf(o, STYLE_BOLD, "\n%s\n",
			           r->choice ? "smaller, but only predicted" : "only predicted");
		headed = true;
		out_wrapped(o, 2, STYLE_PLAIN,
		            arena_printf(a, "%.*s (%s, %s): %.*s", STR_ARG(g->base.name),
		                         verdict_name(g->judgement.prediction.verdict),
		                         provenance_name(g->base.provenance),
		                         STR_ARG(g->base.how_to_get.n ? g->base.how_to_get
		                                                      : STR("cannot be tried here"))));
	}
}

/* "because some words", the head as wide as those of the lines around it. */
static void print_line(const struct out *o, const char *head, enum style head_style,
                       struct str text)
{
	out_printf(o, head_style, "%-8s", head);
	out_hanging(o, 8, STYLE_PLAIN, text);
}

static void print_measure_first(const struct out *o, const struct pick_result *r)
{
	if (!r->measure_first)
		return;
	out_printf(o, STYLE_BOLD, "\nmeasure ");
	out_text(o, STYLE_CYAN, r->measure_first->base.name);
	fputs(" first\n", o->file);
	print_line(o, "because", STYLE_DIM, r->measure_reason);
	for (size_t i = 0; i < r->measure_first->judgement.prediction.findings.n; i++)
		print_line(o, "", STYLE_DIM, r->measure_first->judgement.prediction.findings.p[i].message);
	if (r->measure_first->base.how_to_get.n)
		print_line(o, "how", STYLE_DIM, r->measure_first->base.how_to_get);
}

static bool any_open(const struct pick_result *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->rungs[i].state == RUNG_NOT_AT_HAND || r->rungs[i].state == RUNG_NOT_TRIED)
			return true;
	return false;
}

static void print_choice(const struct out *o, const struct pick_result *r, struct arena *a)
{
	const struct rung *c = r->choice;
	fputc('\n', o->file);
	if (!c) {
		out_printf(o, STYLE_RED, "%s\n", any_open(r) ? "no base is known to fit" : "no base fits");
		return;
	}
	out_printf(o, STYLE_BOLD, "choice  ");
	out_text(o, STYLE_GREEN, c->base.name);
	fputs("  ", o->file);
	out_text(o, STYLE_BOLD, base_size_text(&c->base, a));
	fputc('\n', o->file);
	if (r->reference.n)
		print_line(o, "from", STYLE_DIM, r->reference);
	for (size_t i = 0; i < r->rules.n; i++)
		print_line(o, i ? "" : "because", STYLE_DIM, r->rules.p[i]);
	if (c->state == RUNG_NOT_AT_HAND && c->base.how_to_get.n)
		print_line(o, "try it", STYLE_DIM, c->base.how_to_get);
	const struct prediction *p = &c->judgement.prediction;
	for (size_t i = 0; i < p->findings.n; i++)
		if (p->findings.p[i].severity == SEVERITY_RISK)
			print_line(o, "risk", STYLE_YELLOW,
			           arena_printf(a, "%.*s: %.*s", STR_ARG(p->findings.p[i].object),
			                        STR_ARG(p->findings.p[i].message)));
}

/* ---- JSON ---- */

static json_t *json_of_exposure(const struct exposure *x)
{
	json_t *j = json_object();
	json_object_set_new(j, "judged", json_boolean(x->judged));
	for (int word = SEVERITY_CRITICAL; word >= 0; word--)
		json_object_set_new(j, severity_name((enum severity_word)word),
		                    json_of_number(x->counts[word], x->judged || x->all));
	json_set_str_if(j, "not_judged", x->unjudged);
	return j;
}

static json_t *json_of_rung(const struct rung *r, bool evidence, struct arena *a)
{
	json_t *j = json_object(), *findings = json_array(), *layers = json_array();
	json_set_str(j, "base", r->base.name);
	json_object_set_new(j, "size_bytes", json_of_number(r->base.size_bytes, base_is_sized(&r->base)));
	json_object_set_new(j, "vulnerabilities", json_of_exposure(&r->exposure));
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

static json_t *json_of_suggestion(const struct pick_result *r, struct arena *a)
{
	const struct base *b = &r->measure_first->base;
	json_t *j = json_object();
	json_set_str(j, "base", b->name);
	json_set_str(j, "reference", catalogue_reference(b->entry, a));
	json_set_str(j, "provenance", str_of(provenance_name(b->provenance)));
	json_set_str(j, "reason", r->measure_reason);
	json_set_str(j, "how_to_get", b->how_to_get);
	return j;
}

json_t *json_of_pick(const struct pick_result *r, bool evidence, struct arena *a)
{
	json_t *doc = json_object(), *ladder = json_array();
	json_set_str(doc, "schema", evidence ? STR("socle/evidence/1") : STR("socle/pick/1"));
	if (evidence) {
		json_set_str(doc, "socle", STR(SOCLE_VERSION));
		json_set_str(doc, "date", r->date);
	}
	json_object_set_new(doc, "app", json_of_app(r->app));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(ladder, json_of_rung(&r->rungs[i], evidence, a));
	json_object_set_new(doc, "ladder", ladder);
	json_t *choice = json_null();
	if (r->choice) {
		choice = json_object();
		json_set_str(choice, "base", r->choice->base.name);
		json_object_set_new(choice, "reference",
		                    r->reference.n ? json_of_str(r->reference) : json_null());
		json_set_str_if(choice, "digest", r->digest);
		json_set_str_if(choice, "user", r->user);
		json_object_set_new(choice, "tried", json_boolean(r->tried));
		if (r->choice->state == RUNG_NOT_AT_HAND)
			json_set_str_if(choice, "how_to_get", r->choice->base.how_to_get);
		json_object_set_new(choice, "rules", json_of_strs(&r->rules));
	}
	json_object_set_new(doc, "choice", choice);
	if (r->measure_first)
		json_object_set_new(doc, "measure_first", json_of_suggestion(r, a));
	return doc;
}

bool pick_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct pick_result *r = result;
	if (str_eq(format, STR("dockerfile")))
		return !r->dockerfile.n ||
		       fwrite(r->dockerfile.p, 1, r->dockerfile.n, o->file) == r->dockerfile.n;
	if (!str_eq(format, STR("table")))
		return json_write(json_of_pick(r, str_eq(format, STR("evidence")), a), o->file);
	print_ladder(o, r, a);
	print_provenance(o, r, a);
	for (size_t i = 0; o->verbose && i < r->count; i++)
		if (stands_in_table(r, &r->rungs[i]))
			judgement_print(o, &r->rungs[i].judgement, a);
	trials_print(o, r->rungs, r->count, a);
	print_untried(o, r, a);
	print_described(o, r, a);
	print_choice(o, r, a);
	print_measure_first(o, r);
	return true;
}
