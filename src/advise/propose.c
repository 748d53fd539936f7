#include "advise/propose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "advise/configured.h"
#include "advise/pick_parts.h"

struct writing {
	const struct pick_result *result;
	const struct app *app;
	struct str from; /* --from= of COPY */
	char escape;     /* of the file */
	struct tree own, whole, base; /* the application; the image that it lies in; the choice */
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

/* `s` with the file's escape character before what BuildKit's words would take for their own. */
static struct str escaped(const struct writing *w, const char *special, struct str s)
{
	char *p = arena_alloc(w->arena, s.n * 2 + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == w->escape || (s.p[i] && strchr(special, s.p[i])))
			p[n++] = w->escape;
		p[n++] = s.p[i];
	}
	return (struct str){p, n};
}

static struct str quoted(const struct writing *w, struct str s)
{
	return arena_printf(w->arena, "\"%.*s\"", STR_ARG(escaped(w, "\"$", s)));
}

/* A name in the array of COPY or VOLUME, whose strings are words as well (buildkit,
 * instructions/commands.go: their Expand). */
static struct str array_word(const struct writing *w, struct str name)
{
	return json_string(escaped(w, "\"'$", name), w->arena);
}

/* Names that COPY takes as they are: no blanks, no patterns, no variables. */
static bool is_plain(const struct writing *w, struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || path.p[i] == w->escape ||
		    strchr("*?[\\$\"'#", path.p[i]))
			return false;
	return true;
}

/* No instruction goes over a line's end, whatever is around it. */
static bool fits_a_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t')
			return false;
	return true;
}

/* Names that COPY's array takes: patterns are patterns there as well. */
static bool is_nameable(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (strchr("*?[\\", path.p[i]))
			return false;
	return fits_a_line(path);
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

/* Whether nothing in the image's folder is another's than the application's, and all of it comes
 * along. */
static bool is_all_own(struct writing *w, const struct node *whole, const struct node *own)
{
	for (const struct node *n = whole->child; n; n = n->next) {
		const struct node *same = tree_child(&w->own, own, n->name);
		if (!same || stays_behind(tree_path(n, w->arena)) ||
		    (node_type(n) == ENTRY_DIR && !is_all_own(w, n, same)))
			return false;
	}
	return true;
}

/* What stands at `path` in the image; NULL where it, or something in it, is not the
 * application's. */
static const struct node *own_at(struct writing *w, struct str path, bool follow)
{
	struct node *whole, *own;
	if (tree_lookup(&w->whole, NULL, path, follow, &whole) != TREE_FOUND ||
	    tree_lookup(&w->own, NULL, tree_path(whole, w->arena), false, &own) != TREE_FOUND ||
	    (node_type(whole) == ENTRY_DIR && !is_all_own(w, whole, own)))
		return NULL;
	return own;
}

/* COPY follows a link: what stands behind it has to be the application's. */
static bool left_out(struct writing *w, const struct node *n, struct str path)
{
	const char *why = NULL;
	if (!is_nameable(path))
		why = "its name is not plain";
	else if (node_type(n) == ENTRY_SYMLINK && !tree_find(&w->whole, path))
		why = "a link to what is not there";
	else if (node_type(n) == ENTRY_SYMLINK && !own_at(w, path, true))
		why = "a link into the old base";
	if (why)
		LINE(w, "# left out, %s: %.*s", why, STR_ARG(json_string(path, w->arena)));
	return why != NULL;
}

static void copy(struct writing *w, struct str sources, struct str target)
{
	LINE(w, "COPY --from=%.*s%.*s %.*s", STR_ARG(w->from), STR_ARG(sources), STR_ARG(target));
}

static void copy_one(struct writing *w, struct str path, struct str target)
{
	if (is_plain(w, path))
		copy(w, arena_printf(w->arena, " %.*s", STR_ARG(path)), target);
	else
		LINE(w, "COPY --from=%.*s [%.*s, %.*s]", STR_ARG(w->from), STR_ARG(array_word(w, path)),
		     STR_ARG(array_word(w, target)));
}

/* Folders that the base has as well, or that hold more than the application's, are gone into.
 * The files of one go into one COPY; a link would be followed, and is as good as what it names. */
static void copy_below(struct writing *w, const struct node *folder)
{
	struct str sources = STR("");
	struct str own = folder->parent ? tree_path(folder, w->arena) : STR("");
	struct str into = arena_printf(w->arena, "%.*s/", STR_ARG(own));
	size_t count;
	const struct node **children = node_children(folder, w->arena, &count);
	for (size_t i = 0; i < count; i++) {
		const struct node *n = children[i];
		struct str path = tree_path(n, w->arena);
		bool is_folder = node_type(n) == ENTRY_DIR;
		if (stays_behind(path) || (str_eq(path, STR("/run")) && !n->child) ||
		    left_out(w, n, path))
			continue;
		if (is_folder && (tree_find(&w->base, path) || !own_at(w, path, false)))
			copy_below(w, n);
		else if (is_folder || (node_type(n) == ENTRY_SYMLINK &&
		                       node_type(own_at(w, path, true)) == ENTRY_DIR))
			copy_one(w, path, path);
		else if (!is_plain(w, path))
			copy_one(w, path, into);
		else
			sources = arena_printf(w->arena, "%.*s %.*s", STR_ARG(sources), STR_ARG(path));
	}
	if (sources.n)
		copy(w, sources, into);
}

/* From the build's context: a folder's files, one file, or an archive that ADD unpacks. */
static bool copy_context(struct writing *w, struct err *e)
{
	const struct app *app = w->app;
	struct str name = app->name;
	if (str_starts(name, STR("./")))
		name = str_skip(name, 2);
	if (!is_plain(w, name) || str_starts(name, STR("/")) || str_starts(name, STR("../")) ||
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
	const struct app *app = w->app;
	if (!w->from.n)
		return copy_context(w, e);
	tree_init(&w->whole, w->arena);
	if (!app_tree(app, &w->own, w->arena, e) ||
	    !image_merge(&app->whole, str_skip(app->at, 1), &w->whole, e) ||
	    !base_tree(&w->result->choice->base, &w->base, w->arena, e))
		return false;
	copy_below(w, w->own.root);
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
		struct str name = str_slice(list.p[i], 0, equals);
		if (!fits_a_line(list.p[i]))
			LINE(w, "# left out, it has line breaks: %s %.*s", instruction,
			     STR_ARG(json_string(name, w->arena)));
		else
			LINE(w, "%s %.*s=%.*s", instruction, STR_ARG(name),
			     STR_ARG(quoted(w, str_skip(list.p[i], equals + 1))));
	}
}

static void volumes(struct writing *w, const struct str_vec *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!fits_a_line(list->p[i]))
			LINE(w, "# left out, it has line breaks: VOLUME %.*s",
			     STR_ARG(json_string(list->p[i], w->arena)));
		else if (is_plain(w, list->p[i]))
			LINE(w, "VOLUME %.*s", STR_ARG(list->p[i]));
		else
			LINE(w, "VOLUME [%.*s]", STR_ARG(array_word(w, list->p[i])));
}

