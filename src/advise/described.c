#include "advise/described.h"

/* ---- Ruled out ---- */

static struct finding *add(struct prediction *out, enum finding_kind k, const struct node *n,
                           struct str name, struct arena *a)
{
	struct finding *f = vec_push(&out->findings, a);
	*f = (struct finding){.severity = SEVERITY_BLOCKS, .kind = k, .name = name,
	                      .object = tree_path(n, a)};
	return f;
}

/* "2.36" reaches "2.34"; true where either is not of glibc's form. */
static bool glibc_reaches(struct str have, struct str want)
{
	uint64_t h = 0, w = 0;
	if (!str_starts(have, STR("2.")) || !str_starts(want, STR("2.")))
		return true;
	have = str_skip(have, 2);
	want = str_skip(want, 2);
	return !str_to_u64(str_slice(have, 0, str_index(have, '.')), &h) ||
	       !str_to_u64(str_slice(want, 0, str_index(want, '.')), &w) || h >= w;
}

static struct str newest_glibc_needed(const struct elf_object *elf)
{
	struct str newest = STR("");
	for (size_t i = 0; i < elf->version_needs.n; i++) {
		struct str v = elf->version_needs.p[i].name;
		if (!str_starts(v, STR("GLIBC_2.")))
			continue;
		v = str_skip(v, 6);
		if (!newest.n || !glibc_reaches(newest, v))
			newest = v;
	}
	return newest;
}

static void rule_out(struct prediction *out, const struct catalogue_base *d, const struct node *n,
                     struct arena *a)
{
	const struct elf_object *elf = node_elf(n);
	if (!elf)
		return;
	bool wants_glibc = str_contains(elf->interp, STR("/ld-linux"));
	bool wants_musl = str_contains(elf->interp, STR("/ld-musl"));
	struct str needed = newest_glibc_needed(elf);
	if ((wants_glibc && (d->libc == CATALOGUE_LIBC_MUSL || d->libc == CATALOGUE_LIBC_NONE)) ||
	    (wants_musl && (d->libc == CATALOGUE_LIBC_GLIBC || d->libc == CATALOGUE_LIBC_NONE)))
		add(out, FINDING_INTERPRETER, n, elf->interp, a)->message =
			arena_printf(a, "its program interpreter %.*s is not there, by the base's "
		                     "description", STR_ARG(elf->interp));
	else if (needed.n && d->libc == CATALOGUE_LIBC_GLIBC && !glibc_reaches(d->libc_version, needed))
		add(out, FINDING_VERSION, n, arena_printf(a, "GLIBC_%.*s", STR_ARG(needed)), a)->message =
			arena_printf(a, "it needs glibc %.*s, and the base has %.*s by its description",
		                     STR_ARG(needed), STR_ARG(d->libc_version));
}

/* ---- Promised ---- */

/* "python3.11" is the family "python" in the version "3.11". */
static void split_runtime(struct str runtime, struct str *family, struct str *version)
{
	size_t n = 0;
	while (n < runtime.n && (runtime.p[n] < '0' || runtime.p[n] > '9') && runtime.p[n] != '-')
		n++;
	*family = str_slice(runtime, 0, n);
	*version = str_skip(runtime, n);
}

/* Who wants "3" is served by "3.14", who wants "3.1" is not; one that is not said serves nobody
 * who wants a certain one. */
static bool version_serves(struct str have, struct str want)
{
	return want.n == 0 || (str_starts(have, want) && (have.n == want.n || have.p[want.n] == '.')) ||
	       (have.n == 0 && str_index(want, '.') == want.n);
}

struct str described_interpreter(const struct catalogue_base *d, struct str runtime,
                                 struct arena *a)
{
	struct str family, version;
	split_runtime(runtime, &family, &version);
	for (size_t i = 0; i < d->interpreters.n; i++) {
		const struct catalogue_interpreter *x = &d->interpreters.p[i];
		if (str_eq(x->name, family) && version_serves(x->version, version))
			return x->version.n ? arena_printf(a, "%.*s %.*s", STR_ARG(x->name),
			                                   STR_ARG(x->version))
			                    : x->name;
	}
	return STR("");
}

