/* Rules about stages and single instructions. */
#include "advise/lint_parts.h"

/* ---- One stage that builds and runs ---- */

static bool builds(const struct script_command *c)
{
	struct str verb = command_verb(c);
	static const struct {
		const char *command, *verbs; /* NULL: any */
	} known[] = {
		{"go", "build install"}, {"cargo", "build install"}, {"make", NULL}, {"cmake", NULL},
		{"gcc", NULL}, {"g++", NULL}, {"cc", NULL}, {"clang", NULL}, {"javac", NULL},
		{"ninja", NULL}, {"mvn", NULL}, {"mvnw", NULL}, {"gradle", NULL}, {"gradlew", NULL},
		{"dotnet", "build publish"}, {"swift", "build"}, {"stack", "build install"},
		{"cabal", "build install"}, {"yarn", "build"}, {"pnpm", "build"}, {"ng", "build"},
		{"tsc", NULL}, {"webpack", NULL}, {"mix", "release"}, {"sbt", NULL}, {"bazel", "build"}};
	for (size_t k = 0; k < sizeof known / sizeof *known; k++)
		if (command_is(c, known[k].command))
			return !known[k].verbs || lint_one_of(verb, known[k].verbs);
	bool npm = command_is(c, "npm") || command_is(c, "yarn") || command_is(c, "pnpm") || command_is(c, "bun");
	return npm && str_eq(verb, STR("run")) && command_has(c, "build");
}

static void single_stage(struct lint *l)
{
	if (l->d->stages.n != 1)
		return;
	for (size_t k = 0; k < l->calls.n; k++) {
		const struct call *c = &l->calls.p[k];
		if (!builds(&c->command))
			continue;
		lint_report(l, LINT_SINGLE_STAGE, c->instruction, c->at,
		            STR("what builds stays beside what runs"),
		            STR("a second FROM, and COPY --from what this makes"));
		return;
	}
}

/* ---- Root ---- */

static bool is_root(struct str user)
{
	user = str_slice(user, 0, str_index(user, ':'));
	user = str_trim(user);
	return str_eq(user, STR("root")) || str_eq(user, STR("0"));
}

/* The last USER of the stage, or of those that it stands on; NO_STAGE: none. */
static uint32_t last_user(const struct lint *l, uint32_t stage)
{
	for (; stage != NO_STAGE; stage = l->d->stages.p[stage].parent) {
		const struct stage *s = &l->d->stages.p[stage];
		for (uint32_t k = s->first + s->count; k-- > s->first;)
			if (lint_instruction(l, k)->kind == INSTRUCTION_USER)
				return k;
	}
	return NO_STAGE;
}

static void root_user(struct lint *l)
{
	uint32_t last = lint_last(l);
	if (last == NO_STAGE)
		return;
	uint32_t user = last_user(l, last), from = l->d->stages.p[last].first;
	const struct lint_base *b = &l->base[last];
	if (user != NO_STAGE) {
		const struct instruction *i = lint_instruction(l, user);
		if (is_root(i->arguments.raw))
			lint_report(l, LINT_ROOT_USER, user, i->at, STR("the image starts as root"),
			            STR("USER 65532:65532"));
		return;
	}
	bool other = (b->entry && b->entry->user.n && !is_root(b->entry->user)) ||
	             str_contains(lint_instruction(l, from)->arguments.raw, STR("nonroot")) ||
	             str_contains(lint_instruction(l, from)->arguments.raw, STR("unprivileged"));
	if (!other)
		lint_report(l, LINT_ROOT_USER, from, lint_instruction(l, from)->at,
		            STR("no USER: the image starts as its base does, as a rule as root"),
		            STR("USER 65532:65532"));
}

/* ---- ADD of an address ---- */

static bool is_address(struct str s)
{
	return str_starts(s, STR("http://")) || str_starts(s, STR("https://")) ||
	       str_starts(s, STR("git@")) || str_starts(s, STR("ftp://"));
}

