/* Moving tags, and exact ones in their place.
 *
 * Registries do not tell the other tags of a digest. So the list of tags is asked for, those
 * that name the same variant more exactly are put in order, the newest first, and their digests
 * asked a few at a time until one is the same: as a rule the first. */
#include "advise/pin_parts.h"
#include "advise/pin_tag.h"

#include <stdlib.h>

enum { AT_A_TIME = 4, ASKED_MAX = 16 };

struct tightening {
	struct pin_reference *reference;
	size_t list;               /* question: the tags of its repository */
	const struct str_vec *candidates; /* the best first */
	size_t questions[ASKED_MAX];
	size_t asked;
	struct str found;
};
struct tightenings {
	struct tightening *p;
	size_t n, cap;
};

static bool has_digest(const struct pin_reference *r)
{
	return !r->settled && r->status != PIN_UNRESOLVED && r->digest.n > 0;
}

/* ---- Telling ---- */

static void add_reason(struct pin_reference *r, struct str more, struct arena *a)
{
	r->reason = r->reason.n ? arena_printf(a, "%.*s; %.*s", STR_ARG(r->reason), STR_ARG(more)) : more;
}

static struct str tag_text(const struct pin_reference *r)
{
	return r->name.tag.n ? r->name.tag : STR("latest");
}

void pin_tell_moving(struct pin_file *files, size_t count, struct arena *a)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].references.n; k++) {
			struct pin_reference *r = &files[i].references.p[k];
			if (!has_digest(r) || !pin_tag_moves(r->name.tag))
				continue;
			add_reason(r, r->name.tag.n ? arena_printf(a, "%.*s moves", STR_ARG(r->name.tag))
			                            : STR("no tag: latest is meant, which moves"), a);
		}
}

/* ---- Candidates ---- */

static int by_order(const void *x, const void *y)
{
	return pin_tag_order(*(const struct str *)x, *(const struct str *)y);
}

static const struct str_vec *list_candidates(const struct str_vec *tags, struct str tag,
                                             struct arena *a)
{
	struct str_vec *list = ARENA_NEW(a, struct str_vec);
	for (size_t i = 0; i < tags->n; i++)
		if (pin_tag_refines(tags->p[i], tag))
			*vec_push(list, a) = tags->p[i];
	if (list->n)
		qsort(list->p, list->n, sizeof *list->p, by_order);
	return list;
}

/* The same tag stands in many files, and a repository may have many thousands. */
static void find_candidates(struct tightening *t, struct map *known, const struct pin_questions *q)
{
	bool added;
	struct str tag = t->reference->name.tag;
	struct str key = arena_printf(q->arena, "%zu %.*s", t->list, STR_ARG(tag));
	uintptr_t *slot = map_put(known, q->arena, key, &added);
	if (added)
		*slot = (uintptr_t)list_candidates(&q->list.p[t->list].tags, tag, q->arena);
	t->candidates = (const struct str_vec *)*slot;
}

static bool ask_some(struct tightening *t, struct pin_questions *q)
{
	size_t before = t->asked;
	while (!t->found.n && t->asked < t->candidates->n && t->asked < ASKED_MAX &&
	       t->asked < before + AT_A_TIME) {
		struct reference name = t->reference->name;
		name.digest = STR("");
		name.tag = t->candidates->p[t->asked];
		t->questions[t->asked++] = pin_question(q, &name, REGISTRY_DIGEST);
	}
	return t->asked > before;
}

static void look(struct tightening *t, const struct pin_questions *q)
{
	for (size_t i = 0; i < t->asked && !t->found.n; i++) {
		const struct registry_question *x = &q->list.p[t->questions[i]];
		if (x->answered && str_eq(x->manifest.digest, t->reference->digest))
			t->found = t->candidates->p[i];
	}
}

/* ---- Replacing ---- */

static void replace_tag(struct tightening *t, const struct pin_questions *q)
{
	struct pin_reference *r = t->reference;
	struct arena *a = q->arena;
	if (!t->found.n) {
		add_reason(r, q->list.p[t->list].answered
		                      ? arena_printf(a, "%.*s moves, and no exact tag with its digest was found",
		                                     STR_ARG(tag_text(r)))
		                      : arena_printf(a, "%.*s moves, and the tags cannot be listed",
		                                     STR_ARG(tag_text(r))), a);
		return;
	}
	struct str name = str_slice(r->image, 0, str_index(r->image, '@'));
	if (r->name.tag.n)
		name.n -= r->name.tag.n + 1;
	r->result = arena_printf(a, "%.*s:%.*s@%.*s", STR_ARG(name), STR_ARG(t->found), STR_ARG(r->digest));
	r->status = r->status == PIN_CURRENT ? PIN_UPDATED : r->status;
	add_reason(r, arena_printf(a, "%.*s moves, and is %.*s", STR_ARG(tag_text(r)), STR_ARG(t->found)), a);
}

/* ---- All together ---- */

static void begin(struct tightenings *all, struct pin_reference *r, struct pin_questions *q)
{
	struct reference repository = r->name;
	repository.tag = repository.digest = STR("");
	struct tightening *t = vec_push(all, q->arena);
	t->reference = r;
	t->list = pin_question(q, &repository, REGISTRY_TAGS);
}

void pin_tighten(struct pin_file *files, size_t count, struct pin_questions *q)
{
	struct tightenings all = {0};
	struct map known = {0};
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].references.n; k++) {
			struct pin_reference *r = &files[i].references.p[k];
			if (has_digest(r) && pin_tag_moves(r->name.tag))
				begin(&all, r, q);
		}
	pin_ask(q);
	for (size_t i = 0; i < all.n; i++)
		find_candidates(&all.p[i], &known, q);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < all.n; i++)
			more |= ask_some(&all.p[i], q);
		pin_ask(q);
		for (size_t i = 0; i < all.n; i++)
			look(&all.p[i], q);
	}
	for (size_t i = 0; i < all.n; i++)
		replace_tag(&all.p[i], q);
}
