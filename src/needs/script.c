/* Scripts: the `#!` line, as fs/binfmt_script.c of the kernel and env(1) read it. */
#include "needs/collect.h"

/* Passes over env's options and assignments; what is left begins with the command. */
static bool env_command(struct str *rest, struct str *command)
{
	while (str_word(rest, command)) {
		if (str_starts(*command, STR("-S")) && command->n > 2) {
			*command = str_skip(*command, 2); /* -Snode, as one argument */
			return true;
		}
		if (command->p[0] != '-' && str_index(*command, '=') == command->n)
			return true;
	}
	return false;
}

bool is_shell(struct str command)
{
	return is_one_of(str_basename(command), "sh ash bash dash ksh zsh");
}

static void started(struct collector *c, const struct visit *v, enum need_kind kind,
                    struct str name, struct str how)
{
	const struct node *own = files_executable(c, name);
	if (own)
		files_enqueue(c, own, v->aside);
	else
		collect_need(c, v, kind, name, CERTAINTY_CERTAIN, how);
}

void script_needs(struct collector *c, const struct visit *v, struct str shebang)
{
	struct str rest = shebang, interpreter, command, text;
	struct str how = arena_printf(c->arena, "#!%.*s", STR_ARG(shebang));
	if (!str_word(&rest, &interpreter))
		return;
	started(c, v, NEED_INTERPRETER, interpreter, how);
	command = interpreter;
	if (str_eq(str_basename(interpreter), STR("env")) && env_command(&rest, &command))
		started(c, v, NEED_EXECUTABLE, command, how);
	runtime_of_command(c, v, command, how);
	if (is_shell(command) && node_kept(v->node, &text))
		shell_needs(c, v, text);
}
