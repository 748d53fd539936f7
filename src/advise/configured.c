#include "advise/configured.h"

#include "advise/propose.h"
#include "dockerfile/script.h"
#include "predict/supply.h"

static void blocks(struct prediction *out, enum finding_kind kind, struct str name,
                   const char *object, struct str message, struct str cure, struct arena *a)
{
	struct finding *f = vec_push(&out->findings, a);
	*f = (struct finding){.severity = SEVERITY_BLOCKS, .kind = kind, .name = name,
	                      .object = str_of(object), .message = message};
	if (cure.n)
		*vec_push(&f->cure, a) = cure;
}

/* ---- The command ---- */

bool configured_is_shell_form(const struct str_vec *command)
{
	return command->n == 3 && str_eq(command->p[0], STR("/bin/sh")) &&
	       str_eq(command->p[1], STR("-c"));
}

/* What only a shell can do, and words of its grammar (POSIX.1-2017, XCU 2.14, 2.4; bash(1), SHELL
 * BUILTIN COMMANDS): no program is called that on a base, or it would change nothing. */
static bool is_for_a_shell(struct str word)
{
	static const struct str words[] = {
		STR_INIT("!"),        STR_INIT("."),        STR_INIT(":"),       STR_INIT("[["),
		STR_INIT("{"),        STR_INIT("alias"),    STR_INIT("bg"),      STR_INIT("break"),
		STR_INIT("builtin"),  STR_INIT("case"),     STR_INIT("cd"),      STR_INIT("command"),
		STR_INIT("continue"), STR_INIT("declare"),  STR_INIT("eval"),    STR_INIT("exec"),
		STR_INIT("exit"),     STR_INIT("export"),   STR_INIT("fc"),      STR_INIT("fg"),
		STR_INIT("for"),      STR_INIT("getopts"),  STR_INIT("hash"),    STR_INIT("if"),
		STR_INIT("jobs"),     STR_INIT("let"),      STR_INIT("local"),   STR_INIT("read"),
		STR_INIT("readonly"), STR_INIT("return"),   STR_INIT("set"),     STR_INIT("shift"),
		STR_INIT("shopt"),    STR_INIT("source"),   STR_INIT("times"),   STR_INIT("trap"),
		STR_INIT("type"),     STR_INIT("typeset"),  STR_INIT("ulimit"),  STR_INIT("umask"),
		STR_INIT("unalias"),  STR_INIT("unset"),    STR_INIT("until"),   STR_INIT("wait"),
		STR_INIT("while"),
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

bool configured_words(struct str line, struct str_vec *argv, struct arena *a)
{
	struct script script;
	script_read(&script, line, a);
	if (script.commands.n != 1 || script.functions.n)
		return false;
	const struct script_command *c = &script.commands.p[0];
	if (!str_eq(str_trim(line), c->raw))
		return false;
	size_t first = command_is(c, "exec") ? 1 : 0;
	if (first < c->words.n && is_for_a_shell(c->words.p[first].text))
		return false;
	for (size_t i = first; i < c->words.n; i++) {
		if (!c->words.p[i].plain)
			return false;
		*vec_push(argv, a) = c->words.p[i].text;
	}
	return argv->n > 0;
}

struct str configured_exec_form(const char *says, struct str line, struct arena *a)
{
	struct str_vec argv = {0};
	if (!configured_words(line, &argv, a))
		return STR("");
	return arena_printf(a, "%s %.*s", says, STR_ARG(propose_array(&argv, a)));
}

static struct str exec_cure(const char *says, const struct str_vec *command, struct arena *a)
{
	struct str form = configured_is_shell_form(command)
		? configured_exec_form(says, command->p[2], a)
		: STR("");
	return form.n ? arena_printf(a, "the exec form, which wants no shell: %.*s", STR_ARG(form))
	              : form;
}

static void judge_command(const struct app *app, const struct predict_target *target,
                          struct node_vec *programs, struct prediction *out, struct arena *a)
{
	struct str name = app->command.p[0];
	const char *says = app->image.config.entrypoint.n ? "ENTRYPOINT" : "CMD";
	const struct node *n = name.n ? supply_program(target, name, a) : NULL;
	if (!name.n)
		name = STR("an empty word");
	if (n) {
		*vec_push(programs, a) = n;
		return;
	}
	blocks(out, FINDING_EXECUTABLE, name, says,
	       arena_printf(a, "%.*s, which the image starts, is not there", STR_ARG(name)),
	       exec_cure(says, &app->command, a), a);
}

/* ---- The health check ---- */

struct str configured_health_comment(const struct prediction *p, struct arena *a)
{
	struct str names = STR("");
	for (size_t i = 0; i < p->findings.n; i++)
		if (str_eq(p->findings.p[i].object, STR("HEALTHCHECK")))
			names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), names.n ? ", no " : "",
			                     STR_ARG(p->findings.p[i].name));
	if (!names.n)
		return names;
	return arena_printf(a, "# HEALTHCHECK is left out: the base has no %.*s; let the platform ask "
	                    "from outside\n", STR_ARG(names));
}

