#include "advise/rewrite.h"

#include "advise/configured.h"
#include "advise/propose.h"

static const struct stage *last_stage(const struct dockerfile *d)
{
	return d->stages.n ? &d->stages.p[d->stages.n - 1] : NULL;
}

/* The last instruction of that kind in the stage, the one that counts; or NULL. */
static const struct instruction *last_of(const struct dockerfile *d, const struct stage *s,
                                         enum instruction_kind kind)
{
	for (uint32_t k = s->count; k-- > 0;)
		if (d->instructions.p[s->first + k].kind == kind)
			return &d->instructions.p[s->first + k];
	return NULL;
}

bool rewrite_fits_in_place(const struct dockerfile *d)
{
	const struct stage *s = last_stage(d);
	return s && !s->scratch && s->image != NO_STAGE && d->images.p[s->image].at.n &&
	       !last_of(d, s, INSTRUCTION_RUN) && !last_of(d, s, INSTRUCTION_ONBUILD);
}

/* ---- Places and lines ---- */

struct edits {
	struct text_edit *p;
	size_t n, cap;
};

/* Where the line's last word ends, behind its blanks. */
static size_t behind_blanks(const struct dockerfile *d, const struct instruction *i)
{
	size_t at = span_end(i->at);
	while (at < d->text.n && (d->text.p[at] == ' ' || d->text.p[at] == '\t'))
		at++;
	return at;
}

/* Whole lines: blanks and the newline behind go along. */
static struct span whole_lines(const struct dockerfile *d, const struct instruction *i)
{
	struct str rest = str_skip(d->text, behind_blanks(d, i));
	size_t newline = str_starts(rest, STR("\r\n")) ? 2 : str_starts(rest, STR("\n")) ? 1 : 0;
	if (!newline)
		return i->at;
	return (struct span){i->at.off, behind_blanks(d, i) + newline - i->at.off};
}

/* Lines with the ends that the file's own have. */
static struct str own_ends(const struct dockerfile *d, struct str lines, struct arena *a)
{
	size_t first = str_index(d->text, '\n'), n = 0;
	if (first == d->text.n || !first || d->text.p[first - 1] != '\r')
		return lines;
	char *p = arena_alloc(a, 2 * lines.n + 1);
	for (size_t i = 0; i < lines.n; i++) {
		if (lines.p[i] == '\n')
			p[n++] = '\r';
		p[n++] = lines.p[i];
	}
	return (struct str){p, n};
}

/* Lines behind all that is there. A last line that goes on (`COPY x /y \`, and nothing behind) would
 * swallow them: it ends where its words do. */
static struct text_edit appended(const struct dockerfile *d, struct str lines, struct arena *a)
{
	const struct instruction *last = &d->instructions.p[d->instructions.n - 1];
	size_t behind = behind_blanks(d, last);
	struct span at = {d->text.n, 0};
	bool goes_on = !last->heredocs.n && behind < d->text.n && d->text.p[behind] == d->escape;
	if (goes_on)
		at = (struct span){span_end(last->at), d->text.n - span_end(last->at)};
	bool ended = !goes_on && str_ends(d->text, STR("\n"));
	return (struct text_edit){
		at, own_ends(d, arena_printf(a, "%s%.*s", ended ? "" : "\n", STR_ARG(lines)), a)};
}

/* ---- In place ---- */

/* All of them: without the last, the one before would count. */
static void leave_out_health_check(struct edits *edits, const struct dockerfile *d,
                                   const struct stage *s, const struct prediction *p,
                                   struct arena *a)
{
	const struct instruction *last = last_of(d, s, INSTRUCTION_HEALTHCHECK);
	struct str comment = configured_health_comment(p, a);
	for (uint32_t k = 0; comment.n && k < s->count; k++) {
		const struct instruction *check = &d->instructions.p[s->first + k];
		struct span at = whole_lines(d, check);
		struct str with = at.n == check->at.n ? str_trim(comment) : own_ends(d, comment, a);
		if (check->kind == INSTRUCTION_HEALTHCHECK)
			*vec_push(edits, a) = (struct text_edit){at, check == last ? with : STR("")};
	}
}

/* CMD server --port 80 */
static void to_exec_form(struct edits *edits, const struct instruction *i, struct arena *a)
{
	struct str form;
	if (!i || i->json || !i->tokens.n)
		return;
	form = configured_exec_form(instruction_name(i->kind), i->tokens.p[0].raw, a);
	if (form.n)
		*vec_push(edits, a) = (struct text_edit){i->at, form};
}

