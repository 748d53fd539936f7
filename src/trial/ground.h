/* ground: the mounts on which a trial stands, and one root file system a test.
 *
 * Lives in the keeper's mount namespace alone, which is why nothing here is
 * ever cleaned up behind a crash: the kernel takes the mounts with the last
 * process. All that is written goes to tmpfs:
 *
 *   SCRATCH           a tmpfs over a folder that a trial does not need
 *     base, app       the sources, bound to names without special characters
 *     below           what the base has where the application goes
 *     test            a tmpfs of its own for each test, as large as its memory
 *       root          the merged root: overlay of base (and app where target is "/")
 *       upper, work   its writable layer; app-upper, app-work the application's
 *       bundle, state the runtime's */
#pragma once

#include "trial/trial.h"

struct ground {
	const struct trial_setup *setup;
	const char *scratch; /* "/mnt" */
	bool user_ns;        /* we are root of a user namespace only */
	bool fresh_proc, fresh_sys;
	int app_file; /* app is a single file: its descriptor; else -1 */
	unsigned app_file_mode;
	bool has_app;     /* … a folder */
	bool app_is_root; /* … laid over "/" */
	bool has_below;
	bool refused; /* the kernel would not lay an overlay */
	bool copy;    /* … or none is wanted: copy into memory */
	bool told_unreadable;
	struct str_vec *notes; /* in `arena` */
	struct arena *arena;   /* as long as the keeper */
};

/* In a new mount namespace. `avoid`: a path that must stay visible (the runtime). */
MUST_USE bool ground_make(struct ground *g, const char *avoid, struct err *e);

/* A fresh test folder with its merged root; *root is a descriptor of it. */
MUST_USE bool ground_test_begin(struct ground *g, int *root, struct err *e);
void ground_test_end(struct ground *g);

/* SCRATCH/test/<name>, in a. */
char *ground_path(const struct ground *g, const char *name, struct arena *a);

/* What engines put into a running container: /etc/hosts, /etc/hostname, /etc/resolv.conf, the
 * working folder. Not for tests that look at files. */
MUST_USE bool ground_furnish(const struct ground *g, int root, struct err *e);
