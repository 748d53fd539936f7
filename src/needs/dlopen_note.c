/* .note.dlopen: what a program says that it may open (UAPI group, "ELF dlopen
 * metadata"):
 *
 *     [{"feature": "lz4", "description": "…", "priority": "suggested",
 *       "soname": ["liblz4.so.1", "liblz4.so"]}]
 *
 * priority is required, recommended (the default) or suggested; one of the
 * sonames is enough, the first is the best. Read with a small scanner of our
 * own: bounded, and without a JSON library in the pure floors. */
#include "core/limits.h"
#include "needs/collect.h"

struct scan {
	struct str rest;
	bool bad; /* sticky */
};

static void skip_blanks(struct scan *s)
{
	while (s->rest.n && (s->rest.p[0] == ' ' || s->rest.p[0] == '\t' || s->rest.p[0] == '\n' ||
	                     s->rest.p[0] == '\r'))
		s->rest = str_skip(s->rest, 1);
}

static bool take(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->bad || s->rest.n == 0 || s->rest.p[0] != c)
		return false;
	s->rest = str_skip(s->rest, 1);
	return true;
}

/* The text between the quotes, as written: sonames hold nothing that needs escaping. */
static struct str take_string(struct scan *s)
{
	if (!take(s, '"')) {
		s->bad = true;
		return STR_NONE;
	}
	for (size_t i = 0; i < s->rest.n; i++) {
		if (s->rest.p[i] == '\\') {
			i++;
		} else if (s->rest.p[i] == '"') {
			struct str text = str_slice(s->rest, 0, i);
			s->rest = str_skip(s->rest, i + 1);
			return text;
		}
	}
	s->bad = true;
	return STR_NONE;
}

static void skip_value(struct scan *s, unsigned depth);

static void skip_members(struct scan *s, char close, unsigned depth)
{
	if (take(s, close))
		return;
	do {
		if (close == '}') {
			take_string(s);
			s->bad |= !take(s, ':');
		}
		skip_value(s, depth + 1);
	} while (take(s, ','));
	s->bad |= !take(s, close);
}

static void skip_value(struct scan *s, unsigned depth)
{
	skip_blanks(s);
	if (s->bad || depth > LIMIT_JSON_DEPTH || s->rest.n == 0) {
		s->bad = true;
	} else if (s->rest.p[0] == '"') {
		take_string(s);
	} else if (take(s, '[')) {
		skip_members(s, ']', depth);
	} else if (take(s, '{')) {
		skip_members(s, '}', depth);
	} else { /* a number, true, false, null */
		size_t n = 0;
		while (n < s->rest.n && !strchr(",]} \t\r\n", s->rest.p[n]))
			n++;
		s->bad |= n == 0;
		s->rest = str_skip(s->rest, n);
	}
}

struct feature {
	struct str name, description, priority;
	struct str_vec sonames;
};

static void take_sonames(struct scan *s, struct str_vec *sonames, struct arena *a)
{
	s->bad |= !take(s, '[');
	if (take(s, ']'))
		return;
	do
		*vec_push(sonames, a) = take_string(s);
	while (take(s, ','));
	s->bad |= !take(s, ']');
}

static void take_member(struct scan *s, struct feature *f, struct arena *a)
{
	struct str key = take_string(s);
	s->bad |= !take(s, ':');
	if (str_eq(key, STR("soname")))
		take_sonames(s, &f->sonames, a);
	else if (str_eq(key, STR("feature")))
		f->name = take_string(s);
	else if (str_eq(key, STR("description")))
		f->description = take_string(s);
	else if (str_eq(key, STR("priority")))
		f->priority = take_string(s);
	else
		skip_value(s, 0);
}

static bool take_feature(struct scan *s, struct feature *f, struct arena *a)
{
	*f = (struct feature){0};
	s->bad |= !take(s, '{');
	if (take(s, '}'))
		return !s->bad;
	do
		take_member(s, f, a);
	while (take(s, ','));
	s->bad |= !take(s, '}');
	return !s->bad;
}

static enum certainty certainty_of(struct str priority)
{
	if (str_eq(priority, STR("required")))
		return CERTAINTY_CERTAIN;
	return str_eq(priority, STR("suggested")) ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
}

/* "dlopen note, recommended: lz4, Support lz4 compression (or liblz4.so)" */
static struct str explain(const struct feature *f, struct arena *a)
{
	struct str text = arena_printf(a, "dlopen note, %.*s",
	                               STR_ARG(f->priority.n ? f->priority : STR("recommended")));
	if (f->name.n)
		text = arena_printf(a, "%.*s: %.*s", STR_ARG(text), STR_ARG(f->name));
	if (f->description.n)
		text = arena_printf(a, "%.*s, %.*s", STR_ARG(text), STR_ARG(f->description));
	for (size_t i = 1; i < f->sonames.n; i++)
		text = arena_printf(a, "%.*s%s%.*s%s", STR_ARG(text), i == 1 ? " (or " : " or ",
		                    STR_ARG(f->sonames.p[i]), i + 1 == f->sonames.n ? ")" : "");
	return text;
}

static void add_feature(struct collector *c, const struct visit *v, const struct feature *f)
{
	for (size_t i = 0; i < f->sonames.n; i++) {
		const struct node *own = files_library(c, f->sonames.p[i], v->node);
		if (own) {
			files_enqueue(c, own, v->aside);
			return;
		}
	}
	if (f->sonames.n && f->sonames.p[0].n)
		collect_need(c, v, NEED_LIBRARY, f->sonames.p[0], certainty_of(f->priority),
		             explain(f, c->arena));
}

void dlopen_note_needs(struct collector *c, const struct visit *v, struct str json)
{
	struct scan s = {.rest = json};
	struct feature f;
	if (!take(&s, '['))
		return;
	while (take_feature(&s, &f, c->arena)) {
		add_feature(c, v, &f);
		if (!take(&s, ','))
			return;
	}
}
