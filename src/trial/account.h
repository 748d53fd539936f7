/* account: who a process in the container is.
 *
 * `user` as an image's configuration writes it (image-spec config.md, "User"):
 * a name or number, then perhaps ":" and a group's name or number. Names are
 * those of the container's own passwd and group files, never the machine's.
 * Pure: the files' contents come in. */
#pragma once

#include "core/arena.h"
#include "core/err.h"
#include "core/limits.h"

struct account {
	uint32_t uid, gid;
	uint32_t group[LIMIT_ACCOUNT_GROUPS]; /* supplementary, from the group file */
	size_t groups;
	struct str home; /* of the passwd file; "/" where it does not say */
};

/* Empty `user` is root. A number needs no entry; a name without one is ERR_INPUT.
 * out->home is a view of `passwd`. */
MUST_USE bool account_find(struct str user, struct str passwd, struct str group,
			   struct account *out, struct err *e);
