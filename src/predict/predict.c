#include "predict/predict.h"

#include "predict/exec.h"

const char *verdict_name(enum verdict v)
{
	static const char *const name[] = {"runs", "unknown", "fails"};
	return name[v];
}

const char *finding_severity_name(enum finding_severity s)
{
	static const char *const name[] = {"blocks", "risk", "note"};
	return name[s];
}

const char *finding_kind_name(enum finding_kind k)
{
	static const char *const name[] = {
		"interpreter", "library",   "version",    "symbol", "machine", "isa",    "tls",
		"execstack",   "executable", "script", "data",    "packed", "runtime",
	};
	return name[k];
}

/* Equal for findings that say the same. */
static struct str finding_key(const struct finding *f, struct arena *a)
{
	return arena_printf(a, "%d %d %.*s\n%.*s\n%.*s", f->severity, f->kind, STR_ARG(f->name),
	                    STR_ARG(f->version), STR_ARG(f->object));
}

/* Blocks first, then risks, then notes; what several entries found alike stays once. */
static void tidy(struct prediction *out, struct arena *a)
{
	struct prediction tidied = {0};
	struct map seen = {0};
	bool added;
	for (int s = SEVERITY_BLOCKS; s <= SEVERITY_NOTE; s++)
		for (size_t i = 0; i < out->findings.n; i++) {
			const struct finding *f = &out->findings.p[i];
			if (f->severity != (enum finding_severity)s)
				continue;
			map_put(&seen, a, finding_key(f, a), &added);
			if (added)
				*vec_push(&tidied.findings, a) = *f;
		}
	out->findings.p = tidied.findings.p;
	out->findings.n = tidied.findings.n;
	out->findings.cap = tidied.findings.cap;
}

void predict(const struct predict_target *target, const struct node *const *entries, size_t count,
             struct prediction *out, struct arena *a)
{
	*out = (struct prediction){0};
	for (size_t i = 0; i < count; i++) {
		out->loaded.n = 0;
		exec_judge(target, entries[i], out, a);
	}
	for (size_t i = 0; i < out->findings.n; i++) {
		const struct finding *f = &out->findings.p[i];
		if (f->severity == SEVERITY_BLOCKS)
			out->verdict = VERDICT_FAILS;
		else if (f->undecided && out->verdict == VERDICT_RUNS)
			out->verdict = VERDICT_UNKNOWN;
	}
	tidy(out, a);
}

/* ---- Entries ---- */

struct collector {
	struct node_vec *entries, libraries;
	struct map needed; /* sonames that something here needs */
	struct arena *arena;
};

static bool collect(const struct node *n, void *context)
{
	struct collector *c = context;
	if (node_type(n) != ENTRY_FILE)
		return true;
	const struct elf_object *elf = node_elf(n);
	bool executable = (node_mode(n) & 0111) != 0;
	if (!elf) {
		if (executable && (node_shebang(n).n || node_elf_error(n).n))
			*vec_push(c->entries, c->arena) = n;
		return true;
	}
	for (size_t i = 0; i < elf->needed.n; i++)
		map_put(&c->needed, c->arena, str_basename(elf->needed.p[i]), NULL);
	if (elf_is_program(elf) ? executable : elf->type == ELF_DYN && elf->has_dynamic)
		*vec_push(elf_is_program(elf) ? c->entries : &c->libraries, c->arena) = n;
	return true;
}

void predict_entries(const struct tree *t, const struct node *from, struct node_vec *entries,
                     struct arena *a)
{
	struct collector c = {.entries = entries, .arena = a};
	tree_walk(t, from, a, collect, &c);
	for (size_t i = 0; i < c.libraries.n; i++) {
		const struct node *n = c.libraries.p[i];
		const struct elf_object *elf = node_elf(n);
		bool needed = map_find(&c.needed, n->name) ||
		              (elf->soname.p && map_find(&c.needed, elf->soname));
		if (!needed)
			*vec_push(entries, a) = n;
	}
}
