/* version: which of two versions is the newer one; each package manager has an order of its own.
 *
 * Every function gives a number below, of or above 0, as `left` is older than, as new as or newer
 * than `right`, for any bytes: what is no version there has some place in the order all the same.
 * Held against the package managers themselves (version_test.c). */
#pragma once

#include "core/str.h"

/* deb-version(7): "[epoch:]upstream[-revision]". */
int version_deb_cmp(struct str left, struct str right);

/* apk-package(5): "1.2.3a_rc1-r0", with "~hash" of a commit before the "-r". */
int version_apk_cmp(struct str left, struct str right);

/* rpm-version(7): "[epoch:]version[-release]". */
int version_rpm_cmp(struct str left, struct str right);
