#include "trial/testfile.h"

#include <stddef.h>

#include "core/limits.h"
#include "os/file.h"
#include "trial/re2.h"
#include "yaml/tree.h"

#define FIELDS(table) table, sizeof(table) / sizeof *(table)

/* Key, value, isRegex: variables and labels. */
struct raw_pair {
	struct str key, value;
	bool is_regex;
};

struct raw_pairs {
	VEC(struct raw_pair) v;
};

struct raw_steps {
	VEC(struct trial_argv) v;
};

struct raw_command {
	struct str name, command;
	struct raw_steps setup, teardown;
	struct raw_pairs env;
	struct str_vec args, out, out_excluded, err, err_excluded;
	int exit;
};

struct raw_existence {
	struct str name, path, permissions, executable_by;
	bool should_exist;
	int uid, gid;
};

struct raw_content {
	struct str name, path;
	struct str_vec expected, excluded;
};

struct raw_list {
	bool said;
	struct str_vec v;
};

struct raw_metadata {
	bool said;
	struct raw_pairs env, unbound, labels;
	struct str_vec ports, ports_absent, volumes, volumes_absent;
	struct raw_list entrypoint, cmd;
	struct str workdir, user;
};

struct raw_options {
	struct str user;
	bool privileged, tty;
};

struct node_list {
	VEC(yaml_node_t *) v;
};

struct raw_file {
	struct str version;
	struct raw_pairs env;
	struct raw_options options;
	struct raw_metadata metadata;
	struct test_file *out;
	struct node_list commands, existences, contents; /* read when env is known */
};

/* --- small pieces */

static bool pair_item(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	static const struct yaml_field field[] = {
		{"key", yaml_string, offsetof(struct raw_pair, key), true},
		{"value", yaml_string, offsetof(struct raw_pair, value), false},
		{"isRegex", yaml_bool, offsetof(struct raw_pair, is_regex), false},
	};
	struct raw_pairs *list = into;
	struct raw_pair *pair = vec_push(&list->v, t->arena);
	if (!yaml_mapping(t, node, "a variable or label", FIELDS(field), pair, e))
		return false;
	return pair->key.n > 0 || yaml_error(t, node, e, ERR_INPUT, "an empty key");
}

static bool pairs(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	return yaml_sequence(t, node, pair_item, into, e);
}

static bool step_item(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	struct raw_steps *list = into;
	struct trial_argv *step = vec_push(&list->v, t->arena);
	if (!yaml_strings(t, node, &step->v, e))
		return false;
	return (step->v.n > 0 && step->v.p[0].n > 0) ||
	       yaml_error(t, node, e, ERR_INPUT, "an empty command");
}

static bool steps(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	return yaml_sequence(t, node, step_item, into, e);
}

/* A list that may be wanted empty: "entrypoint: []". */
static bool whole_list(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	struct raw_list *list = into;
	list->said = !yaml_is_null(node);
	return yaml_strings(t, node, &list->v, e);
}

/* Go's patterns into ours, in place; the list's own line is the nearest that is known. */
static bool patterns(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	struct str_vec *list = into;
	if (!yaml_strings(t, node, list, e))
		return false;
	for (size_t i = 0; i < list->n; i++) {
		struct err why = ERR_INIT;
		if (!re2_to_posix(list->p[i], t->arena, &list->p[i], &why))
			return yaml_error(t, node, e, ERR_INPUT, "%s", why.message);
	}
	return true;
}

static struct trial_test *new_test(struct raw_file *f, struct yaml_tree *t,
				   enum trial_test_kind kind, struct str name)
{
	struct trial_test *test = vec_push(&f->out->test, t->arena);
	test->kind = kind;
	test->name = name;
	test->expands = true;
	return test;
}

static void append_env(struct str_vec *env, const struct raw_pairs *pairs, struct arena *a)
{
	for (size_t i = 0; i < pairs->v.n; i++)
		*vec_push(env, a) = arena_printf(a, "%.*s=%.*s", STR_ARG(pairs->v.p[i].key),
						 STR_ARG(pairs->v.p[i].value));
}

/* --- the four kinds of test */

