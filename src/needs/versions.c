/* Symbol versions: of those that follow one another (GLIBC_2.2.5, …, GLIBC_2.34)
 * the highest is the need; it stands for the lower ones. */
#include "needs/collect.h"

enum { CERTAINTIES = CERTAINTY_POSSIBLE + 1 };

struct asked {
	struct visit visit;
	struct str how;
};

/* All versions with one prefix, of one library. */
struct version_group {
	struct str prefix;
	struct {
		struct str name; /* the highest asked for with this certainty; empty: none */
		VEC(struct asked) by;
	} highest[CERTAINTIES];
};

/* "GLIBC_2.34" is "GLIBC_" and "2.34"; without a number behind it a name is alone. */
static struct str number_of(struct str version)
{
	size_t at = str_rindex(version, '_') + 1;
	struct str number = str_skip(version, at);
	bool digits = number.n && number.p[0] >= '0' && number.p[0] <= '9';
	return digits ? number : STR_NONE;
}

/* By numbers between dots, left to right. */
static int number_cmp(struct str a, struct str b)
{
	while (a.n || b.n) {
		struct str x = STR(""), y = STR("");
		uint64_t m = 0, n = 0;
		str_next(&a, '.', &x);
		str_next(&b, '.', &y);
		if (!str_to_u64(x, &m) || !str_to_u64(y, &n))
			if (x.n && y.n)
				return str_cmp(x, y);
		if (m != n)
			return m < n ? -1 : 1;
	}
	return 0;
}

static struct version_group *group_of(struct collector *c, const struct elf_version_need *need)
{
	struct str number = number_of(need->name);
	struct str prefix = str_slice(need->name, 0, need->name.n - number.n);
	/* glibc's libraries come together: a version of one says what all are. */
	struct str file = str_eq(prefix, STR("GLIBC_")) ? STR("") : need->file;
	struct str key = arena_printf(c->arena, "%.*s %.*s", STR_ARG(file), STR_ARG(prefix));
	bool added;
	uintptr_t *place = map_put(&c->version_index, c->arena, key, &added);
	if (added) {
		struct version_group *group = ARENA_NEW(c->arena, struct version_group);
		group->prefix = prefix;
		*place = (uintptr_t)group;
		*vec_push(&c->versions, c->arena) = group;
	}
	return (struct version_group *)*place;
}

/* "libc.so.6, for pthread_create": the first symbol that asks for it, as an example. */
static struct str example(struct collector *c, const struct elf_object *elf,
                          const struct elf_version_need *need)
{
	for (size_t i = 0; i < elf->imports.n; i++) {
		const struct elf_import *import = &elf->imports.p[i];
		if (str_eq(import->version, need->name) && str_eq(import->file, need->file))
			return arena_printf(c->arena, "of %.*s, for %.*s", STR_ARG(need->file),
			                    STR_ARG(import->name));
	}
	return arena_printf(c->arena, "of %.*s (DT_VERNEED)", STR_ARG(need->file));
}

static void ask(struct collector *c, const struct visit *v, const struct elf_object *elf,
                const struct elf_version_need *need)
{
	enum certainty certainty = v->aside ? CERTAINTY_LIKELY : CERTAINTY_CERTAIN;
	struct version_group *group = group_of(c, need);
	struct str *name = &group->highest[certainty].name;
	int order = name->n ? number_cmp(number_of(need->name), number_of(*name)) : 1;
	if (order < 0)
		return;
	if (order > 0)
		group->highest[certainty].by.n = 0;
	*name = need->name;
	*vec_push(&group->highest[certainty].by, c->arena) =
		(struct asked){.visit = *v, .how = example(c, elf, need)};
}

void versions_add(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	for (size_t i = 0; i < elf->version_needs.n; i++) {
		const struct elf_version_need *need = &elf->version_needs.p[i];
		if (!need->weak && !files_library(c, need->file, v->node))
			ask(c, v, elf, need);
	}
}

/* The smallest glibc that has them all. GLIBC_ABI_DT_RELR came with 2.36. */
static void raise_libc(struct collector *c, struct str version)
{
	struct str number = STR_NONE;
	if (str_eq(version, STR("GLIBC_ABI_DT_RELR")))
		number = STR("2.36");
	else if (str_starts(version, STR("GLIBC_2.")))
		number = str_skip(version, 6);
	if (number.n && number_cmp(number, c->out->libc_min_version) > 0)
		c->out->libc_min_version = number;
}

/* A less sure need that a surer one covers says nothing. */
static bool is_covered(const struct version_group *group, unsigned certainty)
{
	for (unsigned surer = 0; surer < certainty; surer++)
		if (group->highest[surer].name.n &&
		    number_cmp(number_of(group->highest[certainty].name),
		               number_of(group->highest[surer].name)) <= 0)
			return true;
	return false;
}

void versions_finish(struct collector *c)
{
	for (size_t i = 0; i < c->versions.n; i++) {
		const struct version_group *group = c->versions.p[i];
		for (unsigned k = 0; k < CERTAINTIES; k++) {
			if (!group->highest[k].name.n || is_covered(group, k))
				continue;
			raise_libc(c, group->highest[k].name);
			for (size_t n = 0; n < group->highest[k].by.n; n++)
				collect_need(c, &group->highest[k].by.p[n].visit, NEED_VERSION,
				             group->highest[k].name, CERTAINTY_CERTAIN,
				             group->highest[k].by.p[n].how);
		}
	}
}
