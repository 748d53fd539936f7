/* identity: the user namespace of a trial that is not root's.
 *
 * Without subordinate IDs one ID is mapped, our own, as root of the container.
 * With newuidmap(1), newgidmap(1) and entries in subuid(5), subgid(5) a whole
 * range follows, and images with several users look as they should. */
#pragma once

#include "os/file.h"

struct identity {
	bool user_ns; /* we are in a user namespace of our own */
	uint32_t ids; /* how many IDs from 0 are mapped; 1: our own alone */
	bool may_set_groups;
};

/* Our own name in the machine's passwd, for subuid(5); empty where there is none. Asked for before
 * the fork: behind it, a lock of the C library's name service may be held by nobody for ever. */
struct str identity_name(struct arena *a);

/* Leaves for new mount, PID, IPC and cgroup namespaces, and a network namespace unless
 * `network`; as root directly, else (or where root may not) through a user namespace. The PID
 * namespace begins with the next child. The caller is single-threaded. */
MUST_USE bool identity_unshare(bool network, struct str name, struct identity *id, struct err *e);
