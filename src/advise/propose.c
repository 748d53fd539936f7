#include "advise/propose.h"

#include <stdio.h>
#include <stdlib.h>

#include "advise/configured.h"
#include "advise/pick_parts.h"

struct writing {
	const struct pick_result *result;
	const struct app *app;
	struct str from; /* --from= of COPY */
	struct str text;
	struct arena *arena;
};

#define LINE(w, format, ...)                                                                       \
	((w)->text = arena_printf((w)->arena, "%.*s" format "\n", STR_ARG((w)->text), __VA_ARGS__))

/* ---- Words ---- */

/* A string of JSON, as Dockerfile's exec form has it. */
static struct str json_string(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n * 6 + 3);
	size_t n = 0;
	p[n++] = '"';
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20) {
			n += (size_t)snprintf(p + n, 7, "\\u%04x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			p[n++] = '\\';
		p[n++] = (char)c;
	}
	p[n++] = '"';
	return (struct str){p, n};
}

struct str propose_array(const struct str_vec *v, struct arena *a)
{
	struct str text = STR("[");
	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "",
		                    STR_ARG(json_string(v->p[i], a)));
	return arena_printf(a, "%.*s]", STR_ARG(text));
}

/* In double quotes, where BuildKit's words still know backslash and dollar. */
static struct str quoted(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n * 2 + 3);
	size_t n = 0;
	p[n++] = '"';
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == '$')
			p[n++] = '\\';
		p[n++] = s.p[i];
	}
	p[n++] = '"';
	return (struct str){p, n};
}

/* Names that COPY takes as they are: no blanks, no patterns, no variables. */
static bool is_plain(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || strchr("*?[\\$\"'#", path.p[i]))
			return false;
	return true;
}

/* ---- What is copied ---- */

/* Records, caches and papers of the old system: nothing that runs asks for them, and its records
 * would speak of packages that are not there. */
static bool stays_behind(struct str path)
{
	static const struct str below[] = {
		STR_INIT("/var/lib/dpkg"),     STR_INIT("/var/lib/apt"),   STR_INIT("/var/cache"),
		STR_INIT("/var/log"),          STR_INIT("/lib/apk"),       STR_INIT("/usr/lib/apk"),
		STR_INIT("/etc/apk"),          STR_INIT("/usr/share/doc"), STR_INIT("/usr/share/man"),
		STR_INIT("/usr/share/lintian"), STR_INIT("/usr/share/bug"), STR_INIT("/usr/share/info"),
		STR_INIT("/root/.cache"),      STR_INIT("/tmp"),           STR_INIT("/var/tmp"),
		/* what a builder lays into a running container */
		STR_INIT("/proc"), STR_INIT("/sys"), STR_INIT("/dev"), STR_INIT("/etc/resolv.conf"),
		STR_INIT("/etc/hosts"), STR_INIT("/etc/hostname"), STR_INIT("/etc/mtab"),
	};
	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		if (str_starts(path, below[i]) && (path.n == below[i].n || path.p[below[i].n] == '/'))
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;
	return str_cmp((*x)->name, (*y)->name);
}

static struct node_vec children_of(const struct node *folder, struct arena *a)
{
	struct node_vec v = {0};
	for (const struct node *n = folder->child; n; n = n->next)
		*vec_push(&v, a) = n;
	if (v.n)
		qsort(v.p, v.n, sizeof *v.p, by_name);
	return v;
}

static void copy(struct writing *w, struct str sources, struct str target)
{
	LINE(w, "COPY --from=%.*s%.*s %.*s", STR_ARG(w->from), STR_ARG(sources), STR_ARG(target));
}

/* Folders that the base has as well are gone into: what else is in them is not the application's.
 * The files of one go into one COPY; a link would be followed, and is as good as its file. */
