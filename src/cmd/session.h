/* session: one run of socle: the command line, where results go, what is open.
 *
 * The command floor reads options, calls down and chooses the output; it is
 * the only one that prints or ends the program. */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/map.h"
#include "core/vec.h"
#include "report/text.h"
#include "scan/severity.h"

enum { EXIT_YES = 0, EXIT_NO = 1, EXIT_TROUBLE = 2, EXIT_NOTHING = 3 };

struct option {
	const char *name;
	char letter;       /* 0: none */
	const char *value; /* placeholder of its value; NULL: a flag */
	const char *help;
};

struct session;

struct command {
	const char *name;
	const char *synopsis;   /* behind "socle <name>" */
	const char *summary;    /* one line */
	const char *about;      /* paragraphs for help and the manual */
	const char *options;    /* names from the option table, divided by blanks */
	const char *formats;    /* of -o, the default first, divided by blanks; empty: no -o */
	int (*run)(struct session *s);
};

/* The tables that the parser, help and the manual share (commands.c). */
extern const struct option option_table[];
extern const size_t option_count;
extern const struct command command_table[];
extern const size_t command_count;

struct output {
	struct str format;
	struct str path; /* empty: standard output */
};

struct session {
	struct arena *arena;
	const struct command *command;
	struct str_vec args;                  /* what is no option */
	struct map values;                    /* option name -> struct str_vec */
	VEC(struct output) outputs;           /* at least one; each can be expected to be written */
	bool color, quiet, verbose;
	unsigned width;
	struct registry *registry;            /* once one may be asked; closed with the session */
	struct engines *engines;              /* likewise */
};

/* Reads `argv` behind the command's name, then SOCLE_… variables, then .socle.yaml, into *s;
 * an option given wins over the variable, the variable over the file. With --help nothing else
 * is looked at. ERR_USAGE; ERR_IO for an output that cannot be written. */
MUST_USE bool session_parse(struct session *s, int argc, char *const *argv, struct err *e);

bool session_flag(const struct session *s, const char *name);
struct str session_value(const struct session *s, const char *name); /* the last; empty: none */
const struct str_vec *session_values(const struct session *s, const char *name); /* never NULL */

/* A number with an optional unit (k, M, G for bytes; s, m, ms for times are the caller's). */
MUST_USE bool session_number(const struct session *s, const char *name, uint64_t fallback,
                             uint64_t *value, struct err *e);

/* --fail-on: *limited where it is given. ERR_USAGE for a word that is no severity. */
MUST_USE bool session_limit(const struct session *s, bool *limited, enum severity_word *limit,
                            struct err *e);

/* "2026-11-24", in UTC: what support ends are held against (SOURCE_DATE_EPOCH where it is set:
 * reproducible-builds.org). */
struct str session_today(const struct session *s);

/* "2026-11-24T12:00:00Z", whatever SOURCE_DATE_EPOCH says: when something was fetched. */
struct str session_now(const struct session *s);

/* "2026-11-24T00:00:00Z" of SOURCE_DATE_EPOCH: the time that a document may tell. Empty without it,
 * so that the same image gives the same document at any time. */
struct str session_fixed_time(const struct session *s);

/* Prints "socle: …" to standard error, whatever -q says; what could speak to the terminal is made
 * visible. */
void session_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same with the error's message, or with how the command is used; both give EXIT_TROUBLE. */
int session_fail(const struct err *e);
int session_usage(const struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A remark on standard error; silent with -q. */
void session_say(const struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Work is done, results go to standard output: from here on a reader that goes away ends socle
 * by SIGPIPE, as it does every tool (socle … | head). */
void session_stdout(void);

/* How results become text: `format` is one of the command's. False: it could not be written. */
typedef bool session_renderer(const struct out *o, struct str format, const void *result,
                              struct arena *a);

/* Renders into every output asked for, files first. False: the error is set. */
MUST_USE bool session_render(struct session *s, session_renderer *render, const void *result,
                             struct err *e);

/* Help for one command, or with NULL for all. */
void print_help(FILE *file, const struct command *command);
