#include "scan/scan.h"

#include <stdlib.h>

struct scanner {
	struct scan *out;
	const struct packages *in;
	const struct advisory_shelf *shelf;
	struct ecosystem_counts counts;
	struct arena *arena;
	struct arena *hits; /* what was found for the package at hand: it goes with it */
	struct err *e;
};

/* ---- Names of one vulnerability ---- */

static void add_name(struct vulnerability *f, struct str name, struct arena *a)
{
	if (name.n && !str_eq(name, f->id) && !str_vec_has(&f->others, name))
		*vec_push(&f->others, a) = arena_str(a, name);
}

/* An erratum of AlmaLinux names the vulnerabilities that it mends as related; elsewhere what is
 * related is another one. */
static void add_mended(struct vulnerability *f, const struct advisory *from, struct arena *a)
{
	for (size_t i = 0; f->package->type == PACKAGE_RPM && i < from->related.n; i++)
		if (str_starts(from->related.p[i], STR("CVE-")))
			add_name(f, from->related.p[i], a);
}

static void add_names(struct vulnerability *f, const struct advisory *from, struct arena *a)
{
	add_name(f, from->id, a);
	add_mended(f, from, a);
	for (size_t i = 0; i < from->aliases.n; i++)
		add_name(f, from->aliases.p[i], a);
	for (size_t i = 0; i < from->upstream.n; i++)
		add_name(f, from->upstream.p[i], a);
}

struct str vulnerability_name(const struct vulnerability *f)
{
	struct str cve = STR("");
	if (str_starts(f->id, STR("CVE-")))
		return f->id;
	for (size_t i = 0; i < f->others.n; i++) {
		if (!str_starts(f->others.p[i], STR("CVE-")))
			continue;
		if (cve.n)
			return f->id;
		cve = f->others.p[i];
	}
	return cve.n ? cve : f->id;
}

/* ---- One package ---- */

/* A finding under construction; its aliases tell duplicates, what it derives from does not. */
struct match {
	const struct advisory_hit *hit;
	struct str fixed;
};

struct matches {
	VEC(struct match) list;
	struct map ids; /* of advisories, to their place in the list and one */
};

/* Whether the advisory whose first entry is at `from` has one for everybody. */
static bool is_for_all(const struct advisory_hits *hits, size_t from)
{
	struct str id = hits->list.p[from].advisory.id;
	for (size_t i = from; i < hits->list.n && str_eq(hits->list.p[i].advisory.id, id); i++)
		if (!osv_is_extended(hits->list.p[i].affected.ecosystem))
			return true;
	return false;
}

static void add_match(struct matches *matches, const struct advisory_hit *hit, struct str fixed,
		      enum version_order order, struct arena *a)
{
	uintptr_t *place = map_put(&matches->ids, a, hit->advisory.id, NULL);
	if (!*place) {
		*vec_push(&matches->list, a) = (struct match){hit, fixed};
		*place = matches->list.n;
		return;
	}
	/* Two entries of one advisory hold: all of them must be left behind. */
	struct match *m = &matches->list.p[*place - 1];
	if (fixed.n && (!m->fixed.n || version_cmp(order, fixed, m->fixed) > 0))
		m->fixed = fixed;
}

/* A registry's malicious package that has an application's name is not the application. */
static bool is_of_another(const struct advisory *x, const struct package *p)
{
	return p->application && str_starts(x->id, STR("MAL-"));
}

static bool find_matches(struct scanner *s, const struct package *p, const struct osv_place *place,
			 struct matches *matches)
{
	for (size_t i = 0; i < place->name_count; i++) {
		const struct osv_name *name = &place->names[i];
		struct advisory_hits *hits = ARENA_NEW(s->hits, struct advisory_hits);
		struct str key = osv_key(place->base, name->name, s->hits), fixed;
		if (!s->shelf->find(s->shelf->context, place->base, key, s->in, hits, s->hits,
				    s->e))
			return false;
		bool for_all = false;
		for (size_t k = 0; k < hits->list.n; k++) {
			const struct advisory_hit *hit = &hits->list.p[k];
			if (k == 0 || !str_eq(hit->advisory.id, hits->list.p[k - 1].advisory.id))
				for_all = is_for_all(hits, k);
			/* Ubuntu files fixes that need a subscription beside the others: where an
			 * advisory has an entry for everybody, that one tells. */
			if (!hit->advisory.withdrawn.n &&
			    !(for_all && osv_is_extended(hit->affected.ecosystem)) &&
			    !is_of_another(&hit->advisory, p) &&
			    affected_is(&hit->affected, p, s->in, name, place->order, &fixed))
				add_match(matches, hit, fixed, place->order, s->hits);
		}
	}
	return true;
}

