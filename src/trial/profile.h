/* profile: the seccomp profile of a trial, as the runtime-spec writes it. Pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* How much of it a runtime takes; each level less than the one before it. */
enum profile_level {
	PROFILE_WATCH_KILLABLE, /* reports, and a reported call waits through signals (Linux 5.19)
				 */
	PROFILE_WATCH,          /* reports */
	PROFILE_DENY,           /* denials alone */
	PROFILE_NONE            /* a runtime or kernel without seccomp */
};

/* A new object, for the caller to json_decref(); NULL for PROFILE_NONE. */
json_t *profile_make(enum profile_level level, const char *listener_path);