static bool read_command(struct yaml_tree *t, yaml_node_t *node, struct raw_file *f, struct err *e)
{
	static const struct yaml_field field[] = {
		{"name", yaml_string, offsetof(struct raw_command, name), true},
		{"command", yaml_string, offsetof(struct raw_command, command), true},
		{"args", yaml_strings, offsetof(struct raw_command, args), false},
		{"setup", steps, offsetof(struct raw_command, setup), false},
		{"teardown", steps, offsetof(struct raw_command, teardown), false},
		{"envVars", pairs, offsetof(struct raw_command, env), false},
		{"exitCode", yaml_int, offsetof(struct raw_command, exit), false},
		{"expectedOutput", patterns, offsetof(struct raw_command, out), false},
		{"excludedOutput", patterns, offsetof(struct raw_command, out_excluded), false},
		{"expectedError", patterns, offsetof(struct raw_command, err), false},
		{"excludedError", patterns, offsetof(struct raw_command, err_excluded), false},
	};
	struct raw_command c = {0};
	if (!yaml_mapping(t, node, "a command test", FIELDS(field), &c, e))
		return false;
	if (c.name.n == 0 || c.command.n == 0)
		return yaml_error(t, node, e, ERR_INPUT,
				  "a command test wants a name and a command");
	if (c.exit > 255)
		return yaml_error(t, node, e, ERR_INPUT, "an exit status is 0 to 255, not %d",
				  c.exit);
	struct trial_test *test = new_test(f, t, TRIAL_COMMAND, c.name);
	*vec_push(&test->argv, t->arena) = c.command;
	for (size_t i = 0; i < c.args.n; i++)
		*vec_push(&test->argv, t->arena) = c.args.p[i];
	test->has_exit = true;
	test->exit = c.exit;
	test->stdout_match = c.out;
	test->stdout_exclude = c.out_excluded;
	test->stderr_match = c.err;
	test->stderr_exclude = c.err_excluded;
	append_env(&test->env, &f->env, t->arena);
	append_env(&test->env, &c.env, t->arena);
	for (size_t i = 0; i < c.setup.v.n; i++)
		*vec_push(&test->before, t->arena) = c.setup.v.p[i];
	for (size_t i = 0; i < c.teardown.v.n; i++)
		*vec_push(&test->after, t->arena) = c.teardown.v.p[i];
	return true;
}

/* A relative path counts from "/", as in that program. */
static bool file_path(struct yaml_tree *t, const yaml_node_t *node, struct str path,
		      struct str *out, struct err *e)
{
	if (path.n == 0)
		return yaml_error(t, node, e, ERR_INPUT,
				  "a test of a file wants a name and a path");
	bool whole = path.p[0] == '/' || path.p[0] == '$';
	*out = whole ? path : arena_printf(t->arena, "/%.*s", STR_ARG(path));
	return true;
}

static bool executable_by(struct yaml_tree *t, const yaml_node_t *node, struct str word,
			  enum trial_may *may, struct err *e)
{
	static const char *const words[] = {"", "owner", "group", "other", "any"};
	for (int i = 0; i < 5; i++)
		if (str_eq(word, str_of(words[i]))) {
			*may = (enum trial_may)i;
			return true;
		}
	return yaml_error(t, node, e, ERR_INPUT,
			  "isExecutableBy is owner, group, other or any, not '%.*s'",
			  STR_ARG(word));
}

static bool read_existence(struct yaml_tree *t, yaml_node_t *node, struct raw_file *f,
			   struct err *e)
{
	static const struct yaml_field field[] = {
		{"name", yaml_string, offsetof(struct raw_existence, name), true},
		{"path", yaml_string, offsetof(struct raw_existence, path), true},
		{"shouldExist", yaml_bool, offsetof(struct raw_existence, should_exist), false},
		{"permissions", yaml_string, offsetof(struct raw_existence, permissions), false},
		{"uid", yaml_int, offsetof(struct raw_existence, uid), false},
		{"gid", yaml_int, offsetof(struct raw_existence, gid), false},
		{"isExecutableBy", yaml_string, offsetof(struct raw_existence, executable_by),
		 false},
	};
	struct raw_existence x = {.should_exist = true, .uid = -1, .gid = -1};
	if (!yaml_mapping(t, node, "a file existence test", FIELDS(field), &x, e))
		return false;
	struct trial_test *test = new_test(f, t, TRIAL_FILE, x.name);
	struct trial_file_wants *w = &test->file;
	w->absent = !x.should_exist;
	w->mode = x.permissions;
	w->has_uid = x.uid >= 0;
	w->has_gid = x.gid >= 0;
	w->uid = x.uid >= 0 ? (uint32_t)x.uid : 0;
	w->gid = x.gid >= 0 ? (uint32_t)x.gid : 0;
	append_env(&test->env, &f->env, t->arena);
	return file_path(t, node, x.name.n ? x.path : STR_NONE, &w->path, e) &&
	       executable_by(t, node, x.executable_by, &w->executable_by, e);
}

