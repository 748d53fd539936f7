/* ignore: what a .dockerignore leaves out of a build's context. Pure.
 *
 * The rules are those of moby's patternmatcher: one pattern a line, relative to the context; `*` any
 * run and `?` one character but "/", `**` any number of folders, [classes], `\` before a character
 * that means itself; a pattern takes what is below what it matches; "!" in front makes an exception;
 * the last that matches decides. */
#pragma once

#include "core/err.h"
#include "core/vec.h"

struct ignore_rule {
	bool exception;
	struct str pattern; /* cleaned: no "./", no leading or doubled "/" */
	unsigned line;
};

struct ignore {
	VEC(struct ignore_rule) rules;
	bool has_exceptions; /* what is below a folder that is left out may come along */
};

/* ERR_INPUT with the line for a pattern that is none, ERR_LIMIT for too many. */
MUST_USE bool ignore_parse(struct ignore *ig, struct str text, struct arena *a, struct err *e);

/* Whether a file or folder of the context is left out: "src/main.c". */
bool ignore_takes(const struct ignore *ig, struct str path);
