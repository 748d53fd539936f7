#include "report/pin_report.h"

#include "report/diff.h"

/* ---- Table ---- */

static enum style status_style(enum pin_status s)
{
	switch (s) {
	case PIN_PINNED: case PIN_UPDATED: return STYLE_GREEN;
	case PIN_UNRESOLVED: return STYLE_YELLOW;
	case PIN_CURRENT: case PIN_IGNORED: break;
	}
	return STYLE_DIM;
}

static struct str what_text(const struct out *o, const struct pin_reference *r, struct arena *a)
{
	struct str digest = o->verbose || r->digest.n <= 19
	                            ? r->digest
	                            : arena_printf(a, "%.*s…", STR_ARG(str_slice(r->digest, 0, 19)));
	if (!r->reason.n || !digest.n)
		return digest.n ? digest : r->reason;
	return arena_printf(a, "%.*s; %.*s", STR_ARG(digest), STR_ARG(r->reason));
}

static void reference_row(const struct out *o, struct table *t, const struct pin_file *f,
                          const struct pin_reference *r, struct arena *a)
{
	table_cell(t, STYLE_PLAIN, arena_printf(a, "%.*s:%u:%u", STR_ARG(f->name), r->line, r->column));
	table_cell(t, status_style(r->status), str_of(pin_status_name(r->status)));
	table_cell(t, STYLE_BOLD, o->verbose ? r->image : str_slice(r->image, 0, str_index(r->image, '@')));
	table_cell(t, STYLE_PLAIN, what_text(o, r, a));
}

/* What is as it should be is told with -v. */
static bool is_told(const struct out *o, const struct pin_reference *r)
{
	return o->verbose || (r->status == PIN_CURRENT ? r->reason.n > 0 : r->status != PIN_IGNORED);
}

static void print_sum(const struct out *o, const struct pin_report *r, bool told)
{
	size_t all = 0, changed = 0, open = 0;
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->files[i].references.n; k++) {
			const struct pin_reference *x = &r->files[i].references.p[k];
			all++;
			changed += x->status == PIN_PINNED || x->status == PIN_UPDATED;
			open += x->status == PIN_UNRESOLVED;
		}
	if (told)
		fputc('\n', o->file);
	out_printf(o, STYLE_PLAIN, "%zu file%s, %zu image%s", r->count, r->count == 1 ? "" : "s", all,
	           all == 1 ? "" : "s");
	if (changed && r->done)
		out_printf(o, STYLE_GREEN, ", %zu pinned", changed);
	else if (changed)
		out_printf(o, STYLE_YELLOW, ", %zu can be pinned: socle pin -i", changed);
	if (open)
		out_printf(o, STYLE_YELLOW, ", %zu without a pin that would do", open);
	else if (!changed && all)
		out_printf(o, STYLE_GREEN, ", all pinned");
	fputc('\n', o->file);
}

static bool render_table(const struct out *o, const struct pin_report *r, struct arena *a)
{
	struct table t;
	table_init(&t, a, 4);
	static const char *const heads[] = {"PLACE", "STATUS", "IMAGE", "DIGEST"};
	for (size_t i = 0; i < 4; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->files[i].references.n; k++)
			if (is_told(o, &r->files[i].references.p[k]))
				reference_row(o, &t, &r->files[i], &r->files[i].references.p[k], a);
	bool told = t.cells.n > t.columns;
	if (told)
		table_print(&t, o);
	print_sum(o, r, told);
	return true;
}

/* ---- JSON ---- */

static json_t *json_of_reference(const struct pin_reference *r)
{
	json_t *j = json_object();
	json_object_set_new(j, "line", json_integer(r->line));
	json_object_set_new(j, "column", json_integer(r->column));
	json_set_str(j, "image", r->image);
	json_object_set_new(j, "digest", r->digest.n ? json_of_str(r->digest) : json_null());
	json_set_str(j, "status", str_of(pin_status_name(r->status)));
	json_set_str(j, "reason", r->reason);
	json_set_str_if(j, "result", r->result);
	return j;
}

static bool render_json(const struct out *o, const struct pin_report *r)
{
	json_t *doc = json_object(), *files = json_array();
	json_set_str(doc, "schema", STR("socle/pin/1"));
	for (size_t i = 0; i < r->count; i++) {
		json_t *file = json_object(), *references = json_array();
		json_set_str(file, "file", r->files[i].name);
		for (size_t k = 0; k < r->files[i].references.n; k++)
			json_array_append_new(references, json_of_reference(&r->files[i].references.p[k]));
		json_object_set_new(file, "references", references);
		json_array_append_new(files, file);
	}
	json_object_set_new(doc, "files", files);
	return json_write(doc, o->file);
}

bool pin_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct pin_report *r = result;
	if (str_eq(format, STR("json")))
		return render_json(o, r);
	if (str_eq(format, STR("table")))
		return render_table(o, r, a);
	for (size_t i = 0; i < r->count; i++)
		diff_print(o, r->files[i].name, r->files[i].text, r->files[i].result);
	return true;
}