static bool read_content(struct yaml_tree *t, yaml_node_t *node, struct raw_file *f, struct err *e)
{
	static const struct yaml_field field[] = {
		{"name", yaml_string, offsetof(struct raw_content, name), true},
		{"path", yaml_string, offsetof(struct raw_content, path), true},
		{"expectedContents", patterns, offsetof(struct raw_content, expected), false},
		{"excludedContents", patterns, offsetof(struct raw_content, excluded), false},
	};
	struct raw_content x = {0};
	if (!yaml_mapping(t, node, "a file content test", FIELDS(field), &x, e))
		return false;
	struct trial_test *test = new_test(f, t, TRIAL_CONTENT, x.name);
	test->file.match = x.expected;
	test->file.exclude = x.excluded;
	append_env(&test->env, &f->env, t->arena);
	return file_path(t, node, x.name.n ? x.path : STR_NONE, &test->file.path, e);
}

static bool metadata(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	static const struct yaml_field field[] = {
		{"envVars", pairs, offsetof(struct raw_metadata, env), false},
		{"unboundEnvVars", pairs, offsetof(struct raw_metadata, unbound), false},
		{"labels", pairs, offsetof(struct raw_metadata, labels), false},
		{"exposedPorts", yaml_strings, offsetof(struct raw_metadata, ports), false},
		{"unexposedPorts", yaml_strings, offsetof(struct raw_metadata, ports_absent),
		 false},
		{"volumes", yaml_strings, offsetof(struct raw_metadata, volumes), false},
		{"unmountedVolumes", yaml_strings, offsetof(struct raw_metadata, volumes_absent),
		 false},
		{"entrypoint", whole_list, offsetof(struct raw_metadata, entrypoint), false},
		{"cmd", whole_list, offsetof(struct raw_metadata, cmd), false},
		{"workdir", yaml_string, offsetof(struct raw_metadata, workdir), false},
		{"user", yaml_string, offsetof(struct raw_metadata, user), false},
	};
	struct raw_metadata *m = into;
	m->said = !yaml_is_null(node);
	return !m->said || yaml_mapping(t, node, "the metadata test", FIELDS(field), m, e);
}

static bool trial_pair(struct yaml_tree *t, const struct raw_pair *from, struct trial_pair *to,
		       struct err *e)
{
	*to = (struct trial_pair){from->key, from->value, from->is_regex};
	return !from->is_regex || re2_to_posix(from->value, t->arena, &to->value, e) ||
	       err_wrap(e, "%s: %.*s", t->name, STR_ARG(from->key));
}

static bool add_metadata(struct yaml_tree *t, struct raw_file *f, struct err *e)
{
	const struct raw_metadata *m = &f->metadata;
	if (!m->said)
		return true;
	struct trial_metadata_wants *w =
		&new_test(f, t, TRIAL_METADATA, STR("image configuration"))->metadata;
	for (size_t i = 0; i < m->env.v.n; i++)
		if (!trial_pair(t, &m->env.v.p[i], vec_push(&w->env, t->arena), e))
			return false;
	for (size_t i = 0; i < m->labels.v.n; i++)
		if (!trial_pair(t, &m->labels.v.p[i], vec_push(&w->labels, t->arena), e))
			return false;
	for (size_t i = 0; i < m->unbound.v.n; i++)
		*vec_push(&w->env_absent, t->arena) = m->unbound.v.p[i].key;
	w->ports = m->ports;
	w->ports_absent = m->ports_absent;
	w->volumes = m->volumes;
	w->volumes_absent = m->volumes_absent;
	w->has_entrypoint = m->entrypoint.said;
	w->entrypoint = m->entrypoint.v;
	w->has_cmd = m->cmd.said;
	w->cmd = m->cmd.v;
	w->working_dir = m->workdir;
	w->user = m->user;
	return true;
}

