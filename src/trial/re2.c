#include "trial/re2.h"

#include "core/buf.h"

#define OUTPUT_BYTES (1u << 20)

struct writer {
	struct str in; /* what is left */
	struct buf out;
	bool dot_all, lines, fold;
	struct err *e;
};

static bool refuse(struct writer *w, const char *what)
{
	return err_set(w->e, ERR_INPUT, "%s", what);
}

static bool put(struct writer *w, const char *s, size_t n)
{
	return buf_append(&w->out, s, n, w->e);
}

static bool put_text(struct writer *w, const char *s)
{
	return put(w, s, strlen(s));
}

static bool put_literal(struct writer *w, char c)
{
	return (!strchr(".[]()*+?{}|^$\\", c) || put(w, "\\", 1)) && put(w, &c, 1);
}

/* --- classes: a set of bytes, written back in the one order that POSIX reads rightly */

struct class
{
	bool has[256];
	bool negated;
};

static void add_range(struct class *c, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to && i < 256; i++)
		c->has[i] = true;
}

static bool add_letter_class(struct class *c, char letter)
{
	struct class plain = {0};
	switch (letter | 0x20) {
	case 'd':
		add_range(&plain, '0', '9');
		break;
	case 'w':
		add_range(&plain, '0', '9');
		add_range(&plain, 'A', 'Z');
		add_range(&plain, 'a', 'z');
		plain.has['_'] = true;
		break;
	case 's':
		for (const char *blank = "\t\n\f\r "; *blank; blank++)
			plain.has[(unsigned char)*blank] = true;
		break;
	default:
		return false;
	}
	bool negated = !(letter & 0x20);
	for (unsigned i = 1; i < 256; i++)
		c->has[i] |= plain.has[i] != negated;
	return true;
}

/* regex(7): "]" first, "-" last, "^" not first, "[" where no ".", "=" or ":" follows. */
static bool put_class(struct writer *w, const struct class *c)
{
	unsigned n = 0, only = 0;
	for (unsigned i = 1; i < 256; i++)
		if (c->has[i]) {
			n++;
			only = i;
		}
	if (n == 0)
		return refuse(w, "a class that nothing is in");
	if (n == 1 && !c->negated)
		return put_literal(w, (char)only);
	if (!put_text(w, c->negated ? "[^" : "[") || (c->has[']'] && !put_text(w, "]")))
		return false;
	for (unsigned i = 1; i < 256; i++) {
		char byte = (char)i;
		if (c->has[i] && !strchr("]^[-", byte) && !put(w, &byte, 1))
			return false;
	}
	return (!c->has['^'] || put_text(w, n == 2 && c->has['-'] && !c->negated ? "-^" : "^")) &&
	       (!c->has['['] || put_text(w, "[")) &&
	       (!c->has['-'] || (n == 2 && c->has['^'] && !c->negated) || put_text(w, "-")) &&
	       put_text(w, "]");
}

/* --- escapes */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* "41", "{41}" behind \x. */
static bool take_hex(struct writer *w, unsigned *value)
{
	bool braced = str_starts(w->in, STR("{"));
	struct str digits =
		braced ? str_slice(w->in, 1, str_index(w->in, '}')) : str_slice(w->in, 0, 2);
	*value = 0;
	for (size_t i = 0; i < digits.n; i++) {
		int d = hex_digit(digits.p[i]);
		if (d < 0 || *value > 0x7f)
			return refuse(w, "\\x of something else than an ASCII character");
		*value = *value * 16 + (unsigned)d;
	}
	if (digits.n == 0 || *value == 0 || *value > 0x7f || (!braced && digits.n < 2))
		return refuse(w, "\\x of something else than an ASCII character");
	w->in = str_skip(w->in, digits.n + (braced ? 2 : 0));
	return true;
}

/* The one character that the escape at w->in (behind the backslash) stands for. */
static bool take_escaped(struct writer *w, unsigned *value)
{
	static const char letters[] = "afnrtv", meanings[] = "\a\f\n\r\t\v";
	char c = w->in.p[0];
	w->in = str_skip(w->in, 1);
	const char *known = strchr(letters, c);
	if (c == 'x')
		return take_hex(w, value);
	if (known) {
		*value = (unsigned char)meanings[known - letters];
		return true;
	}
	if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80))
		return err_set(w->e, ERR_INPUT, "\\%c cannot be said in a POSIX pattern",
			       c > ' ' ? c : '?');
	*value = (unsigned char)c;
	return true;
}

