#include "advisory/update.h"

#include "advisory/import.h"
#include "os/file.h"

/* ---- Asking ---- */

/* What is had of this address. A file that is damaged, or from elsewhere, is brought anew. */
static struct download_state had(const struct updater *u, const struct update_source *s,
				 struct str url, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct download_state state = {0};
	struct database d;
	struct str path = arena_printf(a, "%.*s/%.*s.db", STR_ARG(u->folder), STR_ARG(s->name));
	if (!path_exists(path.p) || !database_open(&d, path, s->name, a, &ignored))
		return state;
	if (str_eq(d.about.source, url))
		state = (struct download_state){d.about.etag, d.about.last_modified};
	database_close(&d);
	return state;
}

static bool bring(const struct updater *u, const struct update_source *s, struct download *d,
		  struct arena *a, struct err *e)
{
	for (size_t i = 0; i < s->urls.n; i++) {
		*d = (struct download){.url = s->urls.p[i],
				       .folder = u->folder,
				       .name = s->name,
				       .had = had(u, s, s->urls.p[i], a),
				       .max_bytes = s->max_bytes};
		if (!download_run(d, &u->from, a, e))
			return false;
		if (d->outcome != DOWNLOAD_MISSING)
			return true;
	}
	download_remove(d, a);
	return true;
}

/* ---- Taking ---- */

/* A page of a proxy fails while it is read; a bundle of something else would be taken as that which
 * was asked for, and what was asked for be gone. */
static bool is_what_was_asked(const struct database_writer *w, const struct update_source *s,
			      struct err *e)
{
	struct str base = osv_base(s->asked);
	if (s->list)
		return w->about.exploited || w->about.epss ||
		       err_set(e, ERR_INPUT, "no list of vulnerabilities is in it");
	for (size_t i = 0; i < w->ecosystems.cap; i++)
		if (w->ecosystems.slot[i].used && str_eq(osv_base(w->ecosystems.slot[i].key), base))
			return true;
	return err_set(e, ERR_INPUT, "no advisory in it is on %.*s", STR_ARG(s->asked));
}

static bool take(const struct updater *u, const struct update_source *s, const struct download *d,
		 struct arena *a, struct err *e)
{
	CLEANUP_DATABASE_WRITER struct database_writer w = {.dir_fd = -1, .file = NEW_FILE_NONE};
	if (!database_begin(&w, u->folder, s->name, a, e))
		return false;
	w.about.source = d->url;
	w.about.asked = s->asked;
	w.about.taken = u->now;
	w.about.etag = d->state.etag;
	w.about.last_modified = d->state.last_modified;
	return import_path(&w, d->path, a, e) && is_what_was_asked(&w, s, e) &&
	       database_finish(&w, e);
}

bool update_source(const struct updater *u, const struct update_source *s,
		   enum update_outcome *outcome, bool *unreachable, struct err *e)
{
	static const enum update_outcome outcomes[] = {[DOWNLOAD_WHOLE] = UPDATE_CHANGED,
						       [DOWNLOAD_UNCHANGED] = UPDATE_UNCHANGED,
						       [DOWNLOAD_MISSING] = UPDATE_MISSING};
	CLEANUP_ARENA struct arena arena = ARENA_INIT;
	struct download d = {0};
	bool brought = bring(u, s, &d, &arena, e);
	*unreachable = d.unreachable;
	if (!brought)
		return false;
	*outcome = outcomes[d.outcome];
	if (d.outcome != DOWNLOAD_WHOLE)
		return true;
	bool ok = take(u, s, &d, &arena, e);
	/* What cannot be used is not taken up again. */
	download_remove(&d, &arena);
	return ok || err_wrap(e, "what came from %.*s is of no use", STR_ARG(d.url));
}
