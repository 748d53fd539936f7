#include "advisory/advisories.h"

#include <dirent.h>
#include <errno.h>

#include "advisory/import.h"
#include "core/limits.h"
#include "os/file.h"

/* ---- Opening ---- */

struct str advisories_folder(struct arena *a)
{
	struct str cache = cache_folder(a);
	return cache.n ? arena_printf(a, "%.*s/advisories", STR_ARG(cache)) : cache;
}

/* Sorted: who is asked first does not hang on the file system. */
bool advisories_names(struct str folder, struct str_vec *names, struct arena *a, struct err *e)
{
	DIR *dir = folder.n ? opendir(arena_cstr(a, folder)) : NULL;
	const struct dirent *d;
	if (!dir)
		return !folder.n || errno == ENOENT || err_errno(e, "%.*s", STR_ARG(folder));
	while ((d = readdir(dir))) {
		struct str name = str_of(d->d_name);
		if (!str_ends(name, STR(".db")) || names->n == LIMIT_SOURCES)
			continue;
		*vec_push(names, a) = arena_str(a, str_slice(name, 0, name.n - 3));
	}
	closedir(dir);
	str_vec_sort(names);
	return true;
}

bool advisories_open(struct advisories *v, struct str folder, struct arena *a, struct err *e)
{
	struct str_vec names = {0};
	*v = (struct advisories){.folder = folder, .arena = a};
	if (!advisories_names(folder, &names, a, e))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct database d;
		struct str path =
			arena_printf(a, "%.*s/%.*s.db", STR_ARG(folder), STR_ARG(names.p[i]));
		if (!database_open(&d, path, names.p[i], a, e)) {
			struct err why = *e;
			return err_set(e, why.code,
				       "%s: the advisories are damaged; bring them anew with "
				       "`socle db update` "
				       "or `socle db import`, or remove the file",
				       why.message);
		}
		*vec_push(&v->sources, a) = d;
	}
	return true;
}

void advisories_close(struct advisories *v)
{
	for (size_t i = 0; i < v->sources.n; i++)
		database_close(&v->sources.p[i]);
	v->sources.n = 0;
}

/* ---- What is shipped ---- */

extern const char embedded_Alpine_jsonl[], embedded_Alpine_jsonl_end[];
extern const char embedded_Debian_jsonl[], embedded_Debian_jsonl_end[];
extern const char embedded_Wolfi_jsonl[], embedded_Wolfi_jsonl_end[];
extern const char embedded_exploited_json[], embedded_exploited_json_end[];

/* tools/ship-advisories makes them: facts of advisories on the packages that bases are made of. */
static const struct shipped {
	struct str base; /* empty: the list of exploited vulnerabilities */
	const char *text, *end;
} shipped[SHIPPED_ADVISORIES] = {
	{STR_INIT("Alpine"), embedded_Alpine_jsonl, embedded_Alpine_jsonl_end},
	{STR_INIT("Debian"), embedded_Debian_jsonl, embedded_Debian_jsonl_end},
	{STR_INIT("Wolfi"), embedded_Wolfi_jsonl, embedded_Wolfi_jsonl_end},
	{STR_INIT(""), embedded_exploited_json, embedded_exploited_json_end},
};

static bool is_covered(const struct advisories *v, struct str base)
{
	for (size_t i = 0; i < v->sources.n; i++)
		if (base.n ? database_has_base(&v->sources.p[i], base)
			   : v->sources.p[i].about.exploited > 0)
			return true;
	return false;
}

static bool add_shipped(struct advisories *v, const struct shipped *from, struct err *e)
{
	CLEANUP_DATABASE_WRITER struct database_writer w = {.dir_fd = -1, .file = NEW_FILE_NONE};
	struct str name = from->base.n ? from->base : STR("exploited");
	struct str text = {from->text, (size_t)(from->end - from->text)};
	struct database d;
	if (!database_begin(&w, STR(""), name, v->arena, e))
		return false;
	w.about.source = STR("shipped with socle " SOCLE_VERSION);
	if (!import_text(&w, text, name, e) || !database_finish(&w, e) ||
	    !database_of_memory(&d, &w, name, e))
		return false;
	*vec_push(&v->sources, v->arena) = d;
	return true;
}

