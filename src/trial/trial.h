/* trial: does it run there? An application's own test, run on a base, watched.
 *
 * A trial makes a root file system (base below, application above, a writable
 * layer in memory on top), starts the test in it under an OCI runtime (crun,
 * else runc) and reports exit status, output, time and what was asked for and
 * not found. It knows nothing of which base is better.
 *
 * Everything that a trial mounts or starts lives in namespaces of one helper
 * process, the keeper: when that process ends, however it ends, mounts and
 * processes are gone with it. See src/trial/keeper.h for who is who.
 *
 * What a container here is, and is not: the application runs as in an engine
 * with its defaults (own process, mount, IPC, host name and network
 * namespaces, the engines' capabilities less CAP_MKNOD, no new privileges, a
 * seccomp profile, masked paths). Base and application are never written to.
 * As with every engine that runs as root, root in the container is root of
 * the machine with few capabilities; rootless is the stronger wall. */
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

/* What the image's configuration says; metadata tests are held against it. */
struct trial_config {
	struct str_vec env;           /* "NAME=value" */
	struct str_vec labels;        /* "name=value" */
	struct str_vec exposed_ports; /* "8080", "8080/tcp" */
	struct str_vec volumes;
	struct str_vec entrypoint, cmd;
	struct str working_dir, user;
};

struct trial_setup {
	struct str base_dir;    /* absolute path of the base's root file system; empty: scratch */
	struct trial_mount app; /* merged into the base at target, as COPY does (writes go to
				 * memory); source empty: none */
	struct str_vec env;     /* "NAME=value"; PATH is filled in where absent */
	struct str working_dir; /* absolute; empty: "/" */
	struct str user;        /* "", "1000", "1000:1000", or a name of the container's passwd */
	bool network;           /* false: loopback alone */
	uint64_t memory_bytes;  /* 0: 2 GiB */
	uint32_t processes;     /* 0: 512 */
	uint32_t timeout_ms;    /* for each test; 0: 60,000 */
	const struct trial_config *config; /* for metadata tests; NULL: they fail, saying so */
	bool copy; /* copy base and application into memory instead of laying an overlay; done by
		    * itself where a file system refuses to be a layer */
};

enum trial_test_kind {
	TRIAL_COMMAND,
	TRIAL_HTTP,
	TRIAL_FILE,    /* a file is there, or is not, with these attributes */
	TRIAL_CONTENT, /* what a file holds */
	TRIAL_METADATA /* what the image's configuration says; nothing is started */
};

/* One command line. */
struct trial_argv {
	struct str_vec v;
};

/* A name with its value; the value may be a pattern. */
struct trial_pair {
	struct str name, value;
	bool is_pattern;
};

enum trial_may {
	TRIAL_MAY_UNSAID,
	TRIAL_MAY_OWNER,
	TRIAL_MAY_GROUP,
	TRIAL_MAY_OTHER,
	TRIAL_MAY_ANY
};

struct trial_file_wants {
	struct str path; /* absolute, in the container */
	bool absent;     /* it must not be there; nothing else is looked at */
	struct str mode; /* as ls shows it ("-rwsr-xr-x") or Go ("urwxr-xr-x"); empty: any */
	bool has_uid, has_gid;
	uint32_t uid, gid;
	enum trial_may executable_by;  /* that execute bit must be set */
	struct str_vec match, exclude; /* TRIAL_CONTENT: patterns that it must, must not hold */
};

struct trial_metadata_wants {
	VEC(struct trial_pair) env, labels;
	struct str_vec env_absent; /* names that must not be set */
	struct str_vec ports, ports_absent, volumes, volumes_absent;
	bool has_entrypoint, has_cmd;
	struct str_vec entrypoint, cmd; /* the whole list, in order */
	struct str working_dir, user;   /* empty: not looked at */
};

struct trial_test {
	enum trial_test_kind kind;
	struct str_vec argv;  /* the command; HTTP: the server to start (entry) */
	struct str name;      /* shown */
	uint16_t http_port;   /* HTTP: asked on the container's own loopback until it answers */
	struct str http_path; /* "/healthz" */

	/* What must hold; by default exit status 0 (HTTP: a status below 400). Patterns are POSIX
	 * extended regular expressions, found anywhere in the output; "(?i)" at the beginning: case
	 * does not matter, "(?m)": ^ and $ stand at every line. */
	bool has_exit;
	int exit;
	struct str_vec stdout_match, stdout_exclude, stderr_match, stderr_exclude;
	struct str_vec env; /* added for this test alone */
	bool expands; /* $NAME and ${NAME} in env's values, argv and file.path stand for variables
		       * of the container's environment, as in container-structure-test's files */
	VEC(struct trial_argv) before, after; /* run in the same writable layer; each must exit 0 */

	struct trial_file_wants file;         /* TRIAL_FILE, TRIAL_CONTENT */
	struct trial_metadata_wants metadata; /* TRIAL_METADATA */
};

struct trial_missing {
	struct str path; /* absolute as the process saw it; where it was searched for in several
			  * folders only what they have in common: "git", "JSON/XS.pm" */
	struct str call; /* "execve", "openat", … */
	uint32_t times;
};

struct trial_result {
	struct str command; /* as shown */
	bool passed;
	int exit;        /* exit status; 128 + n for signal n; -1: never started; HTTP: 0 where it
			  * was stopped after its answer */
	int http_status; /* 0: none */
	bool timed_out, out_of_memory;
	bool too_many_processes;
	double seconds;
	struct str out, err; /* cut at LIMIT_TRIAL_OUTPUT_BYTES, with a mark */
	struct str why;      /* failed: one sentence */
	bool observed;       /* missing was watched; else a note says why not */
	VEC(struct trial_missing)
	missing;              /* asked for, and nowhere found; the most telling first;
			       * the runtime's own and harmless noise left out */
	struct str_vec notes; /* what could not be done as asked on this machine, a sentence each */
};

/* ERR_USAGE where setup or tests make no sense. */
MUST_USE bool trial_check(const struct trial_setup *setup, const struct trial_test *tests,
			  size_t count, struct err *e);

/* Runs the tests in order, each in a fresh writable layer. False (ERR_MISSING_TOOL, ERR_IO,
 * ERR_USAGE) only where the trial itself could not be made: a failed test is a result.
 * results has room for count. Strings live in `a`. Blocks until all are done; the calling
 * thread must not end meanwhile (its end is taken for socle's, prctl(2) PR_SET_PDEATHSIG). */
MUST_USE bool trial_run(const struct trial_setup *setup, const struct trial_test *tests,
			size_t count, struct trial_result *results, struct arena *a, struct err *e);

/* "crun", "runc" or NULL: which runtime would be used. $SOCLE_RUNTIME, a name or a path,
 * overrides the choice. */
const char *trial_runtime(void);
