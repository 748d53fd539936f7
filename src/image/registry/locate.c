/* An image in a registry: its manifest comes first, its blobs lie under the same name. */
#include "core/limits.h"
#include "image/locate.h"

/* What a tag means may have changed: a HEAD, which counts for no pull, tells whether the
 * manifest that is kept is the one. Without a network it is. */
static bool find_kept(struct located *l, const struct registry_name *name, struct str kept_name,
                      struct registry_manifest *m, struct err *e)
{
	struct str known = name->reference;
	*m = (struct registry_manifest){0};
	if (!name->by_digest && !blobs_tag_get(l->blobs, kept_name, &known, l->arena))
		return true;
	if (!blobs_get(l->blobs, known, LIMIT_MANIFEST_BYTES, &m->bytes, l->arena))
		return true;
	struct registry_manifest kept = {.digest = known, .bytes = m->bytes};
	*m = kept;
	if (name->by_digest || l->kept_alone || registry_is_offline(l->registry))
		return true;
	if (!registry_digest(l->registry, name, m, l->arena, e)) {
		struct err why = *e;
		return err_set(e, why.code, "%s; with --offline the one that was fetched before is used",
		               why.message);
	}
	if (str_eq(m->digest, known))
		*m = kept;
	return true;
}

bool locate_manifest(struct located *l, const struct registry_name *name,
                     struct registry_manifest *m, struct err *e)
{
	struct str full_name = registry_name_str(name, l->arena);
	struct str kept_name = registry_kept_name(l->registry, name, l->arena);
	if (!find_kept(l, name, kept_name, m, e))
		return false;
	if (m->bytes.n == 0 && l->kept_alone)
		return err_set(e, ERR_USAGE, "%.*s is not kept here", STR_ARG(full_name));
	if (m->bytes.n == 0 && !registry_manifest(l->registry, name, m, l->arena, e))
		return false;
	blobs_put(l->blobs, m->digest, m->bytes);
	if (!name->by_digest)
		blobs_tag_put(l->blobs, kept_name, m->digest);
	return true;
}

bool locate_in_registry(struct located *l, const struct selection *selection,
                        struct registry *registry, struct err *e)
{
	struct registry_manifest m;
	l->registry = registry;
	l->remote = registry_name_of(selection->ref, l->arena);
	l->tag = l->remote.by_digest ? STR_NONE : l->remote.reference;
	return locate_manifest(l, &l->remote, &m, e) &&
	       locate_from_manifest(l, &m, selection, e);
}
