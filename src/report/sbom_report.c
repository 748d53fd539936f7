#include "report/sbom_report.h"

static bool sbom_table(const struct out *o, const struct sbom_result *r, struct arena *a)
{
	static const char *const heads[] = {"NAME", "VERSION", "TYPE", "WHERE"};
	struct table t;
	table_init(&t, a, 4);
	for (size_t i = 0; i < 4; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->packages->list.n; i++) {
		const struct package *p = &r->packages->list.p[i];
		table_cell(&t, STYLE_BOLD, p->name);
		table_cell(&t, STYLE_PLAIN, text_dash(p->version));
		table_cell(&t, STYLE_PLAIN, str_of(package_type_name(p->type)));
		table_cell(&t, STYLE_DIM, p->path);
	}
	if (r->packages->list.n)
		table_print(&t, o);
	else
		out_printf(o, STYLE_DIM, "no records of packages\n");
	return true;
}

bool sbom_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct sbom_result *r = result;
	if (str_eq(format, STR("cyclonedx-json")))
		return json_write(cyclonedx_of(r, a), o->file);
	if (str_eq(format, STR("spdx-json")))
		return json_write(spdx_of(r, a), o->file);
	return sbom_table(o, r, a);
}
