/* An image in a registry: its manifest comes first, its blobs lie under the same name. */
#include "image/locate.h"

bool locate_in_registry(struct located *l, const struct selection *selection,
                        struct registry *registry, struct err *e)
{
	struct registry_manifest m;
	l->registry = registry;
	l->remote = registry_name_of(selection->ref, l->arena);
	l->tag = l->remote.by_digest ? STR_NONE : l->remote.reference;
	return registry_manifest(registry, &l->remote, &m, l->arena, e) &&
	       locate_from_manifest(l, &m, selection, e);
}
