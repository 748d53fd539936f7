#include "advisory/sources.h"

#include <string.h>
#include <strings.h>

#include "advisory/advisories.h"
#include "advisory/import.h"
#include "core/limits.h"
#include "os/http.h"

static const struct str osv = STR_INIT("https://osv-vulnerabilities.storage.googleapis.com");

static const struct str usual[] = {
	STR_INIT("Debian"),      STR_INIT("Alpine"),    STR_INIT("Wolfi"),
	STR_INIT("Chainguard"),  STR_INIT("Ubuntu"),    STR_INIT("Red Hat"),
	STR_INIT("AlmaLinux"),   STR_INIT("Rocky Linux"), STR_INIT("Go"),
	STR_INIT("PyPI"),        STR_INIT("npm"),       STR_INIT("crates.io"),
	STR_INIT("Maven"),       STR_INIT("RubyGems"),  STR_INIT("Packagist"),
	STR_INIT("NuGet"),       STR_INIT("kev"),       STR_INIT("epss"),
};
enum { USUAL = sizeof usual / sizeof *usual };

static const struct list {
	const char *asked, *folder, *file;
} lists[] = {
	{"kev", "https://www.cisa.gov/sites/default/files/feeds",
	 "known_exploited_vulnerabilities.json"},
	{"epss", "https://epss.cyentia.com", "epss_scores-current.csv.gz"},
};

static const struct list *find_list(struct str asked)
{
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (str_eq(asked, str_of(lists[i].asked)))
			return &lists[i];
	return NULL;
}

/* ---- One source ---- */

static void add_url(struct update_source *s, struct str url, struct arena *a)
{
	*vec_push(&s->urls, a) = url;
}

/* OSV has a folder an ecosystem; a mirror may be a flat folder, as somebody has brought them. */
static void add_bundle_urls(struct update_source *s, struct str from, struct arena *a)
{
	struct str folder = from.n ? from : osv, name = http_escape(s->asked, a);
	add_url(s, arena_printf(a, "%.*s/%.*s/all.zip", STR_ARG(folder), STR_ARG(name)), a);
	if (from.n)
		add_url(s, arena_printf(a, "%.*s/%.*s.zip", STR_ARG(folder), STR_ARG(name)), a);
}

static struct update_source make(struct str asked, struct str from, struct arena *a)
{
	struct update_source s = {.asked = asked, .max_bytes = LIMIT_BUNDLE_BYTES};
	const struct list *list = find_list(asked);
	if (!list) {
		s.name = import_name(asked, a);
		add_bundle_urls(&s, from, a);
		return s;
	}
	struct str folder = from.n ? from : str_of(list->folder);
	s.list = true;
	s.max_bytes = LIMIT_ADVISORIES_BYTES;
	s.name = import_name(str_of(list->file), a);
	add_url(&s, arena_printf(a, "%.*s/%s", STR_ARG(folder), list->file), a);
	return s;
}

static bool is_there(const struct update_sources *v, struct str name)
{
	for (size_t i = 0; i < v->list.n; i++)
		if (str_eq(v->list.p[i].name, name))
			return true;
	return false;
}

static void add(struct update_sources *v, struct update_source s, struct arena *a)
{
	if (!is_there(v, s.name))
		*vec_push(&v->list, a) = s;
}

/* ---- Names ---- */

/* "debian" is Debian, also by the name of its file ("Red-Hat"). */
static struct str known_name(struct str text, struct arena *a)
{
	for (size_t i = 0; i < USUAL; i++) {
		struct str name = make(usual[i], STR(""), a).name;
		if ((text.n == usual[i].n && strncasecmp(text.p, usual[i].p, text.n) == 0) ||
		    (text.n == name.n && strncasecmp(text.p, name.p, text.n) == 0))
			return usual[i];
	}
	return STR("");
}

/* It becomes a part of a path, here and at the server. */
static bool can_be_name(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == '/' || text.p[i] == 0x7f)
			return false;
	return text.n && text.n <= 100 && text.p[0] != '.';
}

static bool add_named(struct update_sources *v, struct str from, struct str text, struct arena *a,
		      struct err *e)
{
	struct str known = known_name(text, a);
	if (!known.n && !can_be_name(text))
		return err_set(e, ERR_USAGE,
			       "\"%.*s\" is no ecosystem: db update wants names as OSV has them "
			       "(Debian, Alpine, PyPI, \"Rocky Linux\"), kev or epss",
			       STR_ARG(str_slice(text, 0, 100)));
	add(v, make(known.n ? known : text, from, a), a);
	return true;
}

/* What an update brought says what it was; of a file that was imported the name tells, and of one
 * that is damaged. */
static struct str asked_of(struct str folder, struct str name, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct database d;
	struct str path = arena_printf(a, "%.*s/%.*s.db", STR_ARG(folder), STR_ARG(name));
	struct str asked = STR("");
	if (database_open(&d, path, name, a, &ignored)) {
		asked = d.about.asked;
		database_close(&d);
	}
	return asked.n ? asked : known_name(name, a);
}

static bool add_present(struct update_sources *v, struct str folder, struct str from,
			struct arena *a, struct err *e)
{
	struct str_vec names = {0};
	if (!advisories_names(folder, &names, a, e))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct str asked = asked_of(folder, names.p[i], a);
		if (!asked.n || !can_be_name(asked))
			continue;
		struct update_source s = make(asked, from, a);
		s.optional = s.list && from.n;
		add(v, s, a);
	}
	return true;
}

static void add_usual(struct update_sources *v, struct str from, struct arena *a)
{
	for (size_t i = 0; i < USUAL; i++) {
		struct update_source s = make(usual[i], from, a);
		s.optional = true;
		add(v, s, a);
	}
}

/* ---- Mirrors ---- */

/* No trailing slashes; a password would end in messages and in the store. */
static bool read_mirror(struct str text, struct str *from, struct arena *a, struct err *e)
{
	struct str origin, host;
	*from = text;
	if (!text.n)
		return true;
	while (str_ends(*from, STR("/")))
		*from = str_slice(*from, 0, from->n - 1);
	size_t begin = str_find(text, STR("://")), at = str_index(text, '@');
	size_t slash = begin < text.n ? str_index(str_skip(text, begin + 3), '/') + begin + 3 : 0;
	if (begin < text.n && at < slash)
		return err_set(e, ERR_USAGE, "--source takes an address without a password");
	if (str_index(text, '?') == text.n && str_index(text, '#') == text.n &&
	    http_origin(*from, &origin, &host, a, e))
		return true;
	return err_set(e, ERR_USAGE,
		       "--source wants the address of a folder, https://HOST/FOLDER, not %.*s",
		       STR_ARG(str_slice(text, 0, 200)));
}

bool update_sources_choose(struct update_sources *v, struct str folder, struct str source,
			   const struct str_vec *named, struct arena *a, struct err *e)
{
	struct str from;
	*v = (struct update_sources){0};
	if (!read_mirror(source, &from, a, e))
		return false;
	for (size_t i = 0; i < named->n; i++)
		if (!add_named(v, from, named->p[i], a, e))
			return false;
	if (!named->n && !add_present(v, folder, from, a, e))
		return false;
	if (!v->list.n)
		add_usual(v, from, a);
	return true;
}
