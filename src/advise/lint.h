/* lint: advice on a Dockerfile, each piece by a rule with a stable name.
 *
 * Knows the catalogue and the facts of bases, asks no network. Whatever it
 * cannot see (packages that pull in others, files that are copied) counts in
 * favour of the file. docs/lint/NAME.md says of each rule why and how to mend.
 *
 *     # socle ignore=NAME[,NAME] reason         above the instruction, or inside it
 *     # socle global ignore=NAME[,NAME] reason  anywhere: for all of the file
 *     # hadolint [global] ignore=DL3008[,…]     for the rules that match */
#pragma once

#include "advise/base.h"
#include "dockerfile/dockerfile.h"

enum lint_severity { LINT_INFO, LINT_WARNING, LINT_ERROR };

struct lint_rule {
	const char *name;
	enum lint_severity severity; /* in what ends up in the final image, else info */
	const char *summary;         /* one line */
	const char *hadolint;        /* its rules that say the same, divided by blanks */
};
const struct lint_rule *lint_rules(size_t *count);
const char *lint_severity_name(enum lint_severity s);

struct lint_finding {
	const struct lint_rule *rule;
	enum lint_severity severity;
	struct span at;
	unsigned line, column, end_line, end_column; /* from 1; the end is behind the last character */
	struct str message;
	struct str cure;   /* what to write instead; empty: the rule's page tells */
	bool ignored;
	struct str reason; /* ignored: why, as the comment says */
};

struct lint_result {
	VEC(struct lint_finding) findings; /* by place, then by rule; ignored ones too */
	enum lint_severity worst;          /* of those not ignored */
	size_t count;                      /* of those not ignored */
};

/* Trees of bases, kept from file to file. */
struct lint_bases {
	const struct base_context *context;
	struct map opened; /* catalogue name to struct lint_base */
};

/* `today`: "2026-11-24". Views of the file's text end up in the result. Where the context says
 * `pull`, bases are asked of their registries; without it there is no network. */
void lint(struct lint_result *r, const struct dockerfile *d, struct lint_bases *bases,
          struct str today, struct arena *a);
