/* Rules that ask the base: is there a shell, is there the command that is called.
 *
 * The stage is read from its base upwards. What is installed, copied or unpacked on the way may
 * bring commands; only what none of that can have brought is reported. */
#include "advise/lint_parts.h"
#include "core/limits.h"

/* ---- The base of each stage ---- */

/* Facts are a help: a base whose facts cannot be read is one of which nothing is known. */
static struct lint_base *open_base(struct lint *l, const struct catalogue_base *entry)
{
	/* What is kept outlives this file: it belongs to the context's arena. */
	const struct base_context *context = l->bases->context;
	bool added;
	uintptr_t *slot = map_put(&l->bases->opened, context->arena, entry->name, &added);
	if (!added)
		return (struct lint_base *)*slot;
	struct base base;
	struct err ignored = ERR_INIT;
	struct lint_base *b = ARENA_NEW(context->arena, struct lint_base);
	struct tree *tree = ARENA_NEW(context->arena, struct tree);
	*slot = (uintptr_t)b;
	b->entry = entry;
	/* A path of that name in the current folder is another thing. */
	if (base_open(&base, entry->name, context, &ignored) && base.entry == entry && base.has_facts &&
	    base_tree(&base, tree, context->arena, &ignored)) {
		b->tree = tree;
		b->env = base.image.config.env;
	}
	return b;
}

void lint_open_bases(struct lint *l)
{
	const struct dockerfile *d = l->d;
	for (uint32_t k = 0; k < d->stages.n; k++) {
		const struct stage *s = &d->stages.p[k];
		l->base[k].scratch = s->scratch;
		if (s->parent != NO_STAGE)
			l->base[k] = l->base[s->parent]; /* a stage above: done already */
		if (s->image == NO_STAGE)
			continue;
		struct str value = d->images.p[s->image].value;
		value = str_slice(value, 0, str_index(value, '@'));
		const struct catalogue_base *entry =
			value.n ? catalogue_find(l->bases->context->catalogue, value, l->arena) : NULL;
		if (entry)
			l->base[k] = *open_base(l, entry);
	}
}

/* ---- What a stage has gathered so far ---- */

struct gathered {
	bool shell_may_come; /* something was copied where a shell would lie */
	bool anything;       /* a command ran, or a file came, that may have brought commands */
	bool open;           /* packages whose names are not known */
	bool installs;
	struct str_vec packages;
	struct str shell;    /* of SHELL; empty: the default */
};

static bool reaches_programs(struct str to)
{
	return str_eq(to, STR("/")) || str_eq(to, STR(".")) || str_starts(to, STR("/bin")) ||
	       str_starts(to, STR("/sbin")) || str_starts(to, STR("/usr")) ||
	       str_starts(to, STR("/busybox")) || str_starts(to, STR("/opt")) ||
	       str_index(to, '$') < to.n || str_index(to, '/') == to.n;
}

static void gather_copy(struct gathered *g, const struct instruction *i)
{
	struct str to = i->tokens.n ? i->tokens.p[i->tokens.n - 1].value : STR("");
	if (!reaches_programs(to))
		return;
	g->anything = true;
	g->shell_may_come |= !str_starts(to, STR("/opt")) && !str_eq(to, STR(".")) &&
	                     str_index(to, '/') < to.n;
	/* Single files into /usr/local/bin are programs of the project; whole trees may be anything. */
	g->open |= str_eq(to, STR("/")) || str_eq(to, STR("/usr")) || str_eq(to, STR("/usr/"));
}

#define BUILT_IN                                                                                   \
	". : [ [[ alias bg break cd command continue declare echo eval exec exit export false fg "    \
	"getopts hash jobs kill let local printf pwd read readonly return set shift shopt source "   \
	"test times trap true type typeset ulimit umask unalias unset wait"

static const char harmless[] =
	BUILT_IN " adduser addgroup apk apt apt-get cat chgrp chmod chown cp dnf find grep groupadd "
	"install ln ls microdnf mkdir mv rm rmdir sed sleep sort sync touch tr useradd usermod yum";

