/* start: can this program be started there, and if not, why not.
 *
 * The kernel's answer to a failed execve() is one word, and ENOENT means three
 * different things. This module goes through what fs/exec.c, fs/binfmt_elf.c
 * and fs/binfmt_script.c check, inside the container's root, and says which. */
#pragma once

#include "core/arena.h"

enum start_verdict {
	START_OK,
	START_ABSENT,         /* ENOENT: no such file */
	START_NO_INTERPRETER, /* ENOENT: there, but what it asks for to be run by is not */
	START_NOT_EXECUTABLE, /* EACCES: no execute bit, or no regular file */
	START_WRONG_MACHINE,  /* ENOEXEC: for another processor */
	START_NO_PROGRAM      /* ENOEXEC: neither an ELF file nor a script with #! */
};

struct start_check {
	enum start_verdict verdict;
	struct str path;        /* of the program, as found */
	struct str interpreter; /* START_NO_INTERPRETER: the path that is not there */
	struct str by; /* the file that asks for it: path itself or a script's interpreter */
};

/* Where the files are looked at. */
struct start_files {
	/* A descriptor of what is at `path`, links followed, with its mode; -1 with errno. */
	int (*open)(void *context, struct str path);
	void *context;
};

/* argv[0] as a runtime finds it: with a slash from `folder`, without along `search_path`. */
struct start_check start_check_in(const struct start_files *files, struct str argv0,
				  struct str folder, struct str search_path, struct arena *a);

/* In a folder that is the container's root. */
struct start_check start_check(int root, struct str argv0, struct str folder,
			       struct str search_path, struct arena *a);

/* One path, absolute in the container. */
struct start_check start_check_path(int root, struct str path, struct arena *a);

/* One sentence; for START_OK empty. */
struct str start_why(const struct start_check *c, struct arena *a);
