/* Shell scripts: the commands that they name.
 *
 * Not a shell, but its words (POSIX, "Shell Command Language", 2.3 and 2.10): a
 * script is cut into words and operators, quotes, comments and here-documents
 * passed over, and a word in the place of a command is one. What is built in, a
 * function of the script, or made of variables is left out. Whether the line
 * with a command is ever reached nobody can know: such needs are likely. */
#include "needs/collect.h"

/* What the next word is. */
enum mode {
	MODE_COMMAND,
	MODE_ARGUMENT,
	MODE_LIST,      /* for x in … : until ; or the line's end */
	MODE_CASE_WORD, /* case x : until "in" */
	MODE_PATTERN    /* of case: until ) */
};

struct shell {
	struct str text;
	size_t at;
	enum mode mode;
	bool prefix;       /* behind env, exec, nohup: options and assignments come first */
	bool backquoted;   /* between ` and ` */
	unsigned cases;    /* depth of case … esac */
	unsigned depth;    /* of $( … ) */
	struct str here;   /* delimiter of a here-document that begins with the next line */
	struct arena *arena;
	struct map own;    /* functions, and names that are only asked for (command -v) */
	struct str_vec commands;
};

enum { SUBSTITUTION_DEPTH = 32 };

static char peek(const struct shell *s, size_t ahead)
{
	return s->at + ahead < s->text.n ? s->text.p[s->at + ahead] : '\0';
}

/* Behind the next `end`, or at the end of the text. */
static void skip_behind(struct shell *s, struct str end)
{
	s->at += str_find(str_skip(s->text, s->at), end) + end.n;
	if (s->at > s->text.n)
		s->at = s->text.n;
}

static void skip_blanks(struct shell *s)
{
	while (peek(s, 0) == ' ' || peek(s, 0) == '\t')
		s->at++;
}

/* ---- Words ---- */

/* A word's text where it is plain; `plain` is false where it holds anything that the shell
 * would expand. */
struct word {
	struct str text;
	bool plain, quoted;
};

static void step(struct shell *s);

/* $( … ): commands again, then on as before. $(( … )) is arithmetic. */
static void substitution(struct shell *s)
{
	struct shell before = *s;
	if (peek(s, 2) == '(' || s->depth == SUBSTITUTION_DEPTH) {
		skip_behind(s, STR(")"));
		return;
	}
	s->at += 2;
	s->mode = MODE_COMMAND;
	s->prefix = s->backquoted = false;
	s->cases = 0;
	s->depth++;
	for (unsigned open = 1; s->at < s->text.n;) {
		if (peek(s, 0) == '(')
			open++;
		else if (peek(s, 0) == ')' && s->mode != MODE_PATTERN && --open == 0)
			break;
		step(s);
	}
	s->at += s->at < s->text.n;
	s->mode = before.mode;
	s->prefix = before.prefix;
	s->backquoted = before.backquoted;
	s->cases = before.cases;
	s->depth = before.depth;
}

/* At '$'. */
static void skip_expansion(struct shell *s)
{
	if (peek(s, 1) == '(')
		substitution(s);
	else if (peek(s, 1) == '{')
		skip_behind(s, STR("}"));
	else
		s->at++;
}

