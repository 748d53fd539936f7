#include "report/compare_report.h"

#include "report/scan_parts.h"

/* ---- Table: a row a property, a column an image ---- */

static struct str number(size_t n, struct arena *a)
{
	return arena_printf(a, "%zu", n);
}

static double share(const struct unowned *u)
{
	return u->all_bytes ? 100.0 * (double)u->bytes / (double)u->all_bytes : 0;
}

static struct str unpacked(const struct compared_side *s, struct arena *a)
{
	return text_bytes(s->unpacked_bytes, a);
}

static struct str compressed(const struct compared_side *s, struct arena *a)
{
	return s->compressed_bytes ? text_bytes(s->compressed_bytes, a) : STR("-");
}

static struct str files(const struct compared_side *s, struct arena *a)
{
	return number(s->files, a);
}

static struct str packages(const struct compared_side *s, struct arena *a)
{
	return number(s->packages, a);
}

static struct str set_id(const struct compared_side *s, struct arena *a)
{
	return number(s->set_id, a);
}

static struct str shell(const struct compared_side *s, struct arena *a)
{
	(void)a;
	return text_dash(s->shell);
}

static struct str package_manager(const struct compared_side *s, struct arena *a)
{
	(void)a;
	return text_dash(s->package_manager);
}

static struct str user(const struct compared_side *s, struct arena *a)
{
	(void)a;
	return s->user.n ? s->user : STR("root");
}

static struct str vulnerabilities(const struct compared_side *s, struct arena *a)
{
	size_t counts[SEVERITY_CRITICAL + 1], all = 0;
	scan_count(s->scan, counts);
	for (int word = 0; word <= SEVERITY_CRITICAL; word++)
		all += counts[word];
	if (!s->uncovered.n && !s->unread.n && !s->out_of_sight)
		return number(all, a);
	return all ? arena_printf(a, "? (%zu)", all) : STR("?");
}

static struct str unowned(const struct compared_side *s, struct arena *a)
{
	return arena_printf(a, "%.1f%%", share(&s->unowned));
}

static const struct {
	const char *name;
	struct str (*value)(const struct compared_side *s, struct arena *a);
} properties[] = {
	{"unpacked", unpacked},
	{"compressed", compressed},
	{"files", files},
	{"packages", packages},
	{"set-id files", set_id},
	{"shell", shell},
	{"package manager", package_manager},
	{"user", user},
	{"bytes no record covers", unowned},
	{"vulnerabilities", vulnerabilities},
};

static void add_severities(struct table *t, const struct compare_result *r, struct arena *a)
{
	for (int word = SEVERITY_CRITICAL; word >= 0; word--) {
		bool any = false;
		size_t counts[SEVERITY_CRITICAL + 1];
		for (size_t i = 0; i < r->count; i++) {
			scan_count(r->sides[i].scan, counts);
			any = any || counts[word];
		}
		if (!any)
			continue;
		table_cell(t, STYLE_DIM,
			   arena_printf(a, "  %s", severity_name((enum severity_word)word)));
		for (size_t i = 0; i < r->count; i++) {
			scan_count(r->sides[i].scan, counts);
			table_number(t, number(counts[word], a));
		}
		table_cell(t, STYLE_PLAIN, STR(""));
	}
}

static void add_fates(struct table *t, const struct compare_result *r, struct arena *a)
{
	for (int fate = 0; fate <= FATE_NEW; fate++) {
		table_cell(t, fate == FATE_INVISIBLE ? STYLE_YELLOW : STYLE_PLAIN,
			   arena_printf(a, "of the first: %s", fate_name((enum fate)fate)));
		if (fate == FATE_NEW)
			t->cells.p[t->cells.n - 1].text = STR("new");
		table_number(t, STR(""));
		for (size_t i = 1; i < r->count; i++)
			table_number(t, number(r->sides[i].against_first.counts[fate], a));
		table_cell(t, STYLE_PLAIN, STR(""));
	}
}

/* ---- Lists below it ---- */

static bool is_told(const struct compared *c, bool verbose)
{
	return verbose || c->fate == FATE_INVISIBLE || c->fate == FATE_NEW;
}

static void print_fates(const struct out *o, const struct compare_result *r,
			const struct compared_side *side, struct arena *a)
{
	struct table t;
	size_t rows = 0;
	table_init(&t, a, 5);
	for (size_t i = 0; i < side->against_first.list.n; i++) {
		const struct compared *c = &side->against_first.list.p[i];
		if (!is_told(c, o->verbose))
			continue;
		rows++;
		table_cell(&t, c->fate == FATE_INVISIBLE ? STYLE_YELLOW : STYLE_PLAIN,
			   str_of(fate_name(c->fate)));
		table_cell(&t, STYLE_BOLD, vulnerability_name(c->vulnerability));
		table_cell(&t, STYLE_PLAIN, str_of(severity_name(c->vulnerability->severity.word)));
		table_cell(&t, STYLE_PLAIN,
			   arena_printf(a, "%.*s %.*s", STR_ARG(c->vulnerability->package->name),
					STR_ARG(c->vulnerability->package->version)));
		table_cell(&t, STYLE_DIM, c->why);
	}
	if (!rows)
		return;
	out_printf(o, STYLE_BOLD, "\n%.*s, beside %.*s:\n", STR_ARG(text_clean(side->name, a)),
		   STR_ARG(text_clean(r->sides[0].name, a)));
	table_print(&t, o);
}

static void say_unjudged(const struct out *o, const struct compared_side *s, struct str what,
			 struct arena *a)
{
	out_wrapped(o, 0, STYLE_YELLOW,
		    arena_printf(a, "not judged: %.*s: %.*s", STR_ARG(text_clean(s->name, a)),
				 STR_ARG(text_clean(what, a))));
}

