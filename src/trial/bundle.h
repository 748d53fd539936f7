/* bundle: one container's config.json, after the OCI runtime-spec 1.0. Pure.
 *
 * Everything that differs between machines (what the kernel lets a rootless
 * user mount) comes in as a value; nothing is asked of the system here. */
#pragma once

#include "trial/account.h"
#include "trial/profile.h"
#include "core/vec.h"

struct bundle {
	const struct str_vec *argv, *env;
	struct str working_dir;
	const struct account *account;
	const char *rootfs;
	enum profile_level profile;
	const char *listener_path;

	bool may_set_groups; /* setgroups(2) is not denied in our user namespace */
	bool has_gid5;       /* the namespace knows group 5 (tty), for devpts */
	bool own_ids;        /* one user ID alone is mapped: a further user namespace in which the
			      * account's IDs stand for it */
	bool fresh_proc,
		fresh_sys; /* the kernel lets us mount them; else the machine's are bound */
	uint64_t max_files, max_core; /* our own hard limits: lowered, never raised */
	int oom_score_adj;            /* ours; the container's may only be higher */
};

/* The text, in `a`. ERR_INPUT: an argument or variable that JSON cannot carry (no UTF-8, a NUL). */
MUST_USE bool bundle_config(const struct bundle *b, struct arena *a, struct str *json,
			    struct err *e);
