/* keeper: who is who in a trial.
 *
 *   socle          runs trial_run(); reads reports from a socket.
 *     starter      a fork of socle that leaves for new namespaces. Exists because a PID
 *                  namespace begins with the next child, and because a process with threads
 *                  may not enter a user namespace. Waits for the keeper, nothing else.
 *                  Reaped by socle; killed by the kernel when socle ends (PDEATHSIG).
 *       keeper     process 1 of the PID namespace. Mounts, starts runtimes, watches, reports.
 *                  Reaped by the starter; killed by the kernel when that ends; and when it
 *                  ends, the kernel kills everything in its namespace and drops the mounts.
 *         runtime  crun or runc: makes one container, waits for it. Reaped by the keeper.
 *           the container's process 1, and what it starts: reaped by the runtime and, as
 *                  orphans, by the keeper.
 *
 * Both are forks that never call exec: they use memory, so libc's malloc must be usable behind a
 * fork of a program with threads, as glibc's and musl's are.
 *
 * So nothing has to be cleaned up by whoever is killed. The keeper's socket is the second
 * rope: when socle's end of it is gone, the keeper ends. */
#pragma once

#include <sys/types.h>

#include "trial/run.h"

struct keeper_order {
	const struct trial_setup *setup;
	const struct trial_test *tests; /* TRIAL_METADATA among them is passed over */
	size_t count;
	const struct runtime *runtime;
	struct str user_name; /* identity_name() */
};

/* Starts starter and keeper. *reports: a stream of frames (report.h), one for each test that is
 * not passed over, in order; at its end the keeper is gone. *starter is for the caller to
 * waitpid(), or to kill. */
MUST_USE bool keeper_start(const struct keeper_order *order, pid_t *starter, int *reports,
			   struct err *e);
