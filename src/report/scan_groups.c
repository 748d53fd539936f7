/* Rows for people: what is mended by one step stands in one. */
#include "report/scan_parts.h"

#include <stdlib.h>

/* A language's packages have no source but themselves, and what tells them apart is where they
 * lie. */
static bool is_installed_by_system(const struct package *p)
{
	return p->type <= PACKAGE_RPM;
}

/* All that a row shows; US (0x1f) stands in none of it. */
static struct str key_of(const struct vulnerability *f, const struct scan_result *r,
			 struct arena *a)
{
	const struct package *p = f->package;
	struct str built_of = is_installed_by_system(p) && p->source.n ? p->source : p->name;
	return arena_printf(a, "%.*s\x1f%d\x1f%.*s\x1f%.*s\x1f%.*s\x1f%.*s\x1f%d\x1f%d\x1f%d\x1f%.*s",
			    STR_ARG(f->id), (int)p->type, STR_ARG(built_of), STR_ARG(p->version),
			    STR_ARG(f->fixed), STR_ARG(scan_origin(r, p)), (int)f->severity.word,
			    (int)f->status, p->likely, STR_ARG(f->reason));
}

/* What tells the members apart, each once: names, or files. */
static struct str_vec members_of(const struct scan_group *g, struct arena *a)
{
	struct str_vec all = {0};
	struct map seen = {0};
	for (size_t i = 0; i < g->findings.n; i++) {
		const struct package *p = g->findings.p[i]->package;
		struct str member = is_installed_by_system(p) ? p->name : p->path;
		bool added;
		map_put(&seen, a, member, &added);
		if (added && member.n)
			*vec_push(&all, a) = member;
	}
	return all;
}

static struct str joined(const struct str_vec *all, struct arena *a)
{
	enum { MOST = 8 };
	struct str text = STR("");
	for (size_t i = 0; i < all->n && i < MOST; i++)
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "",
				    STR_ARG(all->p[i]));
	if (all->n > MOST)
		text = arena_printf(a, "%.*s and %zu more", STR_ARG(text), all->n - MOST);
	return text;
}

static void name_group(struct scan_group *g, struct arena *a)
{
	const struct package *p = g->findings.p[0]->package;
	struct str_vec members = members_of(g, a);
	bool alone = is_installed_by_system(p) && members.n == 1;
	g->label = is_installed_by_system(p) && !alone && p->source.n ? p->source : p->name;
	g->members = alone ? STR("") : joined(&members, a);
}

/* Gravest first, of those what is exploited, then what one step mends together, by the names that
 * are shown. */
static int by_weight(const void *left, const void *right)
{
	const struct scan_group *x = left, *y = right;
	const struct vulnerability *f = x->findings.p[0], *g = y->findings.p[0];
	int c = (int)g->severity.word - (int)f->severity.word;
	c = c ? c : (g->exploited.n > 0) - (f->exploited.n > 0);
	c = c ? c : (int)g->severity.score_tenths - (int)f->severity.score_tenths;
	c = c ? c : str_cmp(x->label, y->label);
	c = c ? c : str_cmp(f->package->version, g->package->version);
	c = c ? c : str_cmp(vulnerability_name(f), vulnerability_name(g));
	/* Both point into the scan's findings. */
	return c ? c : (f > g) - (f < g);
}

void scan_group(struct scan_groups *out, const struct scan_result *r, bool counting,
		struct arena *a)
{
	struct map places = {0};
	*out = (struct scan_groups){0};
	for (size_t i = 0; i < r->scan->findings.n; i++) {
		const struct vulnerability *f = &r->scan->findings.p[i];
		bool added;
		if (counting && f->status != VULNERABILITY_COUNTS)
			continue;
		uintptr_t *place = map_put(&places, a, key_of(f, r, a), &added);
		if (added) {
			*place = out->list.n;
			(void)vec_push(&out->list, a);
		}
		*vec_push(&out->list.p[*place].findings, a) = f;
	}
	for (size_t i = 0; i < out->list.n; i++)
		name_group(&out->list.p[i], a);
	if (out->list.n)
		qsort(out->list.p, out->list.n, sizeof *out->list.p, by_weight);
}
