#include "trial/watched.h"

/* open(2), execve(2), stat(2), statx(2), access(2), readlink(2), unix(7). */
const struct watched watched_calls[] = {
	{"execve", SIGHT_EXEC, -1, 0, FLAGS_NONE, 0},
	{"execveat", SIGHT_EXEC, 0, 1, FLAGS_AT, 4},
	{"open", SIGHT_OPEN, -1, 0, FLAGS_OPEN, 1},
	{"openat", SIGHT_OPEN, 0, 1, FLAGS_OPEN, 2},
	{"openat2", SIGHT_OPEN, 0, 1, FLAGS_HOW, 2},
	{"stat", SIGHT_LOOK, -1, 0, FLAGS_NONE, 0},
	{"stat64", SIGHT_LOOK, -1, 0, FLAGS_NONE, 0},
	{"lstat", SIGHT_LOOK, -1, 0, FLAGS_NOFOLLOW, 0},
	{"lstat64", SIGHT_LOOK, -1, 0, FLAGS_NOFOLLOW, 0},
	{"newfstatat", SIGHT_LOOK, 0, 1, FLAGS_AT, 3},
	{"fstatat64", SIGHT_LOOK, 0, 1, FLAGS_AT, 3},
	{"statx", SIGHT_LOOK, 0, 1, FLAGS_AT, 2},
	{"access", SIGHT_LOOK, -1, 0, FLAGS_NONE, 0},
	{"faccessat", SIGHT_LOOK, 0, 1, FLAGS_NONE, 0},
	{"faccessat2", SIGHT_LOOK, 0, 1, FLAGS_AT, 3},
	{"readlink", SIGHT_LOOK, -1, 0, FLAGS_NOFOLLOW, 0},
	{"readlinkat", SIGHT_LOOK, 0, 1, FLAGS_NOFOLLOW, 0},
	{"connect", SIGHT_CONNECT, -1, 1, FLAGS_NONE, 0},
};

const size_t watched_count = sizeof watched_calls / sizeof *watched_calls;
