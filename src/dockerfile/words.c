/* One joined line into keyword, flags and tokens: parser/split_command.go and
 * parser/line_parsers.go. */
#include "core/limits.h"
#include "dockerfile/parts.h"

/* ---- White space ---- */

size_t space_width(struct str s)
{
	if (!s.n)
		return 0;
	unsigned char c = (unsigned char)s.p[0];
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	if (c < 0xc2)
		return 0;
	static const struct str wide[] = {
		STR_INIT("\xc2\x85"),     STR_INIT("\xc2\xa0"),     STR_INIT("\xe1\x9a\x80"),
		STR_INIT("\xe2\x80\x80"), STR_INIT("\xe2\x80\x81"), STR_INIT("\xe2\x80\x82"),
		STR_INIT("\xe2\x80\x83"), STR_INIT("\xe2\x80\x84"), STR_INIT("\xe2\x80\x85"),
		STR_INIT("\xe2\x80\x86"), STR_INIT("\xe2\x80\x87"), STR_INIT("\xe2\x80\x88"),
		STR_INIT("\xe2\x80\x89"), STR_INIT("\xe2\x80\x8a"), STR_INIT("\xe2\x80\xa8"),
		STR_INIT("\xe2\x80\xa9"), STR_INIT("\xe2\x80\xaf"), STR_INIT("\xe2\x81\x9f"),
		STR_INIT("\xe3\x80\x80")};
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (str_starts(s, wide[i]))
			return wide[i].n;
	return 0;
}

struct str space_trim_left(struct str s)
{
	for (size_t n; (n = space_width(s));)
		s = str_skip(s, n);
	return s;
}

struct str space_trim(struct str s)
{
	s = space_trim_left(s);
	for (bool more = true; more;) {
		more = false;
		for (size_t n = 1; n <= 3 && n <= s.n && !more; n++) {
			more = space_width(str_skip(s, s.n - n)) == n;
			if (more)
				s.n -= n;
		}
	}
	return s;
}

/* The set at which keywords, FROM's and COPY's words are cut: [\t\v\f\r ]. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static size_t blank_index(struct str s)
{
	size_t n = 0;
	while (n < s.n && !is_blank(s.p[n]))
		n++;
	return n;
}

static struct str skip_blanks(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_skip(s, 1);
	return s;
}

/* ---- Tokens ---- */

static struct token token_of(const struct instruction *i, struct str raw)
{
	return (struct token){raw, raw, instruction_span(i, raw)};
}

static bool wrong(struct cutting *c, struct str where, struct err *e, const char *message)
{
	c->wrong = where;
	return err_set(e, ERR_INPUT, "%s", message);
}

static bool count_token(struct cutting *c, struct err *e)
{
	if (c->token_count++ < LIMIT_DOCKERFILE_TOKENS)
		return true;
	return err_set(e, ERR_LIMIT, "more than %u words", LIMIT_DOCKERFILE_TOKENS);
}

static bool add_token(struct cutting *c, struct instruction *i, struct str raw, struct err *e)
{
	if (!count_token(c, e))
		return false;
	*vec_push(&i->tokens, c->arena) = token_of(i, raw);
	return true;
}

static bool cut_blanks(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	while (rest.n) {
		struct str word = str_slice(rest, 0, blank_index(rest));
		if (!add_token(c, i, word, e))
			return false;
		rest = skip_blanks(str_skip(rest, word.n));
	}
	return true;
}

/* A word with its quotes: line_parsers.go, parseWords. */
static size_t quoted_word(const struct cutting *c, struct str s)
{
	char quote = 0;
	size_t n = 0;
	while (n < s.n) {
		char ch = s.p[n];
		if (!quote && space_width(str_skip(s, n)))
			break;
		if (quote ? ch == quote : ch == '"' || ch == '\'')
			quote = quote ? 0 : ch;
		else if (ch == c->file->escape && quote != '\'' && n + 1 < s.n)
			n++;
		n++;
	}
	return n;
}

static bool cut_quoted(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	for (rest = space_trim_left(rest); rest.n; rest = space_trim_left(rest)) {
		struct str word = str_slice(rest, 0, quoted_word(c, rest));
		if (!add_token(c, i, word, e))
			return false;
		rest = str_skip(rest, word.n);
	}
	return true;
}

/* ---- Flags ---- */

/* A flag's value, its quotes and backslashes gone; parser/split_command.go knows no other
 * escape than the backslash. `at`, unless NULL, gets each byte's place in `raw`. */
static struct str unquote(struct str raw, struct arena *a, size_t *at)
{
	char *p = arena_alloc(a, raw.n + 1), quote = 0;
	size_t n = 0;
	for (size_t k = 0; k < raw.n; k++) {
		char ch = raw.p[k];
		if (quote ? ch == quote : ch == '"' || ch == '\'') {
			quote = quote ? 0 : ch;
			continue;
		}
		if (ch == '\\') {
			if (++k == raw.n)
				break;
			ch = raw.p[k];
		}
		if (at)
			at[n] = k;
		p[n++] = ch;
	}
	return (struct str){p, n};
}

