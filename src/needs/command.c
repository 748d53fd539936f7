/* What an image's configuration starts: a program, a runtime with a script, a shell with a line.
 *
 * execvp(3): a name without a slash is looked for along PATH, others from the working folder. */
#include "needs/collect.h"

/* The file of the application that an argument names, from the working folder. */
static const struct node *file_named(const struct collector *c, struct str word, struct str folder)
{
	struct str path = word.n && word.p[0] == '/'
		? word
		: arena_printf(c->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(word));
	const struct node *n = tree_find(c->app, path);
	return n && node_type(n) == ENTRY_FILE ? n : NULL;
}

static const struct node *program_of(const struct collector *c, struct str name, struct str folder)
{
	return str_index(name, '/') < name.n ? file_named(c, name, folder)
	                                     : files_executable(c, name);
}

/* sh -c TEXT, with whatever options: bash -euo pipefail -c TEXT. */
static struct str shell_line(const struct str_vec *argv)
{
	for (size_t i = 1; i + 1 < argv->n; i++) {
		struct str w = argv->p[i];
		if (w.n < 2 || (w.p[0] != '-' && w.p[0] != '+'))
			return STR_NONE; /* a script */
		if (w.p[0] == '-' && w.p[1] != '-' && w.p[w.n - 1] == 'c')
			return argv->p[i + 1];
		i += w.p[w.n - 1] == 'o'; /* -o pipefail */
	}
	return STR_NONE;
}

void command_starts(struct collector *c, const struct visit *v, const struct node *own)
{
	files_enqueue(c, own, v->aside);
	if (!v->where.n || c->optional)
		return;
	struct str path = tree_path(own, c->arena);
	for (size_t i = 0; i < c->out->started.n; i++)
		if (str_eq(c->out->started.p[i], path))
			return;
	*vec_push(&c->out->started, c->arena) = path;
}

void command_needs(struct collector *c, const struct needs_command *command, struct str working_dir)
{
	const struct str_vec *argv = &command->argv;
	struct visit v = {.node = c->app->root, .where = command->where};
	c->optional = command->optional;
	if (!argv->n)
		return;
	struct str how = arena_printf(c->arena, "starts %.*s", STR_ARG(argv->p[0]));
	const struct node *own = program_of(c, argv->p[0], working_dir);
	if (own)
		command_starts(c, &v, own);
	else
		collect_need(c, &v, NEED_EXECUTABLE, argv->p[0], CERTAINTY_CERTAIN, how);
	runtime_of_command(c, &v, argv->p[0], how);
	if (is_shell(argv->p[0]))
		shell_needs(c, &v, shell_line(argv));
	for (size_t i = 1; i < argv->n; i++)
		files_enqueue(c, file_named(c, argv->p[i], working_dir), false);
}
