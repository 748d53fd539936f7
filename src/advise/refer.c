/* refer: what goes into the FROM line for the choice.
 *
 * Never the tag `latest`, which says nothing of what it names: the digest stands there where it is
 * known, and else a tag that says more. */
#include "advise/pick_parts.h"
#include "os/file.h"

/* ---- The tag ---- */

/* What the person named, or the catalogue's reference of the choice or of the variant that was
 * tried. False for what lies on this machine alone: it is named as the person named it. */
static bool name_of(struct reference *name, const struct rung *r, struct arena *a)
{
	const struct base *b = &r->base;
	struct err ignored = ERR_INIT;
	if (b->entry) {
		struct str text = catalogue_reference(r->variant ? r->variant : b->entry, a);
		text = arena_printf(a, "docker://%.*s", STR_ARG(text));
		return b->entry->repository.n && reference_parse(name, text, path_exists, a, &ignored);
	}
	/* An engine's image: under the name that it was asked for, where it was pulled as that. */
	if (b->image.engine) {
		return b->image.index_digest.n &&
		       reference_parse(name, b->name, path_exists, a, &ignored);
	}
	*name = b->reference;
	return name->kind == REFERENCE_NAME || name->kind == REFERENCE_REGISTRY;
}

/* As it stands here: an engine's image without the word for the engine, which no FROM has. */
static struct str local_name(const struct base *b)
{
	bool engine = b->reference.kind == REFERENCE_DOCKER || b->reference.kind == REFERENCE_PODMAN;
	return engine ? str_skip(b->name, str_index(b->name, ':') + 1) : b->name;
}

static bool tag_says_something(struct str tag)
{
	return tag.n && !str_eq(tag, STR("latest"));
}

/* ---- The digest ---- */

/* That of what was measured; else the registry's word of today, where it may be asked. */
static struct str digest_of(const struct rung *r, const struct registry_name *name,
                            struct registry *registry, struct arena *a, struct err *e)
{
	struct registry_manifest m;
	const struct base *b = &r->base;
	if (!r->variant && b->provenance == PROVENANCE_MEASURED && image_pin(&b->image).n)
		return image_pin(&b->image);
	if (b->image.engine && !r->variant) {
		err_set(e, ERR_INPUT, "%s does not know its digest", engine_name(b->image.engine->kind));
		return STR_NONE;
	}
	if (registry && !registry_is_offline(registry) && registry_digest(registry, name, &m, a, e))
		return m.digest;
	return STR_NONE;
}

struct str refer_text(const struct registry_name *name, struct str tag, struct str digest,
                      struct arena *a)
{
	bool tagged = tag_says_something(tag);
	return arena_printf(a, "%.*s/%.*s%s%.*s%s%.*s", STR_ARG(name->host), STR_ARG(name->repository),
	                    tagged ? ":" : "", STR_ARG(tagged ? tag : STR_NONE),
	                    digest.n ? "@" : "", STR_ARG(digest));
}

static void explain(struct pick_result *out, const struct rung *r, struct str reference,
                    struct str digest, const struct err *e, struct arena *a)
{
	if (digest.n && r->base.provenance == PROVENANCE_ASSEMBLED)
		*vec_push(&out->rules, a) = STR("the digest is its registry's of today; what was judged "
		                                "is assembled from the same packages");
	if (digest.n)
		return;
	struct str why = e->code == ERR_NONE ? STR("no registry was asked") : str_of(e->message);
	*vec_push(&out->rules, a) =
		arena_printf(a, "not pinned (%.*s): socle digest %.*s says what to pin", STR_ARG(why),
	                     STR_ARG(reference));
}

/* ---- The user ---- */

static void explain_user(struct pick_result *out, const struct rung *r, struct arena *a)
{
	if (!out->user.n)
		return;
	if (r->as_root)
		*vec_push(&out->rules, a) = arena_printf(
			a, "starts as user %.*s; the tests passed as root alone: write USER 0 below FROM",
			STR_ARG(r->variant->user));
	else
		*vec_push(&out->rules, a) =
			arena_printf(a, "starts as user %.*s, not as root", STR_ARG(out->user));
}

void refer(struct pick_result *out, struct registry *registry, struct arena *a)
{
	const struct rung *r = out->choice;
	struct reference ref;
	struct err e = ERR_INIT;
	if (!r)
		return;
	out->reference = local_name(&r->base);
	if (!name_of(&ref, r, a))
		return;
	struct registry_name name = registry_name_of(&ref, a);
	out->digest = digest_of(r, &name, registry, a, &e);
	out->reference = refer_text(&name, ref.tag, out->digest, a);
	explain_user(out, r, a);
	explain(out, r, out->reference, out->digest, &e, a);
	/* A name alone would mean `latest`. */
	if (!out->digest.n && !tag_says_something(ref.tag))
		out->reference = STR_NONE;
}
