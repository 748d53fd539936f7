#include "advise/judge.h"

#include "advise/configured.h"
#include "advise/described.h"
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

bool processor_is_intel(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	return __builtin_cpu_is("intel");
#else
	return false;
#endif
}

/* ---- Out of the scratch arena ---- */

static struct str_vec keep_all(const struct str_vec *v, struct arena *a)
{
	struct str_vec kept = {.p = arena_array(a, v->n, sizeof *kept.p), .n = v->n, .cap = v->n};
	for (size_t i = 0; i < v->n; i++)
		kept.p[i] = arena_str(a, v->p[i]);
	return kept;
}

/* An application of thousands of files leaves megabytes behind for each base that it is held
 * against; what is kept are the findings. */
static void keep_findings(struct prediction *out, const struct prediction *p, struct arena *a)
{
	*out = (struct prediction){.verdict = p->verdict};
	for (size_t i = 0; i < p->findings.n; i++) {
		struct finding f = p->findings.p[i];
		f.name = arena_str(a, f.name);
		f.version = arena_str(a, f.version);
		f.object = arena_str(a, f.object);
		f.message = arena_str(a, f.message);
		f.needed_by = keep_all(&f.needed_by, a);
		f.searched = keep_all(&f.searched, a);
		f.cure = keep_all(&f.cure, a);
		*vec_push(&out->findings, a) = f;
	}
}

/* ---- Entries that a runtime takes ---- */

/* What is to be started for each entry: itself, or the program that runs it; what has none is
 * told in `out`. */
static struct node_vec started(const struct node_vec *entries, const struct predict_target *target,
                               struct prediction *out, struct arena *a)
{
	struct node_vec programs = {0};
	for (size_t i = 0; i < entries->n; i++) {
		const struct node *n = entries->p[i];
		struct str runtime = needs_runtime_of(n);
		const struct node *program = runtime.n ? supply_runtime(target, runtime, a) : n;
		if (program)
			*vec_push(&programs, a) = program;
		if (program == n)
			continue;
		*vec_push(&out->findings, a) = (struct finding){
			.severity = program ? SEVERITY_NOTE : SEVERITY_BLOCKS,
			.kind = FINDING_RUNTIME, .name = runtime, .object = tree_path(n, a),
			.message = program
				? arena_printf(a, "%.*s runs it", STR_ARG(tree_path(program, a)))
				: arena_printf(a, "%.*s, which runs it, is not in PATH", STR_ARG(runtime)),
		};
	}
	return programs;
}

static void predict_all(const struct app *app, const struct predict_target *target,
                        const struct node_vec *entries, struct prediction *p, struct arena *a)
{
	struct prediction handed = {0};
	struct node_vec programs = started(entries, target, &handed, a);
	configured_judge(app, target, &programs, &handed, a);
	predict(target, programs.p, programs.n, p, a);
	for (size_t i = 0; i < handed.findings.n; i++) {
		*vec_push(&p->findings, a) = handed.findings.p[i];
		if (handed.findings.p[i].severity == SEVERITY_BLOCKS)
			p->verdict = VERDICT_FAILS;
	}
}

/* ---- What the application hides ---- */

/* A folder of the application over a link of the base ("/bin" on a merged /usr) hides all that
 * the link leads to; BuildKit's COPY refuses it ("cannot copy to non-directory"). */
static void find_hidden_links(struct prediction *out, const struct app *app,
                              const struct tree *base, struct arena *a)
{
	struct str at = str_eq(app->at, STR("/")) ? STR("") : app->at;
	for (size_t i = 0; i < app->image.layer_count; i++) {
		const struct facts *f = app->image.layers[i];
		for (size_t k = 0; k < f->entry_count; k++) {
			const struct entry *entry = &f->entries[k];
			struct node *n;
			if (entry->type != ENTRY_DIR || !entry->path.n)
				continue;
			struct str path = arena_printf(a, "%.*s/%.*s", STR_ARG(at), STR_ARG(entry->path));
			if (tree_lookup(base, NULL, path, false, &n) != TREE_FOUND ||
			    node_type(n) != ENTRY_SYMLINK)
				continue;
			struct finding *found = vec_push(&out->findings, a);
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
		return described_judge(&j->prediction, &j->promising, app, base, a, e);

	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct tree t;
	struct node_vec entries = {0};
	struct prediction hidden = {0};
	if (!base_tree(base, &t, &scratch, e))
		return false;
	find_hidden_links(&hidden, app, &t, &scratch);
	if (!image_merge(&app->image, str_skip(app->at, 1), &t, e) ||
	    !app_entries(app, &t, &entries, &scratch, e))
		return false;
	struct predict_target target = {
		.tree = &t,
		.architecture = base->architecture,
		.x86_level = options->x86_level,
		.x86_intel = options->x86_intel,
		.env = app_env(app, base, &options->env, &scratch),
		.working_dir = app->working_dir,
	};
	struct prediction p;
	predict_all(app, &target, &entries, &p, &scratch);
	for (size_t i = 0; i < hidden.findings.n; i++)
		*vec_push(&p.findings, &scratch) = hidden.findings.p[i];
	supply_check(&target, &app->needs, &p, &scratch);
	keep_findings(&j->prediction, &p, a);
	return true;
}
