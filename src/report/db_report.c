#include "report/db_report.h"

#include "report/scan_parts.h"

static bool is_told(const struct db_result *r, struct str name)
{
	return r->changed.n == 0 || str_vec_has(&r->changed, name);
}

static struct str ecosystems_text(const struct database *d, struct arena *a)
{
	struct str all = STR("");
	for (size_t i = 0; i < d->ecosystems.list.n && i < 8; i++)
		all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "",
				   STR_ARG(d->ecosystems.list.p[i].name));
	if (d->ecosystems.list.n > 8)
		all = arena_printf(a, "%.*s and %zu more", STR_ARG(all), d->ecosystems.list.n - 8);
	return text_dash(all);
}

static bool db_table(const struct out *o, const struct db_result *r, struct arena *a)
{
	static const char *const heads[] = {"SOURCE", "DATE", "TAKEN", "ADVISORIES", "ECOSYSTEMS"};
	struct table t;
	size_t rows = 0;
	table_init(&t, a, 5);
	for (size_t i = 0; i < 5; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->advisories->sources.n; i++) {
		const struct database *d = &r->advisories->sources.p[i];
		uint64_t n = d->about.advisories + d->about.exploited + d->about.epss;
		if (!is_told(r, d->name))
			continue;
		rows++;
		table_cell(&t, STYLE_BOLD, d->name);
		table_cell(&t, STYLE_PLAIN, scan_day(d->about.newest));
		table_cell(&t, STYLE_PLAIN, scan_day(d->about.taken));
		table_number(&t, arena_printf(a, "%llu", (unsigned long long)n));
		table_cell(&t, STYLE_DIM, ecosystems_text(d, a));
	}
	if (rows)
		table_print(&t, o);
	else
		out_printf(o, STYLE_DIM,
			   "no advisories but the snapshot inside socle: `socle db update` or "
			   "`socle db import FILE` brings more\n");
	return !ferror(o->file);
}

bool db_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct db_result *r = result;
	if (!str_eq(format, STR("json")))
		return db_table(o, r, a);
	json_t *doc = json_object();
	json_set_str(doc, "schema", STR("socle/db/1"));
	json_set_str(doc, "folder", r->advisories->folder);
	json_object_set_new(doc, "sources", scan_json_of_sources(r->advisories));
	return json_write(doc, o->file);
}
