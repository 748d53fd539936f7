#include "cmd/project.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "advise/improve.h"
#include "cmd/files.h"
#include "cmd/trial_options.h"
#include "core/limits.h"
#include "image/engine/build.h"
#include "os/file.h"
#include "report/improve_report.h"
#include "trial/sweeper.h"

/* What images that were built here are known by, so that nothing of them is left. */
enum { HOURS_TO_LIVE = 24 };

bool project_dockerfile(struct session *s, struct str app, struct str *name)
{
	static const struct str names[] = {STR_INIT("Dockerfile"), STR_INIT("Containerfile")};
	struct stat st;
	*name = session_value(s, "dockerfile");
	if (name->n)
		return true;
	if (session_value(s, "at").n || session_values(s, "entry")->n ||
	    stat(arena_cstr(s->arena, app), &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct str path = arena_printf(s->arena, "%.*s/%.*s", STR_ARG(app), STR_ARG(names[i]));
		if (stat(path.p, &st) == 0 && S_ISREG(st.st_mode)) {
			*name = names[i];
			return true;
		}
	}
	return false;
}

/* ---- The builder ---- */

struct builder {
	struct session *session;
	const struct engine *engine;
	struct str folder, name, scheme;
	struct str_vec labels;
	unsigned count;
};

/* The one that --engine names, else the one that answers. */
static const struct engine *find_engine(struct session *s, struct err *e)
{
	struct str name = session_value(s, "engine");
	struct err first = ERR_INIT;
	if (str_eq(name, STR("podman")))
		return engines_get(s->engines, ENGINE_PODMAN, e);
	if (str_eq(name, STR("docker")))
		return engines_get(s->engines, ENGINE_DOCKER, e);
	const struct engine *engine = engines_get(s->engines, ENGINE_DOCKER, &first);
	if (!engine)
		engine = engines_get(s->engines, ENGINE_PODMAN, e);
	if (engine)
		return engine;
	err_set(e, ERR_USAGE, "a Dockerfile is built by Docker or Podman, and neither is here: %s; or "
	        "name the built application, with --at where it lies", first.message);
	return NULL;
}

/* What the builder says is shown where a person wants to see everything. */
static void log_line(struct str text, void *context)
{
	const struct builder *b = context;
	if (b->session->verbose)
		session_say(b->session, "%.*s", STR_ARG(str_trim(text)));
}

static bool build(struct str text, struct str *image, struct str *why, void *context,
                  struct arena *a, struct err *e)
{
	struct builder *b = context;
	struct engine_built out;
	struct engine_build order = {.folder = b->folder, .name = b->name, .text = text,
	                             .platform = session_value(b->session, "platform"),
	                             .labels = &b->labels, .log = log_line, .log_context = b};
	session_say(b->session, "building %.*s%s", STR_ARG(b->name),
	            b->count++ ? ", rewritten" : " as it is");
	if (!engine_build(b->engine, &order, &out, a, e))
		return false;
	*why = out.image.n ? STR("") : out.why.n ? str_trim(out.why) : STR("the builder says nothing");
	*image = arena_printf(a, "%.*s%.*s", STR_ARG(b->scheme), STR_ARG(out.image));
	return true;
}

/* ---- The way ---- */

static bool read_project(struct session *s, struct builder *b, struct improve_request *r,
                         struct err *e)
{
	struct str path = arena_printf(s->arena, "%.*s/%.*s", STR_ARG(b->folder), STR_ARG(b->name));
	b->engine = find_engine(s, e);
	if (!b->engine)
		return false;
	b->scheme = b->engine->kind == ENGINE_DOCKER ? STR("docker:") : STR("podman:");
	*vec_push(&b->labels, s->arena) = arena_printf(s->arena, "socle.run=pick-%d-%lld", getpid(),
	                                               (long long)time(NULL));
	*vec_push(&b->labels, s->arena) = arena_printf(s->arena, "socle.until=%lld",
	                                               (long long)time(NULL) + HOURS_TO_LIVE * 3600);
	*r = (struct improve_request){.name = path, .build = build, .build_context = b,
	                              .scheme = b->scheme};
	return files_read(path, LIMIT_DOCKERFILE_BYTES, &r->text, s->arena, e);
}

static bool improve(struct session *s, struct workplace *w, const struct improve_request *r,
                    struct pick_request *q, struct improvement *out, struct err *e)
{
	if (!improve_begin(out, r, &w->bases, s->arena, e))
		return false;
	if (!out->was.is_built)
		return true;
	session_say(s, "%.*s", STR_ARG(above_text(STR("the image"), &out->app.above, s->arena)));
	q->app = &out->app;
	return trial_options(s, &out->app, q, e) &&
	       improve_finish(out, r, q, &w->bases, s->arena, e);
}

int project_pick(struct session *s, struct workplace *w, struct str folder, struct str name,
                 struct pick_request *q)
{
	struct err e = ERR_INIT;
	struct sweeper sweeper;
	struct improve_request request;
	struct improvement out;
	struct builder builder = {.session = s, .folder = folder, .name = name};
	if (!read_project(s, &builder, &request, &e) ||
	    !sweeper_start(&sweeper, builder.engine, builder.labels.p[0], &e))
		return session_fail(&e);
	bool ok = improve(s, w, &request, q, &out, &e);
	if (!sweeper_end(&sweeper))
		session_say(s, "what has the label %.*s could not be removed",
		            STR_ARG(builder.labels.p[0]));
	struct improve_result result = {&out, name};
	if (!ok || !session_render(s, improve_render, &result, &e))
		return session_fail(&e);
	return out.text.n || out.already ? EXIT_YES : EXIT_NO;
}
