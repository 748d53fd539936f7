/* trial: does it run there? An application's own test, run on a base, watched.
 *
 * A trial makes a root file system (base below, application above, a writable
 * layer in memory on top), starts the test in it under an OCI runtime (crun,
 * else runc) and reports exit status, output, time and what was asked for and
 * not found. It knows nothing of which base is better.
 *
 * Everything that a trial mounts or starts lives in namespaces of one helper
 * process: when that process ends, however it ends, mounts and processes are
 * gone with it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/vec.h"

struct trial_mount {
	struct str source; /* absolute path on this machine: a folder or a file */
	struct str target; /* absolute path in the container */
};

struct trial_setup {
	struct str base_dir;  /* absolute path of the base's root file system; empty: scratch */
	struct trial_mount app; /* laid over the base (writes go to memory); source empty: none */
	struct str_vec env;   /* "NAME=value"; PATH is filled in where absent */
	struct str working_dir; /* absolute; empty: "/" */
	struct str user;      /* "", "1000", "1000:1000", or a name of the container's passwd */
	bool network;         /* false: loopback alone */
	uint64_t memory_bytes; /* 0: 2 GiB */
	uint32_t processes;    /* 0: 512 */
	uint32_t timeout_ms;   /* for each test; 0: 60,000 */
};

enum trial_test_kind { TRIAL_COMMAND, TRIAL_HTTP };

struct trial_test {
	enum trial_test_kind kind;
	struct str_vec argv;  /* the command; HTTP: the server to start (entry) */
	struct str name;      /* shown */
	uint16_t http_port;   /* HTTP: asked on the container's own loopback until it answers */
	struct str http_path; /* "/healthz" */

	/* What must hold; by default exit status 0 (HTTP: a status below 400). */
	bool has_exit;
	int exit;
	struct str_vec stdout_match, stdout_exclude, stderr_match, stderr_exclude; /* POSIX extended */
	struct str_vec env; /* added for this test alone */
};

struct trial_missing {
	struct str path;  /* as asked for */
	struct str call;  /* "execve", "openat", … */
	uint32_t times;
};

struct trial_result {
	struct str command; /* as shown */
	bool passed;
	int exit;           /* exit status; 128 + n for signal n; -1: never started */
	int http_status;    /* 0: none */
	bool timed_out, out_of_memory;
	double seconds;
	struct str out, err; /* cut at LIMIT_TRIAL_OUTPUT_BYTES, with a mark */
	struct str why;      /* failed: one sentence */
	VEC(struct trial_missing) missing; /* asked for, and nowhere found; the runtime's own noise left out */
};

/* Runs the tests in order, each in a fresh writable layer. False (ERR_MISSING_TOOL, ERR_IO)
 * only where the trial itself could not be made: a failed test is a result.
 * results has room for count. Strings live in `a`. */
MUST_USE bool trial_run(const struct trial_setup *setup, const struct trial_test *tests,
                        size_t count, struct trial_result *results, struct arena *a,
                        struct err *e);

/* "crun", "runc" or NULL: which runtime would be used. */
const char *trial_runtime(void);