static void copy_below(struct writing *w, const struct node *folder, const struct tree *base)
{
	struct str sources = STR("");
	struct node_vec children = children_of(folder, w->arena);
	for (size_t i = 0; i < children.n; i++) {
		const struct node *n = children.p[i];
		struct str path = tree_path(n, w->arena);
		bool is_folder = node_type(n) == ENTRY_DIR;
		if (stays_behind(path) || (str_eq(path, STR("/run")) && !n->child))
			continue;
		if (!is_plain(path))
			LINE(w, "# left out, its name is not plain: %.*s",
			     STR_ARG(json_string(path, w->arena)));
		else if (is_folder && tree_find(base, path))
			copy_below(w, n, base);
		else if (is_folder)
			copy(w, arena_printf(w->arena, " %.*s", STR_ARG(path)), path);
		else
			sources = arena_printf(w->arena, "%.*s %.*s", STR_ARG(sources), STR_ARG(path));
	}
	struct str own = folder->parent ? tree_path(folder, w->arena) : STR("");
	if (sources.n)
		copy(w, sources, arena_printf(w->arena, "%.*s/", STR_ARG(own)));
}

/* From the build's context: a folder's files, one file, or an archive that ADD unpacks. */
static bool copy_context(struct writing *w, struct err *e)
{
	const struct app *app = w->app;
	struct str name = app->name;
	if (str_starts(name, STR("./")))
		name = str_skip(name, 2);
	if (!is_plain(name) || str_starts(name, STR("/")) || str_starts(name, STR("../")) ||
	    app->reference.kind == REFERENCE_OCI_DIR || app->reference.kind == REFERENCE_OCI_ARCHIVE ||
	    app->reference.kind == REFERENCE_DOCKER_ARCHIVE)
		return err_set(e, ERR_USAGE, "a Dockerfile cannot name %.*s: give the application as a "
		               "relative path, or as an image with a name", STR_ARG(app->name));
	if (app->image.single_file)
		LINE(w, "COPY %.*s %.*s/", STR_ARG(name), STR_ARG(app->at));
	else
		LINE(w, "%s %.*s %.*s", app->source.n ? "COPY" : "ADD", STR_ARG(name), STR_ARG(app->at));
	return true;
}

static bool copy_all(struct writing *w, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct tree own, base;
	if (!w->from.n)
		return copy_context(w, e);
	if (!app_tree(w->app, &own, w->arena, e) ||
	    !base_tree(&w->result->choice->base, &base, &scratch, e))
		return false;
	copy_below(w, own.root, &base);
	return true;
}

/* ---- The configuration ---- */

/* NAME=VALUE lines of ENV and LABEL. */
static void pairs(struct writing *w, const char *instruction, struct str_vec list)
{
	for (size_t i = 0; i < list.n; i++) {
		size_t equals = str_index(list.p[i], '=');
		if (str_starts(list.p[i], STR("socle.")) || str_starts(list.p[i], STR("io.buildah.")))
			continue; /* labels of who built it */
		LINE(w, "%s %.*s=%.*s", instruction, STR_ARG(str_slice(list.p[i], 0, equals)),
		     STR_ARG(quoted(str_skip(list.p[i], equals + 1), w->arena)));
	}
}

static void words(struct writing *w, const char *instruction, const struct str_vec *list)
{
	for (size_t i = 0; i < list->n; i++)
		LINE(w, "%s %.*s", instruction, STR_ARG(list->p[i]));
}

/* A base that has not what it calls would make every container unhealthy. */
static void health_check(struct writing *w)
{
	const struct str_vec *test = &w->app->image.config.health_check;
	struct str comment =
		configured_health_comment(&w->result->choice->judgement.prediction, w->arena);
	w->text = arena_printf(w->arena, "%.*s%.*s", STR_ARG(w->text), STR_ARG(comment));
	if (comment.n)
		return;
	if (test->n > 1 && str_eq(test->p[0], STR("CMD-SHELL")))
		LINE(w, "HEALTHCHECK CMD %.*s", STR_ARG(test->p[1]));
	else if (test->n > 1 && str_eq(test->p[0], STR("CMD")))
		LINE(w, "HEALTHCHECK CMD %.*s",
		     STR_ARG(propose_array(&(struct str_vec){test->p + 1, test->n - 1, 0}, w->arena)));
}