/* ---- Duplicates: advisories that name one another, or a common alias ---- */

static bool is_same(const struct advisory *x, const struct advisory *y)
{
	if (str_vec_has(&x->aliases, y->id) || str_vec_has(&y->aliases, x->id))
		return true;
	for (size_t i = 0; i < x->aliases.n; i++)
		if (str_vec_has(&y->aliases, x->aliases.p[i]))
			return true;
	return false;
}

static void take_graver(struct severity *to, const struct severity *from)
{
	if (from->word > to->word || (from->word == to->word && from->vector.n && !to->vector.n))
		*to = *from;
}

static void take_severity(struct vulnerability *f, const struct advisory_hit *hit)
{
	take_graver(&f->severity, &hit->affected.severity);
	if (hit->affected.severity.word == SEVERITY_UNKNOWN)
		take_graver(&f->severity, &hit->advisory.severity);
}

static struct vulnerability *add_finding(struct scanner *s, const struct package *p,
					 const struct match *m)
{
	struct vulnerability *f = vec_push(&s->out->findings, s->arena);
	*f = (struct vulnerability){.package = p,
				    .id = arena_str(s->arena, m->hit->advisory.id),
				    .fixed = m->fixed,
				    .published = arena_str(s->arena, m->hit->advisory.published),
				    .modified = arena_str(s->arena, m->hit->advisory.modified),
				    .epss = -1};
	return f;
}

/* Sorted, so that which advisory of several gives the name does not hang on the order of databases:
 * GitHub's first, which grade what they tell of. */
static int by_id(const void *left, const void *right)
{
	struct str x = ((const struct match *)left)->hit->advisory.id;
	struct str y = ((const struct match *)right)->hit->advisory.id;
	int c = str_starts(y, STR("GHSA-")) - str_starts(x, STR("GHSA-"));
	return c ? c : str_cmp(x, y);
}

static void add_findings(struct scanner *s, const struct package *p, enum version_order order,
			 struct matches *matches)
{
	bool *taken = arena_array(s->hits, matches->list.n + 1, sizeof *taken);
	if (matches->list.n)
		qsort(matches->list.p, matches->list.n, sizeof *matches->list.p, by_id);
	for (size_t i = 0; i < matches->list.n; i++) {
		const struct match *m = &matches->list.p[i];
		if (taken[i])
			continue;
		struct vulnerability *f = add_finding(s, p, m);
		for (size_t k = i; k < matches->list.n; k++) {
			const struct match *other = &matches->list.p[k];
			if (k != i &&
			    (taken[k] || !is_same(&m->hit->advisory, &other->hit->advisory)))
				continue;
			taken[k] = true;
			add_names(f, &other->hit->advisory, s->arena);
			take_severity(f, other->hit);
			if (other->fixed.n &&
			    (!f->fixed.n || version_cmp(order, other->fixed, f->fixed) < 0))
				f->fixed = other->fixed;
		}
		f->fixed = arena_str(s->arena, f->fixed);
		f->severity.vector = arena_str(s->arena, f->severity.vector);
	}
}

/* ---- Beside the advisory ---- */

static bool add_knowledge_of(struct scanner *s, struct vulnerability *f, struct str id)
{
	const struct advisory_shelf *shelf = s->shelf;
	struct severity severity = {.word = SEVERITY_UNKNOWN};
	struct str since = STR("");
	double epss = -1;
	if (f->severity.word == SEVERITY_UNKNOWN &&
	    !shelf->grade(shelf->context, id, &severity, s->arena, s->e))
		return false;
	if (f->severity.word == SEVERITY_UNKNOWN)
		f->severity = severity;
	if (!shelf->exploited(shelf->context, id, &since, s->arena, s->e) ||
	    !shelf->epss(shelf->context, id, &epss, s->e))
		return false;
	if (since.n && (!f->exploited.n || str_cmp(since, f->exploited) < 0))
		f->exploited = since;
	f->epss = epss > f->epss ? epss : f->epss;
	return true;
}

