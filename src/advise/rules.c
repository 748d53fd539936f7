/* rules: the choice rules, and what the person wishes: which base is passed over, and why. */
#include "advise/pick_parts.h"

static const struct str shells[] = {STR_INIT("/bin/sh"), STR_INIT("/bin/bash"),
                                    STR_INIT("/busybox/sh")};
static const struct str managers[] = {STR_INIT("/sbin/apk"),         STR_INIT("/usr/bin/apk"),
                                      STR_INIT("/usr/bin/apt-get"),  STR_INIT("/usr/bin/microdnf"),
                                      STR_INIT("/usr/bin/dnf"),      STR_INIT("/usr/bin/zypper")};

/* ---- What a base has ---- */

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNSAID };

static enum answer has_one_of(const struct base *b, const struct str *paths, size_t count,
                              struct str described)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct tree t;
	struct err ignored;
	if (!b->has_facts && !described.n)
		return ANSWER_UNSAID;
	if (!b->has_facts)
		return str_eq(described, STR("none")) ? ANSWER_NO : ANSWER_YES;
	if (!base_tree(b, &t, &scratch, &ignored))
		return ANSWER_NO;
	for (size_t i = 0; i < count; i++)
		if (tree_find(&t, paths[i]))
			return ANSWER_YES;
	return ANSWER_NO;
}

static void want(struct rung *r, enum answer has, const char *what, const char *why,
                 struct arena *a)
{
	if (has == ANSWER_NO)
		rung_say(r, a, arena_printf(a, "has no %s, %s", what, why));
	else if (has == ANSWER_UNSAID)
		rung_say(r, a, arena_printf(a, "nothing says that it has a %s, %s", what, why));
}

/* ---- Python packages that musl makes slow to have ---- */

/* Packages with C extensions whose builds from source take long; wheels for musl came late and do
 * not exist for every version. */
static const struct str built_packages[] = {
	STR_INIT("numpy"),       STR_INIT("pandas"),  STR_INIT("scipy"),   STR_INIT("scikit-learn"),
	STR_INIT("matplotlib"),  STR_INIT("pyarrow"), STR_INIT("torch"),   STR_INIT("tensorflow"),
	STR_INIT("statsmodels"), STR_INIT("numba"),   STR_INIT("xgboost"), STR_INIT("opencv-python"),
	STR_INIT("cryptography"),
};

static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The project that a line of requirements.txt begins with (PEP 508), in the one spelling that
 * compares (PEP 503): lower case, every run of "-", "_" and "." a dash. */
static struct str required_project(struct str line, struct arena *a)
{
	char *p = arena_alloc(a, line.n + 1);
	size_t n = 0;
	line = str_trim(line);
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		if (is_name_byte(c))
			p[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		else if (c != '-' && c != '_' && c != '.')
			break;
		else if (n && p[n - 1] != '-')
			p[n++] = '-';
	}
	return (struct str){p, n};
}

struct requirements {
	struct str_vec found;
	struct arena *arena, *scratch;
};

static bool read_requirements(const struct node *n, void *context)
{
	struct requirements *r = context;
	struct str content, line;
	if (!str_eq(n->name, STR("requirements.txt")) || !node_kept(n, &content))
		return true;
	while (str_next(&content, '\n', &line)) {
		struct str name = required_project(line, r->scratch);
		for (size_t i = 0; i < sizeof built_packages / sizeof *built_packages; i++) {
			bool known = !str_eq(name, built_packages[i]);
			for (size_t k = 0; k < r->found.n; k++)
				known |= str_eq(r->found.p[k], name);
			if (!known)
				*vec_push(&r->found, r->arena) = built_packages[i];
		}
	}
	return true;
}

struct str rules_built_packages(const struct app *app, struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct tree t;
	struct err ignored;
	struct requirements r = {.arena = a, .scratch = &scratch};
	struct str names = STR("");
	if (!app_tree(app, &t, &scratch, &ignored))
		return names;
	tree_walk(&t, t.root, &scratch, read_requirements, &r);
	for (size_t i = 0; i < r.found.n; i++)
		names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names), i ? ", " : "",
		                     STR_ARG(r.found.p[i]));
	return names;
}

/* ---- What is passed over ---- */

bool rules_allow(struct rung *r, const struct pick_request *q, struct str built_packages_asked,
                 struct arena *a)
{
	const struct pick_wishes *w = &q->wishes;
	const struct base *b = &r->base;
	const struct catalogue_base *d = b->entry;
	bool named = q->names->n > 0;
	if (!named && b->libc == CATALOGUE_LIBC_MUSL && built_packages_asked.n)
		rung_say(r, a, arena_printf(a, "%.*s (requirements.txt): built from source on musl, which "
		                            "takes long", STR_ARG(built_packages_asked)));
	if (base_is_sized(b) && b->size_bytes > w->max_size_bytes)
		rung_say(r, a, STR("larger than --max-size"));
	if (w->shell || w->development)
		want(r, has_one_of(b, shells, sizeof shells / sizeof *shells, d ? d->shell : STR("")),
		     "shell", w->shell ? "which --need asks for"
		                       : "and people must look inside in development", a);
	if (w->package_manager)
		want(r, has_one_of(b, managers, sizeof managers / sizeof *managers,
		                   d ? d->package_manager : STR("")),
		     "package manager", "which --need asks for", a);
	if (d && d->deprecated.n && !named)
		rung_say(r, a, arena_printf(a, "deprecated: %.*s", STR_ARG(d->deprecated)));
	else if (d && !named && catalogue_is_over(d, w->today))
		rung_say(r, a, arena_printf(a, "its support ended %.*s", STR_ARG(d->support_end)));
	(void)exposure_allows(r, w, a);
	return r->reasons.n == 0;
}

/* ---- Why the choice is right ---- */

/* It wants glibc, and a smaller base with musl fails. */
static bool glibc_decided(const struct pick_result *out)
{
	if (out->app->needs.libc != NEEDS_LIBC_GLIBC)
		return false;
	for (size_t i = 0; i < out->count && !out->rungs[i].chosen; i++)
		if (out->rungs[i].base.libc == CATALOGUE_LIBC_MUSL &&
		    out->rungs[i].judgement.prediction.verdict == VERDICT_FAILS)
			return true;
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
			a, "as large as %.*s; fewer vulnerabilities, then fewer packages, then longer support decide",
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
	else if (str_eq(family, STR("distroless")) && !app_is_interpreted(q->app))
		*vec_push(&out->rules, a) = STR("a compiled application in production needs no shell");
	else if (c->base.libc == CATALOGUE_LIBC_MUSL && app_is_interpreted(q->app))
		*vec_push(&out->rules, a) = STR("for an interpreted language Alpine has shell and package "
		                                "manager at the least size");
	if (c->base.libc == CATALOGUE_LIBC_GLIBC && glibc_decided(out))
		*vec_push(&out->rules, a) = STR("smaller bases with musl were ruled out: it is built for glibc");
	explain_tie(out, a);
}