static void user(struct writing *w)
{
	struct str own = w->app->is_image ? w->app->image.config.user : STR("");
	struct str asked = w->result->asked_user;
	if (asked.n || own.n)
		LINE(w, "USER %.*s", STR_ARG(asked.n ? asked : own));
	else if (str_eq(w->result->user, STR("0")))
		LINE(w, "USER %s", "0");
}

static void command(struct writing *w)
{
	const struct image_config *c = &w->app->image.config;
	/* A shell form that was taken for what it starts is one list. */
	bool split = w->app->command.n && c->entrypoint.n &&
	             w->app->command.n == c->entrypoint.n + c->cmd.n &&
	             str_eq(w->app->command.p[0], c->entrypoint.p[0]);
	struct str_vec argv = app_server(w->app, w->arena);
	if (split)
		LINE(w, "ENTRYPOINT %.*s", STR_ARG(propose_array(&c->entrypoint, w->arena)));
	if (split && c->cmd.n)
		LINE(w, "CMD %.*s", STR_ARG(propose_array(&c->cmd, w->arena)));
	else if (!split && argv.n)
		LINE(w, "%s %.*s", w->app->command.n && !c->entrypoint.n ? "CMD" : "ENTRYPOINT",
		     STR_ARG(propose_array(&argv, w->arena)));
	else if (!split)
		LINE(w, "%s", "# ENTRYPOINT: name it with --entry");
}

static void configuration(struct writing *w)
{
	const struct image_config *c = &w->app->image.config, *base = &w->app->above.base_config;
	if (w->app->is_image) {
		pairs(w, "LABEL", app_own(&c->labels, &base->labels, w->arena));
		pairs(w, "ENV", app_own(&c->env, &base->env, w->arena));
		words(w, "VOLUME", &c->volumes);
		words(w, "EXPOSE", &c->exposed_ports);
	}
	LINE(w, "WORKDIR %.*s", STR_ARG(w->app->working_dir));
	user(w);
	health_check(w);
	if (c->stop_signal.n)
		LINE(w, "STOPSIGNAL %.*s", STR_ARG(c->stop_signal));
	command(w);
}

/* ---- The stage ---- */

/* An image with a name can be copied from by it. */
static struct str stage_of(const struct app *app, struct str from_stage, struct arena *a)
{
	const struct reference *r = &app->reference;
	if (from_stage.n || (r->kind != REFERENCE_NAME && r->kind != REFERENCE_REGISTRY &&
	                     r->kind != REFERENCE_DOCKER && r->kind != REFERENCE_PODMAN))
		return from_stage;
	struct registry_name name = registry_name_of(r, a);
	return refer_text(&name, r->tag, image_pin(&app->whole), a);
}

bool propose_stage(const struct pick_result *result, struct str from_stage, struct str *text,
                   struct arena *a, struct err *e)
{
	struct writing w = {.result = result, .app = result->app, .arena = a, .text = STR(""),
	                    .from = stage_of(result->app, from_stage, a)};
	if (!result->choice || !result->reference.n)
		return err_set(e, ERR_USAGE, !result->choice
		               ? "there is no choice that a Dockerfile could be made for"
		               : "a Dockerfile wants a digest: without it only the tag latest would name "
		                 "the choice");
	if (!result->digest.n && result->choice->base.entry && result->choice->base.entry->repository.n)
		LINE(&w, "%s", "# not pinned yet: socle pin -i writes the digest");
	LINE(&w, "FROM %.*s", STR_ARG(result->reference));
	if (!copy_all(&w, e))
		return false;
	configuration(&w);
	*text = w.text;
	return true;
}
