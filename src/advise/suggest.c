/* suggest: among the bases that are only described, the one that is most worth measuring.
 *
 * What a description promises is no proof, so that none of them is ever chosen. But somebody who
 * starts from a Python script and has no Python base at hand should hear which one to fetch first:
 * the choice rules rank what is promised. */
#include "advise/pick_parts.h"

/* "3.14" is newer than "3.9". */
static int compare_versions(struct str a, struct str b)
{
	struct str x, y;
	for (;;) {
		bool has_a = str_next(&a, '.', &x), has_b = str_next(&b, '.', &y);
		uint64_t m = 0, n = 0;
		if (!has_a || !has_b)
			return has_a - has_b;
		if (!str_to_u64(x, &m) || !str_to_u64(y, &n))
			return str_cmp(x, y);
		if (m != n)
			return m < n ? -1 : 1;
	}
}

static struct str interpreter_version(const struct catalogue_base *d)
{
	return d->interpreters.n ? d->interpreters.p[0].version : STR("");
}

static bool is_alpine(const struct catalogue_base *d)
{
	return d->libc == CATALOGUE_LIBC_MUSL && str_eq(d->package_manager, STR("apk"));
}

static bool is_slim(const struct catalogue_base *d)
{
	return d->libc == CATALOGUE_LIBC_GLIBC && str_contains(d->name, STR("-slim"));
}

/* The choice rules as an order, the lowest first: Alpine has shell and package manager at the
 * least size, Debian slim comes first where C extensions or glibc speak against musl. */
static unsigned place(const struct catalogue_base *d, bool glibc)
{
	if (is_alpine(d))
		return glibc ? 3 : 0;
	if (is_slim(d))
		return glibc ? 0 : 1;
	return 2;
}

static bool is_better(const struct rung *r, const struct rung *than, bool glibc)
{
	const struct catalogue_base *d = r->base.entry, *best = than->base.entry;
	unsigned mine = place(d, glibc), theirs = place(best, glibc);
	if (mine != theirs)
		return mine < theirs;
	int c = compare_versions(interpreter_version(d), interpreter_version(best));
	if (c)
		return c > 0;
	c = d->support_end.n && best->support_end.n ? str_cmp(d->support_end, best->support_end) : 0;
	if (c)
		return c > 0;
	/* Of "alpine3.23" and "alpine3.24", "bookworm" and "trixie" the later. */
	return str_cmp(d->name, best->name) > 0;
}

static struct str reason(const struct rung *r, const struct pick_result *out, bool glibc,
                         struct str built_packages, struct arena *a)
{
	const struct catalogue_base *d = r->base.entry;
	if (is_alpine(d))
		return app_is_interpreted(out->app)
			? STR("for an interpreted language Alpine has shell and package manager at the "
		              "least size")
			: STR("Alpine has shell and package manager at the least size");
	if (is_slim(d) && built_packages.n)
		return arena_printf(a, "Debian slim: %.*s would be built from source on Alpine",
		                    STR_ARG(built_packages));
	if (is_slim(d) && glibc)
		return STR("Debian slim: it is built for glibc, which Alpine has not");
	return STR("its description names all that is asked for");
}

/* Beside a choice that is only predicted stands what might be smaller: Alpine, where a shell or a
 * package manager is wanted or the application is interpreted. Beside one that passed its tests
 * nothing does. */
static bool is_worth_naming(const struct rung *r, const struct pick_result *out,
                            const struct pick_wishes *w)
{
	if (r->state != RUNG_NOT_AT_HAND || !r->judgement.promising || out->tried)
		return false;
	bool wanted = w->shell || w->package_manager || w->development;
	return !out->choice || app_is_interpreted(out->app) || (wanted && is_alpine(r->base.entry));
}

void suggest(struct pick_result *out, const struct pick_wishes *w, struct str built_packages,
             struct arena *a)
{
	bool glibc = built_packages.n || out->app->needs.libc == NEEDS_LIBC_GLIBC;
	const struct rung *best = NULL;
	for (size_t i = 0; !out->named && i < out->count; i++) {
		const struct rung *r = &out->rungs[i];
		if (is_worth_naming(r, out, w) && (!best || is_better(r, best, glibc)))
			best = r;
	}
	out->measure_first = best;
	out->measure_reason = best ? reason(best, out, glibc, built_packages, a) : STR("");
}