static void gather_call(struct gathered *g, const struct call *c, struct arena *a)
{
	struct install i;
	if (lint_install(c, &i, a)) {
		g->installs = g->anything = true;
		g->open |= i.open;
		for (size_t k = 0; k < i.packages.n && g->packages.n < LIMIT_LINT_PACKAGES; k++)
			*vec_push(&g->packages, a) = i.packages.p[k].text;
		g->open |= g->packages.n >= LIMIT_LINT_PACKAGES;
	}
	if (!lint_one_of(str_basename(c->command.words.p[0].text), harmless))
		g->anything = true;
}

/* ---- Commands and the packages that bring them ---- */

static const struct {
	const char *command, *packages; /* parts of names of packages that hold it */
} providers[] = {
	{"curl", "curl"}, {"wget", "wget"}, {"git", "git"}, {"jq", "jq"}, {"unzip", "unzip"},
	{"zip", "zip"}, {"bash", "bash"}, {"sudo", "sudo"}, {"make", "make build-essential build-base sdk"},
	{"gcc", "gcc build-essential build-base sdk g++"}, {"nc", "netcat nc ncat nmap"},
	{"ping", "iputils inetutils ping"}, {"ps", "procps"}, {"pgrep", "procps"}, {"pkill", "procps"},
	{"ss", "iproute"}, {"ip", "iproute"}, {"netstat", "net-tools"}, {"telnet", "telnet"},
	{"nslookup", "dnsutils bind"}, {"dig", "dnsutils bind"}, {"less", "less"}, {"vim", "vim"},
	{"python3", "python pip"}, {"pip", "pip python"}, {"pip3", "pip python"}, {"node", "node"},
	{"npm", "npm node"}, {"xz", "xz"}, {"gpg", "gnupg gpg"}, {"file", "file"}, {"rsync", "rsync"},
	{"ssh", "ssh"}, {"pg_isready", "postgres pgsql"}, {"mysqladmin", "mysql mariadb"},
	{"redis-cli", "redis valkey"}, {"lsof", "lsof"}, {"strace", "strace"}};

static const char *providers_of(struct str command)
{
	for (size_t k = 0; k < sizeof providers / sizeof *providers; k++)
		if (str_eq(command, str_of(providers[k].command)))
			return providers[k].packages;
	return NULL;
}

/* Whether what was installed may have brought the command: by its name, or since nobody knows. */
static bool may_have_come(const struct gathered *g, struct str command)
{
	const char *packages = providers_of(command);
	if (g->open || (g->anything && !packages))
		return true;
	for (size_t k = 0; k < g->packages.n; k++) {
		struct str rest = str_of(packages ? packages : ""), part;
		if (str_contains(g->packages.p[k], command))
			return true;
		while (str_word(&rest, &part))
			if (str_contains(g->packages.p[k], part))
				return true;
	}
	/* Fetched by hand: the command that did it is not known to be harmless. */
	return g->anything && !g->installs;
}

