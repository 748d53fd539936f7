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

/* Behind env, exec, nohup: options and assignments come before the command. */
enum prefix { PREFIX_NONE, PREFIX_ANY, PREFIX_EXEC };

/* Where in the grammar the reader is; a substitution has its own. */
struct place {
	enum mode mode;
	enum prefix prefix;
	bool backquoted;  /* between ` and ` */
	bool conditional; /* behind && or || */
	unsigned cases;   /* depth of case … esac */
	unsigned nested;  /* depth of everything that has an end: if, while, {, ( … */
	unsigned depth;   /* of expansions in one another */
};

struct shell {
	struct str text;
	size_t at;
	struct place place;
	bool ends;       /* exec COMMAND stands for itself: nothing behind its line is run */
	bool sources;    /* reads other scripts, whose functions are not known here */
	struct str here; /* delimiter of a here-document that begins with the next line */
	struct arena *arena;
	struct map own; /* functions, and names that are only asked for (command -v) */
	struct str_vec commands;
};

enum { EXPANSION_DEPTH = 32 };

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

static void skip_quotes(struct shell *s, struct word *w);

/* $( … ): commands again, then on as before. $(( … )) is arithmetic. */
static void substitution(struct shell *s)
{
	const struct place before = s->place;
	if (peek(s, 2) == '(' || before.depth == EXPANSION_DEPTH) {
		skip_behind(s, STR(")"));
		return;
	}
	s->at += 2;
	s->place = (struct place){.depth = before.depth + 1, .nested = 1};
	for (unsigned open = 1; s->at < s->text.n;) {
		if (peek(s, 0) == '(')
			open++;
		else if (peek(s, 0) == ')' && s->place.mode != MODE_PATTERN && --open == 0)
			break;
		step(s);
	}
	s->at += s->at < s->text.n;
	s->place = before;
}

static void skip_expansion(struct shell *s);

/* ${name}, ${name#"${other}:"} */
static void skip_braces(struct shell *s)
{
	struct word inside = {0};
	if (s->place.depth == EXPANSION_DEPTH) {
		skip_behind(s, STR("}"));
		return;
	}
	s->place.depth++;
	for (s->at += 2; s->at < s->text.n && s->text.p[s->at] != '}';) {
		char c = s->text.p[s->at];
		if (c == '"')
			skip_quotes(s, &inside);
		else if (c == '$')
			skip_expansion(s);
		else
			s->at += c == '\\' ? 2 : 1;
	}
	s->at++;
	s->place.depth--;
}

