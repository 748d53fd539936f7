#include "core/jnode.h"

#include "core/limits.h"

struct parser {
	const char *p, *end, *start;
	struct jnodes *out;
	struct arena *arena;
	struct err *e;
};

/* ---- Errors ---- */

static bool broken(const struct parser *s, const char *what)
{
	size_t line = 1;
	for (const char *p = s->start; p < s->p; p++)
		line += *p == '\n';
	return err_set(s->e, ERR_INPUT, "line %zu, byte %zu: %s", line, (size_t)(s->p - s->start),
		       what);
}

/* ---- Tokens ---- */

static void skip_blanks(struct parser *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

static bool at(const struct parser *s, char c)
{
	return s->p < s->end && *s->p == c;
}

static bool take(struct parser *s, char c)
{
	if (!at(s, c))
		return false;
	s->p++;
	return true;
}

static struct jnode *add(struct parser *s, enum jnode_type type, const char *from)
{
	struct jnode *n = vec_push(&s->out->list, s->arena);
	*n = (struct jnode){{from, (size_t)(s->p - from)}, 1, (uint8_t)type, false};
	return n;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 8259, section 7. */
static bool take_escape(struct parser *s)
{
	if (s->p == s->end || !*s->p || !strchr("\"\\/bfnrtu", *s->p))
		return broken(s, "no such escape in a string");
	if (*s->p++ != 'u')
		return true;
	for (int i = 0; i < 4; i++)
		if (s->p == s->end || !is_hex(*s->p++))
			return broken(s, "\\u wants four hexadecimal digits");
	return true;
}

static bool take_string(struct parser *s)
{
	const char *from = s->p;
	bool escaped = false;
	while (s->p < s->end && *s->p != '"') {
		if ((unsigned char)*s->p < 0x20)
			return broken(s, "a control character in a string");
		if (*s->p++ == '\\') {
			escaped = true;
			if (!take_escape(s))
				return false;
		}
	}
	if (s->p == s->end)
		return broken(s, "a string does not end");
	add(s, JNODE_STRING, from)->escaped = escaped;
	s->p++;
	return true;
}

static bool take_digits(struct parser *s)
{
	const char *from = s->p;
	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from;
}

/* Section 6: no plus, no zero in front. */
static bool take_number(struct parser *s)
{
	const char *from = s->p;
	take(s, '-');
	bool sound = take(s, '0') || take_digits(s);
	if (sound && take(s, '.'))
		sound = take_digits(s);
	if (sound && (take(s, 'e') || take(s, 'E'))) {
		if (!take(s, '+'))
			take(s, '-');
		sound = take_digits(s);
	}
	if (!sound)
		return broken(s, "no value");
	add(s, JNODE_NUMBER, from);
	return true;
}

static bool take_word(struct parser *s)
{
	static const struct {
		struct str word;
		enum jnode_type type;
	} words[] = {{STR_INIT("null"), JNODE_NULL},
		     {STR_INIT("false"), JNODE_FALSE},
		     {STR_INIT("true"), JNODE_TRUE}};
	struct str rest = {s->p, (size_t)(s->end - s->p)};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!str_starts(rest, words[i].word))
			continue;
		const char *from = s->p;
		s->p += words[i].word.n;
		add(s, words[i].type, from);
		return true;
	}
	return take_number(s);
}

/* ---- Values ---- */

/* What is open: a node that counts its members once it is closed. */
struct open {
	size_t node;
	char closes;
};

static bool take_name(struct parser *s)
{
	skip_blanks(s);
	if (!take(s, '"'))
		return broken(s, "a member's name is missing");
	if (!take_string(s))
		return false;
	skip_blanks(s);
	return take(s, ':') || broken(s, "a colon is missing behind a member's name");
}

/* Closes all that ends here; true where a further value must follow, false at the end of the
 * whole text (*depth 0) or of what is sound (the error is set). */
static bool go_on(struct parser *s, struct open *open, size_t *depth)
{
	while (*depth) {
		struct open *o = &open[*depth - 1];
		skip_blanks(s);
		if (take(s, ','))
			return o->closes == ']' || take_name(s);
		if (!take(s, o->closes))
			return broken(s, o->closes == ']' ? "a comma or \"]\" is missing"
							  : "a comma or \"}\" is missing");
		struct jnode *n = &s->out->list.p[o->node];
		n->nodes = (uint32_t)(s->out->list.n - o->node);
		n->text.n = (size_t)(s->p - n->text.p);
		--*depth;
	}
	return false;
}

