/* ignore: comments that silence a piece of advice where it does not fit.
 *
 *     # socle ignore=NAME[,NAME] reason         for what the comment stands at
 *     # socle global ignore=NAME[,NAME] reason  for all of the file
 *     # hadolint [global] ignore=DL3008[,…]     the same, by hadolint's names
 *
 * Pure: text in, fields out. */
#pragma once

#include "core/str.h"

struct ignore {
	bool global, hadolint;
	struct str names; /* divided by commas */
	struct str reason;
};

/* `comment` begins with its "#". False where it says nothing of that kind. Views of it. */
bool ignore_read(struct str comment, struct ignore *out);

/* Whether one of socle's own names in it is `name`. */
bool ignore_names(const struct ignore *i, struct str name);
