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

/* ---- In place ---- */

struct edits {
	struct text_edit *p;
	size_t n, cap;
};

/* Whole lines: the newline behind goes along. */
static struct span whole_lines(const struct dockerfile *d, const struct instruction *i)
{
	struct span at = i->at;
	if (span_end(at) < d->text.n && d->text.p[span_end(at)] == '\n')
		at.n++;
	return at;
}

static void leave_out_health_check(struct edits *edits, const struct dockerfile *d,
                                   const struct stage *s, const struct prediction *p,
                                   struct arena *a)
{
	const struct instruction *check = last_of(d, s, INSTRUCTION_HEALTHCHECK);
	struct str comment = configured_health_comment(p, a);
	if (check && comment.n)
		*vec_push(edits, a) = (struct text_edit){whole_lines(d, check), comment};
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

/* Before what starts it, so that what the stage does before is still done as before. */
static void name_user(struct edits *edits, const struct dockerfile *d, const struct stage *s,
                      struct str user, struct arena *a)
{
	const struct instruction *end = last_of(d, s, INSTRUCTION_ENTRYPOINT);
	const struct instruction *cmd = last_of(d, s, INSTRUCTION_CMD);
	if (!user.n || last_of(d, s, INSTRUCTION_USER))
		return;
	if (!end || (cmd && cmd->at.off < end->at.off))
		end = cmd;
	struct str line = arena_printf(a, "USER %.*s\n", STR_ARG(user));
	if (end)
		*vec_push(edits, a) = (struct text_edit){{end->at.off, 0}, line};
	else
		*vec_push(edits, a) = (struct text_edit){
			{d->text.n, 0},
			str_ends(d->text, STR("\n")) ? line : arena_printf(a, "\n%.*s", STR_ARG(line))};
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
	*vec_push(&edits, a) = (struct text_edit){
		{d->text.n, 0},
		arena_printf(a, "%s\n%.*s", str_ends(d->text, STR("\n")) ? "" : "\n", STR_ARG(stage))};
	return text_apply(d->text, edits.p, edits.n, a, text, e);
}
