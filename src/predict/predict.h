/* predict: will it run there? Answered from facts alone.
 *
 * A file of a tree is judged as the kernel's execve() and its dynamic loader
 * (glibc's or musl's, the version that lies in the tree) would start it; a
 * library as dlopen(RTLD_NOW) in a small host program would load it. The
 * loaders are emulated down to single relocations; see docs/architecture.md
 * and, for the rules, execve(2), ld.so(8), the System V gABI chapter 5, and the
 * sources that the comments name.
 *
 * Pure: a tree and an environment in, a verdict with its trace out. Every
 * candidate and every reason comes back; nothing is printed here. */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/vec.h"
#include "facts/tree.h"

enum verdict { VERDICT_RUNS, VERDICT_UNKNOWN, VERDICT_FAILS }; /* the worst counts */

enum finding_severity {
	SEVERITY_BLOCKS, /* the kernel or the loader refuses */
	SEVERITY_RISK,   /* it may fail later */
	SEVERITY_NOTE
};

enum finding_kind {
	FINDING_INTERPRETER, FINDING_LIBRARY, FINDING_VERSION, FINDING_SYMBOL, FINDING_MACHINE,
	FINDING_ISA, FINDING_TLS, FINDING_EXECSTACK, FINDING_EXECUTABLE, FINDING_SCRIPT,
	FINDING_DATA, FINDING_PACKED, FINDING_RUNTIME
};

struct finding {
	enum finding_severity severity;
	enum finding_kind kind;
	bool undecided;        /* makes the verdict `unknown`: socle cannot know */
	struct str name;       /* what is missing or wrong: "libpq.so.5", "fcntl64" */
	struct str version;    /* symbol version; empty: none */
	struct str object;     /* path of the file that wants it */
	struct str_vec needed_by; /* from `object`'s loader up to the entry; empty for the entry */
	struct str_vec searched;  /* folders in the order in which the loader looks */
	struct str message;    /* one sentence */
	struct str_vec cure;
};

/* One library of the emulated process, for `socle ldd` and explanations. */
struct loaded {
	struct str name;      /* as asked for */
	struct str path;      /* as the loader opened it; empty: not found */
	struct str rule;      /* "RUNPATH of /app/bin/server", "ld.so.cache", "default path", … */
	struct str needed_by; /* path of the object that asked first; empty for the entry */
	uint32_t depth;
};

struct prediction {
	enum verdict verdict;
	VEC(struct finding) findings; /* blocks first, then risks, then notes; unique */
	VEC(struct loaded) loaded;    /* breadth first, as loaded; of the last entry judged */
};

/* The world around the tree. */
struct predict_target {
	const struct tree *tree;
	struct str architecture;  /* Docker's word: "amd64"; empty: the entry's own */
	unsigned x86_level;       /* 1 to 4: x86-64-v1 … v4 of the processor */
	bool x86_intel;           /* it is one of Intel's, which glibc has names of its own for */
	struct str_vec env;       /* of the image configuration */
	struct str working_dir;   /* empty: "/" */
};

/* Judges each entry and merges the findings; verdict is the worst of all. */
void predict(const struct predict_target *target, const struct node *const *entries, size_t count,
             struct prediction *out, struct arena *a);

/* What an application folder offers to judge where nobody named an entry: every executable
 * (ELF program or script with an execute bit) and every loadable module (a library that no
 * other file below `from` needs). In the order of their paths. */
struct node_vec {
	const struct node **p;
	size_t n, cap;
};
void predict_entries(const struct tree *t, const struct node *from, struct node_vec *entries,
                     struct arena *a);

const char *verdict_name(enum verdict v);
const char *finding_severity_name(enum finding_severity s);
const char *finding_kind_name(enum finding_kind k);
