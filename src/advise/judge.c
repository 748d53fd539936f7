#include "advise/judge.h"

#include "predict/supply.h"

unsigned processor_level(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return 4;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
	    __builtin_cpu_supports("fma"))
		return 3;
	if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
		return 2;
	return 1;
#else
	return 0;
#endif
}

/* ---- From a description alone ---- */

static struct finding *described(struct judgement *j, enum severity s, enum finding_kind k,
                                 const struct node *n, struct str name, struct arena *a)
{
	struct finding *f = vec_push(&j->prediction.findings, a);
	*f = (struct finding){.severity = s, .kind = k, .name = name, .object = tree_path(n, a)};
	return f;
}

/* "2.36" reaches "2.34"; both of glibc's form. */
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

/* What the publisher's description is enough to rule out; nothing is ever ruled in. */
static void judge_described(struct judgement *j, const struct node *n, struct arena *a)
{
	const struct catalogue_base *d = j->base->entry;
	const struct elf_object *elf = node_elf(n);
	if (!elf || !d)
		return;
	bool wants_glibc = str_contains(elf->interp, STR("/ld-linux"));
	bool wants_musl = str_contains(elf->interp, STR("/ld-musl"));
	struct str needed = newest_glibc_needed(elf);
	if ((wants_glibc && (d->libc == CATALOGUE_LIBC_MUSL || d->libc == CATALOGUE_LIBC_NONE)) ||
	    (wants_musl && (d->libc == CATALOGUE_LIBC_GLIBC || d->libc == CATALOGUE_LIBC_NONE))) {
		struct finding *f = described(j, SEVERITY_BLOCKS, FINDING_INTERPRETER, n, elf->interp, a);
		f->message = arena_printf(a, "its program interpreter %.*s is not there, by the base's "
		                          "description", STR_ARG(elf->interp));
	} else if (needed.n && d->libc == CATALOGUE_LIBC_GLIBC &&
	           !glibc_reaches(d->libc_version, needed)) {
		struct finding *f = described(j, SEVERITY_BLOCKS, FINDING_VERSION, n,
		                              arena_printf(a, "GLIBC_%.*s", STR_ARG(needed)), a);
		f->message = arena_printf(a, "it needs glibc %.*s, and the base has %.*s by its description",
		                          STR_ARG(needed), STR_ARG(d->libc_version));
	}
}

static bool judge_documented(struct judgement *j, const struct app *app, struct arena *a,
                             struct err *e)
{
	struct tree t;
	struct node_vec entries = {0};
	if (!app_tree(app, &t, a, e) || !app_entries(app, &t, &entries, a, e))
		return false;
	for (size_t i = 0; i < entries.n; i++)
		judge_described(j, entries.p[i], a);
	j->prediction.verdict = j->prediction.findings.n ? VERDICT_FAILS : VERDICT_UNKNOWN;
	if (!j->prediction.findings.n) {
		struct finding *f = vec_push(&j->prediction.findings, a);
		*f = (struct finding){.severity = SEVERITY_RISK, .kind = FINDING_RUNTIME,
		                      .undecided = true, .name = j->base->name};
		f->message = STR("the base is only described: socle has not seen what is inside");
		*vec_push(&f->cure, a) = j->base->how_to_get;
	}
	return true;
}

/* ---- From facts ---- */

/* A folder of the application over a link of the base ("/bin" on a merged /usr) hides all that
 * the link leads to; BuildKit's COPY refuses it ("cannot copy to non-directory"). */
static void find_hidden_links(struct prediction *hidden, const struct app *app,
                              const struct tree *base, struct arena *a)
{
	struct str at = str_eq(app->at, STR("/")) ? STR("") : app->at;
	for (size_t i = 0; i < app->image.layer_count; i++) {
		const struct facts *f = app->image.layers[i];
		for (size_t k = 0; k < f->entry_count; k++) {
			const struct entry *entry = &f->entries[k];
			struct node *n = NULL;
			if (entry->type != ENTRY_DIR || !entry->path.n)
				continue;
			struct str path = arena_printf(a, "%.*s/%.*s", STR_ARG(at), STR_ARG(entry->path));
			if (tree_lookup(base, NULL, path, false, &n) != TREE_FOUND ||
			    node_type(n) != ENTRY_SYMLINK)
				continue;
			struct finding *found = vec_push(&hidden->findings, a);
			*found = (struct finding){.severity = SEVERITY_RISK, .kind = FINDING_DATA,
			                          .name = path, .object = path};
			found->message = arena_printf(
				a, "the application's folder lies over the base's link to %.*s and hides what "
				"is there; COPY refuses it", STR_ARG(node_link(n)));
			*vec_push(&found->cure, a) = arena_printf(
				a, "put its files into the folder that %.*s leads to", STR_ARG(path));
		}
	}
}

bool judge(struct judgement *j, const struct app *app, const struct base *base,
           const struct judge_options *options, struct arena *a, struct err *e)
{
	*j = (struct judgement){.base = base};
	if (!base->has_facts)
		return judge_documented(j, app, a, e);

	struct tree t;
	struct node_vec entries = {0};
	struct prediction hidden = {0};
	if (!base_tree(base, &t, a, e))
		return false;
	find_hidden_links(&hidden, app, &t, a);
	if (!image_merge(&app->image, str_skip(app->at, 1), &t, e) ||
	    !app_entries(app, &t, &entries, a, e))
		return false;
	struct predict_target target = {
		.tree = &t,
		.architecture = base->architecture,
		.x86_level = options->x86_level,
		.env = base->image.config.env,
		.working_dir = app->at,
	};
	for (size_t i = 0; i < options->env.n; i++)
		*vec_push(&target.env, a) = options->env.p[i];
	predict(&target, entries.p, entries.n, &j->prediction, a);
	for (size_t i = 0; i < hidden.findings.n; i++)
		*vec_push(&j->prediction.findings, a) = hidden.findings.p[i];
	supply_check(&target, &app->needs, &j->prediction, a);
	return true;
}
