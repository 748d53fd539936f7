/* needs: what an application needs, each with its evidence.
 *
 * Walks from the entries through what they load and start inside the
 * application, and tells what is left over: libraries and symbol versions,
 * interpreters, executables, data, users, locales, runtimes. What the kernel or
 * a loader refuses to start without is certain; what usual ways through the
 * program use is likely; what it may use is possible. The rest of the
 * application's objects and modules is looked at too, one step less sure.
 *
 * Pure: a tree in, values out. Knows no bases: whether one has it is asked by
 * predict. */
#pragma once

#include "core/arena.h"
#include "core/vec.h"
#include "facts/tree.h"

enum need_kind {
	NEED_INTERPRETER, /* PT_INTERP, #!: a path */
	NEED_LIBRARY,     /* "libpq.so.5" */
	NEED_VERSION,     /* of symbols: "GLIBC_2.34", the highest of its kind */
	NEED_EXECUTABLE,  /* a path, or a name to be looked up in PATH */
	NEED_RUNTIME,     /* "python3.11", "node", "java", "dotnet" … */
	NEED_DATA,        /* a path that is read: CA certificates, time zones … */
	NEED_USER,        /* user and group names: /etc/passwd, /etc/group */
	NEED_LOCALE
};

enum certainty { CERTAINTY_CERTAIN, CERTAINTY_LIKELY, CERTAINTY_POSSIBLE };

struct evidence {
	struct str file; /* path in the tree, absolute; "CMD", "HEALTHCHECK": the configuration */
	struct str how;  /* "DT_NEEDED", "calls getaddrinfo", "#!/usr/bin/env node" */
};

struct need {
	enum need_kind kind;
	enum certainty certainty; /* of the best evidence */
	struct str name;
	VEC(struct evidence) because; /* sorted, unique, never empty */
};

enum needs_libc { NEEDS_LIBC_NONE, NEEDS_LIBC_GLIBC, NEEDS_LIBC_MUSL };

struct needs {
	/* The libc that must come from outside. NONE: static, or brought along. */
	enum needs_libc libc;
	struct str libc_min_version; /* "2.34"; empty unless glibc with versioned symbols */
	VEC(struct need) list; /* the surest first, then by kind and name; each once */
	struct str_vec started; /* files of the application that commands start that are not optional: paths */
};

/* What an image's configuration starts: an argument vector, exec(3)'s. */
struct needs_command {
	struct str where; /* that says so: "ENTRYPOINT", "HEALTHCHECK" */
	struct str_vec argv;
	bool optional;    /* the application runs without it */
};

struct needs_entries {
	const struct node *const *p; /* of the application: started or loaded */
	size_t n;
	const struct needs_command *commands;
	size_t command_count;
	struct str working_dir; /* of the commands; empty: "/" */
};

/* Names that need to be distinguished are views into `app`'s facts or live in `a`. */
void needs_collect(struct needs *out, const struct tree *app, const struct needs_entries *entries,
                   struct arena *a);

/* The runtime that a file which the kernel cannot start is handed to, told by the ending of its
 * name: "python" for main.py; empty for programs, scripts and what no runtime takes. */
struct str needs_runtime_of(const struct node *file);

const char *need_kind_name(enum need_kind k);
const char *certainty_name(enum certainty c);
const char *needs_libc_name(enum needs_libc l);
