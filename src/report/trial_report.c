#include "report/trial_report.h"

#include "core/map.h"

/* ---- What tests said ---- */

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

static void print_test(const struct out *o, const struct trial_result *t, struct arena *a)
{
	out_wrapped(o, 2, t->passed ? STYLE_GREEN : STYLE_RED,
	            arena_printf(a, "%.*s: %.*s", STR_ARG(t->command),
	                         STR_ARG(t->passed ? STR("passed") : t->why)));
	for (size_t i = 0; i < t->missing.n && i < 8; i++) {
		const struct trial_missing *m = &t->missing.p[i];
		out_printf(o, STYLE_YELLOW, "    asked for ");
		out_text(o, STYLE_PLAIN, m->path);
		out_printf(o, STYLE_DIM, ", which is not there (%.*s)\n", STR_ARG(m->call));
	}
	print_text_block(o, "stderr", t->err);
	print_text_block(o, "stdout", t->out);
}

/* What could not be done as asked (limits that this machine does not know), each once. */
static void print_notes(const struct out *o, const struct rung *rungs, size_t count,
                        struct arena *a)
{
	struct map told = {0};
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < rungs[i].result_count; k++)
			for (size_t n = 0; n < rungs[i].results[k].notes.n; n++) {
				struct str note = rungs[i].results[k].notes.p[n];
				bool added;
				map_put(&told, a, note, &added);
				if (added)
					out_wrapped(o, 0, STYLE_YELLOW,
					            arena_printf(a, "note: %.*s", STR_ARG(note)));
			}
}

void trials_print(const struct out *o, const struct rung *rungs, size_t count, struct arena *a)
{
	for (size_t i = 0; i < count; i++) {
		const struct rung *r = &rungs[i];
		if (r->state != RUNG_FAILED && !(o->verbose && r->state == RUNG_PASSED))
			continue;
		fputc('\n', o->file);
		out_text(o, STYLE_BOLD, r->base.name);
		fputc('\n', o->file);
		for (size_t k = 0; k < r->result_count; k++)
			if (o->verbose || !r->results[k].passed)
				print_test(o, &r->results[k], a);
	}
	print_notes(o, rungs, count, a);
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
	json_object_set_new(j, "observed", json_boolean(t->observed));
	if (t->notes.n)
		json_object_set_new(j, "notes", json_of_strs(&t->notes));
	return j;
}

json_t *json_of_trial(const struct rung *r)
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

/* ---- socle try ---- */

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
	trials_print(o, r->rungs, r->count, a);
	return true;
}