static size_t flag_length(struct str s)
{
	char quote = 0;
	size_t n = 0;
	while (n < s.n && (quote || !space_width(str_skip(s, n)))) {
		char ch = s.p[n];
		if (quote ? ch == quote : ch == '"' || ch == '\'')
			quote = quote ? 0 : ch;
		else if (ch == '\\' && n + 1 < s.n)
			n++;
		n++;
	}
	return n;
}

static void add_flag(struct cutting *c, struct instruction *i, struct str word)
{
	struct str body = str_skip(word, 2);
	size_t equals = str_index(body, '=');
	struct flag *f = vec_push(&i->flags, c->arena);
	f->at = instruction_span(i, word);
	f->name = token_of(i, str_slice(body, 0, equals));
	f->has_value = equals < body.n;
	f->value = token_of(i, str_skip(body, equals + f->has_value));
	if (str_index(f->value.raw, '"') < f->value.raw.n ||
	    str_index(f->value.raw, '\'') < f->value.raw.n ||
	    str_index(f->value.raw, '\\') < f->value.raw.n)
		f->value.value = unquote(f->value.raw, c->arena, NULL);
}

/* Words that begin with "--", up to the first that does not, or to "--" alone. */
static bool cut_flags(struct cutting *c, struct instruction *i, struct str *rest, struct err *e)
{
	for (;;) {
		*rest = space_trim_left(*rest);
		if (!str_starts(*rest, STR("--")))
			return true;
		struct str word = str_slice(*rest, 0, flag_length(*rest));
		*rest = str_skip(*rest, word.n);
		if (str_eq(word, STR("--")))
			return true;
		if (!count_token(c, e))
			return false;
		add_flag(c, i, word);
	}
}

/* ---- Each instruction's way of being cut ---- */

static bool cut_json(struct cutting *c, struct instruction *i, struct str rest, bool *done,
                     struct err *e)
{
	struct token_vec strings = {0};
	enum json_kind kind = json_strings(rest, c->arena, &strings);
	*done = kind == JSON_STRINGS;
	if (kind == JSON_OTHER)
		return wrong(c, rest, e, "the array must hold strings alone");
	i->json = *done;
	for (size_t k = 0; *done && k < strings.n; k++) {
		if (!count_token(c, e))
			return false;
		struct token t = strings.p[k];
		t.at = instruction_span(i, t.raw);
		*vec_push(&i->tokens, c->arena) = t;
	}
	return true;
}

static bool cut_whole(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	return !rest.n || add_token(c, i, rest, e);
}

static bool cut_command(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	bool done;
	return cut_json(c, i, rest, &done, e) && (done || cut_whole(c, i, rest, e));
}

static bool cut_list(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	bool done;
	return cut_json(c, i, rest, &done, e) && (done || cut_blanks(c, i, rest, e));
}

static bool cut_health(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	size_t n = 0;
	while (n < rest.n && !space_width(str_skip(rest, n)))
		n++;
	struct str kind = str_slice(rest, 0, n);
	return cut_whole(c, i, kind, e) && cut_command(c, i, space_trim_left(str_skip(rest, n)), e);
}

/* ENV and LABEL: name=value words, or the old form, one name and the rest of the line. */
static bool cut_pairs(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	if (!rest.n)
		return true;
	struct str first = str_slice(rest, 0, quoted_word(c, rest));
	if (str_index(first, '=') == first.n) {
		struct str name = str_slice(rest, 0, blank_index(rest));
		struct str value = skip_blanks(str_skip(rest, name.n));
		if (!value.n)
			return wrong(c, rest, e, "wants a name and a value");
		return add_token(c, i, name, e) && add_token(c, i, value, e);
	}
	if (!cut_quoted(c, i, rest, e))
		return false;
	for (size_t k = 0; k < i->tokens.n; k++)
		if (str_index(i->tokens.p[k].raw, '=') == i->tokens.p[k].raw.n)
			return wrong(c, i->tokens.p[k].raw, e, "this word has no \"=\": wants name=value");
	return true;
}

static bool cut_trigger(struct cutting *c, struct instruction *i, struct str rest, struct err *e)
{
	if (!rest.n)
		return true;
	struct instruction *t = ARENA_NEW(c->arena, struct instruction);
	*t = (struct instruction){.line = i->line, .stage = NO_STAGE, .joined = i->joined,
	                          .pieces = i->pieces, .piece_count = i->piece_count,
	                          .comment_first = i->comment_first,
	                          .comment_count = i->comment_count};
	/* BuildKit refuses a chain (instructions/parse.go, parseOnBuild); refusing it here bounds
	 * the recursion. */
	if (str_starts(rest, STR("ONBUILD")) || str_starts(rest, STR("onbuild")))
		return wrong(c, rest, e, "ONBUILD inside ONBUILD");
	t->at = instruction_span(t, rest);
	i->trigger = t;
	return instruction_cut(c, t, rest, e);
}

