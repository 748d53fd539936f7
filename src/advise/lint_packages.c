/* Rules about package managers: what they leave behind, what they bring along. */
#include "advise/lint_parts.h"

static bool has_cache_mount(const struct instruction *i, const char *target)
{
	for (size_t k = 0; k < i->flags.n; k++) {
		const struct flag *f = &i->flags.p[k];
		if (str_eq(f->name.raw, STR("mount")) && str_contains(f->value.value, STR("type=cache")) &&
		    str_contains(f->value.value, str_of(target)))
			return true;
	}
	return false;
}

/* What an instruction's text may hold, and a cache mounted at any of these places; looked for
 * once an instruction, not once a command. */
static const struct {
	struct str words;
	const char *mount;
} remarks[] = {
	{STR_INIT("/var/lib/apt"), "/var/lib/apt"}, {STR_INIT("distclean"), NULL},
	{STR_INIT("dist-clean"), NULL},             {STR_INIT("/var/cache/apk"), "/etc/apk/cache"},
	{STR_INIT("--no-cache-dir"), "pip"},        {STR_INIT("pip cache purge"), ".cache"}};
enum {
	SAYS_APT_LISTS = 1 | 2 | 4, /* bits of the table above */
	SAYS_APK_CACHE = 8,
	SAYS_PIP_CACHE = 16 | 32,
	SAYS_REMOVE = 64
};

static bool removes(const struct script_command *c)
{
	if (command_is(c, "apk"))
		return command_has(c, "del");
	return (command_is(c, "apt-get") || command_is(c, "apt") || command_is(c, "dnf") ||
	        command_is(c, "yum")) &&
	       (command_has(c, "purge") || command_has(c, "remove") || command_has(c, "autoremove"));
}

/* `c` is the first call of its instruction that anybody asks about. */
static unsigned look_at_line(const struct lint *l, const struct call *c)
{
	const struct instruction *i = lint_instruction(l, c->instruction);
	struct str text = span_text(l->d->text, i->at);
	const struct call *end = l->calls.p + l->calls.n;
	unsigned said = 0;
	for (size_t k = 0; k < sizeof remarks / sizeof *remarks; k++)
		if (str_contains(text, remarks[k].words) ||
		    (remarks[k].mount && has_cache_mount(i, remarks[k].mount)))
			said |= 1u << k;
	for (const struct call *x = c; x < end && x->instruction == c->instruction; x++)
		said |= removes(&x->command) ? SAYS_REMOVE : 0;
	return said;
}

static bool line_says(struct lint *l, const struct call *c, unsigned bits)
{
	if (l->said_in != c->instruction + 1)
		l->said = look_at_line(l, c);
	l->said_in = c->instruction + 1;
	return l->said & bits;
}

/* ---- apt ---- */

static void apt_recommends(struct lint *l, const struct call *c)
{
	for (size_t k = 1; k < c->command.words.n; k++)
		if (str_contains(c->command.words.p[k].text, STR("nstall-recommends")) ||
		    str_contains(c->command.words.p[k].text, STR("nstall-Recommends")))
			return;
	if (l->recommends_at >= span_end(lint_instruction(l, c->instruction)->at))
		lint_report(l, LINT_APT_RECOMMENDS, c->instruction, c->at,
		            STR("recommended packages are installed too"),
		            STR("apt-get install --no-install-recommends …"));
}

static void apt_lists(struct lint *l, const struct call *c)
{
	if (line_says(l, c, SAYS_APT_LISTS))
		return;
	lint_report(l, LINT_APT_LISTS, c->instruction, c->at,
	            STR("the package lists stay in this layer"),
	            STR("… && rm -rf /var/lib/apt/lists/*, in the same RUN"));
}

/* ---- apk, pip ---- */

static void apk_cache(struct lint *l, const struct call *c)
{
	if (command_has(&c->command, "--no-cache") || line_says(l, c, SAYS_APK_CACHE))
		return;
	lint_report(l, LINT_APK_CACHE, c->instruction, c->at, STR("the package index stays in this layer"),
	            STR("apk add --no-cache …"));
}

static void pip_cache(struct lint *l, const struct call *c)
{
	if (line_says(l, c, SAYS_PIP_CACHE) ||
	    l->pip_cache_at < span_end(lint_instruction(l, c->instruction)->at))
		return;
	lint_report(l, LINT_PIP_CACHE, c->instruction, c->at,
	            STR("downloaded packages stay in this layer"), STR("pip install --no-cache-dir …"));
}

/* ---- Versions ---- */

