/* lint_parts: what the files of lint share. Private to them. */
#pragma once

#include "advise/lint.h"
#include "dockerfile/script.h"

/* X(identifier, name, severity, summary, hadolint's names) */
#define LINT_RULES(X)                                                                              \
	X(LATEST_TAG, "latest-tag", WARNING, "an image without a tag, or with latest", "DL3006 DL3007") \
	X(NO_DIGEST, "no-digest", INFO, "an image that is not pinned by its digest", "")           \
	X(CHILD_DIGEST, "child-digest", WARNING, "the digest of one platform's manifest", "")      \
	X(BASE_END, "base-support-end", WARNING, "a base past its support end", "")                \
	X(BASE_DEPRECATED, "base-deprecated", WARNING, "a base that its publisher advises against", "") \
	X(BASE_NOT_SLIM, "base-not-slim", INFO, "a full image where a slim one exists", "")        \
	X(APT_RECOMMENDS, "apt-recommends", WARNING, "apt-get install without --no-install-recommends", "DL3015") \
	X(APT_LISTS, "apt-lists", WARNING, "apt's package lists left in the image", "DL3009")      \
	X(APK_CACHE, "apk-cache", WARNING, "apk add without --no-cache", "DL3019")                 \
	X(PIP_CACHE, "pip-cache", WARNING, "pip install without --no-cache-dir", "DL3042")         \
	X(BUILD_TOOLS, "build-tools", WARNING, "compilers or build tools in the final image", "")  \
	X(SINGLE_STAGE, "single-stage", INFO, "one stage that builds and runs", "")                \
	X(SHELL_MISSING, "shell-missing", ERROR, "shell form on a base without a shell", "")       \
	X(COMMAND_MISSING, "command-missing", ERROR, "a command that the base does not have", "")  \
	X(ROOT_USER, "root-user", WARNING, "the image starts as root", "DL3002")                   \
	X(ADD_ADDRESS, "add-address", WARNING, "ADD of an address without a checksum", "")         \
	X(COPY_ORDER, "copy-order", INFO, "dependencies installed after all sources were copied", "") \
	X(UNPINNED, "unpinned-packages", INFO, "packages without a version", "DL3008 DL3013 DL3016 DL3018 DL3028") \
	X(UNKNOWN, "unknown-instruction", ERROR, "an instruction that BuildKit does not know", "DL1000") \
	X(BAD_IGNORE, "bad-ignore", WARNING, "an ignore comment without a reason or a rule", "")

enum lint_id {
#define X(id, name, severity, summary, hadolint) LINT_##id,
	LINT_RULES(X)
#undef X
	LINT_COUNT
};

/* A command that an instruction runs. */
struct call {
	uint32_t instruction;
	struct script_command command; /* env, exec, sudo and the like taken off */
	struct span at;
	size_t order;                  /* in the stage */
	bool allowed_to_fail;
};

/* One instruction's share: RUN, and the shell forms of CMD, ENTRYPOINT, HEALTHCHECK. */
struct calls {
	struct call *p;
	size_t n, cap;
};

struct lint_base { /* what is known of a stage's base; all NULL: nothing */
	const struct catalogue_base *entry;
	struct tree *tree;
	struct str_vec env;
	bool scratch;
};

struct lint {
	struct lint_result *out;
	const struct dockerfile *d;
	struct lint_bases *bases;
	struct str today;
	struct arena *arena;
	struct calls calls;         /* in the order of the file */
	uint32_t said_in;           /* 1 + instruction that `said` is about (lint_packages.c) */
	unsigned said;
	size_t recommends_at, pip_cache_at; /* where the file first speaks of these settings */
	struct map functions;       /* that scripts of the file define */
	bool *shipped;              /* by stage: it ends up in the final image */
	struct lint_base *base;     /* by stage: what its chain of FROMs begins with */
	struct {
		uint32_t *p;
		size_t n, cap;
	} owners;                   /* of each finding: instruction, or NO_STAGE */
};

void lint_report(struct lint *l, enum lint_id id, uint32_t instruction, struct span at,
                 struct str message, struct str cure);

static inline const struct instruction *lint_instruction(const struct lint *l, uint32_t index)
{
	return &l->d->instructions.p[index];
}

/* `list` holds words divided by blanks. */
bool lint_one_of(struct str word, const char *list);

/* The final stage, NO_STAGE in a file without one. */
uint32_t lint_last(const struct lint *l);

/* lint_calls.c */
void lint_calls(struct lint *l);
/* What the command installs: manager ("apt", "apk", "pip", "npm", "gem", "dnf"), and its
 * packages. False: it installs nothing. `open`: with others that are not named here. */
struct install {
	const char *manager;
	VEC(struct script_word) packages;
	bool open;
};
bool lint_install(const struct call *c, struct install *i, struct arena *a);

/* The day on which a well-known release ended, where that was before `today`; else empty. */
struct str lint_ended(struct str value, struct str today);

/* Each looks at the whole file. */
void lint_images(struct lint *l);
void lint_packages(struct lint *l);
void lint_stages(struct lint *l);
void lint_commands(struct lint *l);
void lint_open_bases(struct lint *l);