/* Silence would pass for safety. */
static void print_unjudged(const struct out *o, const struct compare_result *r, struct arena *a)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct compared_side *s = &r->sides[i];
		if (s->out_of_sight)
			say_unjudged(o, s, STR("no record tells of anything in it"), a);
		for (size_t k = 0; k < s->uncovered.n; k++)
			say_unjudged(o, s,
				     arena_printf(a, "no advisories on %.*s are at hand",
						  STR_ARG(s->uncovered.p[k])),
				     a);
		for (size_t k = 0; k < s->unread.n; k++)
			say_unjudged(o, s,
				     arena_printf(a, "%.*s cannot be read", STR_ARG(s->unread.p[k])),
				     a);
		if (s->scan->versionless)
			say_unjudged(o, s,
				     arena_printf(a, "packages whose records tell no version: %zu",
						  s->scan->versionless),
				     a);
	}
}

static bool compare_table(const struct out *o, const struct compare_result *r, struct arena *a)
{
	struct table t;
	table_init(&t, a, (unsigned)r->count + 2); /* the last one is prose: empty here */
	table_cell(&t, STYLE_PLAIN, STR(""));
	for (size_t i = 0; i < r->count; i++) {
		table_number(&t, r->sides[i].name);
		t.cells.p[t.cells.n - 1].style = STYLE_BOLD;
	}
	table_cell(&t, STYLE_PLAIN, STR(""));
	for (size_t k = 0; k < sizeof properties / sizeof *properties; k++) {
		table_cell(&t, STYLE_PLAIN, str_of(properties[k].name));
		for (size_t i = 0; i < r->count; i++)
			table_number(&t, properties[k].value(&r->sides[i], a));
		table_cell(&t, STYLE_PLAIN, STR(""));
	}
	add_severities(&t, r, a);
	add_fates(&t, r, a);
	table_print(&t, o);
	for (size_t i = 1; i < r->count; i++)
		print_fates(o, r, &r->sides[i], a);
	out_printf(o, STYLE_PLAIN, "\n");
	print_unjudged(o, r, a);
	out_wrapped(o, 0, STYLE_DIM,
		    arena_printf(a, "advisories: %.*s", STR_ARG(scan_snapshot(r->advisories, a))));
	return !ferror(o->file);
}

/* ---- JSON ---- */

static json_t *json_of_fate(const struct compared *c)
{
	json_t *j = json_object();
	const struct vulnerability *v = c->vulnerability;
	json_set_str(j, "id", v->id);
	json_object_set_new(j, "aliases", json_of_strs(&v->others));
	json_set_str(j, "severity", str_of(severity_name(v->severity.word)));
	json_set_str(j, "package", v->package->name);
	json_set_str(j, "source", v->package->source);
	json_set_str(j, "version", v->package->version);
	json_set_str(j, "fate", str_of(fate_name(c->fate)));
	json_set_str(j, "why", c->why);
	return j;
}

static json_t *json_of_comparison(const struct comparison *c)
{
	json_t *j = json_object(), *list = json_array();
	for (int fate = 0; fate <= FATE_NEW; fate++)
		json_object_set_new(j, fate_name((enum fate)fate),
				    json_of_number(c->counts[fate], true));
	for (size_t i = 0; i < c->list.n; i++)
		json_array_append_new(list, json_of_fate(&c->list.p[i]));
	json_object_set_new(j, "vulnerabilities", list);
	return j;
}

static json_t *json_of_unowned(const struct unowned *u)
{
	json_t *j = json_object();
	json_object_set_new(j, "files", json_of_number(u->files, true));
	json_object_set_new(j, "bytes", json_of_number(u->bytes, true));
	json_object_set_new(j, "all_files", json_of_number(u->all_files, true));
	json_object_set_new(j, "all_bytes", json_of_number(u->all_bytes, true));
	return j;
}

static json_t *json_of_side(const struct compared_side *s, bool first)
{
	json_t *j = json_object();
	json_set_str(j, "image", s->name);
	json_object_set_new(j, "unpacked_bytes", json_of_number(s->unpacked_bytes, true));
	json_object_set_new(j, "compressed_bytes",
			    json_of_number(s->compressed_bytes, s->compressed_bytes > 0));
	json_object_set_new(j, "files", json_of_number(s->files, true));
	json_object_set_new(j, "packages", json_of_number(s->packages, true));
	json_object_set_new(j, "set_id_files", json_of_number(s->set_id, true));
	json_set_str(j, "shell", s->shell);
	json_set_str(j, "package_manager", s->package_manager);
	json_set_str(j, "user", s->user);
	json_object_set_new(j, "unrecorded", json_of_unowned(&s->unowned));
	json_object_set_new(j, "counts", scan_json_of_counts(s->scan));
	json_object_set_new(j, "out_of_sight", json_boolean(s->out_of_sight));
	json_object_set_new(j, "not_judged", json_of_strs(&s->uncovered));
	json_object_set_new(j, "unread", json_of_strs(&s->unread));
	if (!first)
		json_object_set_new(j, "against_first", json_of_comparison(&s->against_first));
	return j;
}

bool compare_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct compare_result *r = result;
	if (!str_eq(format, STR("json")))
		return compare_table(o, r, a);
	json_t *doc = json_object(), *images = json_array();
	json_set_str(doc, "schema", STR("socle/compare/1"));
	json_object_set_new(doc, "snapshot", scan_json_of_snapshot(r->advisories));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(images, json_of_side(&r->sides[i], i == 0));
	json_object_set_new(doc, "images", images);
	return json_write(doc, o->file);
}
