/* A scan for people at a terminal. */
#include "report/scan_parts.h"

static enum style style_of(enum severity_word word)
{
	return word >= SEVERITY_HIGH     ? STYLE_RED
	       : word == SEVERITY_MEDIUM ? STYLE_YELLOW
					 : STYLE_PLAIN;
}

/* Columns that say nothing in any row are left out: a terminal is narrow. */
struct columns {
	bool epss, origin, notes;
};

static struct columns columns_of(const struct scan_groups *groups, const struct scan_result *r,
				 struct arena *a)
{
	struct columns c = {0};
	for (size_t i = 0; i < groups->list.n; i++) {
		const struct vulnerability *f = groups->list.p[i].findings.p[0];
		c.epss = c.epss || f->epss >= 0;
		c.origin = c.origin || scan_origin(r, f->package).n;
		c.notes = c.notes || scan_notes(f, a).n;
	}
	return c;
}

static void heading(struct table *t, struct columns c)
{
	static const char *const heads[] = {"SEVERITY",  "VULNERABILITY", "PACKAGE",
					    "INSTALLED", "FIXED"};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		table_cell(t, STYLE_PLAIN, str_of(heads[i]));
	if (c.epss)
		table_cell(t, STYLE_PLAIN, STR("EPSS"));
	if (c.origin)
		table_cell(t, STYLE_PLAIN, STR("ORIGIN"));
	if (c.notes)
		table_cell(t, STYLE_PLAIN, STR("NOTES"));
}

static void row(struct table *t, struct columns c, const struct scan_group *g,
		const struct scan_result *r)
{
	struct arena *a = t->arena;
	const struct vulnerability *f = g->findings.p[0];
	bool counts = f->status == VULNERABILITY_COUNTS;
	table_cell(t, counts ? style_of(f->severity.word) : STYLE_DIM,
		   scan_severity(&f->severity, a));
	table_cell(t, STYLE_BOLD, vulnerability_name(f));
	table_cell(t, STYLE_PLAIN, g->label);
	table_cell(t, STYLE_PLAIN, f->package->version);
	table_cell(t, STYLE_GREEN, text_dash(f->fixed));
	if (c.epss)
		table_cell(t, STYLE_PLAIN, text_dash(scan_epss(f, a)));
	if (c.origin)
		table_cell(t, STYLE_DIM, text_dash(scan_origin(r, f->package)));
	if (c.notes)
		table_cell(t, f->exploited.n ? STYLE_RED : STYLE_DIM, scan_notes(f, a));
}

static void print_findings(const struct out *o, const struct scan_groups *groups,
			   const struct scan_result *r, struct arena *a)
{
	struct columns c = columns_of(groups, r, a);
	struct table t;
	if (!groups->list.n)
		return;
	table_init(&t, a, 5u + c.epss + c.origin + c.notes);
	heading(&t, c);
	for (size_t i = 0; i < groups->list.n; i++)
		row(&t, c, &groups->list.p[i], r);
	table_print(&t, o);
	out_printf(o, STYLE_PLAIN, "\n");
}

/* Below the rows, each once: which packages a source stands for, and where a language's lie. */
static void print_members(const struct out *o, const struct scan_groups *groups, struct arena *a)
{
	struct map seen = {0};
	size_t lines = 0;
	for (size_t i = 0; i < groups->list.n; i++) {
		const struct scan_group *g = &groups->list.p[i];
		struct str text = arena_printf(a, "%.*s %.*s: %.*s", STR_ARG(g->label),
					       STR_ARG(g->findings.p[0]->package->version),
					       STR_ARG(g->members));
		bool added;
		map_put(&seen, a, text, &added);
		if (!added || !g->members.n)
			continue;
		out_wrapped(o, 0, STYLE_DIM, text);
		lines++;
	}
	if (lines)
		out_printf(o, STYLE_PLAIN, "\n");
}

static void print_sums(const struct out *o, const struct scan_result *r,
		       const struct scan_groups *groups, struct arena *a)
{
	size_t affected = scan_count_status(r->scan, VULNERABILITY_COUNTS);
	size_t silenced = r->scan->findings.n - affected;
	struct str summary = scan_summary(r, a);
	out_printf(o, STYLE_BOLD, "%.*s: ", STR_ARG(text_clean(r->name, a)));
	out_printf(o, affected || r->judged ? STYLE_PLAIN : STYLE_YELLOW, "%.*s", STR_ARG(summary));
	if (groups->list.n < (o->verbose ? r->scan->findings.n : affected))
		out_printf(o, STYLE_DIM, " (%zu rows: packages of one source stand together)",
			   groups->list.n);
	if (r->unfixed)
		out_printf(o, STYLE_DIM, " (%zu more without a fix)", r->unfixed);
	if (silenced)
		out_printf(o, STYLE_DIM, " (%zu more do not count%s)", silenced,
			   o->verbose ? "" : ": -v shows them");
	out_printf(o, STYLE_PLAIN, "\n");
	if (r->limited)
		out_wrapped(o, 0, r->reached ? STYLE_RED : STYLE_GREEN, scan_reached(r, a));
}

bool scan_table(const struct out *o, const struct scan_result *r, struct arena *a)
{
	struct scan_groups groups;
	scan_group(&groups, r, !o->verbose, a);
	print_findings(o, &groups, r, a);
	print_members(o, &groups, a);
	print_sums(o, r, &groups, a);
	for (size_t i = 0; i < r->uncovered.n; i++)
		out_wrapped(o, 0, STYLE_YELLOW,
			    arena_printf(a, "not judged: %.*s", STR_ARG(r->uncovered.p[i])));
	for (size_t i = 0; i < r->remarks.n; i++)
		out_wrapped(o, 0, STYLE_YELLOW, r->remarks.p[i]);
	out_wrapped(o, 0, STYLE_DIM,
		    arena_printf(a, "advisories: %.*s", STR_ARG(scan_snapshot(r->advisories, a))));
	return !ferror(o->file);
}
