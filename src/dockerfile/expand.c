/* Variables and quotes as BuildKit's shell lexer reads them (frontend/dockerfile/shell/lex.go),
 * and beside each result the place that it came from.
 *
 * Text is emitted byte by byte, each with its place in the file. As long as the places follow
 * one another the result is `exact`: there is one run of bytes in the file that is the value,
 * which is what an editor wants to know. `"alpine:3.20"` is exact (inside the quotes), so is
 * `$BASE` (inside its ARG) and `${BASE:-alpine}`; `alpine:$TAG` is not. */
#include "core/limits.h"
#include "dockerfile/parts.h"

struct output {
	VEC(char) text;
	bool begun, broken;
	size_t from, to; /* of the run in the file */
	struct str unknown;
	bool words_wanted, in_word;
	VEC(char) word;
	size_t word_from, word_to; /* in the source */
	struct expanded_words words;
};

struct state {
	const struct expansion *x;
	struct str source;
	size_t pos;
	unsigned depth;
	struct arena *scratch;
	struct err *e;
};

enum { NO_STOP = -1 };

static bool until(struct state *s, struct output *o, int stop, bool raw_escapes);

/* ---- Output ---- */

static bool fail(struct state *s, const char *message)
{
	return err_set(s->e, ERR_INPUT, "%s", message);
}

static bool spend(struct state *s, size_t n)
{
	if (*s->x->steps < n)
		return err_set(s->e, ERR_LIMIT, "variables that take too many steps");
	*s->x->steps -= n;
	return true;
}

static void run(struct output *o, size_t from, size_t n)
{
	if (o->begun && o->to != from)
		o->broken = true;
	if (!o->begun)
		o->from = from;
	o->begun = true;
	o->to = from + n;
}

static void end_word(struct state *s, struct output *o)
{
	if (o->word.n)
		*vec_push(&o->words, s->x->arena) = (struct expanded_word){
			arena_str(s->x->arena, (struct str){o->word.p, o->word.n}), o->word_from, o->word_to};
	o->in_word = o->in_word && !o->word.n;
	o->word.n = 0;
}

static void word_byte(struct state *s, struct output *o, char c, size_t from, bool quoted)
{
	if (!quoted && space_width((struct str){&c, 1})) {
		if (o->in_word)
			end_word(s, o);
		return;
	}
	if (!o->in_word || !o->word.n)
		o->word_from = from;
	o->in_word = true;
	o->word_to = s->pos;
	*vec_push(&o->word, s->scratch) = c;
}

/* `from`: where the construct that gives this byte begins in the source. */
static bool emit(struct state *s, struct output *o, char c, size_t from, bool quoted)
{
	if (o->text.n >= LIMIT_DOCKERFILE_VALUE_BYTES && !o->words_wanted)
		return err_set(s->e, ERR_LIMIT, "a value of more than %u bytes",
		               LIMIT_DOCKERFILE_VALUE_BYTES);
	if (!spend(s, 1))
		return false;
	if (o->words_wanted)
		word_byte(s, o, c, from, quoted);
	else
		*vec_push(&o->text, s->scratch) = c;
	return true;
}

/* A byte of the source itself. */
static bool emit_source(struct state *s, struct output *o, size_t at, bool quoted)
{
	if (s->x->place)
		run(o, instruction_span(s->x->place, str_slice(s->source, at, at + 1)).off, 1);
	return emit(s, o, s->source.p[at], at, quoted);
}

static bool emit_str(struct state *s, struct output *o, struct str text, size_t from, bool quoted)
{
	for (size_t i = 0; i < text.n; i++)
		if (!emit(s, o, text.p[i], from, quoted))
			return false;
	return true;
}

static bool emit_value(struct state *s, struct output *o, const struct traced *v, size_t from,
                       bool quoted)
{
	if (v->unknown.n && !o->unknown.n)
		o->unknown = v->unknown;
	if (v->text.n) {
		if (v->exact)
			run(o, v->at.off, v->at.n);
		else
			o->begun = o->broken = true;
	}
	return emit_str(s, o, v->text, from, quoted);
}

static struct traced finish(struct state *s, const struct output *o)
{
	struct traced v = {.text = arena_str(s->x->arena, (struct str){o->text.p, o->text.n}),
	                   .unknown = o->unknown, .set = true};
	v.exact = s->x->place && o->begun && !o->broken && o->to - o->from == v.text.n;
	if (v.exact)
		v.at = (struct span){o->from, v.text.n};
	return v;
}

/* ---- ${…} ---- */

static bool peek(const struct state *s, char c)
{
	return s->pos < s->source.n && s->source.p[s->pos] == c;
}

static bool is_name_byte(char c, bool first)
{
	return (c | 0x20) >= 'a' ? (c | 0x20) <= 'z' || (unsigned char)c >= 0x80
	                         : c == '_' || (!first && c >= '0' && c <= '9');
}

