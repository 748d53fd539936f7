/* run: one container, from start to nothing left.
 *
 * Called in the keeper, which is process 1 of its PID namespace. That makes
 * the end simple: kill(-1, SIGKILL) reaches every process that the container
 * started and no other, and whatever was orphaned is ours to reap. */
#pragma once

#include "trial/account.h"
#include "trial/ground.h"
#include "trial/observe.h"
#include "trial/profile.h"

enum runtime_kind { RUNTIME_CRUN, RUNTIME_RUNC };

struct runtime {
	enum runtime_kind kind;
	const char *path;
};

struct run_order {
	struct ground *ground;
	const struct runtime *runtime;
	const struct str_vec *argv, *env; /* env: whole, with PATH and HOME */
	struct str working_dir;
	const struct account *account;
	bool own_ids, has_gid5, may_set_groups;
	enum profile_level profile;
	struct miss_log *log; /* hears what was asked for */
	uint32_t timeout_ms, tasks_max;
	uint64_t memory_bytes;
	uint16_t http_port; /* 0: no probe */
	struct str http_path;
	int control; /* socle's end of the socket: it hangs up when socle is gone */
};

struct run_outcome {
	bool started; /* false: the runtime gave up before the program ran */
	int exit;     /* exit status, 128 + signal; -1: not started */
	bool timed_out, out_of_memory, too_many_tasks;
	bool observed;
	bool http_done;  /* the probe got a final answer */
	bool http_oddly; /* something answered there that is not HTTP */
	int http_status;
	double seconds;
	struct buf out, err; /* on the heap: run_outcome_release() */
	bool out_cut, err_cut;
	struct str runtime_says; /* its error, in the arena */
};

/* False: the container could not even be ordered (no pipe, no process). `a` for what the
 * outcome points to. */
MUST_USE bool run_container(const struct run_order *order, struct run_outcome *outcome,
			    struct arena *a, struct err *e);
void run_outcome_release(struct run_outcome *o);

/* execve() fails in the container's own process, whose words then come over standard error, where
 * nothing else was there to write any: one JSON line from crun, "exec PATH: why" from runc. Empty
 * where `said` is something else. */
struct str run_exec_error(struct str said, struct str program, struct arena *a);

/* SIGTERM to a process 1 that does not handle it is thrown away (pid_namespaces(7)): then there is
 * nothing to wait for. SigCgt of proc_pid_status(5), bit n - 1. */
bool run_handles_term(pid_t pid, struct arena *a);
