#include "dockerfile/script.h"

#include "core/limits.h"

enum mode {
	MODE_COMMAND, /* the next word begins a command */
	MODE_WORDS,   /* its words follow */
	MODE_LIST,    /* for x in … : nothing is called */
	MODE_CASE,    /* case word, up to "in" */
	MODE_PATTERN  /* of case, up to ")" */
};

struct reader {
	struct script *out;
	struct str text;
	size_t at;
	enum mode mode;
	unsigned cases;
	struct script_command now;
	bool fallback, negated, condition;
	struct str_vec here; /* delimiters of here-documents that begin with the next line */
	unsigned depth; /* of quotes and substitutions in one another */
	struct arena *arena;
};

static char peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : 0;
}

static bool is_one_of(struct str word, const char *list)
{
	struct str rest = str_of(list), one;
	while (str_word(&rest, &one))
		if (str_eq(one, word))
			return true;
	return false;
}

/* ---- Words ---- */

static void skip_substitution(struct reader *r);

/* Behind the closing quote. Inside "…" substitutions have quotes of their own. */
static void skip_quotes(struct reader *r)
{
	char quote = r->text.p[r->at++];
	while (r->at < r->text.n && peek(r, 0) != quote) {
		if (quote == '"' && peek(r, 0) == '$')
			skip_substitution(r);
		else
			r->at += peek(r, 0) == '\\' && quote != '\'' ? 2 : 1;
	}
	r->at++;
}

/* At "$": behind $( … ) or ${ … }, else behind the dollar alone. */
static void skip_substitution(struct reader *r)
{
	char open = peek(r, 1), close = open == '(' ? ')' : '}';
	unsigned nested = 0;
	r->at++;
	if ((open != '(' && open != '{') || r->depth >= LIMIT_DOCKERFILE_NESTING)
		return;
	r->depth++;
	while (r->at < r->text.n) {
		char c = peek(r, 0);
		if (c == '\'' || c == '"' || c == '`') {
			skip_quotes(r);
			continue;
		}
		nested += c == open;
		r->at += c == '\\' ? 2 : 1;
		if (c == close && --nested == 0)
			break;
	}
	r->depth--;
}

static bool ends_word(char c)
{
	return c == 0 || memchr(" \t\r\n;&|()<>", c, 11);
}

/* Quotes and escapes off; substitutions stay as they are. */
static struct str unquoted(struct str raw, struct arena *a)
{
	if (str_index(raw, '\\') == raw.n && str_index(raw, '"') == raw.n && str_index(raw, '\'') == raw.n)
		return raw;
	char *p = arena_alloc(a, raw.n + 1), quote = 0;
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			continue;
		}
		bool escapes = c == '\\' && quote != '\'' && i + 1 < raw.n &&
		               (!quote || memchr("\"\\$`", raw.p[i + 1], 4));
		p[n++] = escapes ? raw.p[++i] : c;
	}
	return (struct str){p, n};
}

static struct script_word take_word(struct reader *r)
{
	size_t from = r->at;
	bool plain = true;
	while (!ends_word(peek(r, 0))) {
		char c = peek(r, 0);
		size_t start = r->at;
		if (c == '\'' || c == '"' || c == '`')
			skip_quotes(r);
		else if (c == '$')
			skip_substitution(r);
		else
			r->at += c == '\\' ? 2 : 1;
		for (size_t i = start; plain && c != '\'' && i < r->at && i < r->text.n; i++)
			plain = !memchr("$`", r->text.p[i], 2);
		plain &= c != '*' && c != '?';
	}
	if (r->at > r->text.n)
		r->at = r->text.n;
	struct str raw = str_slice(r->text, from, r->at);
	return (struct script_word){unquoted(raw, r->arena), raw, plain};
}

/* ---- Commands ---- */

static void end_command(struct reader *r)
{
	struct script_command *c = &r->now;
	if (c->words.n && !is_one_of(c->words.p[0].raw, "} fi done esac")) {
		struct str last = c->words.p[c->words.n - 1].raw, first = c->words.p[0].raw;
		c->raw = (struct str){first.p, (size_t)(last.p + last.n - first.p)};
		c->fallback = r->fallback;
		c->negated = r->negated;
		c->condition = r->condition;
		*vec_push(&r->out->commands, r->arena) = *c;
	}
	r->now = (struct script_command){0};
	r->fallback = r->negated = false;
	r->mode = MODE_COMMAND;
}

static bool is_assignment(struct str word)
{
	size_t n = 0;
	while (n < word.n && ((word.p[n] | 0x20) >= 'a' ? (word.p[n] | 0x20) <= 'z'
	                      : word.p[n] == '_' || (n && word.p[n] >= '0' && word.p[n] <= '9')))
		n++;
	return n > 0 && n < word.n && word.p[n] == '=';
}

/* True where the word belongs to the grammar and to no command. */
static bool is_reserved(struct reader *r, struct str word)
{
	if (is_one_of(word, "if elif while until")) {
		r->condition = true;
		return true;
	}
	if (is_one_of(word, "then else do")) {
		r->condition = false;
		return true;
	}
	if (str_eq(word, STR("!"))) {
		r->negated = true;
		return true;
	}
	if (str_eq(word, STR("{")))
		return true;
	if (str_eq(word, STR("esac")) && r->cases)
		r->cases--;
	if (is_one_of(word, "for select function"))
		r->mode = MODE_LIST;
	if (str_eq(word, STR("case")))
		r->mode = MODE_CASE;
	return r->mode != MODE_COMMAND;
}

