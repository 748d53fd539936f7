/* exec: the kernel's part of starting a file. Inside predict only. */
#pragma once

#include "predict/process.h"

/* A file that is started, and what it starts in turn. */
struct start_chain {
	unsigned files;   /* looked at so far, with all that env(1) starts */
	unsigned scripts; /* in a row, within one execve() */
};

/* Judges one entry; findings are appended to `out`. */
void exec_judge(const struct predict_target *target, const struct node *entry,
                struct prediction *out, struct arena *a);

/* exec.c: the file as execve() would start it; the first of a chain may be a library, which
 * is opened. */
void exec_file(struct process *of, const struct node *n, struct start_chain *chain);

/* script.c: a file with a #! line, and its interpreter. */
void script_judge(struct process *p, const struct node *n, struct start_chain *chain);

/* A finding about a file that is in no process yet. */
struct finding *exec_finding(struct process *p, enum finding_severity s, enum finding_kind k,
                             const struct node *n, struct str name);
