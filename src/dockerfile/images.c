/* Stages, and the images that a file takes from outside.
 *
 * FROM sees the ARGs above the first FROM and those that BuildKit sets itself; COPY --from and
 * RUN --mount from take no variables (dockerfile2llb/convert.go). */
#include "dockerfile/parts.h"

struct platform {
	const char *whole, *os, *architecture, *variant;
};

struct finder {
	struct dockerfile *d;
	struct arena *arena;
	struct map globals; /* ARG name to struct traced */
	struct map names;   /* stage name to 1 + index: the stages above */
	uint64_t *steps;
	const struct platform *platform; /* the one being tried, or NULL: not known */
};

/* ---- Variables ---- */

/* Names made of the platform (`FROM base-$TARGETARCH`) are tried for these. */
static const struct platform platforms[] = {
	{"linux/amd64", "linux", "amd64", ""},   {"linux/arm64", "linux", "arm64", ""},
	{"linux/arm/v7", "linux", "arm", "v7"},  {"linux/386", "linux", "386", ""},
	{"linux/ppc64le", "linux", "ppc64le", ""}, {"linux/s390x", "linux", "s390x", ""},
	{"linux/riscv64", "linux", "riscv64", ""}, {"windows/amd64", "windows", "amd64", ""}};

static bool platform_part(struct str name, const struct platform *p, const char **value)
{
	if (!str_starts(name, STR("TARGET")) && !str_starts(name, STR("BUILD")))
		return false;
	struct str part = str_skip(name, name.p[0] == 'T' ? 6 : 5);
	*value = str_eq(part, STR("PLATFORM")) ? p->whole : str_eq(part, STR("OS")) ? p->os
	         : str_eq(part, STR("ARCH")) ? p->architecture
	         : str_eq(part, STR("VARIANT")) ? p->variant : NULL;
	return *value;
}

static const struct traced *lookup(void *context, struct str name)
{
	struct finder *f = context;
	const struct traced *global = map_get(&f->globals, name);
	const char *value;
	if (global && global->text.n)
		return global;
	if (!platform_part(name, f->platform ? f->platform : platforms, &value))
		return global;
	struct traced *v = ARENA_NEW(f->arena, struct traced);
	*v = (struct traced){.set = true, .text = f->platform ? str_of(value) : STR("")};
	if (!f->platform)
		v->unknown = arena_printf(f->arena, "%.*s depends on the platform", STR_ARG(name));
	return v;
}

static struct expansion expansion_at(struct finder *f, const struct instruction *i)
{
	return (struct expansion){.escape = f->d->escape, .lookup = lookup, .context = f, .place = i,
	                          .arena = f->arena, .steps = f->steps};
}

/* One word of an ARG above the first FROM. */
static void global_arg(struct finder *f, const struct instruction *i, const struct token *t)
{
	struct token name, value;
	struct err e = ERR_INIT;
	struct expansion x = expansion_at(f, i);
	struct traced *v = ARENA_NEW(f->arena, struct traced);
	if (!token_pair(i, t, &name, &value))
		v->unknown = arena_printf(f->arena, "ARG %.*s has no default", STR_ARG(name.raw));
	else if (!expand(&x, value.raw, v, NULL, &e))
		v->unknown = arena_str(f->arena, str_of(e.message));
	*map_put(&f->globals, f->arena, name.raw, NULL) = (uintptr_t)v;
}

/* ---- Stages ---- */

/* instructions/parse.go: ^[a-z][a-z0-9-_\.]*$ */
static bool is_stage_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = c >= 'a' && c <= 'z';
		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')))
			return false;
	}
	return s.n > 0;
}

static bool stage_begin(struct dockerfile *d, const struct instruction *i, uint32_t index,
                        struct arena *a, struct str *wrong, struct err *e)
{
	struct stage s = {.first = index, .parent = NO_STAGE, .image = NO_STAGE};
	bool named = i->tokens.n == 3 && str_eq(arena_lower(a, i->tokens.p[1].raw), STR("as"));
	if (i->tokens.n != 1 && !named) {
		if (i->tokens.n > 1)
			*wrong = i->tokens.p[1].raw;
		return err_set(e, ERR_INPUT, "FROM wants an image, or an image, AS and a name");
	}
	if (named) {
		s.name = arena_lower(a, i->tokens.p[2].raw);
		s.name_at = i->tokens.p[2].at;
		if (!is_stage_name(s.name)) {
			*wrong = i->tokens.p[2].raw;
			return err_set(e, ERR_INPUT, "%.*s is no name for a stage", STR_ARG(*wrong));
		}
	}
	*vec_push(&d->stages, a) = s;
	if (s.name.n)
		*map_put(&d->stage_names, a, s.name, NULL) = d->stages.n;
	return true;
}

