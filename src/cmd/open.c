#include "cmd/open.h"

#include "image/platform.h"
#include "os/file.h"

static void remark(struct str text, void *session)
{
	session_say(session, "%.*s", STR_ARG(text));
}

/* A base that is tried is unpacked after its facts have been read. */
static bool will_try(const struct session *s)
{
	return session_value(s, "test").n || session_value(s, "test-file").n ||
	       session_value(s, "http").n;
}

bool workplace_open(struct workplace *w, struct session *s, struct err *e)
{
	*w = (struct workplace){0};
	store_open(&w->store, s->arena);
	if (w->store.dir_fd < 0 && s->verbose)
		session_say(s, "facts are not kept: %s", w->store.why_not.message);
	struct platform checked;
	w->image_options.platform = session_value(s, "platform");
	if (!platform_parse(&checked, w->image_options.platform, e))
		return err_wrap(e, "--platform");
	if (!network_open(&w->network, s, e))
		return false;
	w->image_options.registry = w->network.registry;
	w->image_options.engines = w->network.engines;
	blobs_open(&w->blobs, s->arena);
	w->image_options.blobs = &w->blobs;
	w->image_options.keep = will_try(s) ? KEEP_BYTES : KEEP_FACTS;

	struct str own = session_value(s, "catalogue");
	if (own.n ? !catalogue_load_file(&w->catalogue, arena_cstr(s->arena, own), s->arena, e)
	          : !catalogue_load(&w->catalogue, s->arena, e))
		return false;
	w->bases = (struct base_context){.catalogue = &w->catalogue,
	                                 .store = &w->store,
	                                 .image_options = &w->image_options,
	                                 .cache = cache_folder(s->arena),
	                                 .arena = s->arena,
	                                 .pull = true,
	                                 .remark = remark,
	                                 .remark_context = s};
	return true;
}

bool workplace_app(struct workplace *w, struct session *s, struct str text, struct app *app,
                   struct err *e)
{
	struct app_options o = {.at = session_value(s, "at"),
	                        .base_was = session_value(s, "base-was"),
	                        .entry = session_values(s, "entry")};
	if (!app_open(app, text, &o, &w->bases, e))
		return false;
	if (app->is_image)
		remark(above_text(app->name, &app->above, s->arena), s);
	if (app->unread.n)
		remark(unread_text(app->name, &app->unread, s->arena), s);
	/* Bases are for the processor that the application is for. */
	if (!w->image_options.platform.n && app->architecture.n && !machine_runs(app->architecture)) {
		w->image_options.platform = arena_printf(s->arena, "linux/%.*s",
		                                         STR_ARG(app->architecture));
		session_say(s, "%.*s is built for %.*s: so are the bases (--platform)",
		            STR_ARG(app->name), STR_ARG(app->architecture));
	}
	return true;
}

int workplace_nothing(const struct app *app)
{
	session_complain("%.*s: nothing in it can be started or loaded: name a file with --entry",
	                 STR_ARG(app->name));
	return EXIT_NOTHING;
}

bool workplace_bases(struct workplace *w, const struct str *names, size_t count,
                     struct base *bases, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (!base_open(&bases[i], names[i], &w->bases, e))
			return false;
	return true;
}

bool workplace_at_hand(struct workplace *w, struct str text, struct base *b, struct err *e)
{
	if (!base_open(b, text, &w->bases, e))
		return false;
	return b->at_hand || err_set(e, ERR_USAGE, "%.*s is not here, only facts of it are: %.*s",
	                             STR_ARG(b->name), STR_ARG(b->how_to_get));
}

bool workplace_judge_options(struct session *s, struct str architecture, struct judge_options *o,
                             struct err *e)
{
	struct str cpu = session_value(s, "cpu");
	*o = (struct judge_options){.x86_level = processor_level(),
	                            .x86_intel = processor_is_intel(),
	                            .env = *session_values(s, "env")};
	if (!o->x86_level)
		o->x86_level = 1;
	for (size_t i = 0; i < o->env.n; i++) {
		size_t equals = str_index(o->env.p[i], '=');
		if (equals == 0 || equals == o->env.p[i].n)
			return err_set(e, ERR_USAGE, "--env wants NAME=VALUE, not %.*s",
			               STR_ARG(o->env.p[i]));
	}
	if (!cpu.n)
		return true;
	if (cpu.n != 9 || !str_starts(cpu, STR("x86-64-v")) || cpu.p[8] < '1' || cpu.p[8] > '4')
		return err_set(e, ERR_USAGE, "--cpu wants x86-64-v1 to x86-64-v4, not %.*s", STR_ARG(cpu));
	if (architecture.n && !str_eq(architecture, STR("amd64")) && !str_eq(architecture, STR("386")))
		return err_set(e, ERR_USAGE, "--cpu %.*s: what is judged is for %.*s", STR_ARG(cpu),
		               STR_ARG(architecture));
	o->x86_level = (unsigned)(cpu.p[8] - '0');
	return true;
}

bool workplace_tree(struct workplace *w, struct session *s, struct str text, struct base *b,
                    struct tree *t, struct err *e)
{
	w->image_options.single_file_ok = true;
	if (!base_open(b, text, &w->bases, e))
		return false;
	if (!b->has_facts)
		return err_set(e, ERR_USAGE, "%.*s is only described, socle has no facts of it: %.*s",
		               STR_ARG(b->name), STR_ARG(b->how_to_get));
	return base_tree(b, t, s->arena, e);
}

bool nothing_is_a_path(const char *path)
{
	(void)path;
	return false;
}

/* A name of the catalogue stands for its publisher's repository; any other is taken as it is,
 * Docker Hub's where it names no registry. */
bool workplace_remote(const struct workplace *w, struct session *s, struct str text,
                      struct reference *ref, struct err *e)
{
	if (!reference_parse(ref, text, nothing_is_a_path, s->arena, e))
		return false;
	if (ref->kind == REFERENCE_NAME) {
		const struct catalogue_base *entry =
			catalogue_find(&w->catalogue, str_slice(text, 0, str_index(text, '@')), s->arena);
		struct str known = entry ? catalogue_reference(entry, s->arena) : STR_NONE;
		struct str digest = ref->digest;
		/* The tag that was asked for stays: "alpine:3.20.3" is not "alpine:3.20". */
		struct str tag = ref->tag;
		if (known.n && !reference_parse(ref, known, nothing_is_a_path, s->arena, e))
			return false;
		ref->digest = digest;
		ref->tag = tag.n ? tag : ref->tag;
	} else if (ref->kind != REFERENCE_REGISTRY) {
		return err_set(e, ERR_USAGE, "%.*s is not in a registry", STR_ARG(text));
	}
	ref->kind = REFERENCE_REGISTRY;
	ref->text = text;
	return true;
}
