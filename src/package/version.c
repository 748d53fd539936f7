#include "package/version.h"

int version_cmp(enum version_order order, struct str left, struct str right)
{
	static int (*const orders[])(struct str left, struct str right) = {
		[VERSION_DEB] = version_deb_cmp,       [VERSION_APK] = version_apk_cmp,
		[VERSION_RPM] = version_rpm_cmp,       [VERSION_PEP440] = version_pep440_cmp,
		[VERSION_SEMVER] = version_semver_cmp, [VERSION_GO] = version_go_cmp,
		[VERSION_MAVEN] = version_maven_cmp,   [VERSION_GEM] = version_gem_cmp,
		[VERSION_NUGET] = version_nuget_cmp,   [VERSION_COMPOSER] = version_composer_cmp,
	};
	return orders[order](left, right);
}