static bool is_pinned(const char *manager, struct str p)
{
	bool path = str_index(p, '/') < p.n || str_starts(p, STR(".")) || str_ends(p, STR(".whl")) ||
	            str_ends(p, STR(".deb")) || str_ends(p, STR(".rpm")) || str_ends(p, STR(".apk"));
	if (!strcmp(manager, "npm"))
		return str_rindex(p, '@') < p.n && str_rindex(p, '@') > 0;
	if (path)
		return true;
	if (!strcmp(manager, "pip"))
		return str_contains(p, STR("==")) || str_contains(p, STR("@")) || str_contains(p, STR("~="));
	if (!strcmp(manager, "apk"))
		return str_index(p, '=') < p.n || str_index(p, '~') < p.n || p.p[0] == '.';
	if (!strcmp(manager, "gem"))
		return str_index(p, ':') < p.n;
	return str_index(p, '=') < p.n;
}

static void unpinned(struct lint *l, const struct call *c, const struct install *i)
{
	struct str names = STR("");
	size_t count = 0;
	bool gem_version = !strcmp(i->manager, "gem") &&
	                   (command_has(&c->command, "-v") || command_has(&c->command, "--version"));
	if (!strcmp(i->manager, "dnf") || gem_version ||
	    (!strcmp(i->manager, "npm") && !command_has(&c->command, "-g") &&
	     !command_has(&c->command, "--global")))
		return;
	for (size_t k = 0; k < i->packages.n; k++) {
		struct script_word w = i->packages.p[k];
		if (!w.plain || !w.text.n || is_pinned(i->manager, w.text))
			continue;
		if (count++ < 4)
			names = arena_printf(l->arena, "%.*s%s%.*s", STR_ARG(names), names.n ? ", " : "",
			                     STR_ARG(w.text));
	}
	if (!count)
		return;
	if (count > 4)
		names = arena_printf(l->arena, "%.*s and %zu more", STR_ARG(names), count - 4);
	lint_report(l, LINT_UNPINNED, c->instruction, c->at,
	            arena_printf(l->arena, "no version is said for %.*s", STR_ARG(names)), STR(""));
}

/* ---- Compilers ---- */

static bool is_build_tool(struct str p)
{
	p = str_slice(p, 0, str_index(p, '='));
	return lint_one_of(p, "gcc g++ clang clang++ llvm build-essential build-base alpine-sdk make "
	                      "cmake ninja-build ninja autoconf automake libtool bison flex "
	                      "golang golang-go go cargo rust rustc rust-all maven gradle musl-dev "
	                      "libc6-dev libc-dev gcc-c++ default-jdk default-jdk-headless pkg-config "
	                      "pkgconf python3-dev python-dev gfortran nasm yasm meson ant sbt") ||
	       str_starts(p, STR("gcc-")) || str_starts(p, STR("g++-")) || str_starts(p, STR("clang-")) ||
	       (str_starts(p, STR("openjdk")) && str_contains(p, STR("-jdk")));
}

static void build_tools(struct lint *l, const struct call *c, const struct install *i)
{
	uint32_t stage = lint_instruction(l, c->instruction)->stage;
	bool system = !strcmp(i->manager, "apt") || !strcmp(i->manager, "apk") || !strcmp(i->manager, "dnf");
	if (!system || !l->shipped[stage] || line_says(l, c, SAYS_REMOVE))
		return;
	for (size_t k = 0; k < i->packages.n; k++) {
		if (!is_build_tool(i->packages.p[k].text))
			continue;
		lint_report(l, LINT_BUILD_TOOLS, c->instruction, c->at,
		            arena_printf(l->arena, "%.*s ends up in the final image",
		                         STR_ARG(i->packages.p[k].text)),
		            STR("build in a stage of its own and copy what it made"));
		return;
	}
}

void lint_packages(struct lint *l)
{
	for (size_t k = 0; k < l->calls.n; k++) {
		const struct call *c = &l->calls.p[k];
		struct install i;
		if (lint_instruction(l, c->instruction)->kind != INSTRUCTION_RUN)
			continue;
		if ((command_is(&c->command, "apt-get") || command_is(&c->command, "apt")) &&
		    command_has(&c->command, "update"))
			apt_lists(l, c);
		if (!lint_install(c, &i, l->arena))
			continue;
		if (!strcmp(i.manager, "apt"))
			apt_recommends(l, c);
		else if (!strcmp(i.manager, "apk"))
			apk_cache(l, c);
		else if (!strcmp(i.manager, "pip"))
			pip_cache(l, c);
		unpinned(l, c, &i);
		build_tools(l, c, &i);
	}
}