static struct str take_name(struct state *s)
{
	struct str rest = str_skip(s->source, s->pos);
	size_t n = 0;
	if (rest.n && rest.p[0] >= '0' && rest.p[0] <= '9')
		while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
			n++;
	else if (rest.n && memchr("@*#?-$!", rest.p[0], 7))
		n = 1;
	else
		while (n < rest.n && (is_name_byte(rest.p[n], n == 0) || rest.p[n] == '_' ||
		                      (unsigned char)rest.p[n] >= 0x80))
			n++;
	s->pos += n;
	return str_slice(rest, 0, n);
}

static const struct traced *find(const struct state *s, struct str name)
{
	static const struct traced none;
	const struct traced *v = s->x->lookup ? s->x->lookup(s->x->context, name) : NULL;
	return v ? v : &none;
}

/* The text behind an operator up to `stop`, as a value of its own. */
static bool operand(struct state *s, int stop, bool raw, struct traced *v)
{
	struct output o = {0};
	if (!until(s, &o, stop, raw))
		return false;
	*v = finish(s, &o);
	return true;
}

static bool known(struct output *o, const struct traced *v)
{
	if (v->unknown.n && !o->unknown.n)
		o->unknown = v->unknown;
	return !v->unknown.n;
}

static bool trim_value(struct state *s, struct output *o, const struct traced *v, struct str word,
                       char op, size_t from, bool quoted)
{
	struct traced cut = *v;
	bool greedy = word.n && word.p[0] == op;
	if (!known(o, v))
		return true;
	if (!spend(s, v->text.n + word.n) ||
	    !pattern_trim(greedy ? str_skip(word, 1) : word, v->text,
	                  op == '%' ? PATTERN_BACK : PATTERN_FRONT, greedy, s->x->steps, &cut.text,
	                  s->e))
		return false;
	if (cut.exact)
		cut.at = (struct span){v->at.off + (size_t)(cut.text.p - v->text.p), cut.text.n};
	return emit_value(s, o, &cut, from, quoted);
}

static bool required(struct state *s, struct output *o, const struct traced *v, struct str name,
                     bool empty_too, size_t from, bool quoted)
{
	if (v->unknown.n || (v->set && !(empty_too && !v->text.n)))
		return emit_value(s, o, v, from, quoted);
	if (!o->unknown.n)
		o->unknown = arena_printf(s->x->arena, "%.*s must be given to the build", STR_ARG(name));
	return true;
}

static bool operator(struct state *s, struct output *o, struct str name, char op, bool empty_too,
                     size_t from, bool quoted)
{
	struct traced word;
	const struct traced *v = find(s, name);
	if (!operand(s, '}', op == '#' || op == '%', &word))
		return false;
	if (s->x->skip_unset && !v->set)
		return emit_str(s, o, str_slice(s->source, from, s->pos), from, quoted);
	bool has = v->set && !(empty_too && !v->text.n);
	/* Given by the build itself (TARGETARCH): set, to something that is not known here. */
	if (v->set && v->unknown.n && (op == '-' || op == '+'))
		return op == '-' ? emit_value(s, o, v, from, quoted) : emit_value(s, o, &word, from, quoted);
	switch (op) {
	case '-':
		/* BuildKit sees a default here whether or not an ARG without a value stands above. */
		return emit_value(s, o, has ? v : &word, from, quoted);
	case '+':
		return !has || emit_value(s, o, &word, from, quoted);
	case '?':
		return required(s, o, v, name, empty_too, from, quoted);
	default:
		return trim_value(s, o, v, word.text, op, from, quoted);
	}
}

static bool replace(struct state *s, struct output *o, struct str name, size_t from, bool quoted)
{
	struct traced pattern, with, made = {.set = true};
	const struct traced *v = find(s, name);
	bool all = peek(s, '/');
	s->pos += all;
	if (!operand(s, '/', true, &pattern) || !operand(s, '}', true, &with))
		return false;
	if (s->x->skip_unset && !v->set)
		return emit_str(s, o, str_slice(s->source, from, s->pos), from, quoted);
	if (!known(o, v))
		return true;
	return spend(s, LIMIT_DOCKERFILE_PATTERN + v->text.n) &&
	       pattern_replace(pattern.text, v->text, with.text, all, s->x->arena, s->x->steps,
	                       &made.text, s->e) &&
	       emit_value(s, o, &made, from, quoted);
}

static bool plain_variable(struct state *s, struct output *o, struct str name, size_t from,
                           bool quoted)
{
	const struct traced *v = find(s, name);
	if (s->x->skip_unset && !v->set)
		return emit_str(s, o, str_slice(s->source, from, s->pos), from, quoted);
	return emit_value(s, o, v, from, quoted);
}