static void ports(struct writing *w, const struct str_vec *list)
{
	for (size_t i = 0; i < list->n; i++)
		LINE(w, "EXPOSE %.*s", STR_ARG(list->p[i]));
}

/* "--interval=90s ", as Go reads durations (time.ParseDuration), in the largest unit that is exact. */
static struct str duration(const char *flag, uint64_t ns, struct arena *a)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
	size_t i = 0;
	while (ns % units[i].ns)
		i++;
	return ns ? arena_printf(a, "--%s=%" PRIu64 "%s ", flag, ns / units[i].ns, units[i].name)
	          : STR("");
}

static struct str health_flags(const struct health_times *t, struct arena *a)
{
	struct str retries = t->retries ? arena_printf(a, "--retries=%" PRIu64 " ", t->retries)
	                                : STR("");
	return arena_printf(a, "%.*s%.*s%.*s%.*s%.*s",
	                    STR_ARG(duration("interval", t->interval_ns, a)),
	                    STR_ARG(duration("timeout", t->timeout_ns, a)),
	                    STR_ARG(duration("start-period", t->start_period_ns, a)),
	                    STR_ARG(duration("start-interval", t->start_interval_ns, a)),
	                    STR_ARG(retries));
}

/* A base that has not what it calls would make every container unhealthy. */
static void health_check(struct writing *w)
{
	const struct str_vec *test = &w->app->image.config.health_check;
	struct str comment =
		configured_health_comment(&w->result->choice->judgement.prediction, w->arena);
	struct str flags = health_flags(&w->app->image.config.health_times, w->arena);
	w->text = arena_printf(w->arena, "%.*s%.*s", STR_ARG(w->text), STR_ARG(comment));
	if (comment.n)
		return;
	if (test->n > 1 && !fits_a_line(test->p[1]) && str_eq(test->p[0], STR("CMD-SHELL")))
		LINE(w, "HEALTHCHECK %.*sCMD [\"/bin/sh\", \"-c\", %.*s]", STR_ARG(flags),
		     STR_ARG(json_string(test->p[1], w->arena)));
	else if (test->n > 1 && str_eq(test->p[0], STR("CMD-SHELL")))
		LINE(w, "HEALTHCHECK %.*sCMD %.*s", STR_ARG(flags), STR_ARG(test->p[1]));
	else if (test->n > 1 && str_eq(test->p[0], STR("CMD")))
		LINE(w, "HEALTHCHECK %.*sCMD %.*s", STR_ARG(flags),
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
		volumes(w, &c->volumes);
		ports(w, &c->exposed_ports);
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

bool propose_stage(const struct pick_result *result, const struct propose_in *in,
                   struct str *text, struct arena *a, struct err *e)
{
	struct writing w = {.result = result, .app = result->app, .arena = a, .text = STR(""),
	                    .from = stage_of(result->app, in->from_stage, a),
	                    .escape = in->escape ? in->escape : '\\'};
	if (!result->choice || !result->reference.n)
		return err_set(e, ERR_USAGE, !result->choice
		               ? "there is no choice that a Dockerfile could be made for"
		               : "a Dockerfile wants a digest: without it only the tag latest would name "
		                 "the choice");
	if (!result->digest.n && result->choice->base.entry && result->choice->base.entry->repository.n)
		LINE(&w, "%s", "# not pinned yet: socle pin -i writes the digest");
	LINE(&w, "FROM %.*s%.*s", STR_ARG(in->platform), STR_ARG(result->reference));
	if (!copy_all(&w, e))
		return false;
	configuration(&w);
	*text = w.text;
	return true;
}
