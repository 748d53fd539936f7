#include "advise/owner.h"

#include "package/package.h"

struct str owner_of(const struct tree *t, const struct node *file, struct arena *a)
{
	struct package_file f;
	if (!package_owner(t, file, &f, a))
		return STR("");
	return arena_printf(a, "the %s package %.*s", f.type == PACKAGE_DEB ? "Debian" : "Alpine",
	                    STR_ARG(f.package));
}