static bool braces(struct state *s, struct output *o, size_t from, bool quoted)
{
	s->pos++;
	if (s->pos >= s->source.n)
		return fail(s, "${ without its }");
	if (peek(s, '{') || peek(s, '}') || peek(s, ':'))
		return fail(s, "a substitution without a name");
	struct str name = take_name(s);
	if (s->pos >= s->source.n)
		return fail(s, "${ without its }");
	char op = s->source.p[s->pos++];
	bool empty_too = op == ':';
	if (op == '}')
		return plain_variable(s, o, name, from, quoted);
	if (op == '/')
		return replace(s, o, name, from, quoted);
	if (empty_too) {
		if (s->pos >= s->source.n)
			return fail(s, "${ without its }");
		op = s->source.p[s->pos++];
	}
	if (!memchr("-+?#%", op, 5))
		return fail(s, "a substitution that BuildKit does not know");
	return operator(s, o, name, op, empty_too, from, quoted);
}

static bool dollar(struct state *s, struct output *o, bool quoted)
{
	size_t from = s->pos++;
	if (peek(s, '{'))
		return braces(s, o, from, quoted);
	struct str name = take_name(s);
	return name.n ? plain_variable(s, o, name, from, quoted) : emit_source(s, o, from, quoted);
}

/* ---- Quotes ---- */

static bool single_quotes(struct state *s, struct output *o)
{
	size_t from = s->pos++;
	if (s->x->raw_quotes && !emit_source(s, o, from, true))
		return false;
	for (; s->pos < s->source.n; s->pos++) {
		size_t at = s->pos;
		if (s->source.p[at] == '\'') {
			s->pos++;
			return !s->x->raw_quotes || emit_source(s, o, at, true);
		}
		if (!emit_source(s, o, at, true))
			return false;
	}
	return fail(s, "a ' without its end");
}

/* Only a quote, a dollar and the escape itself are escaped inside double quotes. */
static bool escape_in_quotes(struct state *s, struct output *o, bool raw)
{
	size_t at = s->pos++;
	if (raw && !emit_source(s, o, at, true))
		return false;
	if (s->pos >= s->source.n)
		return true;
	char next = s->source.p[s->pos];
	if (next == '"' || next == '$' || next == s->x->escape)
		return emit_source(s, o, s->pos++, true);
	return emit_source(s, o, at, true);
}

static bool double_quotes(struct state *s, struct output *o, bool raw)
{
	size_t from = s->pos++;
	if (s->x->raw_quotes && !emit_source(s, o, from, true))
		return false;
	while (s->pos < s->source.n) {
		char c = s->source.p[s->pos];
		bool ok;
		if (c == '"') {
			s->pos++;
			return !s->x->raw_quotes || emit_source(s, o, s->pos - 1, true);
		}
		if (c == '$')
			ok = dollar(s, o, true);
		else if (c == s->x->escape)
			ok = escape_in_quotes(s, o, raw);
		else
			ok = emit_source(s, o, s->pos++, true);
		if (!ok)
			return false;
	}
	return fail(s, "a \" without its end");
}

/* ---- All together ---- */

static bool escape(struct state *s, struct output *o, bool raw)
{
	size_t at = s->pos++;
	if (raw && !emit_source(s, o, at, true))
		return false;
	return s->pos >= s->source.n || emit_source(s, o, s->pos++, true);
}

static bool one(struct state *s, struct output *o, bool raw)
{
	char c = s->source.p[s->pos];
	if (c == '$')
		return dollar(s, o, false);
	if (c == '\'')
		return single_quotes(s, o);
	if (c == '"')
		return double_quotes(s, o, raw);
	if (c == s->x->escape)
		return escape(s, o, raw);
	s->pos++;
	return emit_source(s, o, s->pos - 1, false);
}

static bool until(struct state *s, struct output *o, int stop, bool raw_escapes)
{
	if (s->depth++ >= LIMIT_DOCKERFILE_NESTING)
		return err_set(s->e, ERR_LIMIT, "substitutions nested deeper than %u",
		               LIMIT_DOCKERFILE_NESTING);
	while (s->pos < s->source.n) {
		if (stop != NO_STOP && peek(s, (char)stop)) {
			s->pos++;
			s->depth--;
			return true;
		}
		if (!one(s, o, raw_escapes))
			return false;
	}
	s->depth--;
	return stop == NO_STOP || fail(s, "${ without its end");
}

bool expand(const struct expansion *x, struct str source, struct traced *result,
            struct expanded_words *words, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct state s = {.x = x, .source = source, .scratch = &scratch, .e = e};
	struct output o = {.words_wanted = words != NULL};
	*result = (struct traced){0};
	if (!until(&s, &o, NO_STOP, x->raw_escapes))
		return false;
	if (words) {
		end_word(&s, &o);
		*words = o.words;
	}
	*result = finish(&s, &o);
	return true;
}