static bool is_shell(struct str name)
{
	struct str base = str_basename(name);
	return str_eq(base, STR("sh")) || str_eq(base, STR("bash"));
}

/* BusyBox' shell answers to sh alone; Debian has bash beside its dash. */
static bool shell_serves(const struct catalogue_base *d, struct str name)
{
	if (!d->shell.n || str_eq(d->shell, STR("none")))
		return false;
	return str_eq(str_basename(name), STR("sh")) || str_eq(d->shell, STR("bash")) ||
	       str_eq(d->shell, STR("dash"));
}

struct promise {
	struct str has;       /* "python 3.14, glibc 2.41" */
	struct str lacks;     /* the first that the description does not name */
	struct arena *arena;
};

static void note(struct promise *p, struct str asked, struct str has)
{
	if (!has.n && !p->lacks.n)
		p->lacks = asked;
	if (has.n && !str_contains(p->has, has))
		p->has = arena_printf(p->arena, "%.*s%s%.*s", STR_ARG(p->has), p->has.n ? ", " : "",
		                      STR_ARG(has));
}

static void note_libc(struct promise *p, const struct needs *needs, const struct catalogue_base *d)
{
	if (needs->libc == NEEDS_LIBC_MUSL)
		note(p, STR("musl"), d->libc == CATALOGUE_LIBC_MUSL ? STR("musl") : STR(""));
	if (needs->libc != NEEDS_LIBC_GLIBC)
		return;
	bool has = d->libc == CATALOGUE_LIBC_GLIBC &&
	           glibc_reaches(d->libc_version, needs->libc_min_version);
	struct str version = d->libc_version.n
		? arena_printf(p->arena, "glibc %.*s", STR_ARG(d->libc_version)) : STR("glibc");
	note(p, STR("glibc"), has ? version : STR(""));
}

static struct promise promise_of(const struct needs *needs, const struct catalogue_base *d,
                                 struct arena *a)
{
	struct promise p = {.has = STR(""), .lacks = STR(""), .arena = a};
	for (size_t i = 0; i < needs->list.n; i++) {
		const struct need *n = &needs->list.p[i];
		if (n->certainty != CERTAINTY_CERTAIN)
			continue;
		if (n->kind == NEED_RUNTIME)
			note(&p, n->name, described_interpreter(d, n->name, a));
		else if ((n->kind == NEED_INTERPRETER || n->kind == NEED_EXECUTABLE) && is_shell(n->name))
			note(&p, n->name, shell_serves(d, n->name) ? d->shell : STR(""));
	}
	note_libc(&p, needs, d);
	return p;
}

static void say_unknown(struct prediction *out, const struct promise *p, const struct base *base,
                        struct arena *a)
{
	struct finding *f = vec_push(&out->findings, a);
	struct str named = STR("");
	if (p->has.n)
		named = arena_printf(a, ", which names %.*s", STR_ARG(p->has));
	if (p->lacks.n)
		named = arena_printf(a, "%.*s%s %.*s", STR_ARG(named),
		                     named.n ? ", but no" : ", which names no", STR_ARG(p->lacks));
	*f = (struct finding){
		.severity = SEVERITY_RISK, .kind = FINDING_RUNTIME, .undecided = true, .name = base->name,
		.message = arena_printf(a, "socle has not seen what is inside, only its publisher's "
	                                "description%.*s", STR_ARG(named)),
	};
	if (base->how_to_get.n)
		*vec_push(&f->cure, a) = base->how_to_get;
}

bool described_judge(struct prediction *out, bool *promising, const struct app *app,
                     const struct base *base, struct arena *a, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct tree t;
	struct node_vec entries = {0};
	if (!app_tree(app, &t, &scratch, e) || !app_entries(app, &t, &entries, &scratch, e))
		return false;
	for (size_t i = 0; i < entries.n; i++)
		rule_out(out, base->entry, entries.p[i], a);
	out->verdict = out->findings.n ? VERDICT_FAILS : VERDICT_UNKNOWN;
	*promising = false;
	if (out->findings.n)
		return true;
	struct promise p = promise_of(&app->needs, base->entry, a);
	*promising = !p.lacks.n;
	say_unknown(out, &p, base, a);
	return true;
}
