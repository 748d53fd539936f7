#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/catalogue.h"
#include "advise/official.h"

#define MOST_YAML_BYTES (1u << 20)

static struct str printed(const char *library, const char *text, struct buf *yaml, struct arena *a)
{
	struct official_file file = {0};
	struct err e = ERR_INIT;
	if (!official_parse(&file, str_of(text), a, &e) ||
	    !official_print(&file, str_of(library), yaml, a, &e))
		fail_msg("%s", e.message);
	return buf_str(yaml);
}

/* A whole entry, as it stands in data/official.yaml. */
static void test_entry(void **state)
{
	(void)state;
	struct arena a CLEANUP_ARENA = ARENA_INIT;
	struct buf yaml CLEANUP_BUF = BUF_INIT(MOST_YAML_BYTES);
	struct str text = printed("python",
				  "# a comment\n"
				  "Maintainers: One <one@example.org>,\n"
				  "             Two <two@example.org>\n"
				  "\n"
				  "Tags: 3.14.7-slim-trixie, 3.14-slim-trixie, slim-trixie\n"
				  "SharedTags: 3.14.7-slim,\n"
				  "            slim\n"
				  "Architectures: amd64, arm64v8, arm32v7, windows-amd64\n"
				  "Directory: 3.14/slim-trixie\n",
				  &yaml, &a);
	assert_string_equal(arena_cstr(&a, text),
			    "- name: \"python:3.14-slim-trixie\"\n"
			    "  repository: \"docker.io/library/python\"\n"
			    "  tags: [\"3.14.7-slim-trixie\", \"slim-trixie\", \"3.14.7-slim\", \"slim\"]\n"
			    "  publisher: \"Docker official images\"\n"
			    "  family: \"debian\"\n"
			    "  libc: \"glibc 2.41\"\n"
			    "  shell: \"dash\"\n"
			    "  package_manager: \"apt\"\n"
			    "  interpreters: [\"python 3.14\"]\n"
			    "  architectures: [\"amd64\", \"arm64\", \"arm/v7\"]\n");
}

/* Which of its tags names an image; none where it is left out. */
static void test_names(void **state)
{
	(void)state;
	static const struct {
		const char *library, *tags, *name;
	} cases[] = {
		{"alpine", "3.24.1, 3.24, 3, latest", "alpine:3.24"},
		{"alpine", "20260805, edge", NULL},
		{"debian", "bookworm-slim, bookworm-20260803-slim, 12.15-slim, 12-slim",
		 "debian:bookworm-slim"},
		{"debian", "stable-slim, stable-20260803-slim", NULL},
		{"debian", "bookworm-backports", NULL},
		{"ubuntu", "26.04, resolute-20260811.1, resolute, latest, rolling", "ubuntu:26.04"},
		{"ubuntu", "26.10, stonking-20260705, stonking, devel", NULL},
		{"node", "24-alpine, 24-alpine3.24, 24.19-alpine3.24, lts-alpine", "node:24-alpine3.24"},
		{"python", "3.15.0rc1-trixie, 3.15-rc-trixie", NULL},
		{"eclipse-temurin", "8u502-b07-jdk-alpine-3.24, 8-jdk-alpine-3.24, 8-jdk-alpine",
		 "eclipse-temurin:8-jdk-alpine-3.24"},
		{"busybox", "1.38.0-musl, 1.38-musl, 1-musl, unstable-musl, musl", "busybox:1.38-musl"},
		{"golang", "tip-20260815-trixie, tip-trixie", NULL},
		{"php", "8.5.9-cli-trixie, 8.5-cli-trixie, cli-trixie, 8.5-trixie, 8.5, latest",
		 "php:8.5-trixie"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a CLEANUP_ARENA = ARENA_INIT;
		struct buf yaml CLEANUP_BUF = BUF_INIT(MOST_YAML_BYTES);
		struct str stanza = arena_printf(&a, "Tags: %s\n", cases[i].tags);
		struct str text = printed(cases[i].library, stanza.p, &yaml, &a);
		struct str wanted = cases[i].name ? arena_printf(&a, "- name: \"%s\"\n", cases[i].name)
						  : STR("");
		if (!str_starts(text, wanted) || (text.n > 0) != (cases[i].name != NULL))
			fail_msg("%s: %.*s", cases[i].tags, STR_ARG(text));
	}
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"Tags 1\n", "line 1: no \"Field: value\""},
		{": 1\n", "line 1: no \"Field: value\""},
		{"Tags: 1\n\nArchitectures: amd64\n", "line 3: a stanza without Tags ends here"},
		{"A: b\n\nTags: a\"b\n", "line 3: byte 0x22 in \"a\"b\""},
		{"Tags: 1,\n 2 3\n", "line 2: byte 0x20 in \"2 3\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena a CLEANUP_ARENA = ARENA_INIT;
		struct official_file file = {0};
		struct err e = ERR_INIT;
		assert_false(official_parse(&file, str_of(cases[i].text), &a, &e));
		assert_string_equal(e.message, cases[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