/* At '$'. */
static void skip_expansion(struct shell *s)
{
	if (peek(s, 1) == '(')
		substitution(s);
	else if (peek(s, 1) == '{')
		skip_braces(s);
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

/* 'name', "name" and na''me are name. */
static struct str unquoted(struct shell *s, struct word w)
{
	if (!w.quoted)
		return w.text;
	char *to = arena_alloc(s->arena, w.text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < w.text.n; i++)
		if (w.text.p[i] != '\'' && w.text.p[i] != '"')
			to[n++] = w.text.p[i];
	return (struct str){to, n};
}

/* ---- Here-documents ---- */

static void begin_here(struct shell *s)
{
	s->at += peek(s, 2) == '-' ? 3 : 2;
	skip_blanks(s);
	s->here = unquoted(s, take_word(s));
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
	bool letters = false;
	if (w.n > 128 || str_starts(w, STR("-")))
		return false;
	for (size_t i = 0; i < w.n; i++) {
		bool letter = (w.p[i] >= 'a' && w.p[i] <= 'z') || (w.p[i] >= 'A' && w.p[i] <= 'Z');
		if (!letter && !(w.p[i] >= '0' && w.p[i] <= '9') && !strchr("._+-/", w.p[i]))
			return false;
		letters |= letter;
	}
	return letters;
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
			make_own(s, unquoted(s, next));
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

static void leave(struct shell *s)
{
	s->place.nested -= s->place.nested > 0;
}

/* Reserved words change what comes next. False: an ordinary command. */
static bool reserved_word(struct shell *s, struct str name)
{
	if (is_introducer(name)) {
		s->place.nested += is_one_of(name, "if while until {");
		s->place.mode = MODE_COMMAND;
	} else if (is_one_of(name, "for select")) {
		s->place.mode = MODE_LIST;
		s->place.nested++;
	} else if (str_eq(name, STR("case"))) {
		s->place.mode = MODE_CASE_WORD;
		s->place.nested++;
		s->place.cases++;
	} else if (str_eq(name, STR("esac"))) {
		s->place.cases -= s->place.cases > 0;
		leave(s);
	} else if (is_one_of(name, "fi done }")) {
		leave(s);
	} else if (str_eq(name, STR("function"))) {
		skip_blanks(s);
		make_own(s, take_word(s).text);
		takes_parentheses(s);
		s->place.mode = MODE_COMMAND;
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
	s->place.mode = MODE_COMMAND;
}

static void prefix_command(struct shell *s, struct str name)
{
	s->place.mode = MODE_COMMAND;
	s->place.prefix = str_eq(name, STR("exec")) ? PREFIX_EXEC : PREFIX_ANY;
	if (is_one_of(name, "env nohup nice"))
		*vec_push(&s->commands, s->arena) = name;
}

static void command_word(struct shell *s, struct word w)
{
	struct str name = unquoted(s, w);
	enum prefix prefix = s->place.prefix;
	s->place.mode = MODE_ARGUMENT;
	s->place.prefix = PREFIX_NONE;
	if (is_assignment(w.text)) {
		assignment(s);
		s->place.prefix = prefix;
		return;
	}
	if (w.plain && prefix != PREFIX_NONE && str_starts(name, STR("-"))) {
		s->place.mode = MODE_COMMAND;
		s->place.prefix = prefix;
		return;
	}
	s->ends |= prefix == PREFIX_EXEC && !s->place.nested && !s->place.conditional;
	if (!w.plain || reserved_word(s, name) || asks_only(s, name))
		return;
	s->sources |= is_one_of(name, ". source");
	if (is_one_of(name, "exec command env nohup nice"))
		prefix_command(s, name);
	else if (!is_builtin(name) && is_command_name(name))
		*vec_push(&s->commands, s->arena) = name;
}

/* 2 in 2>&1 */
static bool is_descriptor(const struct shell *s, struct str word)
{
	uint64_t number;
	return str_to_u64(word, &number) && (peek(s, 0) == '<' || peek(s, 0) == '>');
}

static void any_word(struct shell *s)
{
	struct word w = take_word(s);
	if (is_descriptor(s, w.text))
		return;
	switch (s->place.mode) {
	case MODE_COMMAND:
		if (takes_parentheses(s))
			make_own(s, w.text);
		else
			command_word(s, w);
		break;
	case MODE_CASE_WORD:
		if (str_eq(w.text, STR("in")))
			s->place.mode = MODE_PATTERN;
		break;
	case MODE_PATTERN:
		if (str_eq(w.text, STR("esac"))) {
			s->place.cases -= s->place.cases > 0;
			s->place.mode = MODE_ARGUMENT;
			leave(s);
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
	if (s->place.mode != MODE_PATTERN && s->place.mode != MODE_CASE_WORD)
		s->place.mode = MODE_COMMAND;
	s->place.prefix = PREFIX_NONE;
	s->place.conditional = false;
	if (s->here.n)
		skip_here(s);
	if (s->ends)
		s->at = s->text.n;
}

/* ; & | ( and && || and ;; behind a case's commands */
static void separator(struct shell *s)
{
	char c = peek(s, 0), next = peek(s, 1);
	bool next_case = c == ';' && (next == ';' || next == '&') && s->place.cases;
	if (c == '(' && next == '(' && s->place.mode == MODE_COMMAND) { /* arithmetic */
		skip_behind(s, STR("))"));
		s->place.mode = MODE_ARGUMENT;
		return;
	}
	s->at += next_case ? 2 : 1;
	s->place.nested += c == '(' && s->place.mode != MODE_PATTERN;
	s->place.conditional = (c == '&' || c == '|') && (c == next || s->place.conditional);
	s->place.prefix = PREFIX_NONE;
	if (s->place.mode != MODE_PATTERN)
		s->place.mode = next_case ? MODE_PATTERN : MODE_COMMAND;
}

static void closing(struct shell *s)
{
	s->at++;
	if (s->place.mode == MODE_PATTERN) {
		s->place.mode = MODE_COMMAND;
		return;
	}
	s->place.mode = MODE_ARGUMENT;
	leave(s);
}

static void backquote(struct shell *s)
{
	s->at++;
	s->place.backquoted = !s->place.backquoted;
	s->place.mode = s->place.backquoted ? MODE_COMMAND : MODE_ARGUMENT;
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
		closing(s);
	} else {
		any_word(s);
	}
}

/* Utilities of POSIX, which nobody writes as functions. */
static bool is_utility(struct str name)
{
	return is_one_of(str_basename(name),
	                 "awk basename bc cat chgrp chmod chown cmp comm cp cut date dd df diff"
	                 " dirname du ed env expr file find fold getconf grep head id iconv install"
	                 " join ln ls make mkdir mkfifo mktemp mv nice nl nohup od paste patch ps"
	                 " readlink realpath rm rmdir sed seq sh sleep sort split stat stty tail"
	                 " tar tee touch tr tty uname uniq wc who xargs");
}

static void run_needs(struct collector *c, const struct visit *v, const struct shell *s,
                      struct str command)
{
	struct str how = arena_printf(c->arena, "calls %.*s", STR_ARG(command));
	bool function = s->sources && !is_utility(command); /* … of a script that is read */
	const struct node *own = files_executable(c, command);
	if (own)
		command_starts(c, v, own);
	else if (command.p[0] == '/' || str_index(command, '/') == command.n)
		collect_need(c, v, NEED_EXECUTABLE, command,
		             function ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY, how);
	runtime_of_command(c, &(struct visit){v->node, true, v->where}, command, how);
}

void shell_needs(struct collector *c, const struct visit *v, struct str text)
{
	struct shell s = {.text = text, .arena = c->arena};
	while (s.at < s.text.n)
		step(&s);
	for (size_t i = 0; i < s.commands.n; i++)
		if (!map_find(&s.own, s.commands.p[i]))
			run_needs(c, v, &s, s.commands.p[i]);
}
