#include "report/improve_report.h"

#include "report/diff.h"
#include "report/pick_report.h"
#include "report/trial_report.h"

/* ---- Tables ---- */

static struct str tests_text(const struct built *b, struct arena *a)
{
	size_t passed = 0;
	if (!b->is_built)
		return arena_printf(a, "does not build: %.*s", STR_ARG(b->why));
	for (size_t i = 0; i < b->rung.result_count; i++)
		passed += b->rung.results[i].passed;
	if (!b->rung.result_count)
		return STR("not tried");
	return arena_printf(a, "%zu of %zu tests passed", passed, b->rung.result_count);
}

static void print_built(const struct out *o, const char *head, const struct built *b,
                        struct arena *a)
{
	bool failed = !b->is_built || b->rung.state == RUNG_FAILED;
	out_printf(o, STYLE_DIM, "%-8s", head);
	if (b->is_built) {
		out_text(o, STYLE_BOLD, text_bytes(b->rung.base.size_bytes, a));
		fputs("  ", o->file);
	}
	out_text(o, failed ? STYLE_RED : STYLE_PLAIN, tests_text(b, a));
	fputc('\n', o->file);
}

static void print_outcome(const struct out *o, const struct improvement *i, struct str file,
                          struct arena *a)
{
	fputc('\n', o->file);
	if (i->text.n) {
		diff_print(o, file, i->dockerfile->text, i->text);
		fputc('\n', o->file);
	}
	print_built(o, "was", &i->was, a);
	if (i->is.is_built || i->is.why.n)
		print_built(o, "is", &i->is, a);
	for (size_t k = 0; k < i->refused.n; k++) {
		out_printf(o, STYLE_DIM, "%-8s", "not");
		out_hanging(o, 8, STYLE_DIM, i->refused.p[k]);
	}
	if (i->already)
		out_printf(o, STYLE_GREEN, "it stands on that base already\n");
	else if (!i->text.n && i->pick.choice)
		out_printf(o, STYLE_RED, "no Dockerfile for it builds and passes\n");
}

static bool render_table(const struct out *o, const struct improve_result *r, struct arena *a)
{
	const struct improvement *i = r->improvement;
	if (!i->pick.app) { /* the project as it is was no beginning */
		trials_print(o, &i->was.rung, i->was.is_built, a);
		fputc('\n', o->file);
		print_built(o, "was", &i->was, a);
		out_printf(o, STYLE_RED, "%s\n", i->was.is_built ? "as it is it does not pass its own tests"
		                                                 : "as it is it does not build");
		return true;
	}
	if (!pick_render(o, STR("table"), &i->pick, a))
		return false;
	print_outcome(o, i, r->file, a);
	if (!i->text.n && i->is.is_built)
		trials_print(o, &i->is.rung, 1, a);
	return true;
}

/* ---- JSON ---- */

static json_t *json_of_built(const struct built *b)
{
	json_t *j = json_object();
	json_object_set_new(j, "built", json_boolean(b->is_built));
	json_set_str_if(j, "why", b->why);
	if (!b->is_built)
		return j;
	json_object_set_new(j, "size_bytes", json_integer((json_int_t)b->rung.base.size_bytes));
	json_object_set_new(j, "trial", json_of_trial(&b->rung));
	return j;
}

static json_t *json_of_improvement(const struct improve_result *r)
{
	const struct improvement *i = r->improvement;
	json_t *j = json_object();
	json_set_str(j, "file", r->file);
	json_object_set_new(j, "text", i->text.n ? json_of_str(i->text) : json_null());
	if (i->text.n)
		json_object_set_new(j, "in_place", json_boolean(i->in_place));
	json_object_set_new(j, "was", json_of_built(&i->was));
	if (i->is.is_built || i->is.why.n)
		json_object_set_new(j, "is", json_of_built(&i->is));
	json_object_set_new(j, "already", json_boolean(i->already));
	json_object_set_new(j, "refused", json_of_strs(&i->refused));
	return j;
}

bool improve_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct improve_result *r = result;
	const struct improvement *i = r->improvement;
	struct str dockerfile = i->already ? i->dockerfile->text : i->text;
	if (str_eq(format, STR("dockerfile")))
		return !dockerfile.n || fwrite(dockerfile.p, 1, dockerfile.n, o->file) == dockerfile.n;
	if (str_eq(format, STR("table")))
		return render_table(o, r, a);
	bool evidence = str_eq(format, STR("evidence"));
	json_t *doc;
	if (i->pick.app) {
		doc = json_of_pick(&i->pick, evidence, a);
	} else {
		doc = json_object();
		json_set_str(doc, "schema", evidence ? STR("socle/evidence/1") : STR("socle/pick/1"));
		json_object_set_new(doc, "ladder", json_array());
		json_object_set_new(doc, "choice", json_null());
	}
	json_object_set_new(doc, "dockerfile", json_of_improvement(r));
	return json_write(doc, o->file);
}
