/* socle db update: advisories over the network. */
#include "advisory/advisories.h"
#include "advisory/update.h"
#include "cmd/db.h"
#include "cmd/network.h"
#include "cmd/progress.h"
#include "os/file.h"

struct run {
	struct session *session;
	struct updater updater;
	struct progress_line *line; /* NULL: nobody watches */
	struct str_vec brought;     /* names of sources that have changed */
	struct str_vec dead;        /* origins that nobody answers at */
	size_t unchanged, left_out;
	bool failed;
};

/* ---- One source ---- */

static struct str origin_of(const struct update_source *s, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct str origin = STR(""), host;
	return http_origin(s->urls.p[0], &origin, &host, a, &ignored) ? origin : STR("");
}

/* Each further one would be waited for as long as the first. */
static bool is_dead(const struct run *r, const struct update_source *s)
{
	struct str origin = origin_of(s, r->session->arena);
	for (size_t i = 0; i < r->dead.n; i++)
		if (str_eq(r->dead.p[i], origin))
			return true;
	return false;
}

static void say_missing(struct run *r, const struct update_source *s)
{
	struct str url = s->urls.p[0];
	if (s->optional) {
		session_say(r->session, "%.*s: there is none at %.*s: left out", STR_ARG(s->asked),
			    STR_ARG(url));
		return;
	}
	r->failed = true;
	session_complain("%.*s: there is none at %.*s: ecosystems are named as OSV names them "
			 "(Debian, Alpine, PyPI, \"Rocky Linux\"), and a mirror (--source) holds "
			 "ECOSYSTEM/all.zip or ECOSYSTEM.zip",
			 STR_ARG(s->asked), STR_ARG(url));
}

static void update_one(struct run *r, const struct update_source *s)
{
	struct err e = ERR_INIT;
	struct arena *a = r->session->arena;
	enum update_outcome outcome;
	bool unreachable;
	if (is_dead(r, s)) {
		r->left_out++;
		return;
	}
	if (r->line)
		progress_verb(r->line, arena_printf(a, "%.*s:", STR_ARG(s->asked)).p);
	if (!update_source(&r->updater, s, &outcome, &unreachable, &e)) {
		r->failed = true;
		session_fail(&e);
		if (unreachable)
			*vec_push(&r->dead, a) = origin_of(s, a);
	} else if (outcome == UPDATE_MISSING) {
		say_missing(r, s);
	} else if (outcome == UPDATE_UNCHANGED) {
		r->unchanged++;
		session_say(r->session, "%.*s: nothing has changed", STR_ARG(s->asked));
	} else {
		*vec_push(&r->brought, a) = s->name;
	}
}

/* ---- All of them ---- */

static bool prepare(struct run *r, struct patience *patience, struct err *e)
{
	struct session *s = r->session;
	if (!network_patience(s, patience, e))
		return false;
	r->line = progress_open(s, "");
	r->updater.now = session_now(s);
	r->updater.from.patience = patience;
	r->updater.from.progress = r->line ? progress_tell : NULL;
	r->updater.from.progress_context = r->line;
	return true;
}

static int ended(struct run *r)
{
	int status = EXIT_YES;
	if (r->left_out)
		session_complain("%zu more from there: not asked", r->left_out);
	if (r->brought.n || r->unchanged)
		status = db_show(r->session, r->updater.folder, &r->brought);
	else if (!r->failed)
		session_complain("nothing was there to be brought: what was here stays");
	return r->brought.n + r->unchanged && !r->failed ? status : EXIT_TROUBLE;
}

int db_update(struct session *s)
{
	struct err e = ERR_INIT;
	struct str folder = advisories_folder(s->arena);
	struct run r = {.session = s, .updater = {.folder = folder}};
	struct str_vec named = {s->args.p + 1, s->args.n - 1, 0};
	struct update_sources sources;
	struct patience patience;
	CLEANUP_FD int lock = -1;
	if (session_flag(s, "offline"))
		return session_usage(s, "db update asks the network, and --offline was given: "
					"db import takes files");
	if (!update_sources_choose(&sources, folder, session_value(s, "source"), &named, s->arena,
				   &e) ||
	    !prepare(&r, &patience, &e) || !db_lock(folder, &lock, s->arena, &e))
		return session_fail(&e);
	CLEANUP_HTTP struct http *http = http_new(
		(struct http_times){patience.connect_ms, patience.silence_ms});
	r.updater.from.http = http;
	for (size_t i = 0; i < sources.list.n; i++)
		update_one(&r, &sources.list.p[i]);
	return ended(&r);
}
