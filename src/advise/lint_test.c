/* Rules, their pages (docs/lint/NAME.md) and their files (tests/fixtures/lint/NAME.bad, .good)
 * go together; comments silence what they name, and nothing else. */
#include <glob.h>
#include <stdlib.h>

#include "advise/lint.h"
#include "core/limits.h"
#include "dockerfile/expect_test.h"
#include "os/file.h"

#define TODAY STR("2026-11-24")

struct stand {
	struct arena arena;
	struct catalogue catalogue;
	struct image_options options;
	struct base_context context;
	struct lint_bases bases;
};

static int set_up(void **state)
{
	static struct stand s;
	struct err e = ERR_INIT;
	if (!catalogue_load(&s.catalogue, &s.arena, &e))
		return -1;
	s.options.platform = STR("linux/amd64");
	s.context = (struct base_context){.catalogue = &s.catalogue, .image_options = &s.options,
	                                  .arena = &s.arena};
	s.bases.context = &s.context;
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(&((struct stand *)*state)->arena);
	return 0;
}

/* "name name …" of what was found and not ignored, each once. */
static struct str found(struct stand *s, struct str text, struct str name)
{
	struct err e = ERR_INIT;
	struct dockerfile d;
	struct lint_result r;
	struct str names = STR(" ");
	if (!dockerfile_parse(&d, text, name, &s->arena, &e))
		fail_msg("%s", e.message);
	lint(&r, &d, &s->bases, TODAY, &s->arena);
	for (size_t k = 0; k < r.findings.n; k++) {
		struct str word = arena_printf(&s->arena, " %s ", r.findings.p[k].rule->name);
		if (!r.findings.p[k].ignored && !str_contains(names, word))
			names = arena_printf(&s->arena, "%.*s%s ", STR_ARG(names), r.findings.p[k].rule->name);
	}
	return names;
}

static struct str found_in(struct stand *s, const char *path)
{
	struct err e = ERR_INIT;
	struct str text;
	if (!file_read(path, LIMIT_DOCKERFILE_BYTES, &s->arena, &text, &e))
		fail_msg("%s", e.message);
	return found(s, text, str_of(path));
}

static void each_rule_is_triggered_and_not(void **state)
{
	struct stand *s = *state;
	size_t count;
	const struct lint_rule *rules = lint_rules(&count);
	for (size_t k = 0; k < count; k++) {
		struct str word = arena_printf(&s->arena, " %s ", rules[k].name);
		if (str_eq(word, STR(" child-digest "))) /* asks a registry: tests/registry/pinning.py */
			continue;
		for (int good = 0; good < 2; good++) {
			char *path = arena_cstr(&s->arena, arena_printf(&s->arena, "tests/fixtures/lint/%s.%s",
			                                                rules[k].name, good ? "good" : "bad"));
			struct str names = found_in(s, path);
			if (str_contains(names, word) == good)
				fail_msg("%s gives%.*s", path, STR_ARG(names));
		}
	}
}

static void each_rule_has_its_page_and_no_page_is_left_over(void **state)
{
	struct stand *s = *state;
	size_t count;
	const struct lint_rule *rules = lint_rules(&count);
	for (size_t k = 0; k < count; k++) {
		struct err e = ERR_INIT;
		struct str page;
		char *path = arena_cstr(&s->arena, arena_printf(&s->arena, "docs/lint/%s.md", rules[k].name));
		if (!file_read(path, LIMIT_TEXT_FILE_BYTES, &s->arena, &page, &e))
			fail_msg("%s", e.message);
		assert_true(str_starts(page, arena_printf(&s->arena, "# %s\n", rules[k].name)));
		struct str severity = arena_printf(&s->arena, "Severity: %s.", lint_severity_name(rules[k].severity));
		if (!str_contains(page, severity))
			fail_msg("%s does not say %.*s", path, STR_ARG(severity));
		assert_true(str_contains(page, STR("\n## Why\n")) && str_contains(page, STR("\n## How to mend it\n")));
	}
	/* child-digest has no fixtures. */
	const struct { const char *pattern; size_t wanted; } sets[] = {
		{"docs/lint/*.md", count}, {"tests/fixtures/lint/*", 2 * (count - 1)}};
	for (size_t k = 0; k < 2; k++) {
		glob_t g;
		assert_int_equal(glob(sets[k].pattern, 0, NULL, &g), 0);
		assert_int_equal(g.gl_pathc, sets[k].wanted);
		globfree(&g);
	}
}

