/* Scripts: the #! line, interpreters of interpreters, and env(1).
 *
 * Follows fs/binfmt_script.c and fs/exec.c (exec_binprm) of Linux; env(1) of
 * coreutils and BusyBox. The kernel hands everything behind the interpreter's
 * name over as one argument: "#!/usr/bin/env python3 -u" asks env for a program
 * called "python3 -u", unless it begins with -S. */
#include "core/limits.h"
#include "predict/exec.h"

enum { FILES_MAX = 32 }; /* of a script that env starts, which env starts … */

/* ---- The line ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes what stands before the next blank off the front. */
static struct str take_word(struct str *rest)
{
	size_t end = 0;
	while (rest->n && is_blank(rest->p[0]))
		*rest = str_skip(*rest, 1);
	while (end < rest->n && !is_blank(rest->p[end]))
		end++;
	struct str word = str_slice(*rest, 0, end);
	*rest = str_skip(*rest, end);
	while (rest->n && is_blank(rest->p[0]))
		*rest = str_skip(*rest, 1);
	return word;
}

/* The buffer of 256 bytes ends within the interpreter's name: ENOEXEC. */
static bool is_cut_off(struct str line, struct str rest)
{
	return line.n + 2 >= LIMIT_SHEBANG_BYTES && rest.n == 0;
}

/* ---- env(1) ---- */

static bool is_busybox(const struct node *n)
{
	return str_starts(n->name, STR("busybox"));
}

/* Whether `argument` is -S, with other letters before it or the long name; *text is what
 * shall be split then. */
static bool asks_to_split(struct str argument, struct str *text)
{
	static const struct str long_name = STR_INIT("--split-string");
	if (str_starts(argument, long_name)) {
		*text = str_skip(argument, long_name.n + 1);
		return true;
	}
	if (!str_starts(argument, STR("-")))
		return false;
	size_t at = 1;
	while (at < argument.n && (argument.p[at] == 'i' || argument.p[at] == 'v' ||
	                           argument.p[at] == '0'))
		at++;
	*text = str_skip(argument, at + 1);
	return at < argument.n && argument.p[at] == 'S';
}

/* The command among the words that -S split: behind options and assignments. */
static struct str split_command(struct str text)
{
	while (text.n) {
		struct str word = take_word(&text);
		bool takes_value = str_eq(word, STR("-u")) || str_eq(word, STR("-C"));
		if (takes_value)
			take_word(&text);
		else if (!str_starts(word, STR("-")) && str_index(word, '=') == word.n)
			return word.n > 1 && (word.p[0] == '\'' || word.p[0] == '"')
			               ? str_slice(word, 1, word.n - 1) : word;
	}
	return STR("");
}

/* What env would start; empty where its argument asks for nothing that can be told. */
static struct str env_command(struct str argument)
{
	struct str text;
	if (asks_to_split(argument, &text))
		return split_command(text);
	if (str_starts(argument, STR("-")) || str_index(argument, '=') < argument.n)
		return STR("");
	return argument;
}

/* execvp(3) */
static struct node *find_command(const struct process *p, struct str name)
{
	struct node *n;
	if (str_index(name, '/') < name.n)
		return process_open(p, name, &n) == TREE_FOUND ? n : NULL;
	return target_in_path(p->target, name, p->arena);
}

static void judge_env(struct process *p, const struct node *script, const struct node *env,
                      struct str argument, struct start_chain *chain)
{
	struct str text, command = env_command(argument);
	if (is_busybox(env) && asks_to_split(argument, &text)) {
		struct finding *f = exec_finding(p, SEVERITY_BLOCKS, FINDING_SCRIPT, script, STR("env -S"));
		f->message = STR("its first line gives env the option -S, which BusyBox's does not know");
		return;
	}
	if (!command.n)
		return;
	struct node *target = find_command(p, command);
	chain->scripts = 0;
	if (target) {
		exec_file(p, target, chain);
		return;
	}
	struct finding *f = exec_finding(p, SEVERITY_BLOCKS, FINDING_EXECUTABLE, script, command);
	f->message = arena_printf(p->arena, "%.*s, which its first line asks env for, is not in PATH",
	                          STR_ARG(command));
}

/* ---- A script ---- */

static void script_fails(struct process *p, const struct node *n, struct str name, const char *why)
{
	exec_finding(p, SEVERITY_BLOCKS, FINDING_SCRIPT, n, name)->message = str_of(why);
}

void script_judge(struct process *p, const struct node *n, struct start_chain *chain)
{
	struct str line = node_shebang(n), rest = line, interpreter = take_word(&rest);
	if (!interpreter.n || is_cut_off(line, rest)) {
		script_fails(p, n, STR("#!"), interpreter.n ? "its first line is longer than the kernel reads"
		                                            : "its first line names no interpreter");
		return;
	}
	struct node *target;
	if (process_open(p, interpreter, &target) != TREE_FOUND) {
		struct finding *f = exec_finding(p, SEVERITY_BLOCKS, FINDING_SCRIPT, n, interpreter);
		*vec_push(&f->searched, p->arena) = interpreter;
		f->message = arena_printf(p->arena, "its interpreter %.*s is not there%s",
		                          STR_ARG(interpreter), str_ends(interpreter, STR("\r"))
		                          ? ": the line ends in CR LF" : "");
		return;
	}
	/* The interpreter is opened before the chain is found to be too long: exec_binprm(). */
	if (++chain->scripts > LIMIT_SCRIPT_DEPTH) {
		script_fails(p, n, interpreter, "too many interpreters that are scripts themselves");
		return;
	}
	if (chain->files > FILES_MAX) {
		script_fails(p, n, interpreter, "it starts itself again and again");
		return;
	}
	size_t blocks = p->out->findings.n;
	exec_file(p, target, chain);
	if (str_eq(str_basename(interpreter), STR("env")) && p->out->findings.n == blocks)
		judge_env(p, n, target, rest, chain);
}
