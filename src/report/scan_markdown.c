/* A scan for a pull request, as GitHub Flavored Markdown.
 *
 * All that comes from the image, from advisories or from files about them stands in code spans: no
 * HTML, no link, no name of a person there means anything (GFM 6.3; GitHub mentions nobody inside
 * of code). What would end a span or a table's cell is written as \xNN, as on a terminal. */
#include "report/scan_parts.h"

/* GitHub takes 65,536 characters for a comment: what is longer is refused as a whole. */
enum { COMMENT_BYTES = 55000, ROWS_BEFORE_FOLD = 20 };

static struct str code(struct str text, struct arena *a)
{
	struct str clean = text_clean(text, a), rest = clean;
	char *p = arena_alloc(a, clean.n * 4 + 3);
	size_t n = 0;
	if (!str_trim(clean).n)
		return STR("-");
	p[n++] = '`';
	for (; rest.n; rest = str_skip(rest, 1)) {
		bool ends = *rest.p == '`' || *rest.p == '|';
		memcpy(p + n, ends ? (*rest.p == '|' ? "\\x7c" : "\\x60") : rest.p, ends ? 4 : 1);
		n += ends ? 4 : 1;
	}
	p[n++] = '`';
	return (struct str){p, n};
}

/* To the advisory, by the name that people know. */
static struct str link_of(const struct vulnerability *f, struct arena *a)
{
	struct str name = vulnerability_name(f), link = scan_link(f->id, a);
	if (!link.n || !scan_link(name, a).n)
		return code(name, a);
	return arena_printf(a, "[%.*s](%.*s)", STR_ARG(name), STR_ARG(link));
}

static struct str row_of(const struct scan_group *g, const struct scan_result *r, struct arena *a)
{
	const struct vulnerability *f = g->findings.p[0];
	struct str members = g->members.n
				     ? arena_printf(a, "<br>%.*s", STR_ARG(code(g->members, a)))
				     : STR("");
	struct str notes = scan_notes(f, a);
	return arena_printf(
		a, "| %.*s | %.*s | %.*s%.*s | %.*s | %.*s | %.*s | %.*s | %.*s |\n",
		STR_ARG(scan_severity(&f->severity, a)), STR_ARG(link_of(f, a)),
		STR_ARG(code(g->label, a)), STR_ARG(members), STR_ARG(code(f->package->version, a)),
		STR_ARG(code(f->fixed, a)), STR_ARG(text_dash(scan_origin(r, f->package))),
		STR_ARG(text_dash(scan_epss(f, a))), STR_ARG(notes.n ? code(notes, a) : STR("")));
}

/* ---- Parts, in the order of the page ---- */

static void print_summary(const struct out *o, const struct scan_result *r, struct arena *a)
{
	size_t silenced = r->scan->findings.n - scan_count_status(r->scan, VULNERABILITY_COUNTS);
	fprintf(o->file, "### Vulnerabilities of %.*s\n\n", STR_ARG(code(r->name, a)));
	fprintf(o->file, "**%.*s**", STR_ARG(scan_summary(r, a)));
	if (r->unfixed)
		fprintf(o->file, "; %zu more without a fix", r->unfixed);
	if (silenced)
		fprintf(o->file, "; %zu more do not count", silenced);
	fprintf(o->file, "\n\n");
	if (r->limited)
		fprintf(o->file, "%s %.*s\n\n", r->reached ? ":x:" : ":white_check_mark:",
			STR_ARG(scan_reached(r, a)));
}

static void print_counts(const struct out *o, const struct scan_result *r)
{
	size_t all[SEVERITY_CRITICAL + 1], fixed[SEVERITY_CRITICAL + 1] = {0};
	scan_count(r->scan, all);
	for (size_t i = 0; i < r->scan->findings.n; i++) {
		const struct vulnerability *f = &r->scan->findings.p[i];
		fixed[f->severity.word] += f->status == VULNERABILITY_COUNTS && f->fixed.n;
	}
	fprintf(o->file, "| | critical | high | medium | low | negligible | unknown |\n"
			 "|---|--:|--:|--:|--:|--:|--:|\n| found |");
	for (int word = SEVERITY_CRITICAL; word >= 0; word--)
		fprintf(o->file, " %zu |", all[word]);
	fprintf(o->file, "\n| with a fix |");
	for (int word = SEVERITY_CRITICAL; word >= 0; word--)
		fprintf(o->file, " %zu |", fixed[word]);
	fprintf(o->file, "\n\n");
}

static void print_head(const struct out *o)
{
	fprintf(o->file, "| Severity | Vulnerability | Package | Installed | Fixed | Origin | EPSS "
			 "| Notes |\n|---|---|---|---|---|---|--:|---|\n");
}

static void print_rows(const struct out *o, const struct scan_groups *groups,
		       const struct scan_result *r, struct arena *a)
{
	size_t bytes = 0, i = 0, n = groups->list.n;
	print_head(o);
	for (; i < n; i++) {
		struct str row = row_of(&groups->list.p[i], r, a);
		bytes += row.n;
		if (bytes > COMMENT_BYTES)
			break;
		if (i == ROWS_BEFORE_FOLD) {
			fprintf(o->file, "\n<details><summary>%zu more rows</summary>\n\n", n - i);
			print_head(o);
		}
		fwrite(row.p, 1, row.n, o->file);
	}
	if (i > ROWS_BEFORE_FOLD)
		fprintf(o->file, "\n</details>\n");
	fprintf(o->file, "\n");
	if (i < n)
		fprintf(o->file, "%zu rows are left out here: `socle scan` prints all.\n\n", n - i);
}

static void print_remarks(const struct out *o, const struct scan_result *r, struct arena *a)
{
	for (size_t i = 0; i < r->uncovered.n; i++)
		fprintf(o->file, "- :warning: not judged: %.*s\n",
			STR_ARG(code(r->uncovered.p[i], a)));
	for (size_t i = 0; i < r->remarks.n; i++)
		fprintf(o->file, "- :warning: %.*s\n", STR_ARG(code(r->remarks.p[i], a)));
	if (r->uncovered.n + r->remarks.n)
		fprintf(o->file, "\n");
	fprintf(o->file, "Advisories: %.*s\n", STR_ARG(code(scan_snapshot(r->advisories, a), a)));
}

bool scan_markdown(const struct out *o, const struct scan_result *r, struct arena *a)
{
	struct scan_groups groups;
	scan_group(&groups, r, true, a);
	print_summary(o, r, a);
	if (groups.list.n) {
		print_counts(o, r);
		print_rows(o, &groups, r, a);
	}
	print_remarks(o, r, a);
	return !ferror(o->file);
}
