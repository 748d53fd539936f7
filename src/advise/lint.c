#include "advise/lint_parts.h"

#include <stdlib.h>

#include "advise/ignore.h"
#include "core/limits.h"

/* ---- The table ---- */

static const struct lint_rule rules[] = {
#define X(id, name, severity, summary, hadolint) {name, LINT_##severity, summary, hadolint},
	LINT_RULES(X)
#undef X
};

const struct lint_rule *lint_rules(size_t *count)
{
	*count = LINT_COUNT;
	return rules;
}

const char *lint_severity_name(enum lint_severity s)
{
	static const char *const names[] = {"info", "warning", "error"};
	return names[s];
}

uint32_t lint_last(const struct lint *l)
{
	return l->d->stages.n ? (uint32_t)l->d->stages.n - 1 : NO_STAGE;
}

/* ---- Reporting ---- */

/* What costs bytes in a stage that nobody ships is worth a word, no more. */
static enum lint_severity severity_in(const struct lint *l, enum lint_id id, uint32_t instruction)
{
	bool weighs = id == LINT_APT_LISTS || id == LINT_APT_RECOMMENDS || id == LINT_APK_CACHE ||
	              id == LINT_PIP_CACHE;
	uint32_t stage = instruction == NO_STAGE ? NO_STAGE : lint_instruction(l, instruction)->stage;
	return weighs && stage != NO_STAGE && !l->shipped[stage] ? LINT_INFO : rules[id].severity;
}

void lint_report(struct lint *l, enum lint_id id, uint32_t instruction, struct span at,
                 struct str message, struct str cure)
{
	if (l->out->findings.n >= LIMIT_LINT_FINDINGS)
		return;
	struct lint_finding *f = vec_push(&l->out->findings, l->arena);
	*f = (struct lint_finding){.rule = &rules[id], .severity = severity_in(l, id, instruction),
	                           .at = at, .message = message, .cure = cure};
	*vec_push(&l->owners, l->arena) = instruction;
}

/* ---- Comments that ignore ---- */

static bool names_rule(const struct ignore *i, const struct lint_rule *rule)
{
	struct str rest = i->names, name;
	if (!i->hadolint)
		return ignore_names(i, str_of(rule->name));
	while (str_next(&rest, ',', &name)) {
		name = str_trim(name);
		if (name.n && lint_one_of(name, rule->hadolint))
			return true;
	}
	return false;
}

/* The instruction that the comment stands above or in. Comments and instructions are both in
 * the file's order. */
static void apply(struct lint *l, const struct ignore *i, uint32_t owner)
{
	for (size_t k = 0; k < l->out->findings.n; k++) {
		struct lint_finding *f = &l->out->findings.p[k];
		bool meant = i->global || (owner != NO_STAGE && l->owners.p[k] == owner);
		if (f->ignored || !meant || !names_rule(i, f->rule) || f->rule == &rules[LINT_BAD_IGNORE])
			continue;
		f->ignored = true;
		f->reason = i->reason;
	}
}

static void check_ignore(struct lint *l, const struct ignore *i, const struct comment *c)
{
	struct str rest = i->names, name;
	if (i->hadolint)
		return;
	if (!i->reason.n)
		lint_report(l, LINT_BAD_IGNORE, NO_STAGE, c->at, STR("ignores without saying why"),
		            STR("# socle ignore=NAME reason"));
	while (str_next(&rest, ',', &name)) {
		bool known = str_eq(str_trim(name), STR("pin")); /* socle pin's */
		for (size_t k = 0; k < LINT_COUNT; k++)
			known |= str_eq(str_trim(name), str_of(rules[k].name));
		if (!known)
			lint_report(l, LINT_BAD_IGNORE, NO_STAGE, c->at,
			            arena_printf(l->arena, "%.*s is no rule", STR_ARG(str_trim(name))), STR(""));
	}
}

static void apply_ignores(struct lint *l)
{
	uint32_t owner = 0;
	size_t ignores = 0;
	const struct dockerfile *d = l->d;
	for (uint32_t k = 0; k < d->comments.n && ignores < LIMIT_LINT_FINDINGS; k++) {
		struct ignore i;
		while (owner < d->instructions.n &&
		       lint_instruction(l, owner)->comment_first + lint_instruction(l, owner)->comment_count <= k)
			owner++;
		if (!ignore_read(span_text(d->text, d->comments.p[k].at), &i))
			continue;
		ignores++;
		bool belongs = owner < d->instructions.n && lint_instruction(l, owner)->comment_first <= k;
		apply(l, &i, belongs ? owner : NO_STAGE);
		check_ignore(l, &i, &d->comments.p[k]);
	}
}

/* ---- All together ---- */

static int by_place(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;
	if (x->at.off != y->at.off)
		return x->at.off < y->at.off ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

static void find_shipped(struct lint *l)
{
	l->shipped = arena_array(l->arena, l->d->stages.n + 1, sizeof *l->shipped);
	for (uint32_t s = lint_last(l); s != NO_STAGE; s = l->d->stages.p[s].parent)
		l->shipped[s] = true;
}

/* Findings are in order: a place is counted from the last one where both share a line, since a
 * line may be as long as the file. */
static void find_places(const struct dockerfile *d, struct lint_result *r)
{
	size_t off = 0;
	unsigned line = 0, column = 0;
	for (size_t k = 0; k < r->findings.n; k++) {
		struct lint_finding *f = &r->findings.p[k];
		bool near = line && str_index(str_slice(d->text, off, f->at.off), '\n') == f->at.off - off;
		if (!near)
			dockerfile_position(d, f->at.off, &line, &column);
		for (; near && off < f->at.off; off++)
			column += ((unsigned char)d->text.p[off] & 0xc0) != 0x80;
		off = f->at.off;
		f->line = line;
		f->column = column;
		struct str text = span_text(d->text, f->at);
		f->end_line = line;
		f->end_column = column;
		if (str_index(text, '\n') < text.n)
			dockerfile_position(d, span_end(f->at), &f->end_line, &f->end_column);
		else
			for (size_t i = 0; i < text.n; i++)
				f->end_column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	}
}

static void count(struct lint_result *r)
{
	for (size_t k = 0; k < r->findings.n; k++) {
		if (r->findings.p[k].ignored)
			continue;
		r->count++;
		if (r->findings.p[k].severity > r->worst)
			r->worst = r->findings.p[k].severity;
	}
}

void lint(struct lint_result *r, const struct dockerfile *d, struct lint_bases *bases,
          struct str today, struct arena *a)
{
	struct lint l = {.out = r, .d = d, .bases = bases, .today = today, .arena = a};
	*r = (struct lint_result){0};
	find_shipped(&l);
	l.base = arena_array(a, d->stages.n + 1, sizeof *l.base);
	lint_open_bases(&l);
	l.recommends_at = str_find(d->text, STR("Install-Recommends"));
	l.pip_cache_at = str_find(d->text, STR("PIP_NO_CACHE_DIR"));
	lint_calls(&l);
	lint_images(&l);
	lint_packages(&l);
	lint_stages(&l);
	lint_commands(&l);
	apply_ignores(&l);
	if (r->findings.n)
		qsort(r->findings.p, r->findings.n, sizeof *r->findings.p, by_place);
	find_places(d, r);
	count(r);
}
