#include "image/engine/build.h"

#include <stdlib.h>

#include "core/limits.h"
#include "dockerfile/ignore.h"
#include "image/engine/feed.h"
#include "image/engine/lines.h"
#include "os/file.h"

/* ---- The context ---- */

struct context {
	const struct engine_build *build;
	struct ignore ignore;
	struct str ignore_name; /* of the file that says so; empty: there is none */
};

/* The Dockerfile goes as it shall be, not as it lies there. What says what is left out goes along,
 * as docker build sends it: the builder leaves it out of COPY where it is left out itself. */
static enum feed_choice choose(struct str path, void *context)
{
	const struct context *c = context;
	if (str_eq(path, c->build->name))
		return FEED_LEAVE;
	if (str_eq(path, c->ignore_name) || !ignore_takes(&c->ignore, path))
		return FEED_TAKE;
	return c->ignore.has_exceptions ? FEED_LOOK : FEED_LEAVE;
}

/* BuildKit looks beside the Dockerfile first (docs.docker.com/build/concepts/context), buildah for
 * .containerignore (containerignore(5)). */
static bool read_ignore(struct context *c, const struct engine *engine, struct arena *a,
                        struct err *e)
{
	struct str names[] = {arena_printf(a, "%.*s.dockerignore", STR_ARG(c->build->name)),
	                      engine->kind == ENGINE_PODMAN ? STR(".containerignore") : STR(""),
	                      STR(".dockerignore")};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct str path = arena_printf(a, "%.*s/%.*s", STR_ARG(c->build->folder),
		                               STR_ARG(names[i])), text;
		if (!names[i].n || !path_exists(path.p))
			continue;
		c->ignore_name = names[i];
		return (file_read(path.p, LIMIT_TEXT_FILE_BYTES, a, &text, e) &&
		        ignore_parse(&c->ignore, text, a, e)) ||
		       err_wrap(e, "%.*s", STR_ARG(path));
	}
	return true;
}

static bool make_context(struct feed *feed, const struct engine *engine,
                         const struct engine_build *b, struct arena *a, struct err *e)
{
	struct context c = {.build = b};
	feed_add_bytes(feed, b->name, b->text);
	return read_ignore(&c, engine, a, e) &&
	       feed_add_path(feed, STR(""), arena_cstr(a, b->folder), choose, &c, e);
}

/* ---- The question ---- */

/* {"NAME":"value"}, escaped for a query. */
static struct str pairs(const struct str_vec *v, struct arena *a)
{
	json_auto_t *object = json_object();
	for (size_t i = 0; v && i < v->n; i++) {
		size_t at = str_index(v->p[i], '=');
		struct str value = str_skip(v->p[i], at + 1);
		json_object_set_new(object, arena_cstr(a, str_slice(v->p[i], 0, at)),
		                    json_stringn(value.p ? value.p : "", value.n));
	}
	char *dump = json_dumps(object, JSON_COMPACT);
	struct str text = http_escape(str_of(dump ? dump : "{}"), a);
	free(dump);
	return text;
}

static struct str parameter(const char *name, struct str value, struct arena *a)
{
	if (!value.n)
		return STR("");
	return arena_printf(a, "&%s=%.*s", name, STR_ARG(http_escape(value, a)));
}

/* The engine says which of its builders its own tool would take (docker/cli, BuilderVersion). */
static bool wants_buildkit(const struct engine *engine, bool *buildkit, struct arena *a,
                           struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {.method = "GET", .path = STR("/_ping"), .bare = true};
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	*buildkit = str_eq(answer.builder, STR("2"));
	return true;
}

static struct str path_of(const struct engine_build *b, bool buildkit, struct arena *a)
{
	struct str options[] = {
		parameter("dockerfile", b->name, a), parameter("target", b->target, a),
		parameter("platform", b->platform, a), parameter("networkmode", b->network, a),
	};
	struct str path = arena_printf(a, "/build?version=%d&rm=true&forcerm=true&buildargs=%.*s"
	                               "&labels=%.*s", buildkit ? 2 : 1,
	                               STR_ARG(pairs(b->args, a)), STR_ARG(pairs(b->labels, a)));
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		path = arena_printf(a, "%.*s%.*s", STR_ARG(path), STR_ARG(options[i]));
	return path;
}

/* ---- What it says ---- */

enum { SAID_BYTES = 4096 };

struct told {
	const struct engine_build *build;
	char said[SAID_BYTES]; /* the last of it */
	size_t n;
};

static void listen_to(struct str text, void *context)
{
	struct told *t = context;
	if (t->build->log)
		t->build->log(text, t->build->log_context);
	if (text.n > SAID_BYTES)
		text = str_skip(text, text.n - SAID_BYTES);
	if (t->n + text.n > SAID_BYTES) {
		size_t gone = t->n + text.n - SAID_BYTES;
		memmove(t->said, t->said + gone, t->n - gone);
		t->n -= gone;
	}
	memcpy(t->said + t->n, text.p, text.n);
	t->n += text.n;
}

/* Podman tells the ID in its last line alone, twelve digits of it. */
static bool whole_id(const struct engine *engine, struct str id, struct str *image, struct arena *a,
                     struct err *e)
{
	struct engine_image found;
	if (!engine_inspect(engine, id, &found, a, e))
		return false;
	*image = found.id;
	return found.found || err_set(e, ERR_INPUT, "%s has built an image that it does not have",
	                              engine_name(engine->kind));
}

static struct str id_in_words(struct str said)
{
	struct str mark = STR("Successfully built "), rest = said, found = STR_NONE;
	for (size_t at; (at = str_find(rest, mark)) < rest.n;) {
		rest = str_skip(rest, at + mark.n);
		found = str_slice(rest, 0, str_index(rest, '\n'));
	}
	for (size_t i = 0; i < found.n; i++)
		if (!memchr("0123456789abcdef", found.p[i], 16))
			return STR_NONE;
	return found;
}

bool engine_build(const struct engine *engine, const struct engine_build *b, struct engine_built *out,
                  struct arena *a, struct err *e)
{
	CLEANUP_FEED struct feed *feed = feed_new();
	struct told *told = ARENA_NEW(a, struct told);
	bool buildkit;
	told->build = b;
	*out = (struct engine_built){0};
	if (!make_context(feed, engine, b, a, e) || !wants_buildkit(engine, &buildkit, a, e))
		return false;
	struct engine_call call = {.method = "POST", .path = path_of(b, buildkit, a),
	                           .upload = feed_upload(feed), .compiles = true};
	struct engine_lines lines = {.arena = a, .log = listen_to, .log_context = told};
	if (!engine_follow_quietly(engine, &call, &lines, &out->why, e))
		return err_wrap(e, "building %.*s", STR_ARG(b->name));
	out->said = (struct str){told->said, told->n};
	if (out->why.n)
		return true;
	struct str id = lines.id.n ? lines.id : id_in_words(out->said);
	return id.n ? whole_id(engine, id, &out->image, a, e)
	            : err_set(e, ERR_INPUT, "%s says neither what it built nor why not",
	                      engine_name(engine->kind));
}
