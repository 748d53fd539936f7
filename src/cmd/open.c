#include "cmd/open.h"

#include "os/file.h"

bool workplace_open(struct workplace *w, struct session *s, struct err *e)
{
	*w = (struct workplace){0};
	store_open(&w->store, s->arena);
	if (w->store.dir_fd < 0 && s->verbose)
		session_say(s, "facts are not kept: %s", w->store.why_not.message);
	w->image_options.platform = session_value(s, "platform");

	struct str own = session_value(s, "catalogue");
	if (own.n ? !catalogue_load_file(&w->catalogue, arena_cstr(s->arena, own), s->arena, e)
	          : !catalogue_load(&w->catalogue, s->arena, e))
		return false;
	w->bases = (struct base_context){.catalogue = &w->catalogue,
	                                 .store = &w->store,
	                                 .image_options = &w->image_options,
	                                 .cache = cache_folder(s->arena),
	                                 .arena = s->arena};
	return true;
}

bool workplace_app(struct workplace *w, struct session *s, struct str text, struct app *app,
                   struct err *e)
{
	struct app_options o = {.at = session_value(s, "at"), .entry = session_values(s, "entry")};
	return app_open(app, text, &o, &w->store, &w->image_options, s->arena, e);
}

int workplace_nothing(const struct session *s, const struct app *app)
{
	session_say(s, "%.*s: nothing in it can be started or loaded: name a file with --entry",
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

bool workplace_judge_options(struct session *s, struct judge_options *o, struct err *e)
{
	struct str cpu = session_value(s, "cpu");
	*o = (struct judge_options){.x86_level = processor_level(),
	                            .env = *session_values(s, "env")};
	if (!o->x86_level)
		o->x86_level = 1;
	if (!cpu.n)
		return true;
	if (cpu.n != 9 || !str_starts(cpu, STR("x86-64-v")) || cpu.p[8] < '1' || cpu.p[8] > '4')
		return err_set(e, ERR_USAGE, "--cpu wants x86-64-v1 to x86-64-v4, not %.*s", STR_ARG(cpu));
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
