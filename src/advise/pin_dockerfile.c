/* The references of a Dockerfile, and the proof that a changed one is the same but for them. */
#include "advise/pin_parts.h"
#include "core/limits.h"
#include "dockerfile/dockerfile.h"

/* ---- Comments that ignore ---- */

struct ignored {
	bool all;            /* of the file */
	struct str all_reason;
	struct str *reason;  /* by instruction; p is NULL where none ignores it */
};

/* Comments and instructions are both in the file's order. */
static struct ignored read_ignored(const struct dockerfile *d, struct arena *a)
{
	struct ignored out = {.reason = arena_array(a, d->instructions.n + 1, sizeof *out.reason)};
	uint32_t owner = 0;
	for (uint32_t k = 0; k < d->comments.n; k++) {
		struct ignore i;
		while (owner < d->instructions.n &&
		       d->instructions.p[owner].comment_first + d->instructions.p[owner].comment_count <= k)
			owner++;
		if (!ignore_read(span_text(d->text, d->comments.p[k].at), &i) ||
		    !ignore_names(&i, STR("pin")))
			continue;
		if (i.global) {
			out.all = true;
			out.all_reason = i.reason;
		} else if (owner < d->instructions.n && d->instructions.p[owner].comment_first <= k) {
			out.reason[owner] = i.reason;
		}
	}
	return out;
}

/* The instruction that holds the byte at `off`; NO_STAGE: none does. */
static uint32_t holder(const struct dockerfile *d, size_t off)
{
	size_t low = 0, high = d->instructions.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (span_end(d->instructions.p[middle].at) <= off)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->instructions.n && d->instructions.p[low].at.off <= off ? (uint32_t)low : NO_STAGE;
}

/* A comment counts where the image is used, and where it stands. */
static bool is_ignored(const struct dockerfile *d, const struct ignored *ignored,
                       const struct image_use *u, struct span at, struct str *reason)
{
	uint32_t at_instruction = holder(d, at.off);
	*reason = ignored->all_reason;
	if (ignored->all)
		return true;
	if (u->instruction != NO_STAGE && ignored->reason[u->instruction].p) {
		*reason = ignored->reason[u->instruction];
		return true;
	}
	if (at_instruction == NO_STAGE || !ignored->reason[at_instruction].p)
		return false;
	*reason = ignored->reason[at_instruction];
	return true;
}

/* ---- References ---- */

static void add_use(struct pin_file *f, const struct ignored *ignored, const struct image_use *u,
                    struct arena *a)
{
	bool in_one_place = u->value_at.n > 0;
	struct span at = in_one_place ? u->value_at : u->at;
	struct pin_reference *r = pin_add(f, at, in_one_place ? u->value : u->written, a);
	struct str reason;
	r->shared = u->origin == IMAGE_DEFAULT;
	if (is_ignored(f->dockerfile, ignored, u, at, &reason))
		pin_settle(r, PIN_IGNORED, reason);
	else if (in_one_place || pin_settle_parts(r, u->value))
		return;
	else if (u->value.n)
		pin_settle(r, PIN_UNRESOLVED, arena_printf(a, "%.*s, %.*s", STR_ARG(u->value),
		                                           STR_ARG(u->reason)));
	else
		pin_settle(r, PIN_UNRESOLVED, u->reason);
}

bool pin_read_dockerfile(struct pin_file *f, struct arena *a, struct err *e)
{
	struct dockerfile *d = ARENA_NEW(a, struct dockerfile);
	if (!dockerfile_parse(d, f->text, f->name, a, e))
		return false;
	f->dockerfile = d;
	struct ignored ignored = read_ignored(d, a);
	for (size_t k = 0; k < d->images.n && k <= LIMIT_PIN_REFERENCES; k++)
		add_use(f, &ignored, &d->images.p[k], a);
	return true;
}

/* ---- Proof ---- */

static bool same_use(const struct pin_file *f, const struct image_use *before,
                     const struct image_use *after)
{
	const struct pin_reference *change = before->value_at.n ? pin_change_at(f, before->value_at) : NULL;
	return before->place == after->place && before->origin == after->origin &&
	       before->instruction == after->instruction && before->stage == after->stage &&
	       str_eq(change ? change->result : before->value, after->value);
}

static bool same_instructions(const struct dockerfile *before, const struct dockerfile *after)
{
	if (before->instructions.n != after->instructions.n ||
	    before->comments.n != after->comments.n || before->images.n != after->images.n ||
	    before->stages.n != after->stages.n)
		return false;
	for (size_t k = 0; k < before->instructions.n; k++) {
		const struct instruction *x = &before->instructions.p[k], *y = &after->instructions.p[k];
		if (x->kind != y->kind || x->line != y->line || x->flags.n != y->flags.n ||
		    x->tokens.n != y->tokens.n || x->json != y->json)
			return false;
	}
	for (size_t k = 0; k < before->stages.n; k++)
		if (before->stages.p[k].parent != after->stages.p[k].parent)
			return false;
	return true;
}

bool pin_dockerfile_holds(const struct pin_file *f, struct str text)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct dockerfile *before = f->dockerfile;
	struct dockerfile after;
	struct err ignored = ERR_INIT;
	if (!dockerfile_parse(&after, text, f->name, &scratch, &ignored) ||
	    !same_instructions(before, &after))
		return false;
	for (size_t k = 0; k < before->images.n; k++)
		if (!same_use(f, &before->images.p[k], &after.images.p[k]))
			return false;
	return true;
}

static bool holds_alone(const struct pin_file *f, size_t which, struct arena *a)
{
	struct pin_file one = *f;
	struct err ignored = ERR_INIT;
	struct text_edit edit = {f->references.p[which].at, f->references.p[which].result};
	one.references.p = arena_array(a, f->references.n, sizeof *one.references.p);
	memcpy(one.references.p, f->references.p, f->references.n * sizeof *one.references.p);
	for (size_t i = 0; i < one.references.n; i++)
		if (i != which)
			one.references.p[i].result = STR("");
	return text_apply(f->text, &edit, 1, a, &one.result, &ignored) &&
	       pin_dockerfile_holds(&one, one.result);
}

/* `ARG BASE=python:3.12` may be the image of one stage, and `$BASE-slim` that of another: its
 * change would be theirs. */
void pin_dockerfile_blame(struct pin_file *f, struct arena *a)
{
	enum { TRIALS_MAX = 100 };
	for (size_t i = 0, trials = 0; i < f->references.n && trials < TRIALS_MAX; i++) {
		struct pin_reference *r = &f->references.p[i];
		if (!r->shared || !r->result.n)
			continue;
		trials++;
		if (!holds_alone(f, i, a))
			pin_give_up(r, STR("something else is made of it, too"));
	}
}