/* --- a class in brackets */

static bool take_named(struct writer *w, struct class *c)
{
	static const struct {
		const char *name, *ranges; /* pairs */
	} named[] = {
		{"[:alnum:]", "09AZaz"},
		{"[:alpha:]", "AZaz"},
		{"[:ascii:]", "\x01\x7f"},
		{"[:blank:]", "\t\t  "},
		{"[:cntrl:]", "\x01\x1f\x7f\x7f"},
		{"[:digit:]", "09"},
		{"[:graph:]", "!~"},
		{"[:lower:]", "az"},
		{"[:print:]", " ~"},
		{"[:punct:]", "!/:@[`{~"},
		{"[:space:]", "\t\r  "},
		{"[:upper:]", "AZ"},
		{"[:word:]", "09AZaz__"},
		{"[:xdigit:]", "09AFaf"},
	};
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (str_starts(w->in, str_of(named[i].name))) {
			for (const char *r = named[i].ranges; *r; r += 2)
				add_range(c, (unsigned char)r[0], (unsigned char)r[1]);
			w->in = str_skip(w->in, strlen(named[i].name));
			return true;
		}
	return refuse(w, "an unknown class in brackets");
}

static bool take_member(struct writer *w, unsigned *value)
{
	unsigned char c = (unsigned char)w->in.p[0];
	w->in = str_skip(w->in, 1);
	if (c == '\\' && w->in.n > 0)
		return take_escaped(w, value);
	if (c & 0x80)
		return refuse(w, "a class that names more than ASCII");
	*value = c;
	return true;
}

static bool take_range(struct writer *w, struct class *c)
{
	unsigned from, to;
	if (w->in.n > 1 && w->in.p[0] == '\\' && add_letter_class(c, w->in.p[1])) {
		w->in = str_skip(w->in, 2);
		return true;
	}
	if (str_starts(w->in, STR("[:")))
		return take_named(w, c);
	if (!take_member(w, &from))
		return false;
	to = from;
	if (w->in.n > 1 && w->in.p[0] == '-' && w->in.p[1] != ']') {
		w->in = str_skip(w->in, 1);
		if (!take_member(w, &to))
			return false;
	}
	if (to < from)
		return refuse(w, "a range that runs backwards");
	add_range(c, from, to);
	return true;
}

static bool take_class(struct writer *w)
{
	struct class c = {0};
	if (str_starts(w->in, STR("^"))) {
		c.negated = true;
		w->in = str_skip(w->in, 1);
	}
	for (bool first = true; w->in.n > 0 && (first || w->in.p[0] != ']'); first = false)
		if (!take_range(w, &c))
			return false;
	if (w->in.n == 0)
		return refuse(w, "a class without its closing bracket");
	w->in = str_skip(w->in, 1);
	return put_class(w, &c);
}

/* --- outside of classes */

static bool take_quoted(struct writer *w)
{
	size_t end = str_find(w->in, STR("\\E"));
	struct str text = str_slice(w->in, 0, end);
	w->in = str_skip(w->in, end + 2);
	for (size_t i = 0; i < text.n; i++)
		if (!put_literal(w, text.p[i]))
			return false;
	return true;
}

static bool take_escape(struct writer *w)
{
	if (w->in.n == 0)
		return refuse(w, "a backslash at the end");
	struct class c = {0};
	unsigned value;
	char letter = w->in.p[0];
	if (add_letter_class(&c, letter)) {
		w->in = str_skip(w->in, 1);
		return put_class(w, &c);
	}
	if (strchr("QAzbB", letter)) {
		w->in = str_skip(w->in, 1);
		switch (letter) {
		case 'Q':
			return take_quoted(w);
		case 'A':
			return w->lines ? refuse(w, "\\A together with (?m)") : put_text(w, "^");
		case 'z':
			return w->lines ? refuse(w, "\\z together with (?m)") : put_text(w, "$");
		default: /* glibc knows \b and \B */
			return put(w, letter == 'b' ? "\\b" : "\\B", 2);
		}
	}
	return take_escaped(w, &value) && put_literal(w, (char)value);
}

