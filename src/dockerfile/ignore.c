#include "dockerfile/ignore.h"

#include <stdlib.h>

#include "core/limits.h"

/* ---- Reading ---- */

/* Go's path.Clean, without the slash in front: patterns are relative to the context. */
static struct str clean(struct str pattern, struct arena *a)
{
	VEC(struct str) parts = {0};
	struct str rest = pattern, part, text = STR("");
	while (str_next(&rest, '/', &part)) {
		if (part.n == 0 || str_eq(part, STR(".")))
			continue;
		if (str_eq(part, STR("..")) && parts.n > 0 && !str_eq(parts.p[parts.n - 1], STR("..")))
			parts.n--;
		else
			*vec_push(&parts, a) = part;
	}
	for (size_t i = 0; i < parts.n; i++)
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? "/" : "",
		                    STR_ARG(parts.p[i]));
	return text.n ? text : STR(".");
}

/* A class ends with its first "]" that is not its first character. */
static size_t class_end(struct str pattern, size_t at)
{
	size_t i = at + 1;
	if (i < pattern.n && pattern.p[i] == '^')
		i++;
	for (bool first = true; i < pattern.n; i++, first = false) {
		if (pattern.p[i] == '\\')
			i++;
		else if (pattern.p[i] == ']' && !first)
			return i;
	}
	return pattern.n;
}

static bool check(struct str pattern, unsigned line, struct err *e)
{
	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] == '\\')
			i++;
		else if (pattern.p[i] == '[' && (i = class_end(pattern, i)) >= pattern.n)
			return err_set(e, ERR_INPUT, "line %u: a [class] without its end", line);
	}
	return true;
}

static bool add_line(struct ignore *ig, struct str line, unsigned number, struct arena *a,
                     struct err *e)
{
	struct ignore_rule rule = {.line = number};
	if (str_starts(line, STR("#")))
		return true;
	line = str_trim(line);
	if (str_starts(line, STR("!"))) {
		rule.exception = true;
		line = str_trim(str_skip(line, 1));
		if (line.n == 0)
			return err_set(e, ERR_INPUT, "line %u: an exception without a pattern", number);
	}
	if (line.n == 0)
		return true;
	if (line.n > LIMIT_PATH_BYTES)
		return err_set(e, ERR_LIMIT, "line %u: a pattern of more than %u bytes", number,
		               LIMIT_PATH_BYTES);
	if (ig->rules.n >= LIMIT_IGNORE_RULES)
		return err_set(e, ERR_LIMIT, "more than %u patterns", LIMIT_IGNORE_RULES);
	rule.pattern = clean(line, a);
	ig->has_exceptions |= rule.exception;
	*vec_push(&ig->rules, a) = rule;
	return check(rule.pattern, number, e);
}

bool ignore_parse(struct ignore *ig, struct str text, struct arena *a, struct err *e)
{
	struct str line;
	*ig = (struct ignore){0};
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_skip(text, 3);
	for (unsigned number = 1; str_next(&text, '\n', &line); number++)
		if (!add_line(ig, line, number, a, e))
			return false;
	return true;
}

/* ---- Matching ---- */

/* One step of a pattern. `**` with the slash behind it is one: it takes nothing, or anything that
 * ends with a slash; at the pattern's end anything at all. */
enum step_kind { STEP_BYTE, STEP_ANY, STEP_STAR, STEP_FOLDERS, STEP_REST, STEP_CLASS };

struct step {
	enum step_kind kind;
	char byte;
	struct str class; /* between the brackets */
};

static struct step next_step(struct str pattern, size_t *at)
{
	char c = pattern.p[(*at)++];
	if (c == '*' && *at < pattern.n && pattern.p[*at] == '*') {
		++*at;
		if (*at < pattern.n && pattern.p[*at] == '/')
			++*at;
		return (struct step){.kind = *at == pattern.n ? STEP_REST : STEP_FOLDERS};
	}
	if (c == '*')
		return (struct step){.kind = STEP_STAR};
	if (c == '?')
		return (struct step){.kind = STEP_ANY};
	if (c == '[') {
		size_t end = class_end(pattern, *at - 1), from = *at;
		*at = end + 1;
		return (struct step){.kind = STEP_CLASS, .class = str_slice(pattern, from, end)};
	}
	if (c == '\\' && *at < pattern.n)
		c = pattern.p[(*at)++];
	return (struct step){.kind = STEP_BYTE, .byte = c};
}

static bool in_class(struct str class, char c)
{
	bool negated = str_starts(class, STR("^")), found = false;
	struct str rest = negated ? str_skip(class, 1) : class;
	while (rest.n > 0) {
		if (rest.p[0] == '\\' && rest.n > 1)
			rest = str_skip(rest, 1);
		char low = rest.p[0], high = low;
		rest = str_skip(rest, 1);
		if (rest.n > 1 && rest.p[0] == '-') {
			rest = str_skip(rest, 1);
			if (rest.p[0] == '\\' && rest.n > 1)
				rest = str_skip(rest, 1);
			high = rest.p[0];
			rest = str_skip(rest, 1);
		}
		found |= (unsigned char)low <= (unsigned char)c && (unsigned char)c <= (unsigned char)high;
	}
	return found != negated;
}

/* Which positions of the text the steps so far reach: reached[i] stands for the first i bytes. One
 * step after another, so that no pattern takes more than pattern × text. */
static void take_step(const struct step *s, struct str text, const bool *reached, bool *next)
{
	bool open = false; /* a star goes on */
	memset(next, 0, text.n + 1);
	for (size_t i = 0; i <= text.n; i++) {
		bool here = reached[i];
		char c = i < text.n ? text.p[i] : '\0';
		switch (s->kind) {
		case STEP_BYTE:
		case STEP_ANY:
		case STEP_CLASS:
			if (here && i < text.n)
				next[i + 1] = s->kind == STEP_BYTE ? c == s->byte
				              : s->kind == STEP_ANY ? c != '/'
				                                    : in_class(s->class, c);
			break;
		case STEP_STAR:
			open = here || (open && i > 0 && text.p[i - 1] != '/');
			next[i] = open;
			break;
		case STEP_REST:
			next[i] = open = open || here;
			break;
		case STEP_FOLDERS:
			next[i] = here || (open && i > 0 && text.p[i - 1] == '/');
			open |= here;
			break;
		}
	}
}

static bool matches(struct str pattern, struct str text)
{
	enum { ROOM = LIMIT_PATH_BYTES + 1 };
	bool a[ROOM], b[ROOM], *reached = a, *next = b;
	if (text.n >= ROOM)
		return false;
	memset(reached, 0, text.n + 1);
	reached[0] = true;
	for (size_t at = 0; at < pattern.n;) {
		struct step s = next_step(pattern, &at);
		take_step(&s, text, reached, next);
		bool *swap = reached;
		reached = next;
		next = swap;
	}
	return reached[text.n];
}

/* Itself, or a folder above it. */
static bool matches_any(struct str pattern, struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/' && matches(pattern, str_slice(path, 0, i)))
			return true;
	return matches(pattern, path);
}

bool ignore_takes(const struct ignore *ig, struct str path)
{
	bool taken = false;
	for (size_t i = 0; i < ig->rules.n; i++) {
		const struct ignore_rule *rule = &ig->rules.p[i];
		if (rule->exception == taken && matches_any(rule->pattern, path))
			taken = !rule->exception;
	}
	return taken;
}