/* --- the file */

static bool later(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	(void)e;
	struct node_list *list = into;
	*vec_push(&list->v, t->arena) = node;
	return true;
}

/* Tests are read when the variables are known, wherever those stand. */
static bool tests(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	return yaml_sequence(t, node, later, into, e);
}

static bool refused(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	(void)into;
	bool empty = yaml_is_null(node) ||
		     (node->type == YAML_SEQUENCE_NODE &&
		      node->data.sequence.items.top == node->data.sequence.items.start);
	return empty || yaml_error(t, node, e, ERR_UNSUPPORTED,
				   "this part of the format is not something a trial does");
}

static bool only_false(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	bool *value = into;
	return yaml_bool(t, node, value, e) && (!*value || refused(t, node, NULL, e));
}

static bool options(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	static const struct yaml_field field[] = {
		{"user", yaml_string, offsetof(struct raw_options, user), false},
		{"privileged", only_false, offsetof(struct raw_options, privileged), false},
		{"allocateTty", only_false, offsetof(struct raw_options, tty), false},
		{"envFile", refused, 0, false},
		{"envVars", refused, 0, false},
		{"capabilities", refused, 0, false},
		{"bindMounts", refused, 0, false},
	};
	return yaml_is_null(node) ||
	       yaml_mapping(t, node, "containerRunOptions", FIELDS(field), into, e);
}

static bool read_tests(struct yaml_tree *t, struct raw_file *f, struct err *e)
{
	for (size_t i = 0; i < f->commands.v.n; i++)
		if (!read_command(t, f->commands.v.p[i], f, e))
			return false;
	for (size_t i = 0; i < f->existences.v.n; i++)
		if (!read_existence(t, f->existences.v.p[i], f, e))
			return false;
	for (size_t i = 0; i < f->contents.v.n; i++)
		if (!read_content(t, f->contents.v.p[i], f, e))
			return false;
	return add_metadata(t, f, e);
}

static bool read_document(struct yaml_tree *t, yaml_node_t *root, void *into, struct err *e)
{
	static const struct yaml_field field[] = {
		{"schemaVersion", yaml_string, offsetof(struct raw_file, version), true},
		{"globalEnvVars", pairs, offsetof(struct raw_file, env), false},
		{"commandTests", tests, offsetof(struct raw_file, commands), false},
		{"fileExistenceTests", tests, offsetof(struct raw_file, existences), false},
		{"fileContentTests", tests, offsetof(struct raw_file, contents), false},
		{"metadataTest", metadata, offsetof(struct raw_file, metadata), false},
		{"containerRunOptions", options, offsetof(struct raw_file, options), false},
		{"licenseTests", refused, 0, false},
	};
	struct test_file *out = into;
	struct raw_file f = {.out = out};
	if (!yaml_mapping(t, root, "a test file", FIELDS(field), &f, e))
		return false;
	if (!str_eq(f.version, STR("2.0.0")))
		return yaml_error(t, root, e, ERR_UNSUPPORTED,
				  "schemaVersion '%.*s'; 2.0.0 is what can be read",
				  STR_ARG(f.version));
	if (!read_tests(t, &f, e))
		return false;
	out->user = f.options.user;
	return out->test.n > 0 || err_set(e, ERR_INPUT, "%s: no tests", t->name);
}

bool test_file_parse(struct str text, const char *name, struct test_file *out, struct arena *a,
		     struct err *e)
{
	*out = (struct test_file){0};
	return yaml_read(text, name, read_document, out, a, e);
}

bool test_file_read(const char *path, struct test_file *out, struct arena *a, struct err *e)
{
	struct str text;
	return file_read(path, LIMIT_TEXT_FILE_BYTES, a, &text, e) &&
	       test_file_parse(text, path, out, a, e);
}
