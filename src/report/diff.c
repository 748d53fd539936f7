#include "report/diff.h"

enum { CONTEXT_LINES = 3 };

/* Of the table of common lines: beyond it the two middles stand against each other whole. */
enum { TABLE_CELLS = 1 << 22 };

/* A line of the result; " " stands in both texts. */
struct row {
	char mark; /* ' ', '-', '+' */
	struct str text; /* with its newline, where it has one */
};
struct rows {
	struct row *p;
	size_t n, cap;
};
struct lines {
	struct str *p;
	size_t n, cap;
};

static struct lines lines_of(struct str text, struct arena *a)
{
	struct lines v = {0};
	while (text.n) {
		struct str line = str_slice(text, 0, str_index(text, '\n') + 1);
		*vec_push(&v, a) = line;
		text = str_skip(text, line.n);
	}
	return v;
}

/* ---- What stands against what ---- */

static void add(struct rows *rows, char mark, const struct str *lines, size_t from, size_t to,
                struct arena *a)
{
	for (size_t i = from; i < to; i++)
		*vec_push(rows, a) = (struct row){mark, lines[i]};
}

/* Edits of spans within lines add and remove none: line n stands against line n. */
static void compare_in_step(struct rows *rows, const struct lines *x, const struct lines *y,
                            struct arena *a)
{
	for (size_t i = 0; i < x->n;) {
		size_t end = i;
		while (end < x->n && !str_eq(x->p[end], y->p[end]))
			end++;
		add(rows, '-', x->p, i, end, a);
		add(rows, '+', y->p, i, end, a);
		if (end < x->n)
			add(rows, ' ', x->p, end, end + 1, a);
		i = end + 1;
	}
}

/* The longest common subsequence of x[from…x_end) and y[from…y_end), by its table. */
static void compare_middles(struct rows *rows, const struct lines *x, size_t x_end,
                            const struct lines *y, size_t y_end, size_t from, struct arena *a)
{
	size_t n = x_end - from, m = y_end - from, i = 0, k = 0;
	uint32_t *longest = (n + 1) * (m + 1) <= TABLE_CELLS
		? arena_array(a, (n + 1) * (m + 1), sizeof *longest)
		: NULL;
#define AT(i, k) longest[(i) * (m + 1) + (k)]
	for (size_t r = n; longest && r-- > 0;)
		for (size_t c = m; c-- > 0;)
			AT(r, c) = str_eq(x->p[from + r], y->p[from + c]) ? AT(r + 1, c + 1) + 1
			           : AT(r + 1, c) > AT(r, c + 1)        ? AT(r + 1, c)
			                                                : AT(r, c + 1);
	while (longest && i < n && k < m) {
		if (str_eq(x->p[from + i], y->p[from + k])) {
			add(rows, ' ', x->p, from + i, from + i + 1, a);
			i++, k++;
		} else if (AT(i + 1, k) >= AT(i, k + 1)) {
			add(rows, '-', x->p, from + i, from + i + 1, a);
			i++;
		} else {
			add(rows, '+', y->p, from + k, from + k + 1, a);
			k++;
		}
	}
#undef AT
	add(rows, '-', x->p, from + i, x_end, a);
	add(rows, '+', y->p, from + k, y_end, a);
}

static struct rows compare(struct str before, struct str after, struct arena *a)
{
	struct lines x = lines_of(before, a), y = lines_of(after, a);
	struct rows rows = {0};
	size_t from = 0, x_end = x.n, y_end = y.n;
	if (x.n == y.n) {
		compare_in_step(&rows, &x, &y, a);
		return rows;
	}
	while (from < x.n && from < y.n && str_eq(x.p[from], y.p[from]))
		from++;
	while (x_end > from && y_end > from && str_eq(x.p[x_end - 1], y.p[y_end - 1]))
		x_end--, y_end--;
	add(&rows, ' ', x.p, 0, from, a);
	compare_middles(&rows, &x, x_end, &y, y_end, from, a);
	add(&rows, ' ', x.p, x_end, x.n, a);
	return rows;
}

/* ---- Printing ---- */

static void print_row(const struct out *o, const struct row *r, struct arena *a)
{
	enum style style = r->mark == '-' ? STYLE_RED : r->mark == '+' ? STYLE_GREEN : STYLE_PLAIN;
	struct str text = str_slice(r->text, 0, str_index(r->text, '\n'));
	/* Colours are for a terminal, which a file's bytes must not command; patch(1) wants the
	 * bytes. */
	if (o->color)
		out_printf(o, style, "%c%.*s", r->mark, STR_ARG(text_clean(text, a)));
	else
		fprintf(o->file, "%c%.*s", r->mark, STR_ARG(text));
	fputs(text.n < r->text.n ? "\n" : "\n\\ No newline at end of file\n", o->file);
}

static size_t count(const struct rows *rows, size_t from, size_t to, char other)
{
	size_t n = 0;
	for (size_t i = from; i < to; i++)
		n += rows->p[i].mark != other;
	return n;
}

/* diff(1), "Detailed Description of Unified Format": where a hunk has no lines the number is that
 * of the line before it. */
static void print_hunk(const struct out *o, const struct rows *rows, size_t from, size_t to,
                       struct arena *a)
{
	size_t before = count(rows, from, to, '+'), after = count(rows, from, to, '-');
	out_printf(o, STYLE_CYAN, "@@ -%zu,%zu +%zu,%zu @@\n",
	           count(rows, 0, from, '+') + (before > 0), before,
	           count(rows, 0, from, '-') + (after > 0), after);
	for (size_t i = from; i < to; i++)
		print_row(o, &rows->p[i], a);
}

/* The end of the hunk that begins with the change at `first`: changes whose context would touch
 * share one. */
static size_t hunk_end(const struct rows *rows, size_t first)
{
	size_t last = first;
	for (size_t i = first; i < rows->n && i <= last + 2 * CONTEXT_LINES + 1; i++)
		if (rows->p[i].mark != ' ')
			last = i;
	return last + CONTEXT_LINES + 1 < rows->n ? last + CONTEXT_LINES + 1 : rows->n;
}

void diff_print(const struct out *o, struct str name, struct str before, struct str after)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	if (str_eq(before, after))
		return;
	struct rows rows = compare(before, after, &scratch);
	struct str clean = text_clean(name, &scratch);
	out_printf(o, STYLE_BOLD, "--- %.*s\n+++ %.*s\n", STR_ARG(clean), STR_ARG(clean));
	for (size_t i = 0; i < rows.n;) {
		if (rows.p[i].mark == ' ') {
			i++;
			continue;
		}
		size_t end = hunk_end(&rows, i);
		print_hunk(o, &rows, i > CONTEXT_LINES ? i - CONTEXT_LINES : 0, end, &scratch);
		i = end;
	}
}
