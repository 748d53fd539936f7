/* watched: the system calls that ask for a path, and where their path stands.
 *
 * One table for both who needs it: the profile (which calls the kernel reports)
 * and the observer (how to read a report). Argument places: the calls' man
 * pages; they are the same on every architecture that has the call. */
#pragma once

#include <stddef.h>

#include "trial/missing.h"

enum watched_flags {
	FLAGS_NONE,
	FLAGS_OPEN,    /* argument holds O_* bits */
	FLAGS_HOW,     /* argument points to struct open_how (openat2) */
	FLAGS_AT,      /* argument holds AT_* bits */
	FLAGS_NOFOLLOW /* the call itself never follows a last link */
};

struct watched {
	const char *name;
	enum sight_kind kind;
	signed char folder_arg; /* -1: relative paths count from the working folder */
	unsigned char path_arg;
	enum watched_flags flags;
	unsigned char flags_arg;
};

extern const struct watched watched_calls[];
extern const size_t watched_count;
