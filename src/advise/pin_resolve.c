/* What the tags mean today, and what that means for each reference.
 *
 * Up to three rounds of questions, each name once, several at a time:
 *
 *     1. every tag's digest
 *     2. where another digest stands already: what it is
 *     3. where that is the manifest of one platform: the index, which may list it
 *
 * and with --tighten those of pin_tighten.c. */
#include "advise/pin_parts.h"

#include "core/map.h"
#include "image/json.h"

size_t pin_question(struct pin_questions *q, const struct reference *ref, enum registry_asked what)
{
	bool added;
	struct registry_name name = registry_name_of(ref, q->arena);
	struct str key = arena_printf(q->arena, "%d %.*s", what,
	                              STR_ARG(registry_name_str(&name, q->arena)));
	uintptr_t *slot = map_put(&q->index, q->arena, key, &added);
	if (added) {
		*vec_push(&q->list, q->arena) = (struct registry_question){.name = name, .what = what};
		*slot = q->list.n;
	}
	return *slot - 1;
}

void pin_ask(struct pin_questions *q)
{
	registry_ask(q->registry, q->list.p + q->asked, q->list.n - q->asked, q->arena);
	q->asked = q->list.n;
}

static const struct registry_question *answer(const struct pin_questions *q, size_t index)
{
	return &q->list.p[index];
}

/* ---- Rounds ---- */

static void ask_tag(struct pin_questions *q, struct pin_reference *r)
{
	struct reference tag = r->name;
	tag.digest = STR("");
	r->tag = pin_question(q, &tag, REGISTRY_DIGEST);
}

static void ask_pinned(struct pin_questions *q, struct pin_reference *r)
{
	const struct registry_question *tag = answer(q, r->tag);
	bool another = tag->answered && !str_eq(r->name.digest, tag->manifest.digest);
	if (r->name.digest.n && (another || tag->manifest.absent))
		r->pinned = pin_question(q, &r->name, REGISTRY_DIGEST);
}

static bool is_index(const struct registry_manifest *m)
{
	return str_eq(m->media_type, STR("application/vnd.oci.image.index.v1+json")) ||
	       str_eq(m->media_type, STR("application/vnd.docker.distribution.manifest.list.v2+json"));
}

static void ask_index(struct pin_questions *q, struct pin_reference *r)
{
	if (r->pinned == NO_QUESTION || !answer(q, r->pinned)->answered ||
	    is_index(&answer(q, r->pinned)->manifest) || !is_index(&answer(q, r->tag)->manifest))
		return;
	struct reference index = r->name;
	index.digest = answer(q, r->tag)->manifest.digest;
	r->index = pin_question(q, &index, REGISTRY_MANIFEST);
}

static void for_each(struct pin_file *files, size_t count, struct pin_questions *q,
                     void (*f)(struct pin_questions *q, struct pin_reference *r))
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].references.n; k++)
			if (!files[i].references.p[k].settled)
				f(q, &files[i].references.p[k]);
}

/* ---- Deciding ---- */

static void fail(struct pin_reference *r, const struct registry_question *q, struct arena *a)
{
	r->status = PIN_UNRESOLVED;
	r->digest = r->name.digest;
	r->failed = !q->manifest.absent;
	r->reason = arena_str(a, str_of(q->err.message));
}

static void take(struct pin_reference *r, enum pin_status status, struct str digest,
                 struct str reason, struct arena *a)
{
	r->status = status;
	r->digest = digest;
	r->reason = reason;
	r->result = arena_printf(a, "%.*s@%.*s", STR_ARG(str_slice(r->image, 0, str_index(r->image, '@'))),
	                         STR_ARG(digest));
}

static void keep(struct pin_reference *r, enum pin_status status, struct str reason)
{
	r->status = status;
	r->digest = r->name.digest;
	r->reason = reason;
}

/* Whether the index lists that manifest, and for which platform: "linux/arm/v7" (image-spec,
 * image-index.md). */