static bool in_path(const struct lint_base *b, struct str name, struct arena *a)
{
	struct str path = STR("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), part;
	for (size_t k = 0; k < b->env.n; k++)
		if (str_starts(b->env.p[k], STR("PATH=")))
			path = str_skip(b->env.p[k], 5);
	while (str_next(&path, ':', &part))
		if (tree_find(b->tree, arena_printf(a, "%.*s/%.*s", STR_ARG(part), STR_ARG(name))))
			return true;
	return false;
}

/* ---- Asking ---- */

static void ask_command(struct lint *l, const struct call *c, const struct lint_base *b,
                        const struct gathered *g)
{
	const struct script_word *w = &c->command.words.p[0];
	struct str name = w->text;
	if (!b->tree || !w->plain || !name.n || c->allowed_to_fail || lint_one_of(name, BUILT_IN) ||
	    lint_one_of(name, "if for while case do done fi esac then else in { } !") || map_find(&l->functions, name))
		return;
	bool path = str_index(name, '/') < name.n;
	if (path && !str_starts(name, STR("/bin/")) && !str_starts(name, STR("/usr/bin/")) &&
	    !str_starts(name, STR("/sbin/")) && !str_starts(name, STR("/usr/sbin/")))
		return;
	if (path ? tree_find(b->tree, name) != NULL : in_path(b, name, l->arena))
		return;
	if (may_have_come(g, str_basename(name)))
		return;
	lint_report(l, LINT_COMMAND_MISSING, c->instruction, c->at,
	            arena_printf(l->arena, "%.*s has no %.*s%s", STR_ARG(b->entry->name), STR_ARG(name),
	                         g->installs ? ", and no package that is installed here is called so" : ""),
	            STR(""));
}

/* Whether the shell that runs shell forms is there; `unknown` where nobody can say. */
static bool has_shell(const struct lint_base *b, const struct gathered *g)
{
	struct str shell = g->shell.n ? g->shell : STR("/bin/sh");
	if (g->shell_may_come || g->open || (!b->scratch && !b->entry))
		return true;
	if (b->scratch)
		return false;
	if (b->tree)
		return shell.p[0] != '/' || tree_find(b->tree, shell);
	return !str_eq(b->entry->shell, STR("none"));
}

static bool is_shell_form(const struct instruction *i)
{
	if (i->json || !i->tokens.n)
		return false;
	if (i->kind == INSTRUCTION_HEALTHCHECK)
		return i->tokens.n > 1;
	return i->kind == INSTRUCTION_RUN || i->kind == INSTRUCTION_CMD || i->kind == INSTRUCTION_ENTRYPOINT;
}

static void ask_shell(struct lint *l, uint32_t index, const struct lint_base *b,
                      const struct gathered *g)
{
	const struct instruction *i = lint_instruction(l, index);
	bool starts = i->kind != INSTRUCTION_RUN;
	if (!is_shell_form(i) || (starts && i->stage != lint_last(l)) || has_shell(b, g))
		return;
	struct str shell = g->shell.n ? g->shell : STR("/bin/sh");
	lint_report(l, LINT_SHELL_MISSING, index, i->at,
	            arena_printf(l->arena, "shell form wants %.*s, and %.*s has none", STR_ARG(shell),
	                         STR_ARG(b->scratch ? STR("scratch") : b->entry->name)),
	            starts ? arena_printf(l->arena, "%s [\"PROGRAM\", \"ARGUMENT\"]",
	                                  i->kind == INSTRUCTION_HEALTHCHECK ? "HEALTHCHECK CMD"
	                                                                     : instruction_name(i->kind))
	                   : STR("do it in a stage that has a shell, and COPY --from it"));
}

/* One stage; *call is the first of its calls. */
static struct gathered read_stage(struct lint *l, uint32_t stage, struct gathered g, size_t *call)
{
	const struct stage *s = &l->d->stages.p[stage];
	const struct lint_base *b = &l->base[stage];
	for (uint32_t k = s->first; k < s->first + s->count; k++) {
		const struct instruction *i = lint_instruction(l, k);
		if (i->kind == INSTRUCTION_COPY || i->kind == INSTRUCTION_ADD)
			gather_copy(&g, i);
		if (i->kind == INSTRUCTION_SHELL && i->json && i->tokens.n)
			g.shell = i->tokens.p[0].value;
		if (i->kind == INSTRUCTION_ENV && str_contains(i->arguments.raw, STR("PATH")))
			g.anything = true;
		ask_shell(l, k, b, &g);
		for (; *call < l->calls.n && l->calls.p[*call].instruction == k; ++*call) {
			ask_command(l, &l->calls.p[*call], b, &g);
			if (i->kind == INSTRUCTION_RUN)
				gather_call(&g, &l->calls.p[*call], l->arena);
		}
		/* With mounts from elsewhere RUN sees programs that are not the base's. */
		if (i->kind == INSTRUCTION_RUN && instruction_flag(i, STR("mount")))
			g.anything = true;
	}
	return g;
}

void lint_commands(struct lint *l)
{
	const struct dockerfile *d = l->d;
	struct gathered *g = arena_array(l->arena, d->stages.n + 1, sizeof *g);
	size_t call = 0;
	for (uint32_t k = 0; k < d->stages.n; k++) {
		uint32_t parent = d->stages.p[k].parent;
		/* A copy of the parent's list: both stages may add to it. */
		struct gathered from = parent == NO_STAGE ? (struct gathered){0} : g[parent];
		from.packages.cap = from.packages.n;
		g[k] = read_stage(l, k, from, &call);
	}
}