static bool take_group(struct writer *w)
{
	if (!str_starts(w->in, STR("?")))
		return put_text(w, "(");
	if (str_starts(w->in, STR("?:"))) {
		w->in = str_skip(w->in, 2);
		return put_text(w, "(");
	}
	if (str_starts(w->in, STR("?P<")) || str_starts(w->in, STR("?<"))) {
		size_t end = str_index(w->in, '>');
		char next = w->in.p[1] == '<' && w->in.n > 2 ? w->in.p[2] : 'a';
		if (end == w->in.n || next == '=' || next == '!')
			return refuse(w, "a group of a kind that RE2 does not have");
		w->in = str_skip(w->in, end + 1);
		return put_text(w, "(");
	}
	return refuse(w, "flags elsewhere than at the beginning");
}

/* "{2}", "{2,}", "{2,5}"; anything else is text to RE2. */
static size_t repeat_length(struct str s)
{
	size_t i = 1, digits = 0;
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		digits++;
	if (i < s.n && s.p[i] == ',')
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			;
	return digits > 0 && i < s.n && s.p[i] == '}' ? i + 1 : 0;
}

static bool take_repeat(struct writer *w, char c)
{
	size_t n = c == '{' ? repeat_length(w->in) : 1;
	if (n == 0) {
		w->in = str_skip(w->in, 1);
		return put_literal(w, c);
	}
	if (!put(w, w->in.p, n))
		return false;
	w->in = str_skip(w->in, n);
	if (str_starts(w->in, STR("?")))
		w->in = str_skip(w->in, 1); /* lazy */
	if (w->in.n > 0 &&
	    (strchr("*+?", w->in.p[0]) || (w->in.p[0] == '{' && repeat_length(w->in) > 0)))
		return refuse(w, "a repetition of a repetition");
	return true;
}

static bool take_one(struct writer *w)
{
	char c = w->in.p[0];
	if (c == '*' || c == '+' || c == '?' || c == '{')
		return w->out.n == 0 && c != '{' ? refuse(w, "nothing to repeat")
						 : take_repeat(w, c);
	w->in = str_skip(w->in, 1);
	switch (c) {
	case '\\':
		return take_escape(w);
	case '[':
		return take_class(w);
	case '(':
		return take_group(w);
	case '.':
		return put_text(w, w->dot_all || w->lines ? "." : "[^\n]");
	case ')':
	case '|':
	case '^':
	case '$':
		return put(w, &c, 1);
	default:
		return put_literal(w, c);
	}
}

/* "(?im)" at the beginning; pattern.c reads (?i) and (?m) there too. */
static bool take_flags(struct writer *w)
{
	if (!str_starts(w->in, STR("(?")))
		return true;
	size_t end = str_index(w->in, ')');
	struct str flags = str_slice(w->in, 2, end);
	for (size_t i = 0; i < flags.n; i++)
		if (flags.p[i] != 'i' && flags.p[i] != 'm' && flags.p[i] != 's')
			return true; /* a group, or what take_group() refuses */
	if (end == w->in.n || flags.n == 0)
		return true;
	w->fold = str_index(flags, 'i') < flags.n;
	w->lines = str_index(flags, 'm') < flags.n;
	w->dot_all = str_index(flags, 's') < flags.n;
	w->in = str_skip(w->in, end + 1);
	if (w->lines && w->dot_all)
		return refuse(w, "(?m) together with (?s)");
	return (!w->fold || put_text(w, "(?i)")) && (!w->lines || put_text(w, "(?m)"));
}

bool re2_to_posix(struct str re2, struct arena *a, struct str *posix, struct err *e)
{
	struct writer w = {.in = re2, .out = BUF_INIT(OUTPUT_BYTES), .e = e};
	bool ok = (re2.n == 0 || !memchr(re2.p, 0, re2.n) || refuse(&w, "a NUL")) && take_flags(&w);
	while (ok && w.in.n > 0)
		ok = take_one(&w);
	if (ok)
		*posix = arena_str(a, buf_str(&w.out));
	else
		err_wrap(e, "pattern '%.*s'", STR_ARG(re2));
	buf_release(&w.out);
	return ok;
}
