/* rules: the choice rules, and what the person wishes: which base is passed over, and why. */
#include "advise/pick_parts.h"

static const struct str shells[] = {STR_INIT("/bin/sh"), STR_INIT("/bin/bash"),
                                    STR_INIT("/busybox/sh")};
static const struct str managers[] = {STR_INIT("/sbin/apk"),         STR_INIT("/usr/bin/apk"),
                                      STR_INIT("/usr/bin/apt-get"),  STR_INIT("/usr/bin/microdnf"),
                                      STR_INIT("/usr/bin/dnf"),      STR_INIT("/usr/bin/zypper")};

static bool has_one_of(const struct base *b, const struct str *paths, size_t count,
                       struct str described, struct arena *a)
{
	struct tree t;
	struct err ignored;
	if (!b->has_facts)
		return described.n && !str_eq(described, STR("none"));
	if (!base_tree(b, &t, a, &ignored))
		return false;
	for (size_t i = 0; i < count; i++)
		if (tree_find(&t, paths[i]))
			return true;
	return false;
}

/* ---- Data science on musl ---- */

/* Packages whose builds from source take long: the heart of the Python data stack. */
static const struct str data_science[] = {
	STR_INIT("numpy"),      STR_INIT("pandas"),  STR_INIT("scipy"),   STR_INIT("scikit-learn"),
	STR_INIT("matplotlib"), STR_INIT("pyarrow"), STR_INIT("torch"),   STR_INIT("tensorflow"),
	STR_INIT("statsmodels"), STR_INIT("numba"),  STR_INIT("xgboost"), STR_INIT("opencv-python"),
};

/* The name that a line of requirements.txt begins with (PEP 508). */
static struct str required_name(struct str line)
{
	size_t n = 0;
	line = str_trim(line);
	while (n < line.n && (line.p[n] == '-' || line.p[n] == '_' || line.p[n] == '.' ||
	                      (line.p[n] >= '0' && line.p[n] <= '9') ||
	                      ((line.p[n] | 32) >= 'a' && (line.p[n] | 32) <= 'z')))
		n++;
	return str_slice(line, 0, n);
}

struct requirements {
	struct str names; /* found, with commas */
	struct arena *arena;
};

static bool read_requirements(const struct node *n, void *context)
{
	struct requirements *r = context;
	struct str content, line;
	if (!str_eq(n->name, STR("requirements.txt")) || !node_kept(n, &content))
		return true;
	while (str_next(&content, '\n', &line)) {
		struct str name = required_name(line);
		for (size_t i = 0; i < sizeof data_science / sizeof *data_science; i++)
			if (str_eq(name, data_science[i]) && !str_contains(r->names, name))
				r->names = arena_printf(r->arena, "%.*s%s%.*s", STR_ARG(r->names),
				                        r->names.n ? ", " : "", STR_ARG(name));
	}
	return true;
}

static void pass_over_for_wheels(struct rung *r, const struct pick_request *q, struct arena *a)
{
	struct tree t;
	struct err ignored;
	struct requirements found = {.names = STR(""), .arena = a};
	if (!app_tree(q->app, &t, a, &ignored))
		return;
	tree_walk(&t, t.root, a, read_requirements, &found);
	if (found.names.n)
		rung_say(r, a, arena_printf(a, "data science is not built on musl: %.*s (requirements.txt)",
		                            STR_ARG(found.names)));
}

/* ---- What is passed over ---- */

bool rules_allow(struct rung *r, const struct pick_request *q, struct arena *a)
{
	const struct pick_wishes *w = &q->wishes;
	const struct base *b = &r->base;
	const struct catalogue_base *d = b->entry;
	bool named = q->names->n > 0;
	if (!named && d && d->libc == CATALOGUE_LIBC_MUSL)
		pass_over_for_wheels(r, q, a);
	if (b->size_bytes > w->max_size_bytes)
		rung_say(r, a, STR("larger than --max-size"));
	if ((w->shell || w->development) &&
	    !has_one_of(b, shells, sizeof shells / sizeof *shells, d ? d->shell : STR(""), a))
		rung_say(r, a, w->shell ? STR("has no shell, which --need asks for")
		                       : STR("has no shell, and people must look inside in development"));
	if (w->package_manager &&
	    !has_one_of(b, managers, sizeof managers / sizeof *managers,
	                d ? d->package_manager : STR(""), a))
		rung_say(r, a, STR("has no package manager, which --need asks for"));
	if (d && d->deprecated.n && !named)
		rung_say(r, a, arena_printf(a, "deprecated: %.*s", STR_ARG(d->deprecated)));
	else if (d && !named && catalogue_is_over(d, w->today))
		rung_say(r, a, arena_printf(a, "its support ended %.*s", STR_ARG(d->support_end)));
	return r->reasons.n == 0;
}

/* ---- Why the choice is right ---- */

static bool is_musl(const struct rung *r)
{
	return r->base.entry && r->base.entry->libc == CATALOGUE_LIBC_MUSL;
}

/* A smaller base with musl that fails for want of glibc. */
static bool glibc_decided(const struct pick_result *out)
{
	for (size_t i = 0; i < out->count && !out->rungs[i].chosen; i++) {
		const struct prediction *p = &out->rungs[i].judgement.prediction;
		for (size_t k = 0; is_musl(&out->rungs[i]) && k < p->findings.n; k++)
			if (p->findings.p[k].severity == SEVERITY_BLOCKS)
				return true;
	}
	return false;
}

static bool is_interpreted(const struct app *app)
{
	for (size_t i = 0; i < app->needs.list.n; i++) {
		const struct need *n = &app->needs.list.p[i];
		if (n->kind == NEED_RUNTIME && n->certainty != CERTAINTY_POSSIBLE)
			return true;
	}
	return false;
}

/* A tie of sizes that packages or support decided. */
static void explain_tie(struct pick_result *out, struct arena *a)
{
	const struct rung *c = out->choice;
	for (size_t i = 0; i < out->count; i++) {
		const struct rung *r = &out->rungs[i];
		if (r == c || r->base.size_bytes != c->base.size_bytes || !r->base.has_facts ||
		    r->state == RUNG_FAILS || r->state == RUNG_FAILED || r->state == RUNG_RULED_OUT)
			continue;
		*vec_push(&out->rules, a) = arena_printf(
			a, "as large as %.*s; fewer packages, then longer support decide",
			STR_ARG(r->base.name));
	}
}

void rules_explain(struct pick_result *out, const struct pick_request *q, struct arena *a)
{
	const struct rung *c = out->choice;
	if (!c)
		return;
	const struct catalogue_base *d = c->base.entry;
	struct str family = d ? d->family : STR("");
	if (q->wishes.development)
		*vec_push(&out->rules, a) = STR("bases without a shell were passed over: people must look "
		                                "inside in development");
	if (str_eq(c->base.name, STR("scratch")))
		*vec_push(&out->rules, a) = STR("a static program needs no base");
	else if (str_eq(family, STR("distroless")) && !is_interpreted(q->app))
		*vec_push(&out->rules, a) = STR("a compiled application in production needs no shell");
	else if (str_eq(family, STR("alpine")) && is_interpreted(q->app))
		*vec_push(&out->rules, a) = STR("for an interpreted language Alpine has shell and package "
		                                "manager at the least size");
	if (!is_musl(c) && glibc_decided(out))
		*vec_push(&out->rules, a) = STR("smaller bases with musl were ruled out: it is built for glibc");
	explain_tie(out, a);
	if (str_ends(out->reference, STR(":latest")))
		*vec_push(&out->rules, a) = STR("its publisher has only tags that move: pin the digest");
}