static const struct rule {
	const char *name;
	bool (*cut)(struct cutting *c, struct instruction *i, struct str rest, struct err *e);
} rules[] = {
	[INSTRUCTION_UNKNOWN] = {"", cut_blanks},
	[INSTRUCTION_ADD] = {"ADD", cut_list},
	[INSTRUCTION_ARG] = {"ARG", cut_quoted},
	[INSTRUCTION_CMD] = {"CMD", cut_command},
	[INSTRUCTION_COPY] = {"COPY", cut_list},
	[INSTRUCTION_ENTRYPOINT] = {"ENTRYPOINT", cut_command},
	[INSTRUCTION_ENV] = {"ENV", cut_pairs},
	[INSTRUCTION_EXPOSE] = {"EXPOSE", cut_blanks},
	[INSTRUCTION_FROM] = {"FROM", cut_blanks},
	[INSTRUCTION_HEALTHCHECK] = {"HEALTHCHECK", cut_health},
	[INSTRUCTION_LABEL] = {"LABEL", cut_pairs},
	[INSTRUCTION_MAINTAINER] = {"MAINTAINER", cut_whole},
	[INSTRUCTION_ONBUILD] = {"ONBUILD", cut_trigger},
	[INSTRUCTION_RUN] = {"RUN", cut_command},
	[INSTRUCTION_SHELL] = {"SHELL", cut_command},
	[INSTRUCTION_STOPSIGNAL] = {"STOPSIGNAL", cut_whole},
	[INSTRUCTION_USER] = {"USER", cut_whole},
	[INSTRUCTION_VOLUME] = {"VOLUME", cut_list},
	[INSTRUCTION_WORKDIR] = {"WORKDIR", cut_whole},
};

static enum instruction_kind kind_of(struct str keyword)
{
	for (size_t k = 1; k < sizeof rules / sizeof *rules; k++) {
		size_t n = strlen(rules[k].name), same = 0;
		while (keyword.n == n && same < n && (keyword.p[same] & ~0x20) == rules[k].name[same])
			same++;
		if (same == n)
			return k;
	}
	return INSTRUCTION_UNKNOWN;
}

bool instruction_cut(struct cutting *c, struct instruction *i, struct str line, struct err *e)
{
	struct str rest = str_skip(line, blank_index(line));
	i->keyword = token_of(i, str_slice(line, 0, blank_index(line)));
	i->kind = kind_of(i->keyword.raw);
	if (!cut_flags(c, i, &rest, e))
		return false;
	rest = space_trim(rest);
	i->arguments = token_of(i, rest);
	c->wrong = STR_NONE;
	return rules[i->kind].cut(c, i, rest, e);
}

/* ---- Asking ---- */

const char *instruction_name(enum instruction_kind kind)
{
	return rules[kind].name;
}

const struct flag *instruction_flag(const struct instruction *i, struct str name)
{
	for (size_t k = i->flags.n; k-- > 0;)
		if (str_eq(i->flags.p[k].name.raw, name))
			return &i->flags.p[k];
	return NULL;
}

bool token_pair(const struct instruction *i, const struct token *t, struct token *name,
                struct token *value)
{
	size_t equals = str_index(t->raw, '=');
	*name = token_of(i, str_slice(t->raw, 0, equals));
	*value = token_of(i, str_skip(t->raw, equals + 1));
	return equals < t->raw.n;
}

/* A mount is one CSV record: fields may stand in double quotes, which split_command.go has
 * taken off already unless they were escaped. instructions/commands_runmount.go lowers keys. */
bool mount_from(const struct instruction *i, const struct flag *mount, struct token *from,
                struct arena *a)
{
	size_t *at = arena_array(a, mount->value.raw.n + 1, sizeof *at);
	struct str value = unquote(mount->value.raw, a, at), rest = value, field;
	bool found = false;
	while (str_next(&rest, ',', &field)) {
		field = str_trim(field);
		if (field.n < 5 || (field.p[0] | 0x20) != 'f' || (field.p[1] | 0x20) != 'r' ||
		    (field.p[2] | 0x20) != 'o' || (field.p[3] | 0x20) != 'm' || field.p[4] != '=')
			continue;
		struct str name = str_skip(field, 5);
		size_t first = (size_t)(name.p - value.p);
		*from = (struct token){.raw = name, .value = name};
		found = name.n > 0;
		if (found && at[first + name.n - 1] - at[first] == name.n - 1) {
			from->raw = str_slice(mount->value.raw, at[first], at[first] + name.n);
			from->at = instruction_span(i, from->raw);
			if (from->at.n != name.n)
				from->at.n = 0;
		}
	}
	return found;
}