static bool add_knowledge(struct scanner *s, struct vulnerability *f)
{
	str_vec_sort(&f->others);
	if (!add_knowledge_of(s, f, f->id))
		return false;
	for (size_t i = 0; i < f->others.n; i++)
		if (!add_knowledge_of(s, f, f->others.p[i]))
			return false;
	return true;
}

/* ---- Coverage ---- */

static size_t known_of(const struct scanner *s, struct str base)
{
	size_t n = 0;
	for (size_t i = 0; i < s->counts.list.n; i++) {
		struct str name = s->counts.list.p[i].name;
		if (str_eq(osv_base(name), base) && osv_release_is(name, s->in))
			n += s->counts.list.p[i].advisories;
	}
	return n;
}

static void count_package(struct scanner *s, const struct package *p, const struct osv_place *place,
			  bool placed)
{
	struct str text = placed ? osv_ecosystem_text(place->base, s->in, s->arena) : place->base;
	for (size_t i = 0; i < s->out->coverage.n; i++)
		if (str_eq(s->out->coverage.p[i].ecosystem, text)) {
			s->out->coverage.p[i].packages++;
			s->out->coverage.p[i].versionless += !p->version.n;
			return;
		}
	*vec_push(&s->out->coverage, s->arena) =
		(struct coverage){text, placed ? place->base : STR(""), 1, !p->version.n, 0};
}

/* Asked at the end: a shelf may have fetched what it holds only when it was asked for it. */
static bool take_coverage(struct scanner *s)
{
	if (!s->shelf->ecosystems(s->shelf->context, &s->counts, s->arena, s->e))
		return false;
	for (size_t i = 0; i < s->out->coverage.n; i++) {
		struct coverage *c = &s->out->coverage.p[i];
		c->advisories = c->base.n ? known_of(s, c->base) : 0;
		s->out->judged += c->advisories ? c->packages - c->versionless : 0;
	}
	return true;
}

/* ---- All of it ---- */

static bool scan_one(struct scanner *s, const struct package *p)
{
	CLEANUP_ARENA struct arena hits = ARENA_INIT;
	struct osv_place place;
	struct matches matches = {0};
	s->hits = &hits;
	bool placed = osv_place_of(p, s->in, &place, s->arena);
	count_package(s, p, &place, placed);
	s->out->packages++;
	s->out->versionless += !p->version.n;
	if (!placed)
		return true;
	/* Without a version nothing matches; the shelf is asked all the same, and so has what its
	 * coverage is told by. */
	if (!find_matches(s, p, &place, &matches))
		return false;
	size_t from = s->out->findings.n;
	add_findings(s, p, place.order, &matches);
	for (size_t i = from; i < s->out->findings.n; i++)
		if (!add_knowledge(s, &s->out->findings.p[i]))
			return false;
	return true;
}

static int gravest_first(const void *left, const void *right)
{
	const struct vulnerability *x = left, *y = right;
	int c = (y->severity.word > x->severity.word) - (y->severity.word < x->severity.word);
	c = c ? c
	      : (y->severity.score_tenths > x->severity.score_tenths) -
			    (y->severity.score_tenths < x->severity.score_tenths);
	c = c ? c : str_cmp(x->package->name, y->package->name);
	c = c ? c : str_cmp(x->package->version, y->package->version);
	c = c ? c : str_cmp(x->package->path, y->package->path);
	c = c ? c : (x->package > y->package) - (x->package < y->package);
	return c ? c : str_cmp(x->id, y->id);
}

bool scan_packages(struct scan *out, const struct packages *in, const struct advisory_shelf *shelf,
		   struct arena *a, struct err *e)
{
	struct scanner s = {.out = out, .in = in, .shelf = shelf, .arena = a, .e = e};
	*out = (struct scan){0};
	for (size_t i = 0; i < in->list.n; i++)
		if (!scan_one(&s, &in->list.p[i]))
			return false;
	if (!take_coverage(&s))
		return false;
	if (out->findings.n)
		qsort(out->findings.p, out->findings.n, sizeof *out->findings.p, gravest_first);
	return true;
}

void scan_count(const struct scan *s, size_t counts[SEVERITY_CRITICAL + 1])
{
	memset(counts, 0, (SEVERITY_CRITICAL + 1) * sizeof *counts);
	for (size_t i = 0; i < s->findings.n; i++)
		if (s->findings.p[i].status == VULNERABILITY_COUNTS)
			counts[s->findings.p[i].severity.word]++;
}