bool stages_find(struct dockerfile *d, struct arena *a, struct str *wrong,
                 const struct instruction **at, struct err *e)
{
	for (uint32_t k = 0; k < d->instructions.n; k++) {
		struct instruction *i = &d->instructions.p[k];
		*at = i;
		if (i->kind == INSTRUCTION_FROM && !stage_begin(d, i, k, a, wrong, e))
			return false;
		if (!d->stages.n) {
			if (i->kind != INSTRUCTION_ARG && i->kind != INSTRUCTION_UNKNOWN)
				return err_set(e, ERR_INPUT, "%s stands before the first FROM",
				               instruction_name(i->kind));
			continue;
		}
		i->stage = (uint32_t)d->stages.n - 1;
		if (i->trigger)
			i->trigger->stage = i->stage;
		d->stages.p[i->stage].count++;
	}
	return true;
}

uint32_t dockerfile_stage(const struct dockerfile *d, struct str name)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	uint64_t number;
	if (str_to_u64(name, &number))
		return number < d->stages.n ? (uint32_t)number : NO_STAGE;
	uintptr_t *index = map_find(&d->stage_names, arena_lower(&scratch, name));
	return index ? (uint32_t)(*index - 1) : NO_STAGE;
}

/* ---- Images ---- */

static void add_image(struct finder *f, struct image_use u)
{
	*vec_push(&f->d->images, f->arena) = u;
}

static void syntax_image(struct finder *f)
{
	for (size_t i = 0; i < f->d->directives.n; i++) {
		const struct directive *d = &f->d->directives.p[i];
		if (d->kind != DIRECTIVE_SYNTAX)
			continue;
		/* What stands behind a blank is for the frontend: directives.go. */
		struct str value = span_text(f->d->text, d->value);
		value = str_slice(value, 0, str_index(value, ' '));
		struct span at = {d->value.off, value.n};
		add_image(f, (struct image_use){.place = IMAGE_SYNTAX, .at = at, .written = value,
		                                .value = value, .value_at = at,
		                                .instruction = NO_STAGE, .stage = NO_STAGE});
	}
}

static uintptr_t *stage_named(struct finder *f, struct str name)
{
	return map_find(&f->names, arena_lower(f->arena, name));
}

/* For a name that depends on the platform: the stage that it names on one of them. */
static uint32_t stage_on_some_platform(struct finder *f, const struct instruction *i,
                                       struct str source)
{
	uint32_t found = NO_STAGE;
	struct expansion x = expansion_at(f, i);
	for (size_t k = 0; k < sizeof platforms / sizeof *platforms && found == NO_STAGE; k++) {
		struct traced v;
		struct err e = ERR_INIT;
		f->platform = &platforms[k];
		if (expand(&x, source, &v, NULL, &e) && !v.unknown.n) {
			uintptr_t *stage = stage_named(f, v.text);
			found = stage ? (uint32_t)(*stage - 1) : NO_STAGE;
		}
	}
	f->platform = NULL;
	return found;
}

static void place_value(struct image_use *u, const struct traced *v)
{
	u->value = v->text;
	if (v->exact) {
		u->value_at = v->at;
		bool inside = v->at.off >= u->at.off && span_end(v->at) <= span_end(u->at);
		bool literal = str_index(u->written, '$') == u->written.n;
		u->origin = inside && literal ? IMAGE_LITERAL : IMAGE_DEFAULT;
		return;
	}
	u->origin = IMAGE_COMPOSED;
	u->reason = str_index(u->written, '$') < u->written.n
	                    ? STR("put together from several values")
	                    : STR("broken by a continuation or an escape");
}

