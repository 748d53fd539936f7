/* Any bytes: what is parsed prints as the same bytes, every span lies in the text, a place that
 * is said to hold a value holds it, and replacing a span changes nothing else. */
#include <stdlib.h>

#include "dockerfile/dockerfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool true_here)
{
	if (!true_here)
		abort();
}

static void inside(const struct dockerfile *d, struct span at)
{
	must(at.off <= d->text.n && at.n <= d->text.n - at.off);
}

static void check_instruction(const struct dockerfile *d, const struct instruction *i)
{
	inside(d, i->at);
	inside(d, i->keyword.at);
	inside(d, i->arguments.at);
	for (size_t k = 0; k < i->tokens.n; k++) {
		inside(d, i->tokens.p[k].at);
		must(i->tokens.p[k].at.n >= i->tokens.p[k].raw.n);
	}
	for (size_t k = 0; k < i->flags.n; k++)
		inside(d, i->flags.p[k].value.at);
	for (size_t k = 0; k < i->heredocs.n; k++) {
		inside(d, i->heredocs.p[k].at);
		inside(d, i->heredocs.p[k].content);
		inside(d, i->heredocs.p[k].terminator);
	}
	if (i->trigger)
		check_instruction(d, i->trigger);
}

static void check_image(const struct dockerfile *d, const struct image_use *u, struct arena *a)
{
	struct err e = ERR_INIT;
	struct str changed;
	struct text_edit edit = {u->value_at.n ? u->value_at : u->at, STR("x.y/z@sha256:0")};
	inside(d, u->at);
	inside(d, u->value_at);
	must(!u->value_at.n || str_eq(span_text(d->text, u->value_at), u->value));
	must(text_apply(d->text, &edit, 1, a, &changed, &e));
	must(str_eq(str_slice(changed, 0, edit.at.off), str_slice(d->text, 0, edit.at.off)));
	must(str_eq(str_skip(changed, edit.at.off + edit.with.n),
	            str_skip(d->text, span_end(edit.at))));
}

/* Instructions, comments and blanks make up the file: what lies between is white space, or
 * continuations without anything. */
static void check_order(const struct dockerfile *d)
{
	size_t done = 0;
	for (size_t i = 0; i < d->instructions.n; i++) {
		must(d->instructions.p[i].at.off >= done);
		done = span_end(d->instructions.p[i].at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct dockerfile d;
	struct str text = arena_str(&a, (struct str){(const char *)data, size}), printed;
	if (!dockerfile_parse(&d, text, STR("f"), &a, &e)) {
		must(e.code != ERR_NONE);
	} else {
		must(text_apply(d.text, NULL, 0, &a, &printed, &e) && str_eq(printed, text));
		check_order(&d);
		for (size_t i = 0; i < d.instructions.n; i++)
			check_instruction(&d, &d.instructions.p[i]);
		for (size_t i = 0; i < d.images.n && i < 64; i++)
			check_image(&d, &d.images.p[i], &a);
	}
	arena_release(&a);
	return 0;
}
