/* Edits of spans within lines add and remove none: line n of one text stands against line n of
 * the other, and no search for the shortest way between the two is needed. */
#include "report/diff.h"

enum { CONTEXT_LINES = 3 };

struct line {
	struct str before, after; /* with their newlines, where they have one */
	bool changed;
};
struct lines {
	struct line *p;
	size_t n, cap;
};

static struct str take_line(struct str *rest)
{
	struct str line = str_slice(*rest, 0, str_index(*rest, '\n') + 1);
	*rest = str_skip(*rest, line.n);
	return line;
}

static void print_line(const struct out *o, char mark, enum style style, struct str line,
                       struct arena *a)
{
	struct str text = str_slice(line, 0, str_index(line, '\n'));
	/* Colours are for a terminal, which a file's bytes must not command; patch(1) wants the
	 * bytes. */
	if (o->color)
		out_printf(o, style, "%c%.*s", mark, STR_ARG(text_clean(text, a)));
	else
		fprintf(o->file, "%c%.*s", mark, STR_ARG(text));
	fputs(text.n < line.n ? "\n" : "\n\\ No newline at end of file\n", o->file);
}

static void print_run(const struct out *o, const struct lines *lines, size_t from, size_t to,
                      struct arena *a)
{
	for (size_t i = from; i < to; i++)
		print_line(o, '-', STYLE_RED, lines->p[i].before, a);
	for (size_t i = from; i < to; i++)
		print_line(o, '+', STYLE_GREEN, lines->p[i].after, a);
}

static void print_hunk(const struct out *o, const struct lines *lines, size_t from, size_t to,
                       struct arena *a)
{
	out_printf(o, STYLE_CYAN, "@@ -%zu,%zu +%zu,%zu @@\n", from + 1, to - from, from + 1, to - from);
	for (size_t i = from; i < to;) {
		size_t end = i;
		while (end < to && lines->p[end].changed)
			end++;
		print_run(o, lines, i, end, a);
		if (end == i)
			print_line(o, ' ', STYLE_PLAIN, lines->p[end++].before, a);
		i = end;
	}
}

/* The end of the hunk that begins with the change at `first`: changes whose context would touch
 * share one. */
static size_t hunk_end(const struct lines *lines, size_t first)
{
	size_t last = first;
	for (size_t i = first; i < lines->n && i <= last + 2 * CONTEXT_LINES + 1; i++)
		if (lines->p[i].changed)
			last = i;
	return last + CONTEXT_LINES + 1 < lines->n ? last + CONTEXT_LINES + 1 : lines->n;
}

void diff_print(const struct out *o, struct str name, struct str before, struct str after)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct lines lines = {0};
	if (str_eq(before, after))
		return;
	while (before.n || after.n) {
		struct line *l = vec_push(&lines, &scratch);
		l->before = take_line(&before);
		l->after = take_line(&after);
		l->changed = !str_eq(l->before, l->after);
	}
	out_printf(o, STYLE_BOLD, "--- %.*s\n+++ %.*s\n", STR_ARG(name), STR_ARG(name));
	for (size_t i = 0; i < lines.n;) {
		if (!lines.p[i].changed) {
			i++;
			continue;
		}
		size_t end = hunk_end(&lines, i);
		print_hunk(o, &lines, i > CONTEXT_LINES ? i - CONTEXT_LINES : 0, end, &scratch);
		i = end;
	}
}
