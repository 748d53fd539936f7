#include "advise/tests.h"

static bool is_operator(char c)
{
	return c == '|' || c == '&' || c == ';' || c == '<' || c == '>' || c == '(' || c == ')' ||
	       c == '$' || c == '`';
}

/* What a backslash between double quotes takes its meaning from (Shell Command Language, 2.2.3);
 * before anything else it stands for itself. */
static bool is_escaped_in_quotes(char c)
{
	return c == '$' || c == '`' || c == '"' || c == '\\' || c == '\n';
}

/* One word of POSIX shell quoting (Shell Command Language, 2.2), without expansions. */
static bool take_word(struct str *rest, struct str *word, struct arena *a, struct err *e)
{
	char *p = arena_alloc(a, rest->n + 1);
	size_t n = 0, i = 0;
	char quote = 0;
	for (; i < rest->n; i++) {
		char c = rest->p[i];
		if (quote == '\'' ? c == '\'' : quote && c == '"') {
			quote = 0;
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
		} else if (c == '\\' && quote != '\'' && i + 1 < rest->n &&
		           (!quote || is_escaped_in_quotes(rest->p[i + 1]))) {
			i++;
			if (rest->p[i] != '\n') /* a line goes on */
				p[n++] = rest->p[i];
		} else if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
			break;
		} else if (!quote && is_operator(c)) {
			return err_set(e, ERR_USAGE, "\"%c\" in a test wants a shell, which most bases lack; "
			               "quote it, or ask for one: sh -c '…'", c);
		} else {
			p[n++] = c;
		}
	}
	if (quote)
		return err_set(e, ERR_USAGE, "the test \"%.*s\" has a quote without an end", STR_ARG(*rest));
	*word = (struct str){p, n};
	*rest = str_skip(*rest, i);
	return true;
}

bool tests_split(struct str command, struct str_vec *argv, struct arena *a, struct err *e)
{
	struct str rest = command;
	for (;;) {
		while (rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t' || rest.p[0] == '\n'))
			rest = str_skip(rest, 1);
		if (!rest.n)
			break;
		struct str word;
		if (!take_word(&rest, &word, a, e))
			return false;
		*vec_push(argv, a) = word;
	}
	return argv->n || err_set(e, ERR_USAGE, "a test without a command");
}

bool tests_add_command(struct test_list *l, struct str command, struct arena *a, struct err *e)
{
	struct str_vec argv = {0};
	if (!tests_split(command, &argv, a, e))
		return false;
	*vec_push(l, a) = (struct trial_test){.kind = TRIAL_COMMAND, .argv = argv, .name = command};
	return true;
}

struct str_vec app_server(const struct app *app, struct arena *a)
{
	struct str_vec argv = {0};
	const struct image_config *c = &app->image.config;
	if (app->command.n)
		return app->command;
	if (app->runtime.n) {
		/* Images of Python have python3 under this name, whatever else they call it. */
		*vec_push(&argv, a) =
			str_eq(app->runtime, STR("python")) ? STR("python3") : app->runtime;
		if (str_eq(app->runtime, STR("java")))
			*vec_push(&argv, a) = STR("-jar");
	}
	if (app->entries.n) {
		*vec_push(&argv, a) = app->entries.p[0];
		return argv;
	}
	return str_vec_join(&c->entrypoint, &c->cmd, a);
}

bool tests_add_http(struct test_list *l, struct str text, const struct app *app, struct arena *a,
                    struct err *e)
{
	uint64_t port = 0;
	size_t slash = str_index(text, '/');
	if (!str_to_u64(str_slice(text, 0, slash), &port) || port == 0 || port > 65535)
		return err_set(e, ERR_USAGE, "--http wants PORT or PORT/PATH, not %.*s", STR_ARG(text));
	struct str_vec argv = app_server(app, a);
	if (!argv.n)
		return err_set(e, ERR_USAGE, "--http starts the entry: name it with --entry");
	*vec_push(l, a) = (struct trial_test){
		.kind = TRIAL_HTTP,
		.argv = argv,
		.name = arena_printf(a, "GET http://localhost:%.*s", STR_ARG(text)),
		.http_port = (uint16_t)port,
		.http_path = slash < text.n ? str_skip(text, slash) : STR("/"),
	};
	return true;
}
