/* What was parsed, as text: for the tests of the dockerfile floor.
 *
 *     KIND --flag=value |token|token| <<NAME[content]
 *
 * JSON tokens are shown decoded, with "json" in front; newlines as \n. */
#pragma once

#include "dockerfile/dockerfile.h"
#include "dockerfile/expect_test.h"

static inline struct str shown(struct str s, struct arena *a)
{
	struct str out = STR("");
	for (struct str part; s.n;) {
		size_t n = str_index(s, '\n');
		part = str_slice(s, 0, n);
		out = arena_printf(a, "%.*s%.*s%s", STR_ARG(out), STR_ARG(part), n < s.n ? "\\n" : "");
		s = str_skip(s, n + 1);
	}
	return out;
}

static inline struct str dump_instruction(const struct dockerfile *d, const struct instruction *i,
                                          struct arena *a)
{
	struct str s = i->kind ? str_of(instruction_name(i->kind)) : arena_printf(a, "?%.*s", STR_ARG(i->keyword.raw));
	for (size_t k = 0; k < i->flags.n; k++)
		s = arena_printf(a, "%.*s --%.*s%s%.*s", STR_ARG(s), STR_ARG(i->flags.p[k].name.raw),
		                 i->flags.p[k].has_value ? "=" : "", STR_ARG(i->flags.p[k].value.value));
	if (i->trigger)
		return arena_printf(a, "%.*s %.*s", STR_ARG(s), STR_ARG(dump_instruction(d, i->trigger, a)));
	s = arena_printf(a, "%.*s%s |", STR_ARG(s), i->json ? " json" : "");
	for (size_t k = 0; k < i->tokens.n; k++)
		s = arena_printf(a, "%.*s%.*s|", STR_ARG(s), STR_ARG(shown(i->tokens.p[k].value, a)));
	for (size_t k = 0; k < i->heredocs.n; k++)
		s = arena_printf(a, "%.*s <<%.*s%s[%.*s]", STR_ARG(s), STR_ARG(i->heredocs.p[k].name),
		                 i->heredocs.p[k].expand ? "" : "!",
		                 STR_ARG(shown(span_text(d->text, i->heredocs.p[k].content), a)));
	return s;
}

static inline struct str dump(const struct dockerfile *d, struct arena *a)
{
	struct str s = STR("");
	for (size_t k = 0; k < d->instructions.n; k++)
		s = arena_printf(a, "%.*s%s%.*s", STR_ARG(s), k ? "\n" : "",
		                 STR_ARG(dump_instruction(d, &d->instructions.p[k], a)));
	return s;
}

/* "PLACE ORIGIN VALUE@WHERE" a line: where = what stands there, in the file. */
static inline struct str dump_images(const struct dockerfile *d, struct arena *a)
{
	static const char *const places[] = {"syntax", "from", "copy", "mount"};
	static const char *const origins[] = {"literal", "default", "composed", "unknown"};
	struct str s = STR("");
	for (size_t k = 0; k < d->images.n; k++) {
		const struct image_use *u = &d->images.p[k];
		unsigned line, column;
		dockerfile_position(d, u->value_at.n ? u->value_at.off : u->at.off, &line, &column);
		s = arena_printf(a, "%.*s%s%s %s %.*s@%u:%u", STR_ARG(s), k ? "\n" : "", places[u->place],
		                 origins[u->origin], STR_ARG(u->value.n ? u->value : u->reason), line, column);
	}
	return s;
}