/* Nobody brought advisories on it: those inside the program answer from now on. */
static bool ask_shipped(struct advisories *v, struct str base, struct err *e)
{
	for (size_t i = 0; i < SHIPPED_ADVISORIES; i++) {
		if (!str_eq(shipped[i].base, base) || v->asked[i])
			continue;
		v->asked[i] = true;
		if (!is_covered(v, base) && !add_shipped(v, &shipped[i], e))
			return false;
	}
	return true;
}

/* ---- The shelf ---- */

/* A record may be in two sources, in different states: the newest counts, of equal ones the first.
 */
static bool is_newest(struct advisories *v, size_t source, struct str base,
		      const struct advisory *advisory, bool *is, struct arena *a, struct err *e)
{
	*is = true;
	for (size_t i = 0; *is && i < v->sources.n; i++) {
		struct str other;
		if (i == source || !database_has_base(&v->sources.p[i], base))
			continue;
		if (!database_state(&v->sources.p[i], advisory->id, &other, a, e))
			return false;
		int c = other.n ? str_cmp(other, advisory->modified) : -1;
		*is = c < 0 || (c == 0 && i > source);
	}
	return true;
}

static bool find(void *context, struct str base, struct str key, const struct packages *in,
		 struct advisory_hits *hits, struct arena *a, struct err *e)
{
	struct advisories *v = context;
	if (!ask_shipped(v, base, e))
		return false;
	for (size_t i = 0; i < v->sources.n; i++) {
		size_t kept = hits->list.n, from = kept;
		if (!database_has_base(&v->sources.p[i], base))
			continue;
		if (!database_find(&v->sources.p[i], base, key, in, hits, a, e))
			return false;
		for (size_t k = from; k < hits->list.n; k++) {
			bool is;
			if (!is_newest(v, i, base, &hits->list.p[k].advisory, &is, a, e))
				return false;
			if (is)
				hits->list.p[kept++] = hits->list.p[k];
		}
		hits->list.n = kept;
	}
	return true;
}

static bool ecosystems(void *context, struct ecosystem_counts *counts, struct arena *a,
		       struct err *e)
{
	struct advisories *v = context;
	(void)e;
	for (size_t i = 0; i < v->sources.n; i++)
		for (size_t k = 0; k < v->sources.p[i].ecosystems.list.n; k++)
			*vec_push(&counts->list, a) = v->sources.p[i].ecosystems.list.p[k];
	return true;
}

static bool grade(void *context, struct str id, struct severity *severity, struct arena *a,
		  struct err *e)
{
	struct advisories *v = context;
	for (size_t i = 0; i < v->sources.n; i++)
		if (v->sources.p[i].about.advisories &&
		    !database_grade(&v->sources.p[i], id, severity, a, e))
			return false;
	return true;
}

static bool exploited(void *context, struct str id, struct str *since, struct arena *a,
		      struct err *e)
{
	struct advisories *v = context;
	if (!ask_shipped(v, STR(""), e))
		return false;
	for (size_t i = 0; !since->n && i < v->sources.n; i++)
		if (v->sources.p[i].about.exploited &&
		    !database_exploited(&v->sources.p[i], id, since, a, e))
			return false;
	return true;
}

static bool epss(void *context, struct str id, double *score, struct err *e)
{
	struct advisories *v = context;
	for (size_t i = 0; *score < 0 && i < v->sources.n; i++)
		if (v->sources.p[i].about.epss && !database_epss(&v->sources.p[i], id, score, e))
			return false;
	return true;
}

struct advisory_shelf advisories_shelf(struct advisories *v)
{
	return (struct advisory_shelf){.context = v,
				       .find = find,
				       .ecosystems = ecosystems,
				       .grade = grade,
				       .exploited = exploited,
				       .epss = epss};
}