/* What it starts may be there and not start; the application runs all the same. */
static void judge_health(const struct app *app, const struct predict_target *target,
                         struct prediction *out, struct arena *a)
{
	struct str_vec argv = app_health(app, a);
	const struct node *program = argv.n ? supply_program(target, argv.p[0], a) : NULL;
	struct prediction p;
	if (!program)
		return; /* or it is not there at all: supply_check()'s */
	predict(target, &program, 1, &p, a);
	for (size_t i = 0; i < p.findings.n; i++) {
		struct finding f = p.findings.p[i];
		if (f.severity != SEVERITY_BLOCKS)
			continue;
		f.severity = SEVERITY_RISK;
		f.object = STR("HEALTHCHECK");
		*vec_push(&out->findings, a) = f;
	}
}

/* ---- The user ---- */

static bool is_number(struct str s)
{
	uint64_t n;
	return str_to_u64(s, &n);
}

/* passwd(5), group(5): a name, then a colon. */
static bool file_names(const struct tree *t, struct str path, struct str name)
{
	struct str content, line;
	if (!tree_kept(t, path, &content))
		return false;
	while (str_next(&content, '\n', &line))
		if (str_starts(line, name) && line.n > name.n && line.p[name.n] == ':')
			return true;
	return false;
}

static void judge_name(const struct predict_target *target, struct str name, const char *file,
                       const char *what, struct prediction *out, struct arena *a)
{
	if (!name.n || is_number(name) || file_names(target->tree, str_of(file), name))
		return;
	blocks(out, FINDING_DATA, name, "USER",
	       arena_printf(a, "%s has no %s %.*s, as whom the image starts", file, what, STR_ARG(name)),
	       arena_printf(a, "a number (USER 10001), or its line in %s", file), a);
}

/* "user", "user:group". An engine looks names up in the container's files
 * (moby/sys/user, GetExecUser: "no matching entries in passwd file"). */
static void judge_user(const struct app *app, const struct predict_target *target,
                       struct prediction *out, struct arena *a)
{
	struct str user = app->image.config.user;
	size_t colon = str_index(user, ':');
	judge_name(target, str_slice(user, 0, colon), "/etc/passwd", "user", out, a);
	judge_name(target, str_skip(user, colon + 1), "/etc/group", "group", out, a);
}

/* ---- What a container has of its surroundings ---- */

static void note(struct prediction *out, struct str name, const char *object, struct str message,
                 struct arena *a)
{
	*vec_push(&out->findings, a) = (struct finding){
		.severity = SEVERITY_NOTE, .kind = FINDING_DATA, .name = name,
		.object = str_of(object), .message = message};
}

/* Engines let anybody bind any port (moby 20.10: net.ipv4.ip_unprivileged_port_start=0), Kubernetes
 * leaves the kernel's limit (ip-sysctl.rst). */
static void judge_ports(const struct app *app, struct prediction *out, struct arena *a)
{
	enum { FIRST_FREE_PORT = 1024 };
	const struct image_config *c = &app->image.config;
	struct str user = str_slice(c->user, 0, str_index(c->user, ':'));
	bool root = catalogue_is_root(user);
	for (size_t i = 0; !root && i < c->exposed_ports.n; i++) {
		struct str port = c->exposed_ports.p[i];
		uint64_t number;
		if (str_to_u64(str_slice(port, 0, str_index(port, '/')), &number) &&
		    number < FIRST_FREE_PORT)
			note(out, port, "EXPOSE",
			     arena_printf(a, "port %.*s: where the kernel's limit is not lifted (Kubernetes), "
			                  "user %.*s cannot bind it", STR_ARG(port), STR_ARG(user)), a);
	}
}

static void judge_tmp(const struct app *app, const struct predict_target *target,
                      struct prediction *out, struct arena *a)
{
	static const struct str tmp = STR_INIT("/tmp");
	for (size_t i = 0; i < app->needs.list.n; i++)
		if (str_eq(app->needs.list.p[i].name, tmp))
			return; /* supply_check()'s, with evidence */
	if (!tree_find(target->tree, tmp))
		note(out, tmp, "image", STR("there is no /tmp for whatever writes temporary files"), a);
}

void configured_judge(const struct app *app, const struct predict_target *target,
                      struct node_vec *programs, struct prediction *out, struct arena *a)
{
	if (app->command.n)
		judge_command(app, target, programs, out, a);
	if (!app->is_image)
		return;
	judge_health(app, target, out, a);
	judge_user(app, target, out, a);
	judge_ports(app, out, a);
	judge_tmp(app, target, out, a);
}

/* ---- The environment ---- */

struct str_vec app_own(const struct str_vec *all, const struct str_vec *of_base, struct arena *a)
{
	struct str_vec own = {0};
	for (size_t i = 0; i < all->n; i++) {
		bool inherited = false;
		for (size_t k = 0; k < of_base->n; k++)
			inherited |= str_eq(of_base->p[k], all->p[i]);
		if (!inherited)
			*vec_push(&own, a) = all->p[i];
	}
	return own;
}

struct str_vec app_env(const struct app *app, const struct base *base, const struct str_vec *own,
                       struct arena *a)
{
	struct str_vec image = app_own(&app->image.config.env, &app->above.base_config.env, a);
	struct str_vec env = base->image.config.env;
	if (app->is_image)
		env = str_vec_join(&env, &image, a);
	return str_vec_join(&env, own, a);
}
