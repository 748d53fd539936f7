#include "advise/app.h"

#include "advise/configured.h"

#include <stdlib.h>

#include "os/file.h"

/* "/app/bin/server" for "bin/server", without "./" and doubled slashes. */
static struct str place(struct str at, struct str entry, struct arena *a)
{
	struct str rest = entry, part, path = entry.n && entry.p[0] == '/' ? STR("") : at;
	while (str_next(&rest, '/', &part))
		if (part.n && !str_eq(part, STR(".")))
			path = arena_printf(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(part));
	return path;
}

/* Where the bytes lie, for a trial that takes them as they are; empty: they must be unpacked. */
static struct str source_of(const struct app *app, struct arena *a)
{
	if (!app->image.single_file)
		return app->image.folder;
	char *real = realpath(app->reference.path.p, NULL);
	struct str source = arena_str(a, real ? str_of(real) : app->reference.path);
	free(real);
	return source;
}

static bool open_bytes(struct app *app, const struct base_context *c, struct err *e)
{
	struct image_options own = *c->image_options;
	own.single_file_ok = true;
	if (!reference_parse(&app->reference, app->name, path_exists, c->arena, e))
		return false;
	bool asks = app->reference.kind == REFERENCE_NAME;
	bool in_engine = asks && own.engines && engines_find(own.engines, app->name);
	if (app->reference.kind == REFERENCE_SCRATCH ||
	    (asks && !in_engine && (!own.registry || registry_is_offline(own.registry)) && !own.blobs))
		return err_set(e, ERR_USAGE, "%.*s: there is no such file or folder", STR_ARG(app->name));
	if (!image_open(&app->image, &app->reference, c->store, &own, c->arena, e))
		return asks ? err_wrap(e, "there is no file or folder %.*s; as an image",
		                       STR_ARG(app->name))
		            : false;
	image_fix(&app->reference, &app->image, c->arena);
	app->whole = app->image;
	return true;
}

/* "/app" for the files of a folder; those of an image lie where they do. */
static void find_place(struct app *app, const struct app_options *o, struct arena *a)
{
	const struct image_config *config = &app->image.config;
	app->is_image = config->has_config && !o->at.n;
	app->at = place(STR(""), o->at.n ? o->at : app->is_image ? STR("") : STR("app"), a);
	app->working_dir = app->is_image ? place(STR(""), config->working_dir, a) : app->at;
	if (!app->at.n)
		app->at = STR("/");
	if (!app->working_dir.n)
		app->working_dir = STR("/");
}

/* ---- What is started ---- */

/* /bin/sh -c 'server --port 80' */
static void without_shell(struct str_vec *command, struct arena *a)
{
	struct str_vec argv = {0};
	if (configured_is_shell_form(command) && configured_words(command->p[2], &argv, a))
		*command = argv;
}

static void named_entries(struct app *app, const struct app_options *o, struct arena *a)
{
	struct str from = str_eq(app->working_dir, STR("/")) ? STR("") : app->working_dir;
	for (size_t i = 0; o->entry && i < o->entry->n; i++)
		*vec_push(&app->entries, a) = place(from, o->entry->p[i], a);
	/* One file that somebody names is meant to be started or loaded, whatever its mode. */
	if (app->image.single_file && !app->entries.n)
		*vec_push(&app->entries, a) = place(app->at, app->image.layers[0]->entries[0].path, a);
	if (app->is_image && !app->entries.n)
		app->command = str_vec_join(&app->image.config.entrypoint, &app->image.config.cmd, a);
	if (o->exec_form)
		without_shell(&app->command, a);
}

