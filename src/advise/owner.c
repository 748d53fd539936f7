#include "advise/owner.h"

#include "package/package.h"

struct str owner_of(const struct tree *t, const struct node *file, struct arena *a)
{
	static const char *const makers[] = {
		[PACKAGE_DEB] = "Debian", [PACKAGE_APK] = "Alpine", [PACKAGE_RPM] = "RPM"};
	struct package_file f;
	if (!package_owner(t, file, &f, a))
		return STR("");
	return arena_printf(a, "the %s package %.*s", makers[f.type],
	                    STR_ARG(f.package));
}
