/* script: a shell script cut into simple commands, for people who advise on them.
 *
 * Not a shell: words, quotes, operators and reserved words of POSIX ("Shell
 * Command Language", 2.2 to 2.10) are understood, nothing is expanded. Commands
 * inside $( … ) and ` … ` are not listed. Bounded; never fails: what cannot be
 * understood is one odd command. */
#pragma once

#include "core/vec.h"

struct script_word {
	struct str text; /* quotes taken off */
	struct str raw;  /* as written: a view of the script */
	bool plain;      /* nothing in it that the shell would expand */
};

struct script_command {
	VEC(struct script_word) words; /* at least one; assignments in front are left out */
	struct str raw;     /* from the first word through the last */
	bool fallback;      /* stands behind || */
	bool negated;       /* behind ! */
	bool condition;     /* of if, elif, while, until: failing is allowed */
};

struct script {
	VEC(struct script_command) commands;
	struct str_vec functions; /* that it defines */
};

void script_read(struct script *s, struct str text, struct arena *a);

/* Whether the command is `name` (the last component of its first word), and has `word`, plain,
 * among the others. */
bool command_is(const struct script_command *c, const char *name);
bool command_has(const struct script_command *c, const char *word);

/* The first word behind the command that is no option; empty: none. */
struct str command_verb(const struct script_command *c);