static bool lists(const struct registry_manifest *index, struct str digest, struct str *platform,
                  struct arena *a)
{
	struct err ignored = ERR_INIT;
	json_auto_t *json = json_read(index->bytes, &ignored);
	const json_t *manifests = json_object_get(json, "manifests");
	for (size_t i = 0; i < json_array_size(manifests); i++) {
		const json_t *one = json_array_get(manifests, i), *p = json_object_get(one, "platform");
		if (!str_eq(json_str(one, "digest", a), digest))
			continue;
		struct str os = json_str(p, "os", a), architecture = json_str(p, "architecture", a);
		struct str variant = json_str(p, "variant", a);
		*platform = os.n && architecture.n
		                    ? arena_printf(a, "%.*s/%.*s%s%.*s", STR_ARG(os), STR_ARG(architecture),
		                                   variant.n ? "/" : "", STR_ARG(variant))
		                    : STR("one platform");
		return true;
	}
	return false;
}

/* Another digest stands there than the tag has. */
static void decide_other(const struct pin_questions *q, struct pin_reference *r,
                         const struct pin_options *o, struct arena *a)
{
	const struct registry_question *pinned = answer(q, r->pinned);
	struct str today = answer(q, r->tag)->manifest.digest;
	bool child = r->child = r->index != NO_QUESTION;
	struct str platform;
	if (child && answer(q, r->index)->answered &&
	    lists(&answer(q, r->index)->manifest, r->name.digest, &platform, a))
		take(r, PIN_UPDATED, today,
		     arena_printf(a, "was the manifest of %.*s alone", STR_ARG(platform)), a);
	else if (o->update)
		take(r, PIN_UPDATED, today, child ? STR("was the manifest of one platform, of an older index")
		                                  : STR("was older"), a);
	else if (child && !answer(q, r->index)->answered)
		fail(r, answer(q, r->index), a);
	else if (child)
		keep(r, PIN_UNRESOLVED, STR("the manifest of one platform, of an older index: --update "
		                            "takes today's"));
	else if (pinned->answered)
		keep(r, PIN_CURRENT, STR("the tag has moved on: --update follows it"));
	else if (pinned->manifest.absent)
		keep(r, PIN_UNRESOLVED, STR("the registry has this digest no more: --update takes today's"));
	else
		fail(r, pinned, a);
}

/* A digest holds as long as the registry has it, whatever became of the tag. */
static void decide_without_tag(const struct pin_questions *q, struct pin_reference *r,
                               struct arena *a)
{
	const struct registry_question *pinned = answer(q, r->pinned);
	if (pinned->answered)
		keep(r, PIN_CURRENT, r->name.tag.n ? STR("the registry has this tag no more")
		                                   : STR("no tag, and the registry has none called latest"));
	else
		fail(r, pinned, a);
}

static void decide(const struct pin_questions *q, struct pin_reference *r, const struct pin_options *o,
                   struct arena *a)
{
	const struct registry_question *tag = answer(q, r->tag);
	if (!tag->answered && r->pinned != NO_QUESTION)
		decide_without_tag(q, r, a);
	else if (!tag->answered)
		fail(r, tag, a);
	else if (!r->name.digest.n)
		take(r, PIN_PINNED, tag->manifest.digest, STR(""), a);
	else if (str_eq(r->name.digest, tag->manifest.digest))
		keep(r, PIN_CURRENT, STR(""));
	else
		decide_other(q, r, o, a);
}

static void decide_offline(struct pin_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].references.n; k++) {
			struct pin_reference *r = &files[i].references.p[k];
			if (r->settled)
				continue;
			keep(r, r->name.digest.n ? PIN_CURRENT : PIN_UNRESOLVED,
			     r->name.digest.n ? STR("") : STR("has no digest, and nobody was asked for it"));
		}
}

void pin_resolve(struct pin_file *files, size_t count, const struct pin_options *o,
                 struct arena *a)
{
	struct pin_questions q = {.registry = o->registry, .arena = a};
	if (!o->registry) {
		decide_offline(files, count);
		return;
	}
	for_each(files, count, &q, ask_tag);
	pin_ask(&q);
	for_each(files, count, &q, ask_pinned);
	pin_ask(&q);
	for_each(files, count, &q, ask_index);
	pin_ask(&q);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i].references.n; k++)
			if (!files[i].references.p[k].settled)
				decide(&q, &files[i].references.p[k], o, a);
	if (o->tighten)
		pin_tighten(files, count, &q);
	else
		pin_tell_moving(files, count, a);
}
