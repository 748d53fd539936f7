/* The needs found so far, each once with all of its evidence. */
#include <stdlib.h>

#include "needs/collect.h"

static struct need *need_of(struct collector *c, enum need_kind kind, struct str name)
{
	struct str key = arena_printf(c->arena, "%d %.*s", kind, STR_ARG(name));
	bool added;
	uintptr_t *index = map_put(&c->index, c->arena, key, &added);
	if (added) {
		*vec_push(&c->out->list, c->arena) =
			(struct need){.kind = kind, .name = name, .certainty = CERTAINTY_POSSIBLE};
		*index = c->out->list.n;
	}
	return &c->out->list.p[*index - 1];
}

void collect_need(struct collector *c, const struct visit *v, enum need_kind kind, struct str name,
                  enum certainty certainty, struct str how)
{
	if (v->aside && certainty < CERTAINTY_POSSIBLE)
		certainty++;
	struct need *need = need_of(c, kind, name);
	if (certainty < need->certainty)
		need->certainty = certainty;
	struct str file = v->where.n ? v->where : tree_path(v->node, c->arena);
	*vec_push(&need->because, c->arena) = (struct evidence){.file = file, .how = how};
}

static int evidence_cmp(const void *a, const void *b)
{
	const struct evidence *x = a, *y = b;
	int order = str_cmp(x->file, y->file);
	return order ? order : str_cmp(x->how, y->how);
}

static void sort_evidence(struct need *need)
{
	size_t kept = 0;
	qsort(need->because.p, need->because.n, sizeof *need->because.p, evidence_cmp);
	for (size_t i = 0; i < need->because.n; i++)
		if (i == 0 || evidence_cmp(&need->because.p[i - 1], &need->because.p[i]) != 0)
			need->because.p[kept++] = need->because.p[i];
	need->because.n = kept;
}

static int need_cmp(const void *a, const void *b)
{
	const struct need *x = a, *y = b;
	if (x->certainty != y->certainty)
		return x->certainty < y->certainty ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return str_cmp(x->name, y->name);
}

void ledger_finish(struct collector *c)
{
	for (size_t i = 0; i < c->out->list.n; i++)
		sort_evidence(&c->out->list.p[i]);
	if (c->out->list.n)
		qsort(c->out->list.p, c->out->list.n, sizeof *c->out->list.p, need_cmp);
}
