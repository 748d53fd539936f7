/* observe: hears of every path that the container's processes ask for.
 *
 * The runtime installs a seccomp filter that reports the calls of watched.h,
 * and hands its report descriptor over a Unix socket (runtime-spec
 * config-linux.md, listenerPath). For each report the observer reads the path
 * out of the asking task's memory, looks whether it is there as that task sees
 * it, notes it, and lets the kernel go on with the call untouched
 * (seccomp_unotify(2), SECCOMP_USER_NOTIF_FLAG_CONTINUE). It only watches:
 * what it reads may change before the kernel reads it, and decides nothing.
 *
 * The asking task stands still meanwhile, so the answer is always sent,
 * whatever was found; the descriptor stays open as long as a task may ask,
 * since without it every reported call fails with ENOSYS. */
#pragma once

#include <linux/seccomp.h>

#include "os/file.h"
#include "trial/missing.h"
#include "trial/watched.h"

/* A call's number on one architecture, once it was looked up. */
struct known_call {
	uint32_t arch;
	int nr;
	const struct watched *call; /* NULL: not one of ours */
};

#define KNOWN_CALLS_MAX 64 /* two architectures with every call of watched.h */

struct observer {
	int listener;  /* where the runtime connects; -1: not watching */
	int channel;   /* the runtime's connection; -1: none yet, or done */
	int notify;    /* the reports; -1: not yet, or no task is left */
	bool received; /* the runtime did hand it over */
	bool started;  /* the container's own program was asked for: before, it was the runtime */
	struct miss_log *log;
	struct seccomp_notif *request; /* as large as this kernel's, in `arena` */
	struct seccomp_notif_resp *response;
	size_t request_bytes, response_bytes;
	struct known_call known[KNOWN_CALLS_MAX];
	size_t known_count;
};

#define OBSERVER_NONE                                                                              \
	{                                                                                          \
		.listener = -1, .channel = -1, .notify = -1                                        \
	}

/* False (with the reason) where this kernel cannot; then it stays closed. */
MUST_USE bool observer_open(struct observer *o, const char *path, struct miss_log *log,
			    struct arena *a, struct err *e);

/* The listener, the channel, the reports are readable. None of them blocks. */
void observer_accept(struct observer *o);
void observer_receive(struct observer *o);
void observer_answer(struct observer *o);

void observer_close(struct observer *o);
