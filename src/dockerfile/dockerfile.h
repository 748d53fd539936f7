/* dockerfile: BuildKit's grammar, read without loss.
 *
 * A parsed file is its text and a list of instructions whose every token is a
 * span of that text: printing is the text, editing replaces spans (core/span.h).
 * What BuildKit refuses is refused, with line and column, and what it takes is
 * taken (moby/buildkit, frontend/dockerfile/parser and instructions), except
 * that unknown instructions are kept: another `# syntax` may know them.
 *
 * A continued line is joined before it is cut into tokens, so a token has two
 * faces: `raw`, its bytes in the joined line, and `at`, from its first to its
 * last byte in the file, which may span a continuation and comments. Pure: no
 * files, no network. Everything lives in the arena that was handed in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/map.h"
#include "core/span.h"
#include "core/vec.h"

#define DOCKERFILE_INSTRUCTIONS(X)                                                                 \
	X(ADD) X(ARG) X(CMD) X(COPY) X(ENTRYPOINT) X(ENV) X(EXPOSE) X(FROM) X(HEALTHCHECK)         \
	X(LABEL) X(MAINTAINER) X(ONBUILD) X(RUN) X(SHELL) X(STOPSIGNAL) X(USER) X(VOLUME) X(WORKDIR)

enum instruction_kind {
	INSTRUCTION_UNKNOWN,
#define X(name) INSTRUCTION_##name,
	DOCKERFILE_INSTRUCTIONS(X)
#undef X
};

struct token {
	struct str raw;   /* as written, continuations taken out; lies in the instruction's line */
	struct str value; /* JSON strings decoded, flags' quotes taken off; else as raw */
	struct span at;
};
struct token_vec {
	struct token *p;
	size_t n, cap;
};

struct flag { /* --name=value or --name */
	struct token name;  /* without the dashes */
	struct token value; /* at.n is 0 where there is none */
	struct span at;     /* all of it */
	bool has_value;
};

/* <<NAME, <<-NAME, <<"NAME" */
struct heredoc {
	struct str name;
	struct span at;         /* the word in the instruction's line */
	struct span content;    /* whole lines, the last newline included */
	struct span terminator; /* the line that ends it, without its newline */
	bool expand;            /* no part of the word is quoted: variables are replaced */
	bool chomp;             /* <<-: leading tabs go */
};

/* Where a run of the joined line stands in the file. */
struct line_piece {
	size_t line_off, text_off, n;
};

struct instruction {
	enum instruction_kind kind;
	struct token keyword;
	struct span at;         /* from the keyword through the last here-document's end */
	uint32_t line;          /* of the keyword, from 1 */
	uint32_t stage;         /* index; NO_STAGE before the first FROM */
	VEC(struct flag) flags;
	struct token arguments; /* all behind the flags, blanks off both ends */
	bool json;              /* exec form: tokens are the array's strings */
	/* RUN, CMD, ENTRYPOINT, SHELL in shell form, USER, WORKDIR, STOPSIGNAL, MAINTAINER: one,
	 * the whole. HEALTHCHECK: NONE or CMD, then as CMD. ENV and LABEL in their old form: name
	 * and rest. Others: words, as their instruction cuts them. */
	struct token_vec tokens;
	VEC(struct heredoc) heredocs;
	struct instruction *trigger;   /* ONBUILD: what it holds */
	uint32_t comment_first, comment_count; /* those right above and those inside */
	struct str joined;             /* the joined line, and where its parts stand */
	const struct line_piece *pieces;
	size_t piece_count;
};
#define NO_STAGE UINT32_MAX

struct comment {
	struct span at; /* from "#" to the line's end, without the newline */
	uint32_t line;
};

enum directive_kind { DIRECTIVE_SYNTAX, DIRECTIVE_ESCAPE, DIRECTIVE_CHECK };
struct directive {
	enum directive_kind kind;
	struct span name, value;
	uint32_t line;
};

struct stage {
	struct str name;             /* lower case; empty: none */
	struct span name_at;
	uint32_t first, count;       /* instructions, FROM included */
	uint32_t parent;             /* the stage that FROM names; NO_STAGE: an image, or scratch */
	uint32_t image;              /* index into images; NO_STAGE: another stage, or scratch */
	bool scratch;
};

enum image_place { IMAGE_SYNTAX, IMAGE_FROM, IMAGE_COPY, IMAGE_MOUNT };
enum image_origin {
	IMAGE_LITERAL,  /* stands where it is used */
	IMAGE_DEFAULT,  /* all of it is the default of one ARG, or of one ${name:-default} */
	IMAGE_COMPOSED, /* known, but no one place holds it: parts, escapes, a broken line */
	IMAGE_UNKNOWN   /* decided by who builds */
};

/* A reference to an image from outside; stages and scratch are none. */
struct image_use {
	enum image_place place;
	enum image_origin origin;
	struct span at;       /* the reference as written */
	struct str written;
	struct str value;     /* expanded; empty where unknown */
	struct span value_at; /* literal, default: where `value` stands, byte for byte */
	struct str reason;    /* composed, unknown: why */
	uint32_t instruction; /* index; NO_STAGE for # syntax */
	uint32_t stage;       /* that uses it; NO_STAGE for # syntax */
};

struct dockerfile {
	struct str text;
	char escape; /* '\\' or '`' */
	bool bom;
	VEC(struct directive) directives;
	VEC(struct comment) comments;
	VEC(struct instruction) instructions;
	VEC(struct stage) stages;
	struct map stage_names;       /* to 1 + index; the last of a name counts */
	VEC(struct image_use) images; /* in the order of the file */
	VEC(size_t) lines;            /* where each line begins */
};

/* `text` must outlive the result. ERR_INPUT, or ERR_LIMIT, with "NAME:LINE:COLUMN: " in front.
 * A file without instructions is none to BuildKit, but sound here. */
MUST_USE bool dockerfile_parse(struct dockerfile *d, struct str text, struct str name,
                               struct arena *a, struct err *e);

/* Line and column from 1; columns count code points. */
void dockerfile_position(const struct dockerfile *d, size_t off, unsigned *line, unsigned *column);

/* Where a part of i->joined stands in the file. */
struct span instruction_span(const struct instruction *i, struct str part);

const char *instruction_name(enum instruction_kind kind); /* "FROM" */

/* The flag of that name, or NULL; the last where there are several. */
const struct flag *instruction_flag(const struct instruction *i, struct str name);

/* Name and value of "name=value"; false without "=". */
bool token_pair(const struct instruction *i, const struct token *t, struct token *name,
                struct token *value);

/* The stage that COPY --from or RUN --mount …,from calls by number or name, or NO_STAGE. */
uint32_t dockerfile_stage(const struct dockerfile *d, struct str name);

/* The value of `from` in a RUN --mount flag; false where there is none. at.n is 0 where quotes
 * or a continuation break it. */
bool mount_from(const struct instruction *i, const struct flag *mount, struct token *from,
                struct arena *a);
