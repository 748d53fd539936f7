/* check_report: predictions as a table or as socle/check/1. Decides nothing. */
#pragma once

#include "advise/judge.h"
#include "report/json.h"
#include "report/text.h"

struct check_result {
	const struct app *app;
	const struct judgement *judgements;
	size_t count;
};

/* Formats: table, json. `result` is a struct check_result. */
bool check_render(const struct out *o, struct str format, const void *result, struct arena *a);

/* "74.2 MB", or "-" where nobody knows. */
struct str base_size_text(const struct base *b, struct arena *a);

/* The findings of one base with cures and where was searched; notes with -v alone. Nothing where
 * there are none. */
void judgement_print(const struct out *o, const struct judgement *j, struct arena *a);
json_t *json_of_app(const struct app *app);

/* Shared with pick: one finding as socle/check/1 describes it; the style of a verdict; the one
 * sentence that says most about a prediction. */
json_t *json_of_finding(const struct finding *f);
enum style verdict_style(enum verdict v);
struct str prediction_headline(const struct prediction *p, struct arena *a);