/* In the last USER, which counts; else before what starts it, so that what the stage does before is
 * still done as before. */
static void name_user(struct edits *edits, const struct dockerfile *d, const struct stage *s,
                      struct str user, struct arena *a)
{
	const struct instruction *end = last_of(d, s, INSTRUCTION_ENTRYPOINT);
	const struct instruction *cmd = last_of(d, s, INSTRUCTION_CMD);
	const struct instruction *own = last_of(d, s, INSTRUCTION_USER);
	if (!user.n)
		return;
	if (own) {
		*vec_push(edits, a) = (struct text_edit){own->arguments.at, user};
		return;
	}
	if (!end || (cmd && cmd->at.off < end->at.off))
		end = cmd;
	struct str line = arena_printf(a, "USER %.*s\n", STR_ARG(user));
	if (end)
		*vec_push(edits, a) = (struct text_edit){{end->at.off, 0}, own_ends(d, line, a)};
	else
		*vec_push(edits, a) = appended(d, line, a);
}

bool rewrite_in_place(const struct dockerfile *d, const struct pick_result *result,
                      struct str user, struct str *text, struct arena *a, struct err *e)
{
	const struct stage *s = last_stage(d);
	struct edits edits = {0};
	if (!result->choice || !result->reference.n)
		return err_set(e, ERR_USAGE, "nothing was chosen that FROM could name");
	*vec_push(&edits, a) = (struct text_edit){d->images.p[s->image].at, result->reference};
	leave_out_health_check(&edits, d, s, &result->choice->judgement.prediction, a);
	/* A shell form takes no CMD, and is none itself: in exec form both would be heard. */
	const struct instruction *entrypoint = last_of(d, s, INSTRUCTION_ENTRYPOINT);
	const struct instruction *cmd = last_of(d, s, INSTRUCTION_CMD);
	if (!entrypoint != !cmd)
		to_exec_form(&edits, entrypoint ? entrypoint : cmd, a);
	name_user(&edits, d, s, user, a);
	return text_apply(d->text, edits.p, edits.n, a, text, e);
}

/* ---- On top ---- */

/* "built", or with a number where a stage is called that. */
static struct str free_name(const struct dockerfile *d, struct arena *a)
{
	struct str name = STR("built");
	for (unsigned n = 2; dockerfile_stage(d, name) != NO_STAGE; n++)
		name = arena_printf(a, "built%u", n);
	return name;
}

/* "--platform=linux/arm64 " as its FROM, or that of a stage below it, says; or empty. */
static struct str platform_flag(const struct dockerfile *d, const struct stage *s, struct arena *a)
{
	const struct flag *f = NULL;
	for (; !f; s = &d->stages.p[s->parent]) {
		f = instruction_flag(&d->instructions.p[s->first], STR("platform"));
		if (s->parent == NO_STAGE)
			break;
	}
	return f && f->has_value ? arena_printf(a, "--platform=%.*s ", STR_ARG(f->value.raw)) : STR("");
}

/* Behind the last word of FROM. */
static size_t end_of_from(const struct dockerfile *d, const struct stage *s)
{
	const struct instruction *from = &d->instructions.p[s->first];
	return span_end(from->tokens.p[from->tokens.n - 1].at);
}

bool rewrite_on_top(const struct dockerfile *d, const struct pick_result *result, struct str user,
                    struct str *text, struct arena *a, struct err *e)
{
	const struct stage *s = last_stage(d);
	struct edits edits = {0};
	struct str stage;
	if (!s)
		return err_set(e, ERR_USAGE, "a Dockerfile without a stage");
	struct str name = s->name.n ? s->name : free_name(d, a);
	struct pick_result as_user = *result;
	if (user.n && !as_user.asked_user.n && !result->app->image.config.user.n)
		as_user.asked_user = user;
	struct propose_in in = {name, platform_flag(d, s, a), d->escape};
	if (!propose_stage(&as_user, &in, &stage, a, e))
		return false;
	if (!s->name.n)
		*vec_push(&edits, a) = (struct text_edit){
			{end_of_from(d, s), 0}, arena_printf(a, " AS %.*s", STR_ARG(name))};
	*vec_push(&edits, a) = appended(d, arena_printf(a, "\n%.*s", STR_ARG(stage)), a);
	return text_apply(d->text, edits.p, edits.n, a, text, e);
}