static void add_address(struct lint *l, uint32_t index)
{
	const struct instruction *i = lint_instruction(l, index);
	if (i->kind != INSTRUCTION_ADD || instruction_flag(i, STR("checksum")))
		return;
	for (size_t k = 0; k + 1 < i->tokens.n; k++)
		if (is_address(i->tokens.p[k].value))
			lint_report(l, LINT_ADD_ADDRESS, index, i->tokens.p[k].at,
			            arena_printf(l->arena, "what %.*s gives tomorrow nobody has checked",
			                         STR_ARG(i->tokens.p[k].value)),
			            STR("ADD --checksum=sha256:… ADDRESS PATH"));
}

/* ---- Order of copies ---- */

static bool installs_dependencies(const struct script_command *c)
{
	struct str verb = command_verb(c);
	static const struct {
		const char *command, *verbs;
	} known[] = {
		{"npm", "install i ci"}, {"yarn", "install"}, {"pnpm", "install i"},
		{"bun", "install"}, {"bundle", "install"}, {"composer", "install"},
		{"poetry", "install"}, {"pipenv", "install sync"}, {"uv", "sync"}, {"cargo", "fetch"},
		{"mix", "deps.get"}, {"dotnet", "restore"}};
	for (size_t k = 0; k < sizeof known / sizeof *known; k++)
		if (command_is(c, known[k].command))
			return lint_one_of(verb, known[k].verbs);
	if (command_is(c, "go"))
		return command_has(c, "mod") && command_has(c, "download");
	return (command_is(c, "pip") || command_is(c, "pip3")) && command_has(c, "install") &&
	       (command_has(c, "-r") || command_has(c, "--requirement"));
}

/* COPY . /app */
static bool copies_everything(const struct instruction *i)
{
	if ((i->kind != INSTRUCTION_COPY && i->kind != INSTRUCTION_ADD) || instruction_flag(i, STR("from")))
		return false;
	for (size_t k = 0; k + 1 < i->tokens.n; k++)
		if (lint_one_of(i->tokens.p[k].value, ". ./ * ./*"))
			return true;
	return false;
}

static void copy_order(struct lint *l)
{
	const struct dockerfile *d = l->d;
	uint32_t *everything = arena_array(l->arena, d->stages.n + 1, sizeof *everything);
	uint32_t next = 0;
	for (size_t k = 0; k < l->calls.n; k++) {
		const struct call *c = &l->calls.p[k];
		for (; next < c->instruction; next++) {
			const struct instruction *i = lint_instruction(l, next);
			if (i->stage != NO_STAGE && !everything[i->stage] && copies_everything(i))
				everything[i->stage] = next + 1;
		}
		uint32_t stage = lint_instruction(l, c->instruction)->stage;
		if (stage == NO_STAGE || everything[stage] == UINT32_MAX || !installs_dependencies(&c->command))
			continue;
		if (everything[stage])
			lint_report(l, LINT_COPY_ORDER, everything[stage] - 1,
			            lint_instruction(l, everything[stage] - 1)->at,
			            arena_printf(l->arena, "any change of a source makes line %u run again",
			                         lint_instruction(l, c->instruction)->line),
			            STR("copy the lists of dependencies first, install, then copy the rest"));
		everything[stage] = UINT32_MAX;
	}
}

/* ---- Words that nobody knows ---- */

static bool other_frontend(const struct dockerfile *d)
{
	for (size_t k = 0; k < d->images.n; k++)
		if (d->images.p[k].place == IMAGE_SYNTAX &&
		    !str_contains(d->images.p[k].value, STR("docker/dockerfile")))
			return true;
	return false;
}

void lint_stages(struct lint *l)
{
	bool known = !other_frontend(l->d);
	single_stage(l);
	root_user(l);
	copy_order(l);
	for (uint32_t k = 0; k < l->d->instructions.n; k++) {
		const struct instruction *i = lint_instruction(l, k);
		add_address(l, k);
		if (known && i->kind == INSTRUCTION_UNKNOWN)
			lint_report(l, LINT_UNKNOWN, k, i->keyword.at,
			            arena_printf(l->arena, "%.*s is no instruction", STR_ARG(i->keyword.raw)),
			            STR(""));
	}
}