static void from_image(struct finder *f, const struct instruction *i, uint32_t index)
{
	struct stage *s = &f->d->stages.p[i->stage];
	const struct token *t = &i->tokens.p[0];
	struct image_use u = {.place = IMAGE_FROM, .at = t->at, .written = t->raw,
	                      .instruction = index, .stage = i->stage};
	struct expansion x = expansion_at(f, i);
	struct err e = ERR_INIT;
	struct traced v;
	if (!expand(&x, t->raw, &v, NULL, &e))
		v = (struct traced){.unknown = arena_str(f->arena, str_of(e.message))};
	else if (!v.unknown.n && !v.text.n)
		v.unknown = STR("expands to nothing");
	uintptr_t *stage = v.unknown.n ? NULL : stage_named(f, v.text);
	s->parent = stage         ? (uint32_t)(*stage - 1)
	            : v.unknown.n ? stage_on_some_platform(f, i, t->raw)
	                          : NO_STAGE;
	s->scratch = !v.unknown.n && s->parent == NO_STAGE && str_eq(v.text, STR("scratch"));
	if (s->parent == NO_STAGE && !s->scratch) {
		u.origin = IMAGE_UNKNOWN;
		u.reason = v.unknown;
		if (!v.unknown.n)
			place_value(&u, &v);
		s->image = (uint32_t)f->d->images.n;
		add_image(f, u);
	}
	if (s->name.n)
		*map_put(&f->names, f->arena, s->name, NULL) = i->stage + 1;
}

/* COPY --from and RUN --mount from: the value as it stands. */
static void other_image(struct finder *f, const struct instruction *i, uint32_t index,
                        enum image_place place, const struct token *t)
{
	struct image_use u = {.place = place, .at = t->at, .written = t->raw, .value = t->value,
	                      .value_at = t->at, .instruction = index, .stage = i->stage};
	if (!t->value.n || dockerfile_stage(f->d, t->value) != NO_STAGE ||
	    str_eq(t->value, STR("scratch")))
		return;
	if (str_index(t->value, '$') < t->value.n) {
		u.origin = IMAGE_UNKNOWN;
		u.value = STR("");
		u.reason = STR("BuildKit replaces no variables here");
	} else if (t->at.n != t->value.n) {
		u.origin = IMAGE_COMPOSED;
		u.reason = STR("broken by quotes, a continuation or an escape");
	}
	if (u.origin != IMAGE_LITERAL)
		u.value_at = (struct span){0, 0};
	add_image(f, u);
}

/* --from="image": the quotes are not part of it. */
static struct token inside_quotes(const struct instruction *i, struct token t)
{
	struct str raw = t.raw;
	if (raw.n > 2 && (raw.p[0] == '"' || raw.p[0] == '\'') && raw.p[raw.n - 1] == raw.p[0] &&
	    t.value.n == raw.n - 2) {
		t.raw = str_slice(raw, 1, raw.n - 1);
		t.at = instruction_span(i, t.raw);
	}
	return t;
}

static void flag_images(struct finder *f, const struct instruction *i, uint32_t index)
{
	for (size_t k = 0; k < i->flags.n; k++) {
		const struct flag *flag = &i->flags.p[k];
		struct token from = inside_quotes(i, flag->value);
		if (i->kind == INSTRUCTION_COPY && str_eq(flag->name.raw, STR("from")))
			other_image(f, i, index, IMAGE_COPY, &from);
		if (i->kind == INSTRUCTION_RUN && str_eq(flag->name.raw, STR("mount")) &&
		    mount_from(i, flag, &from, f->arena)) {
			if (!from.at.n)
				from.at = flag->value.at;
			other_image(f, i, index, IMAGE_MOUNT, &from);
		}
	}
}

void images_find(struct dockerfile *d, uint64_t *steps, struct arena *a)
{
	struct finder f = {.d = d, .arena = a, .steps = steps};
	syntax_image(&f);
	for (uint32_t k = 0; k < d->instructions.n; k++) {
		const struct instruction *i = &d->instructions.p[k];
		for (size_t t = 0; i->kind == INSTRUCTION_ARG && i->stage == NO_STAGE && t < i->tokens.n; t++)
			global_arg(&f, i, &i->tokens.p[t]);
		if (i->kind == INSTRUCTION_FROM)
			from_image(&f, i, k);
		flag_images(&f, i->trigger ? i->trigger : i, k);
	}
}
