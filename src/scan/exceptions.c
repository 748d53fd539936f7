#include "scan/exceptions.h"

#include "yaml/tree.h"

/* ---- The file ---- */

static unsigned number(struct str digits)
{
	uint64_t v;
	return str_to_u64(digits, &v) ? (unsigned)v : 0;
}

/* A day of the calendar (ISO 8601, four digits of the year). */
static bool is_day(struct str day)
{
	static const unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year = number(str_slice(day, 0, 4)), month = number(str_slice(day, 5, 7));
	unsigned of_month = number(str_slice(day, 8, 10));
	if (day.n != 10 || day.p[4] != '-' || day.p[7] != '-' || !year || !month || month > 12)
		return false;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return of_month && of_month <= days[month - 1] && (of_month < 29 || month != 2 || leap);
}

static bool read_rule(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	static const struct yaml_field field[] = {
		{"id", yaml_string, offsetof(struct exception, id), true},
		{"package", yaml_string, offsetof(struct exception, package), false},
		{"reason", yaml_string, offsetof(struct exception, reason), true},
		{"expires", yaml_string, offsetof(struct exception, expires), false},
	};
	struct exceptions *rules = into;
	struct exception *rule = vec_push(&rules->list, t->arena);
	rule->line = node->start_mark.line + 1;
	if (!yaml_mapping(t, node, "what is ignored", field, sizeof field / sizeof *field, rule, e))
		return false;
	if (!str_trim(rule->id).n)
		return yaml_error(t, node, e, ERR_INPUT, "an empty id");
	if (!str_trim(rule->reason).n)
		return yaml_error(t, node, e, ERR_INPUT, "an empty reason: say why it may be ignored");
	return !rule->expires.n || is_day(rule->expires) ||
	       yaml_error(t, node, e, ERR_INPUT, "expires wants a day, 2026-12-31, not '%.*s'",
			  STR_ARG(rule->expires));
}

static bool read_rules(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	return yaml_sequence(t, node, read_rule, into, e);
}

bool exceptions_read(struct exceptions *out, struct str text, const char *name, struct arena *a,
		 struct err *e)
{
	*out = (struct exceptions){0};
	return yaml_read(text, name, read_rules, out, a, e);
}

/* ---- The findings ---- */

static bool speaks_of(const struct exception *rule, const struct vulnerability *f)
{
	bool named = str_eq(rule->id, f->id);
	for (size_t i = 0; i < f->others.n && !named; i++)
		named = str_eq(rule->id, f->others.p[i]);
	return named && (!rule->package.n || str_eq(rule->package, f->package->name) ||
			 str_eq(rule->package, f->package->source));
}

/* Days in this form sort as texts. */
static bool has_expired(const struct exception *rule, struct str today)
{
	return rule->expires.n && str_cmp(rule->expires, today) <= 0;
}

static struct str remark_on(const struct exception *rule, const char *name, struct arena *a,
			    const char *what, struct str more)
{
	return arena_printf(a, "%s:%zu: %.*s%s%.*s: %s%.*s", name, rule->line, STR_ARG(rule->id),
			    rule->package.n ? " of " : "", STR_ARG(rule->package), what,
			    STR_ARG(more));
}

void exceptions_apply(const struct exceptions *rules, struct scan *s, struct str today,
		  const char *name, struct str_vec *remarks, struct arena *a)
{
	for (size_t k = 0; k < rules->list.n; k++) {
		const struct exception *rule = &rules->list.p[k];
		bool expired = has_expired(rule, today), met = false;
		for (size_t i = 0; i < s->findings.n; i++) {
			struct vulnerability *f = &s->findings.p[i];
			if (!speaks_of(rule, f))
				continue;
			met = true;
			if (expired || f->status != VULNERABILITY_COUNTS)
				continue;
			f->status = VULNERABILITY_IGNORED;
			f->reason = rule->reason;
		}
		if (!met)
			*vec_push(remarks, a) = remark_on(rule, name, a, "nothing of that is here",
							  STR(""));
		else if (expired)
			*vec_push(remarks, a) = remark_on(
				rule, name, a, "counts again: the exception ended on ",
				rule->expires);
	}
}
