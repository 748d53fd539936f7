/* sweeper: a process that removes from an engine what a trial made there.
 *
 *   socle        makes containers and images with a label of this trial
 *     sweeper    a fork of socle in a session of its own, so that no signal of a terminal meets it.
 *                Waits until socle's end of a pipe is gone, because the trial is over or because
 *                socle was killed; removes what has the label; ends. Reaped by socle, or by init.
 *
 * Where even the sweeper is killed, the second label, a time, tells the next trial what may go. */
#pragma once

#include <sys/types.h>

#include "image/engine/engine.h"

struct sweeper {
	pid_t pid; /* 0: none */
	int pipe;  /* our end */
};

/* Before anything is made. `label`: "socle.run=…". */
MUST_USE bool sweeper_start(struct sweeper *s, const struct engine *engine, struct str label,
			    struct err *e);

/* Lets it sweep and waits for it. False: something could not be removed. May be called twice. */
bool sweeper_end(struct sweeper *s);
