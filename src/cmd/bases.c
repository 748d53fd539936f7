/* socle bases: list the catalogue, learn a base, import official images' tags. */
#include <stdlib.h>

#include "advise/official.h"
#include "cmd/commands.h"
#include "cmd/open.h"
#include "core/limits.h"
#include "facts/flatten.h"
#include "os/file.h"
#include "report/look_report.h"

static int list(struct session *s, struct workplace *w)
{
	struct err e = ERR_INIT;
	struct base *bases = arena_array(s->arena, w->catalogue.n, sizeof *bases);
	if (session_value(s, "as").n || session_value(s, "to").n)
		return session_usage(s, "--as and --to go with bases learn and import-official");
	w->bases.pull = false;
	for (size_t i = 0; i < w->catalogue.n; i++)
		if (!base_open(&bases[i], w->catalogue.bases[i].name, &w->bases, &e))
			return session_fail(&e);
	struct bases_result result = {.bases = bases, .count = w->catalogue.n};
	if (!session_render(s, bases_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}

/* The file that the facts go to: --to, or the cache's under the catalogue name that the base
 * stands for. */
static bool learned_file(struct session *s, struct workplace *w, const struct base *b,
                         struct str *file, struct err *e)
{
	struct str as = session_value(s, "as");
	const struct catalogue_base *entry =
		as.n ? catalogue_find(&w->catalogue, as, s->arena) : b->entry;
	*file = session_value(s, "to");
	if (as.n && !entry)
		return err_set(e, ERR_USAGE, "--as: %.*s is not in the catalogue (socle bases lists it)",
		               STR_ARG(as));
	if (file->n)
		return true;
	if (!entry)
		return err_set(e, ERR_USAGE, "which base of the catalogue is %.*s? --as NAME says it, "
		               "--to FILE keeps its facts elsewhere", STR_ARG(b->name));
	if (b->provenance == PROVENANCE_ASSEMBLED)
		return err_set(e, ERR_USAGE, "%.*s was assembled here; what is learned is measured: name "
		               "the publisher's image, --as %.*s", STR_ARG(b->name), STR_ARG(entry->name));
	if (!w->bases.cache.n)
		return err_set(e, ERR_USAGE, "there is no cache folder to keep facts in: set "
		               "XDG_CACHE_HOME or HOME, or name a file with --to");
	*file = base_cache_file(&w->bases, "learned", b->architecture, entry->name, ".facts");
	return true;
}

static int learn(struct session *s, struct workplace *w)
{
	struct err e = ERR_INIT;
	struct base b;
	struct tree t;
	struct str to;
	CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	if (s->args.n != 2)
		return session_usage(s, "bases learn wants one image");
	if (!base_open(&b, s->args.p[1], &w->bases, &e))
		return session_fail(&e);
	if (!b.at_hand) {
		err_set(&e, ERR_USAGE, "%.*s is not here: %.*s", STR_ARG(b.name), STR_ARG(b.how_to_get));
		return session_fail(&e);
	}
	if (!learned_file(s, w, &b, &to, &e) || !base_tree(&b, &t, s->arena, &e) ||
	    !facts_flatten(&t, image_pin(&b.image), NULL, NULL, &record, s->arena, &e) ||
	    !folder_make(arena_cstr(s->arena, str_dirname(to)), &e) ||
	    !file_replace(arena_cstr(s->arena, to), buf_str(&record), 0644, &e))
		return session_fail(&e);
	session_say(s, "%.*s: %zu files, facts of %zu bytes kept in %.*s", STR_ARG(b.name),
	            b.file_count, record.n, STR_ARG(to));
	return EXIT_YES;
}

/* One library file of Docker's official images, as items of a catalogue. */
static bool import_file(struct session *s, struct str path, struct buf *yaml, struct err *e)
{
	struct str text;
	struct official_file file = {0};
	if (!file_read(arena_cstr(s->arena, path), LIMIT_TEXT_FILE_BYTES, s->arena, &text, e))
		return false;
	if (!official_parse(&file, text, s->arena, e) ||
	    !official_print(&file, str_basename(path), yaml, s->arena, e))
		return err_wrap(e, "%.*s", STR_ARG(path));
	return true;
}

static int import_official(struct session *s)
{
	struct err e = ERR_INIT;
	CLEANUP_BUF struct buf yaml = BUF_INIT(LIMIT_TEXT_FILE_BYTES * 4);
	static const char head[] =
		"# Official images of Docker's library, as their maintainers declare them.\n"
		"# Made by: socle bases import-official FILE...\n\nbases:\n";
	if (s->args.n < 2)
		return session_usage(s, "bases import-official wants library files");
	bool ok = buf_append(&yaml, head, sizeof head - 1, &e);
	for (size_t i = 1; ok && i < s->args.n; i++)
		ok = import_file(s, s->args.p[i], &yaml, &e);
	struct str to = session_value(s, "to");
	if (ok && to.n)
		ok = file_replace(arena_cstr(s->arena, to), buf_str(&yaml), 0644, &e);
	else if (ok) {
		session_stdout();
		ok = fd_write_all(STDOUT_FILENO, yaml.p, yaml.n, &e) || err_wrap(&e, "standard output");
	}
	return ok ? EXIT_YES : session_fail(&e);
}

int cmd_bases(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	if (!workplace_open(&w, s, &e))
		return session_fail(&e);
	if (s->args.n == 0)
		return list(s, &w);
	if (str_eq(s->args.p[0], STR("learn")))
		return learn(s, &w);
	if (str_eq(s->args.p[0], STR("import-official")))
		return import_official(s);
	return session_usage(s, "%.*s: bases takes learn, import-official or nothing",
	                     STR_ARG(s->args.p[0]));
}