static const struct lint_case {
	const char *text, *names;
} cases[] = {
	/* Comments */
	{"FROM a:1@sha256:a64ac5be6928c6a94f00b16e09cdf3ba3edd44452d10ffa4516a58004873573e\n"
	 "# socle ignore=root-user it must\nUSER root\n", " "},
	{"# socle global ignore=no-digest,root-user a toy\nFROM a:1\nUSER root\n", " "},
	{"# socle ignore=no-digest it is ours\nFROM a:1\nUSER x\n", " "},
	{"# socle ignore=no-digest it is ours\n\nFROM a:1\nUSER x\n", " no-digest "},
	{"FROM a:1\n# socle ignore=no-digest not here\nUSER x\n", " no-digest "},
	{"# hadolint global ignore=DL3006\nFROM a\nUSER x\n", " no-digest "},
	{"# hadolint ignore=DL3006, DL3002\nFROM a\nUSER x\n", " no-digest "},
	{"# hadolint ignore=DL3007\nFROM a\nUSER x\n", " no-digest "},
	/* Base and shell */
	{"# socle global ignore=no-digest a toy\nFROM scratch\nCOPY a /a\nUSER 1\nCMD /a b\n", " shell-missing "},
	{"# socle global ignore=no-digest a toy\nFROM scratch\nADD root.tar /\nUSER 1\nCMD /a b\n", " "},
	{"# socle global ignore=no-digest a toy\nFROM scratch\nUSER 1\nRUN [\"/x\"]\nCMD [\"/a\"]\n", " "},
	{"FROM gcr.io/distroless/static-debian13:nonroot AS a\nFROM a\nHEALTHCHECK CMD /x\n",
	 " no-digest shell-missing "},
	/* Commands */
	{"FROM alpine:3.20\nUSER x\nRUN apt-get install x\n",
	 " no-digest base-support-end apt-recommends command-missing unpinned-packages "},
	{"FROM alpine:3.20\nUSER x\nRUN if command -v curl; then curl x; fi; which git || true\n",
	 " no-digest base-support-end command-missing "},
	{"FROM alpine:3.20\nUSER x\nRUN wget -O /bin/y z && y\n", " no-digest base-support-end "},
	{"FROM alpine:3.20\nUSER x\nRUN f() { ls; }; f\n", " no-digest base-support-end "},
	{"FROM alpine:3.20\nUSER x\nRUN <<EOF\nfrob\nEOF\n", " no-digest base-support-end command-missing "},
	{"FROM alpine:3.20\nUSER x\nRUN cat <<EOF > /x\nfrob\nEOF\n", " no-digest base-support-end "},
	{"FROM alpine:3.20\nUSER x\nRUN [\"bash\", \"-c\", \"ls\"]\n", " no-digest base-support-end command-missing "},
	/* Stages */
	{"FROM a:1 AS b\nRUN apk add gcc\nFROM c:1\nUSER x\n", " no-digest apk-cache unpinned-packages "},
	{"FROM a:1 AS b\nRUN apk add --no-cache gcc=1\nFROM b\nUSER x\n", " no-digest build-tools "},
	{"FROM a:1 AS b\nUSER x\nFROM b\n", " no-digest "},
	{"FROM a:nonroot\n", " no-digest "},
	{"FROM ubuntu:18.04\nUSER x\n", " no-digest base-support-end "},
	{"FROM python:3.8-slim\nUSER x\n", " no-digest base-support-end "},
	{"FROM node:14.21.3-alpine3.17\nUSER x\n", " no-digest base-support-end "},
	{"FROM example.org/node:14\nUSER x\n", " no-digest "},
};

static void findings_are_those_and_no_others(void **state)
{
	struct stand *s = *state;
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct str names = found(s, str_of(cases[k].text), STR("f"));
		/* By place; compared as a set. */
		struct str rest = str_of(cases[k].names), word;
		size_t wanted = 0, got = 0;
		while (str_word(&rest, &word)) {
			wanted++;
			if (!str_contains(names, arena_printf(&s->arena, " %.*s ", STR_ARG(word))))
				fail_msg("%s\n  want%s\n  got %.*s", cases[k].text, cases[k].names, STR_ARG(names));
		}
		rest = names;
		while (str_word(&rest, &word))
			got++;
		if (got != wanted)
			fail_msg("%s\n  want%s\n  got %.*s", cases[k].text, cases[k].names, STR_ARG(names));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_triggered_and_not),
		cmocka_unit_test(each_rule_has_its_page_and_no_page_is_left_over),
		cmocka_unit_test(findings_are_those_and_no_others),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