static void add_word(struct reader *r)
{
	struct script_word w = take_word(r);
	switch (r->mode) {
	case MODE_LIST:
		return;
	case MODE_CASE:
		if (str_eq(w.raw, STR("in"))) {
			r->cases++;
			r->mode = MODE_PATTERN;
		}
		return;
	case MODE_PATTERN:
		if (str_eq(w.raw, STR("esac"))) {
			r->cases -= r->cases > 0;
			r->mode = MODE_COMMAND;
		}
		return;
	case MODE_COMMAND:
		if (is_reserved(r, w.raw) || is_assignment(w.raw))
			return;
		r->mode = MODE_WORDS;
		break;
	case MODE_WORDS:
		break;
	}
	/* A descriptor in front of its redirection. */
	if (w.raw.n == 1 && w.raw.p[0] >= '0' && w.raw.p[0] <= '9' && (peek(r, 0) == '>' || peek(r, 0) == '<'))
		return;
	*vec_push(&r->now.words, r->arena) = w;
}

/* ---- Operators ---- */

static void skip_blanks(struct reader *r)
{
	while (peek(r, 0) && memchr(" \t\r", peek(r, 0), 3))
		r->at++;
}

/* Over the bodies of the here-documents of the line that ends here. */
static void skip_heredocs(struct reader *r)
{
	for (size_t i = 0; i < r->here.n; i++) {
		struct str line = STR_NONE;
		do {
			struct str rest = str_skip(r->text, r->at);
			if (!rest.n)
				break;
			line = str_slice(rest, 0, str_index(rest, '\n'));
			r->at += line.n + (line.n < rest.n);
		} while (!str_eq(str_trim(line), r->here.p[i]));
	}
	r->here.n = 0;
}

/* <, >, >>, <<WORD, 2>&1, &>FILE: the word behind belongs to it. */
static void redirection(struct reader *r)
{
	bool here = peek(r, 0) == '<' && peek(r, 1) == '<' && peek(r, 2) != '<';
	bool process = peek(r, 1) == '('; /* <( … ) */
	while (peek(r, 0) && memchr("<>&|-", peek(r, 0), 5))
		r->at++;
	if (process)
		return;
	skip_blanks(r);
	struct script_word target = take_word(r);
	if (here)
		*vec_push(&r->here, r->arena) = target.text;
}

/* ";;" and "(" and ")" inside and outside of case. */
static void separator(struct reader *r, char c)
{
	if (c == '(' && r->mode == MODE_WORDS && r->now.words.n == 1) { /* name() */
		*vec_push(&r->out->functions, r->arena) = r->now.words.p[0].text;
		r->now = (struct script_command){0};
		r->mode = MODE_COMMAND;
	} else if (r->mode == MODE_PATTERN) {
		r->mode = c == ')' ? MODE_COMMAND : MODE_PATTERN;
	} else if (r->mode != MODE_CASE) {
		end_command(r);
		if (c == ';' && peek(r, 1) == ';' && r->cases) {
			r->mode = MODE_PATTERN;
			r->at++;
		}
	}
	r->at++;
}

static void read_one(struct reader *r)
{
	char c = peek(r, 0);
	if (c == '\n') {
		if (r->mode != MODE_CASE && r->mode != MODE_PATTERN)
			end_command(r);
		r->at++;
		skip_heredocs(r);
	} else if (c == '\\' && (peek(r, 1) == '\n' || peek(r, 1) == '\r')) {
		r->at += peek(r, 1) == '\r' ? 3 : 2;
	} else if (c == '#') {
		r->at += str_index(str_skip(r->text, r->at), '\n');
	} else if (c == '<' || c == '>' || (c == '&' && peek(r, 1) == '>')) {
		redirection(r);
	} else if ((c == '|' || c == '&') && r->mode != MODE_PATTERN) {
		bool twice = peek(r, 1) == c;
		end_command(r);
		r->fallback = c == '|' && twice;
		r->at += twice ? 2 : 1;
	} else if (c == ';' || c == '(' || c == ')' || c == '|' || c == '&') {
		separator(r, c);
	} else {
		add_word(r);
	}
}

void script_read(struct script *s, struct str text, struct arena *a)
{
	struct reader r = {.out = s, .text = text, .arena = a};
	*s = (struct script){0};
	for (skip_blanks(&r); r.at < text.n; skip_blanks(&r)) {
		size_t before = r.at;
		read_one(&r);
		if (r.at == before) /* a NUL */
			r.at++;
	}
	end_command(&r);
}

/* ---- Asking ---- */

bool command_is(const struct script_command *c, const char *name)
{
	return str_eq(str_basename(c->words.p[0].text), str_of(name));
}

bool command_has(const struct script_command *c, const char *word)
{
	for (size_t i = 1; i < c->words.n; i++)
		if (str_eq(c->words.p[i].text, str_of(word)))
			return true;
	return false;
}

struct str command_verb(const struct script_command *c)
{
	for (size_t i = 1; i < c->words.n; i++)
		if (c->words.p[i].text.n && c->words.p[i].text.p[0] != '-')
			return c->words.p[i].text;
	return STR("");
}
