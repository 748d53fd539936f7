/* usage: what the processes of our PID namespace take.
 *
 * Where no cgroup of our own can be had, limits are kept by looking: between
 * two looks a program may go past them, by what it can take in that time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct usage {
	uint64_t memory_bytes; /* resident; what processes share is counted once where it matters */
	uint32_t tasks;        /* processes and threads, as pids.max counts */
};

/* All but process 1 and `except` (the runtime). Sums resident sizes; only where they pass
 * `limit_bytes` are the exact (proportional) sizes asked for, which costs more. */
struct usage usage_measure(pid_t except, uint64_t limit_bytes);
