/* socle db: the advisories that scans ask, brought from files or from the network. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

#include "advisory/import.h"
#include "cmd/commands.h"
#include "cmd/db.h"
#include "os/file.h"
#include "report/db_report.h"

/* What killed runs have left. */
static bool sweep(struct str folder, struct arena *a)
{
	uint64_t bytes = 0;
	CLEANUP_FD int fd = open(arena_cstr(a, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		new_files_sweep(fd, &bytes);
	return true;
}

/* Two would each have downloaded what the other one throws away. */
bool db_lock(struct str folder, int *fd, struct arena *a, struct err *e)
{
	if (!folder.n)
		return err_set(e, ERR_USAGE,
			       "there is no cache folder to keep advisories in: set "
			       "XDG_CACHE_HOME or HOME");
	if (!folder_make(arena_cstr(a, folder), e))
		return false;
	struct str path = arena_printf(a, "%.*s/lock", STR_ARG(folder));
	*fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*fd < 0)
		return err_errno(e, "%.*s", STR_ARG(path));
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return sweep(folder, a);
	if (errno != EWOULDBLOCK)
		return err_errno(e, "%.*s", STR_ARG(path));
	return err_set(e, ERR_IO,
		       "another socle is bringing advisories right now; what was there stays "
		       "in use: try again when it has ended");
}

int db_show(struct session *s, struct str folder, const struct str_vec *changed)
{
	struct err e = ERR_INIT;
	CLEANUP_ADVISORIES struct advisories all = {.folder = folder};
	struct db_result result = {.advisories = &all, .changed = *changed};
	if (!advisories_open(&all, folder, s->arena, &e) ||
	    !session_render(s, db_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}

/* ---- import ---- */

static bool import_one(struct session *s, struct str folder, struct str path, struct str *name,
		       struct err *e)
{
	CLEANUP_DATABASE_WRITER struct database_writer w = {.dir_fd = -1, .file = NEW_FILE_NONE};
	if (str_eq(path, STR("-")))
		path = STR("");
	*name = import_name(path, s->arena);
	if (!database_begin(&w, folder, *name, s->arena, e))
		return false;
	w.about.source = path.n ? str_basename(path) : STR("standard input");
	w.about.taken = session_now(s);
	return import_path(&w, path, s->arena, e) && database_finish(&w, e);
}

static int import(struct session *s)
{
	struct err e = ERR_INIT;
	struct str folder = advisories_folder(s->arena), name;
	struct str_vec changed = {0};
	CLEANUP_FD int lock = -1;
	if (s->args.n < 2)
		return session_usage(s, "db import wants files or folders of advisories");
	if (!db_lock(folder, &lock, s->arena, &e))
		return session_fail(&e);
	for (size_t i = 1; i < s->args.n; i++) {
		if (!import_one(s, folder, s->args.p[i], &name, &e))
			return session_fail(&e);
		*vec_push(&changed, s->arena) = name;
	}
	return db_show(s, folder, &changed);
}

static int status(struct session *s)
{
	struct str_vec none = {0};
	if (s->args.n != 1)
		return session_usage(s, "db status takes nothing behind it");
	return db_show(s, advisories_folder(s->arena), &none);
}

int cmd_db(struct session *s)
{
	static const struct {
		struct str name;
		int (*run)(struct session *s);
	} all[] = {{STR_INIT("update"), db_update},
		 {STR_INIT("import"), import},
		 {STR_INIT("status"), status}};
	if (s->args.n && !str_eq(s->args.p[0], STR("update")) && session_value(s, "source").n)
		return session_usage(s, "--source goes with db update");
	/* libarchive reads the times in zips as local ones, and glibc looks up which those are for each
	 * of a hundred thousand entries. Nothing here asks for them. */
	setenv("TZ", "UTC0", 1);
	if (!s->args.n)
		return session_usage(s, "db wants update, status or import");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (str_eq(s->args.p[0], all[i].name))
			return all[i].run(s);
	return session_usage(s, "%.*s: db takes update, status or import", STR_ARG(s->args.p[0]));
}
