#include "advise/app.h"

#include <stdlib.h>

#include "advise/base.h"
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

bool app_open(struct app *app, struct str text, const struct app_options *options,
              struct store *store, const struct image_options *image_options, struct arena *a,
              struct err *e)
{
	struct image_options own = *image_options;
	own.single_file_ok = true;
	*app = (struct app){.name = text};
	app->at = options->at.n ? place(STR(""), arena_printf(a, "/%.*s", STR_ARG(options->at)), a)
	                        : STR("/app");
	if (!app->at.n)
		app->at = STR("/");
	if (!reference_parse(&app->reference, text, path_exists, a, e))
		return false;
	if (app->reference.kind == REFERENCE_NAME || app->reference.kind == REFERENCE_SCRATCH)
		return err_set(e, ERR_USAGE, "%.*s: there is no such file or folder", STR_ARG(text));
	if (!image_open(&app->image, &app->reference, store, &own, a, e))
		return false;
	/* A tag may move between now and a trial. */
	if (app->reference.kind == REFERENCE_REGISTRY)
		app->reference.digest = app->image.digest;
	if (app->image.folder.n)
		app->source = app->image.folder;
	else if (app->image.single_file) {
		char *real = realpath(app->reference.path.p, NULL);
		app->source = arena_str(a, real ? str_of(real) : app->reference.path);
		free(real);
	}
	for (size_t i = 0; options->entry && i < options->entry->n; i++)
		*vec_push(&app->entries, a) = place(app->at, options->entry->p[i], a);

	/* One file that somebody names is meant to be started or loaded, whatever its mode. */
	if (app->image.single_file && !app->entries.n)
		*vec_push(&app->entries, a) = place(app->at, app->image.layers[0]->entries[0].path, a);

	struct tree t;
	if (!app_tree(app, &t, a, e))
		return false;
	app->architecture = tree_architecture(&t, a);
	app->unread = tree_unread(&t, a);
	struct node_vec entries = {0};
	if (!app_entries(app, &t, &entries, a, e))
		return false;
	app->entry_count = entries.n;
	if (app->entries.n)
		app->runtime = needs_runtime_of(entries.p[0]);
	needs_collect(&app->needs, &t, entries.p, entries.n, a);
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
	if (app->entries.n)
		return true;
	const struct node *at = tree_find(t, app->at);
	if (at)
		predict_entries(t, at, entries, a);
	return true;
}
