/* missing: from what a process looked for to what it misses.
 *
 * A process asks for many files that are not there, and nearly always that is
 * how it searches: along PATH, along the library folders, along a module path.
 * This module hears of every question and its answer, in order, and keeps the
 * misses that no later answer explains. Pure: it makes no system call. */
#pragma once

#include "core/limits.h"
#include "core/map.h"
#include "core/vec.h"
#include "trial/trial.h"

enum sight_kind {
	SIGHT_EXEC, /* execve: the path was to be started */
	SIGHT_OPEN,
	SIGHT_LOOK, /* stat, access, readlink: perhaps only curious */
	SIGHT_CONNECT
};

/* One question of one task. */
struct sight {
	enum sight_kind kind;
	const char *call; /* static: the system call's name */
	struct str path;  /* absolute as the task sees it */
	uint32_t task;    /* whoever asked: searches are those of one task */
	bool found;
};

struct miss {
	struct str path, name, stem; /* name: last component of path; stem: up to its first dot */
	const char *call;
	enum sight_kind kind;
	uint32_t task, times;
	uint64_t seq;     /* when it was last asked for */
	bool found;       /* explained by a later answer */
	bool in_path;     /* its folder is one of PATH */
	size_t same_path; /* 1 + index of another miss of this path, by another call; 0: none */
	size_t same_stem; /* 1 + index of the miss before with this stem; 0: none */
};

struct miss_log {
	struct arena *arena;
	struct str search_path; /* the container's PATH */
	VEC(struct miss) miss;
	struct map by_path, by_stem; /* to 1 + index of the newest */
	uint64_t seq;
	size_t name_bytes;
	uint32_t dropped; /* misses beyond LIMIT_TRIAL_MISSES */
};

/* Everything the log keeps lives in `a`. */
void miss_log_init(struct miss_log *log, struct arena *a, struct str search_path);
void miss_log_add(struct miss_log *log, const struct sight *seen);

/* What is left: programs first, then libraries, files that were opened, the rest; each in the
 * order of the first question. `still_absent` is asked about each full path, so that what the
 * process made itself drops out; NULL: believe the log. Returns how many; *list lives in `a`. */
size_t miss_log_report(const struct miss_log *log, bool (*still_absent)(void *, struct str),
		       void *context, struct arena *a, struct trial_missing **list);

/* "a//b/./c" → "a/b/c"; ".." stays, for links may stand before it. */
struct str path_tidy(struct arena *a, struct str path);