/* Opens an array or an object; *empty where it ends at once. */
static bool begin(struct parser *s, struct open *open, size_t *depth, bool *empty)
{
	char closes = *s->p == '[' ? ']' : '}';
	if (*depth == LIMIT_JSON_DEPTH)
		return broken(s, "nested too deeply");
	open[(*depth)++] = (struct open){s->out->list.n, closes};
	add(s, closes == ']' ? JNODE_ARRAY : JNODE_OBJECT, s->p);
	s->p++;
	skip_blanks(s);
	*empty = at(s, closes);
	return *empty || closes == ']' || take_name(s);
}

static bool take_all(struct parser *s)
{
	struct open open[LIMIT_JSON_DEPTH];
	size_t depth = 0;
	do {
		bool empty = true;
		skip_blanks(s);
		if (s->p == s->end)
			return broken(s, "the text ends before its value does");
		if (*s->p == '[' || *s->p == '{') {
			if (!begin(s, open, &depth, &empty))
				return false;
			if (!empty)
				continue;
		} else if (take(s, '"') ? !take_string(s) : !take_word(s)) {
			return false;
		}
		if (!go_on(s, open, &depth)) {
			if (depth)
				return false;
			break;
		}
	} while (true);
	skip_blanks(s);
	return s->p == s->end || broken(s, "more text behind the value");
}

const struct jnode *jnode_parse(struct jnodes *n, struct str text, struct arena *a, struct err *e)
{
	struct parser s = {text.p, text.p + text.n, text.p, n, a, e};
	n->list.n = 0;
	if (text.n > LIMIT_JSON_BYTES) {
		err_set(e, ERR_LIMIT, "more than %u bytes of JSON", LIMIT_JSON_BYTES);
		return NULL;
	}
	return take_all(&s) ? n->list.p : NULL;
}

/* ---- Reading ---- */

const struct jnode *jnode_first(const struct jnode *of)
{
	if (!of || of->nodes == 1)
		return NULL;
	return of->type == JNODE_OBJECT ? of + 2 : of + 1;
}

const struct jnode *jnode_next(const struct jnode *of, const struct jnode *member)
{
	const struct jnode *next = member + member->nodes;
	if (next >= of + of->nodes)
		return NULL;
	return of->type == JNODE_OBJECT ? next + 1 : next;
}

const struct jnode *jnode_name(const struct jnode *member)
{
	return member - 1;
}

const struct jnode *jnode_get(const struct jnode *object, const char *name)
{
	const struct jnode *found = NULL;
	struct str wanted = str_of(name);
	if (!jnode_is(object, JNODE_OBJECT))
		return NULL;
	for (const struct jnode *m = jnode_first(object); m; m = jnode_next(object, m))
		if (str_eq(jnode_name(m)->text, wanted))
			found = m;
	return found;
}

/* ---- Strings ---- */

static unsigned hex4(const char *p)
{
	unsigned v = 0;
	for (int i = 0; i < 4; i++)
		v = v << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return v;
}

/* The character that \uXXXX (and what belongs to it) at *p means; *p then stands behind it. */
static unsigned take_character(const char **p, const char *end)
{
	unsigned high = hex4(*p);
	*p += 4;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		unsigned low = hex4(*p + 2);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*p += 6;
			return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return 0xfffd;
}

static char *put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* An escape never takes less room than what it means. */
static struct str unescaped(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1), *to = out;
	const char *p = s.p, *end = s.p + s.n;
	while (p < end) {
		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		char c = p[1];
		p += 2;
		if (c == 'u')
			to = put_utf8(to, take_character(&p, end));
		else
			*to++ = c == 'b'   ? '\b'
				: c == 'f' ? '\f'
				: c == 'n' ? '\n'
				: c == 'r' ? '\r'
				: c == 't' ? '\t'
					   : c;
	}
	return (struct str){out, (size_t)(to - out)};
}

struct str jnode_str(const struct jnode *n, struct arena *a)
{
	if (!jnode_is(n, JNODE_STRING))
		return STR("");
	return n->escaped ? unescaped(n->text, a) : n->text;
}

struct str jnode_get_str(const struct jnode *object, const char *name, struct arena *a)
{
	return jnode_str(jnode_get(object, name), a);
}
