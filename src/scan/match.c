/* The schema has events sorted and then gone through, each that is not behind the version setting
 * whether it is affected. What counts in the end is the last of them, so one pass suffices: the
 * event with the highest version that applies decides, of equal ones the last as written. */
#include "scan/match.h"

/* ---- Versions ---- */

static bool is_zero(struct str version)
{
	return str_eq(version, STR("0"));
}

/* "0" is before every version, whatever the order says of it. */
static int event_cmp(enum version_order order, struct str version,
		     const struct version_event *event)
{
	if (event->type == EVENT_INTRODUCED && is_zero(event->version))
		return 1;
	return version_cmp(order, version, event->version);
}

/* "limit": only versions before one of them are spoken of; none: all. */
static bool is_before_limits(const struct version_range *r, enum version_order order,
			     struct str version)
{
	bool any = false;
	for (size_t i = 0; i < r->events.n; i++) {
		const struct version_event *event = &r->events.p[i];
		if (event->type != EVENT_LIMIT)
			continue;
		any = true;
		if (str_eq(event->version, STR("*")) ||
		    version_cmp(order, version, event->version) < 0)
			return true;
	}
	return !any;
}

/* Whether `event` is the later one in the order of events. */
static bool is_later(enum version_order order, const struct version_event *event,
		     const struct version_event *than)
{
	if (!than || (than->type == EVENT_INTRODUCED && is_zero(than->version)))
		return true;
	if (event->type == EVENT_INTRODUCED && is_zero(event->version))
		return false;
	return version_cmp(order, event->version, than->version) >= 0;
}

static bool applies(const struct version_event *event, enum version_order order, struct str version)
{
	if (event->type == EVENT_LIMIT)
		return false;
	int c = event_cmp(order, version, event);
	return event->type == EVENT_LAST_AFFECTED ? c > 0 : c >= 0;
}

static bool range_has(const struct version_range *r, enum version_order order, struct str version)
{
	const struct version_event *last = NULL;
	if (!is_before_limits(r, order, version))
		return false;
	for (size_t i = 0; i < r->events.n; i++) {
		const struct version_event *event = &r->events.p[i];
		if (applies(event, order, version) && is_later(order, event, last))
			last = event;
	}
	return last && last->type == EVENT_INTRODUCED;
}

static void take_fix(const struct version_range *r, enum version_order order, struct str version,
		     struct str *fixed)
{
	for (size_t i = 0; i < r->events.n; i++) {
		const struct version_event *event = &r->events.p[i];
		if (event->type == EVENT_FIXED && version_cmp(order, event->version, version) > 0 &&
		    (!fixed->n || version_cmp(order, event->version, *fixed) < 0))
			*fixed = event->version;
	}
}

static bool is_listed(const struct affected *f, enum version_order order, struct str version)
{
	for (size_t i = 0; i < f->versions.n; i++)
		if (str_eq(f->versions.p[i], version) ||
		    version_cmp(order, f->versions.p[i], version) == 0)
			return true;
	return false;
}

bool affected_has_version(const struct affected *f, enum version_order order, struct str version,
			  struct str *fixed)
{
	*fixed = STR("");
	if (!version.n)
		return false;
	bool is = is_listed(f, order, version);
	for (size_t i = 0; i < f->ranges.n; i++) {
		if (!range_has(&f->ranges.p[i], order, version))
			continue;
		is = true;
		take_fix(&f->ranges.p[i], order, version, fixed);
	}
	for (size_t i = 0; is && !fixed->n && i < f->ranges.n; i++)
		take_fix(&f->ranges.p[i], order, version, fixed);
	/* Go: an entry without ranges means all versions (golang.org/x/vuln, internal/semver,
	 * Affects). Elsewhere it is a mistake of the record. */
	return is || (order == VERSION_GO && !f->ranges.n && !f->versions.n);
}

/* ---- Conditions ---- */

static bool is_or_any(const struct str_vec *list, struct str s)
{
	return !list->n || !s.n || str_vec_has(list, s);
}

/* Some package of the module must be one that this platform has (internal/vulncheck,
 * matchesPlatform). */
static bool is_platform(const struct affected *f, const struct package *p)
{
	for (size_t i = 0; i < f->imports.n; i++)
		if (is_or_any(&f->imports.p[i].goos, p->goos) &&
		    is_or_any(&f->imports.p[i].goarch, p->goarch))
			return true;
	return !f->imports.n;
}

static bool says_module(struct str version)
{
	return str_contains(version, STR(".module"));
}

/* A modular package is mended by its own stream alone; the same name outside of modules is another
 * package. "0" tells nothing. */
static bool is_module(const struct affected *f, const struct package *p)
{
	bool modular = p->module.n || says_module(p->version), says = false, row = false;
	for (size_t i = 0; i < f->ranges.n; i++)
		for (size_t k = 0; k < f->ranges.p[i].events.n; k++) {
			struct str version = f->ranges.p[i].events.p[k].version;
			says = says || !is_zero(version);
			row = row || says_module(version);
		}
	if (says && row != modular)
		return false;
	if (!f->module.n || !p->module.n)
		return true;
	size_t stream = str_index(p->module, ':') + 1;
	struct str rest = str_skip(p->module, stream), word, modules = f->module;
	struct str label = str_slice(p->module, 0, stream + str_index(rest, ':'));
	while (str_word(&modules, &word))
		if (str_eq(word, label))
			return true;
	return false;
}

bool affected_is(const struct affected *f, const struct package *p, const struct packages *in,
		 const struct osv_name *name, enum version_order order, struct str *fixed)
{
	*fixed = STR("");
	if (!osv_release_is(f->ecosystem, in) || !is_platform(f, p))
		return false;
	if (p->type == PACKAGE_RPM && !is_module(f, p))
		return false;
	if (f->binaries.n && !str_vec_has(&f->binaries, p->name))
		return false;
	return affected_has_version(f, order, name->version, fixed);
}