/* Docker's Healthcheck.Test: "NONE", "CMD" and an argument vector, "CMD-SHELL" and a line. */
struct str_vec app_health(const struct app *app, struct arena *a)
{
	const struct str_vec *test = &app->image.config.health_check;
	struct str_vec argv = {0};
	if (!app->is_image)
		return argv;
	if (test->n > 1 && str_eq(test->p[0], STR("CMD-SHELL"))) {
		*vec_push(&argv, a) = STR("/bin/sh");
		*vec_push(&argv, a) = STR("-c");
	} else if (!test->n || !str_eq(test->p[0], STR("CMD"))) {
		return argv;
	}
	for (size_t i = 1; i < test->n; i++)
		*vec_push(&argv, a) = test->p[i];
	return argv;
}

static void collect_needs(struct app *app, const struct tree *t, const struct node_vec *entries,
                          struct arena *a)
{
	const struct needs_command commands[] = {
		{app->image.config.entrypoint.n ? STR("ENTRYPOINT") : STR("CMD"), app->command, false},
		{STR("HEALTHCHECK"), app_health(app, a), true},
	};
	const struct needs_entries all = {.p = entries->p, .n = entries->n, .commands = commands,
	                                  .command_count = sizeof commands / sizeof *commands,
	                                  .working_dir = app->working_dir};
	needs_collect(&app->needs, t, &all, a);
	if (app->command.n)
		app->entries = app->needs.started;
}

bool app_open(struct app *app, struct str text, const struct app_options *options,
              const struct base_context *c, struct err *e)
{
	struct arena *a = c->arena;
	struct tree t;
	struct node_vec entries = {0};
	*app = (struct app){.name = text};
	if (!open_bytes(app, c, e))
		return false;
	find_place(app, options, a);
	if (options->base_was.n && !app->is_image)
		return err_set(e, ERR_USAGE, "--base-was goes with images: %.*s has no configuration",
		               STR_ARG(text));
	if (app->is_image && !above_split(&app->above, &app->image, options->base_was, c, e))
		return false;
	app->source = source_of(app, a);
	named_entries(app, options, a);
	if (!app_tree(app, &t, a, e))
		return false;
	app->architecture = tree_architecture(&t, a);
	if (!app->architecture.n)
		app->architecture = app->image.config.architecture;
	app->unread = tree_unread(&t, a);
	if (!app_entries(app, &t, &entries, a, e))
		return false;
	if (app->entries.n)
		app->runtime = needs_runtime_of(entries.p[0]);
	collect_needs(app, &t, &entries, a);
	app->entry_count = app->command.n ? app->entries.n + 1 : entries.n;
	return true;
}

bool app_is_interpreted(const struct app *app)
{
	for (size_t i = 0; i < app->needs.list.n; i++) {
		const struct need *n = &app->needs.list.p[i];
		struct str program = str_basename(n->name);
		if (n->kind == NEED_RUNTIME && n->certainty != CERTAINTY_POSSIBLE)
			return true;
		if (n->kind == NEED_INTERPRETER && n->certainty == CERTAINTY_CERTAIN &&
		    (str_eq(program, STR("sh")) || str_eq(program, STR("bash"))))
			return true;
	}
	return false;
}

bool app_tree(const struct app *app, struct tree *t, struct arena *a, struct err *e)
{
	tree_init(t, a);
	return image_merge(&app->image, str_skip(app->at, 1), t, e);
}

bool app_entries(const struct app *app, const struct tree *t, struct node_vec *entries,
                 struct arena *a, struct err *e)
{
	for (size_t i = 0; i < app->entries.n; i++) {
		const struct node *n = tree_find(t, app->entries.p[i]);
		if (!n)
			return err_set(e, ERR_USAGE, "%.*s: the entry %.*s is not in the application",
			               STR_ARG(app->name), STR_ARG(app->entries.p[i]));
		if (node_type(n) == ENTRY_DIR)
			return err_set(e, ERR_USAGE, "%.*s: the entry %.*s is a folder: name a file in it",
			               STR_ARG(app->name), STR_ARG(app->entries.p[i]));
		*vec_push(entries, a) = n;
	}
	if (app->entries.n || app->command.n)
		return true;
	const struct node *at = tree_find(t, app->at);
	if (at)
		predict_entries(t, at, entries, a);
	return true;
}
