/* version: which of two versions is the newer one; each package manager has an order of its own.
 *
 * Every function gives a number below, of or above 0, as `left` is older than, as new as or newer
 * than `right`, for any bytes: what is no version there has some place in the order all the same.
 * Held against the package managers themselves (version_test.c, version_languages_test.c). */
#pragma once

#include "core/str.h"

/* deb-version(7): "[epoch:]upstream[-revision]". */
int version_deb_cmp(struct str left, struct str right);

/* apk-package(5): "1.2.3a_rc1-r0", with "~hash" of a commit before the "-r". */
int version_apk_cmp(struct str left, struct str right);

/* rpm-version(7): "[epoch:]version[-release]". */
int version_rpm_cmp(struct str left, struct str right);

/* PyPI: PEP 440, as Python's `packaging` orders it; what is no such version is older than all that
 * are, in the order that setuptools gave it before (`packaging` up to 21). */
int version_pep440_cmp(struct str left, struct str right);

/* npm, crates.io: Semantic Versioning 2.0.0, section 11. Of what npm tolerates: "v" and "=" in
 * front, and a pre-release without its "-". Missing numbers are 0; further ones count. */
int version_semver_cmp(struct str left, struct str right);

/* Go: golang.org/x/mod/semver, with or without "v"; for the standard library and the toolchain also
 * Go's own form, "go1.22rc1". What is neither is older than every version. */
int version_go_cmp(struct str left, struct str right);

/* Maven: "Version Order Specification" of its POM reference, as ComparableVersion of Maven 3.9. */
int version_maven_cmp(struct str left, struct str right);

/* RubyGems: Gem::Version. */
int version_gem_cmp(struct str left, struct str right);

/* NuGet: SemVer with up to four numbers, and labels in any case ("Package versioning"). */
int version_nuget_cmp(struct str left, struct str right);

/* Composer: composer/semver's normal form, in the order of PHP's version_compare(). */
int version_composer_cmp(struct str left, struct str right);

enum version_order {
	VERSION_DEB,
	VERSION_APK,
	VERSION_RPM,
	VERSION_PEP440,
	VERSION_SEMVER,
	VERSION_GO,
	VERSION_MAVEN,
	VERSION_GEM,
	VERSION_NUGET,
	VERSION_COMPOSER
};

int version_cmp(enum version_order order, struct str left, struct str right);
