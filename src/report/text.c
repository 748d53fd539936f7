#include "report/text.h"

#include <stdarg.h>
#include <string.h>

static const char *const style_code[] = {"", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m", "\033[36m"};

size_t text_sequence(struct str s)
{
	if (!s.n)
		return 0;
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3
	           : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	if (n == 0 || n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	unsigned char second = n > 1 ? (unsigned char)s.p[1] : 0;
	if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0) ||
	    (c == 0xf0 && second < 0x90) || (c == 0xf4 && second >= 0x90))
		return 0;
	return n;
}

bool text_is_command(struct str s, size_t n)
{
	unsigned char c = (unsigned char)s.p[0], d = n > 1 ? (unsigned char)s.p[1] : 0;
	if (c < 0x20 || c == 0x7f || (c == 0xc2 && d < 0xa0))
		return true;
	if (n != 3 || c != 0xe2)
		return false;
	unsigned char last = (unsigned char)s.p[2];
	return (d == 0x80 && ((last >= 0x8e && last <= 0x8f) || (last >= 0xa8 && last <= 0xae))) ||
	       (d == 0x81 && last >= 0xa6 && last <= 0xa9);
}

struct str text_clean(struct str text, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	char *p = arena_alloc(a, text.n * 4 + 1);
	size_t n = 0;
	while (text.n) {
		size_t len = text_sequence(text);
		if (len && !text_is_command(text, len)) {
			memcpy(p + n, text.p, len);
			n += len;
			text = str_skip(text, len);
			continue;
		}
		for (size_t i = 0; i < (len ? len : 1); i++) {
			unsigned char c = (unsigned char)text.p[i];
			memcpy(p + n, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
			n += 4;
		}
		text = str_skip(text, len ? len : 1);
	}
	return (struct str){p, n};
}

static bool is_wide(struct str s, size_t n)
{
	unsigned char c = (unsigned char)s.p[0];
	return n == 4 || (n == 3 && c >= 0xe3 && c <= 0xed);
}

unsigned text_columns(struct str text)
{
	unsigned columns = 0;
	while (text.n) {
		size_t n = text_sequence(text);
		columns += n && is_wide(text, n) ? 2 : 1;
		text = str_skip(text, n ? n : 1);
	}
	return columns;
}

void out_text(const struct out *o, enum style style, struct str text)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str clean = text_clean(text, &scratch);
	bool styled = o->color && style != STYLE_PLAIN;
	if (styled)
		fputs(style_code[style], o->file);
	fwrite(clean.p, 1, clean.n, o->file);
	if (styled)
		fputs("\033[0m", o->file);
}

void out_printf(const struct out *o, enum style style, const char *fmt, ...)
{
	bool styled = o->color && style != STYLE_PLAIN;
	if (styled)
		fputs(style_code[style], o->file);
	va_list ap;
	va_start(ap, fmt);
	vfprintf(o->file, fmt, ap);
	va_end(ap);
	if (styled)
		fputs("\033[0m", o->file);
}

void out_hanging(const struct out *o, unsigned indent, enum style style, struct str text)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str rest = text_clean(text, &scratch), word;
	unsigned column = indent;
	bool first = true;
	while (str_word(&rest, &word)) {
		unsigned columns = text_columns(word);
		if (!first && column + 1 + columns > o->width) {
			fprintf(o->file, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		if (!first)
			fputc(' ', o->file);
		out_text(o, style, word);
		column += columns + !first;
		first = false;
	}
	fputc('\n', o->file);
}

void out_wrapped(const struct out *o, unsigned indent, enum style style, struct str text)
{
	fprintf(o->file, "%*s", (int)indent, "");
	out_hanging(o, indent, style, text);
}

/* ---- Tables ---- */

void table_init(struct table *t, struct arena *a, unsigned columns)
{
	*t = (struct table){.arena = a, .columns = columns};
}

void table_cell(struct table *t, enum style style, struct str text)
{
	*vec_push(&t->cells, t->arena) =
		(struct cell){.text = text_clean(text, t->arena), .style = style};
}

void table_number(struct table *t, struct str text)
{
	*vec_push(&t->cells, t->arena) = (struct cell){.text = text, .right = true};
}

/* One cell of a fixed column. The blanks behind it are owed until something follows: a row ends
 * with its last word. */
static void print_cell(const struct out *o, const struct cell *c, unsigned width, bool heading,
                       unsigned *owed)
{
	unsigned padding = width - text_columns(c->text);
	if (c->right)
		*owed += padding;
	if (c->text.n) {
		fprintf(o->file, "%*s", (int)*owed, "");
		*owed = 0;
		out_text(o, heading ? STYLE_DIM : c->style, c->text);
	}
	*owed += 2 + (c->right ? 0 : padding);
}

void table_print(const struct table *t, const struct out *o)
{
	enum { PROSE_AT_LEAST = 32, PROSE_INDENT = 4 };
	unsigned width[TABLE_COLUMNS] = {0}, before = 0;
	for (size_t i = 0; i < t->cells.n; i++) {
		unsigned columns = text_columns(t->cells.p[i].text);
		if (columns > width[i % t->columns])
			width[i % t->columns] = columns;
	}
	for (unsigned i = 0; i + 1 < t->columns; i++)
		before += width[i] + 2;
	unsigned longest = width[t->columns - 1];
	bool below = before + PROSE_AT_LEAST > o->width && before + longest > o->width;

	unsigned owed = 0;
	for (size_t i = 0; i < t->cells.n; i++) {
		unsigned column = (unsigned)(i % t->columns);
		owed = column ? owed : 0;
		bool heading = i < t->columns;
		struct cell c = t->cells.p[i];
		if (heading && i + t->columns < t->cells.n)
			c.right = t->cells.p[i + t->columns].right;
		if (column + 1 < t->columns) {
			print_cell(o, &c, width[column], heading, &owed);
			continue;
		}
		if (c.text.n && below && !heading)
			fprintf(o->file, "\n%*s", PROSE_INDENT, "");
		else if (c.text.n)
			fprintf(o->file, "%*s", (int)owed, "");
		out_hanging(o, below ? PROSE_INDENT : before, heading ? STYLE_DIM : c.style, c.text);
	}
}

struct str text_dash(struct str s)
{
	return s.n ? s : STR("-");
}

struct str text_count(size_t n, const char *thing, struct arena *a)
{
	return arena_printf(a, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

struct str text_bytes(uint64_t bytes, struct arena *a)
{
	static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	if (bytes < 1000)
		return arena_printf(a, "%llu B", (unsigned long long)bytes);
	double value = (double)bytes;
	size_t i = 0;
	while (value >= 999.95 && i + 1 < sizeof unit / sizeof *unit) {
		value /= 1000;
		i++;
	}
	return arena_printf(a, "%.1f %s", value, unit[i]);
}

unsigned text_distance(struct str a, struct str b)
{
	enum { MOST = 32 };
	unsigned row[MOST + 1];
	if (a.n > MOST || b.n > MOST)
		return MOST;
	for (unsigned k = 0; k <= b.n; k++)
		row[k] = k;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned k = 1; k <= b.n; k++) {
			unsigned change = diagonal + (a.p[i - 1] != b.p[k - 1]);
			diagonal = row[k];
			unsigned other = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
			row[k] = change < other ? change : other;
		}
	}
	return row[b.n];
}