static void skip_quotes(struct shell *s, struct word *w)
{
	char quote = s->text.p[s->at++];
	while (s->at < s->text.n && s->text.p[s->at] != quote) {
		char c = s->text.p[s->at];
		if (quote == '"' && (c == '$' || c == '`'))
			w->plain = false;
		if (quote == '"' && c == '$')
			skip_expansion(s);
		else
			s->at += quote == '"' && c == '\\' ? 2 : 1;
	}
	s->at++;
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\r\n;&|<>()`", c);
}

static struct word take_word(struct shell *s)
{
	struct word w = {.plain = true};
	size_t start = s->at;
	while (s->at < s->text.n && !ends_word(s->text.p[s->at])) {
		char c = s->text.p[s->at];
		if (c == '\'' || c == '"') {
			w.quoted = true;
			skip_quotes(s, &w);
		} else if (c == '$') {
			w.plain = false;
			skip_expansion(s);
		} else {
			w.plain &= c != '*' && c != '?' && c != '~' && c != '[';
			s->at += c == '\\' ? 2 : 1;
		}
	}
	if (s->at > s->text.n)
		s->at = s->text.n;
	w.text = str_slice(s->text, start, s->at);
	return w;
}

/* 'name' and "name" are name; anything odder is nobody's command. */
static struct str unquoted(struct word w)
{
	struct str t = w.text;
	if (w.quoted && t.n >= 2 && t.p[0] == t.p[t.n - 1] && (t.p[0] == '"' || t.p[0] == '\''))
		t = str_slice(t, 1, t.n - 1);
	return t;
}

/* ---- Here-documents ---- */

static void begin_here(struct shell *s)
{
	s->at += peek(s, 2) == '-' ? 3 : 2;
	skip_blanks(s);
	s->here = unquoted(take_word(s));
}

static void skip_here(struct shell *s)
{
	struct str rest = str_skip(s->text, s->at), line;
	while (str_next(&rest, '\n', &line))
		if (str_eq(str_trim(line), s->here))
			break;
	s->at = s->text.n - rest.n;
	s->here = STR_NONE;
}

/* ---- Commands ---- */

/* Reserved words behind which another command comes. */
static bool is_introducer(struct str w)
{
	return is_one_of(w, "if then else elif while until do ! { time");
}

static bool is_builtin(struct str w)
{
	return is_one_of(w, "fi done esac } for case select function in . : [ [[ ]] source alias"
	                    " bg break cd command continue declare dirs disown echo enable eval"
	                    " exec exit export false fc fg getopts hash help history jobs kill let"
	                    " local logout mapfile popd printf pushd pwd read readarray readonly"
	                    " return set shift shopt suspend test times trap true type typeset"
	                    " ulimit umask unalias unset wait");
}

static bool is_assignment(struct str w)
{
	size_t equals = str_index(w, '=');
	if (equals == 0 || equals == w.n || (w.p[0] >= '0' && w.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < equals; i++)
		if (!((w.p[i] >= 'a' && w.p[i] <= 'z') || (w.p[i] >= 'A' && w.p[i] <= 'Z') ||
		      (w.p[i] >= '0' && w.p[i] <= '9') || strchr("_+[]", w.p[i])))
			return false;
	return true;
}

static bool is_command_name(struct str w)
{
	if (w.n == 0 || w.n > 128 || w.p[0] == '-')
		return false;
	for (size_t i = 0; i < w.n; i++)
		if (!((w.p[i] >= 'a' && w.p[i] <= 'z') || (w.p[i] >= 'A' && w.p[i] <= 'Z') ||
		      (w.p[i] >= '0' && w.p[i] <= '9') || strchr("._+-/", w.p[i])))
			return false;
	return true;
}

/* "name() {", and what `command -v name` asks for. */
static void make_own(struct shell *s, struct str name)
{
	map_put(&s->own, s->arena, name, NULL);
}

/* The word behind `command -v`, `type`, `which` and `hash` is asked for, not started. */
static bool asks_only(struct shell *s, struct str w)
{
	if (!is_one_of(w, "command type which hash"))
		return false;
	bool asks = !str_eq(w, STR("command"));
	for (;;) {
		skip_blanks(s);
		size_t before = s->at;
		struct word next = take_word(s);
		if (str_starts(next.text, STR("-"))) {
			asks |= str_eq(next.text, STR("-v")) || str_eq(next.text, STR("-V"));
			continue;
		}
		if (asks && next.plain && next.text.n)
			make_own(s, unquoted(next));
		else
			s->at = before;
		return asks;
	}
}

/* "()" behind a name */
static bool takes_parentheses(struct shell *s)
{
	size_t before = s->at;
	skip_blanks(s);
	if (peek(s, 0) == '(' && peek(s, 1) == ')') {
		s->at += 2;
		return true;
	}
	s->at = before;
	return false;
}

/* Reserved words that change what comes next. False: an ordinary command. */
static bool reserved_word(struct shell *s, struct str name)
{
	if (is_introducer(name)) {
		s->mode = MODE_COMMAND;
	} else if (is_one_of(name, "for select")) {
		s->mode = MODE_LIST;
	} else if (str_eq(name, STR("case"))) {
		s->mode = MODE_CASE_WORD;
		s->cases++;
	} else if (str_eq(name, STR("esac"))) {
		s->cases -= s->cases > 0;
	} else if (str_eq(name, STR("function"))) {
		skip_blanks(s);
		make_own(s, take_word(s).text);
		takes_parentheses(s);
		s->mode = MODE_COMMAND;
	} else {
		return false;
	}
	return true;
}

/* a=b before a command, a=(b c) for itself. */
static void assignment(struct shell *s)
{
	if (peek(s, 0) == '(')
		skip_behind(s, STR(")"));
	s->mode = MODE_COMMAND;
}

static void command_word(struct shell *s, struct word w)
{
	struct str name = unquoted(w);
	bool was_prefix = s->prefix;
	s->mode = MODE_ARGUMENT;
	s->prefix = false;
	if (is_assignment(w.text)) {
		assignment(s);
		s->prefix = was_prefix;
	} else if (!w.plain) {
		return;
	} else if (was_prefix && str_starts(name, STR("-"))) {
		s->mode = MODE_COMMAND;
		s->prefix = true;
	} else if (reserved_word(s, name) || asks_only(s, name)) {
		return;
	} else if (is_one_of(name, "exec command env nohup nice")) {
		s->mode = MODE_COMMAND;
		s->prefix = true;
		if (is_one_of(name, "env nohup nice"))
			*vec_push(&s->commands, s->arena) = name;
	} else if (!is_builtin(name) && is_command_name(name)) {
		*vec_push(&s->commands, s->arena) = name;
	}
}

static void any_word(struct shell *s)
{
	struct word w = take_word(s);
	switch (s->mode) {
	case MODE_COMMAND:
		if (takes_parentheses(s))
			make_own(s, w.text);
		else
			command_word(s, w);
		break;
	case MODE_CASE_WORD:
		if (str_eq(w.text, STR("in")))
			s->mode = MODE_PATTERN;
		break;
	case MODE_PATTERN:
		if (str_eq(w.text, STR("esac"))) {
			s->cases -= s->cases > 0;
			s->mode = MODE_ARGUMENT;
		}
		break;
	case MODE_ARGUMENT:
	case MODE_LIST:
		break;
	}
}

/* ---- Operators ---- */

static void redirection(struct shell *s)
{
	if (peek(s, 0) == '<' && peek(s, 1) == '<' && peek(s, 2) != '<') {
		begin_here(s);
		return;
	}
	if (peek(s, 1) == '(') { /* <( … ), >( … ): a substitution too */
		substitution(s);
		return;
	}
	do
		s->at++;
	while (peek(s, 0) && strchr("<>&|", peek(s, 0)));
	skip_blanks(s);
	take_word(s);
}

static void new_line(struct shell *s)
{
	s->at++;
	if (s->mode != MODE_PATTERN && s->mode != MODE_CASE_WORD)
		s->mode = MODE_COMMAND;
	s->prefix = false;
	if (s->here.n)
		skip_here(s);
}

/* ; & | ( and ;; behind a case's commands */
static void separator(struct shell *s)
{
	bool arithmetic = peek(s, 0) == '(' && peek(s, 1) == '(' && s->mode == MODE_COMMAND;
	bool next_case = peek(s, 0) == ';' && (peek(s, 1) == ';' || peek(s, 1) == '&') && s->cases;
	if (arithmetic) {
		skip_behind(s, STR("))"));
		s->mode = MODE_ARGUMENT;
		return;
	}
	s->at += next_case ? 2 : 1;
	if (s->mode != MODE_PATTERN)
		s->mode = next_case ? MODE_PATTERN : MODE_COMMAND;
	s->prefix = false;
}

static void backquote(struct shell *s)
{
	s->at++;
	s->backquoted = !s->backquoted;
	s->mode = s->backquoted ? MODE_COMMAND : MODE_ARGUMENT;
}

static void step(struct shell *s)
{
	char c = peek(s, 0);
	if (c == '\n') {
		new_line(s);
	} else if (c == '\\' && peek(s, 1) == '\n') {
		s->at += 2;
	} else if (c == '#' && (s->at == 0 || ends_word(s->text.p[s->at - 1]))) {
		s->at += str_index(str_skip(s->text, s->at), '\n');
	} else if (c == '<' || c == '>') {
		redirection(s);
	} else if (c == ' ' || c == '\t' || c == '\r' || c == '\0') {
		s->at++;
	} else if (c == '`') {
		backquote(s);
	} else if (strchr(";&|(", c)) {
		separator(s);
	} else if (c == ')') {
		s->at++;
		s->mode = s->mode == MODE_PATTERN ? MODE_COMMAND : MODE_ARGUMENT;
	} else {
		any_word(s);
	}
}

static void run_needs(struct collector *c, const struct visit *v, struct str command)
{
	const struct node *own = files_executable(c, command);
	if (own)
		files_enqueue(c, own, v->aside);
	else if (command.p[0] == '/' || str_index(command, '/') == command.n)
		collect_need(c, v, NEED_EXECUTABLE, command, CERTAINTY_LIKELY,
		             arena_printf(c->arena, "calls %.*s", STR_ARG(command)));
	runtime_of_command(c, &(struct visit){v->node, true}, command,
	                   arena_printf(c->arena, "calls %.*s", STR_ARG(command)));
}

void shell_needs(struct collector *c, const struct visit *v, struct str text)
{
	struct shell s = {.text = text, .arena = c->arena};
	while (s.at < s.text.n)
		step(&s);
	for (size_t i = 0; i < s.commands.n; i++)
		if (!map_find(&s.own, s.commands.p[i]))
			run_needs(c, v, s.commands.p[i]);
}
