/* Where references stand, and what a digest behind each of them makes of the file; and that the
 * file means the same. What registries say comes in tests/registry/pinning.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "advise/pin_parts.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Every place that gets the digest is marked by a "^" behind the reference. */
struct pin_case {
	const char *name, *marked;
};

static const struct pin_case cases[] = {
	{"Dockerfile", "FROM a^"},
	{"Dockerfile", "FROM a:1^\n"},
	{"Dockerfile", "FROM a:1^ AS b\r\nFROM b\r\nFROM 0^\r\nCOPY --from=b x y\r\nCOPY --from=0 x y\r\n"},
	{"Dockerfile", "\xef\xbb\xbf" "from localhost:5000/a/b:1^ as C\nfrom c\nfrom scratch\n"},
	{"Dockerfile", "# syntax=docker/dockerfile:1^\nFROM a^\n"},
	{"Dockerfile", "#syntax = docker/dockerfile:1^ \n# escape=`\nFROM a^ `\n AS b\n"},
	{"Dockerfile", "FROM --platform=$BUILDPLATFORM a^\nFROM --platform=linux/amd64 \\\n  # c\n  b:1^ \\\n AS c"},
	{"Dockerfile", "FROM a^\nCOPY --from=b:2^ --chown=1 x y\nCOPY --from=\"c^\" x y\nADD --from=d x y\n"},
	{"Dockerfile", "FROM a^\nRUN --mount=from=b^,target=/x --mount=type=cache,target=/y ls\n"},
	{"Dockerfile", "FROM a^\nONBUILD COPY --from=b:1^ x y\nONBUILD RUN --mount=type=bind,from=c^ ls\n"},
	{"Dockerfile", "FROM a^\nRUN <<E\nFROM b\nE\nLABEL x=\"FROM c\"\n# FROM d\n"},
	{"Dockerfile", "ARG A=a:1^\nFROM ${A}\nFROM $A\nFROM ${A:-x}\n"},
	{"Dockerfile", "ARG A=\"a:1^\" B='b^'\nFROM $A\nFROM ${B}\n"},
	{"Dockerfile", "ARG A\nFROM ${A:-a:1^}\n"},
	{"Dockerfile", "ARG A=1\nFROM a:$A\nFROM ${A}\n"},
	{"Dockerfile", "ARG A=a:1\nARG B=$A-slim\nFROM $A\nFROM $B\n"},
	{"Dockerfile", "ARG A=a:1\nFROM $A\nFROM ${A%:*}:2\n"},
	{"Dockerfile", "ARG A=a:1^\nFROM ${A%%-*}\n"},
	{"Dockerfile", "ARG A=b\nFROM a^ AS b\nFROM $A\n"},
	{"Dockerfile", "FROM a:1@" OTHER "\nFROM b@" OTHER "\n"},
	{"Dockerfile", "FROM docker:24^\nFROM file:1^\nFROM oci:2^\n"},
	{"Dockerfile", "FROM a/Upper:1\nFROM a:1@sha256:12\nFROM a//b\nFROM https://x/y\n"},
	{"Dockerfile", "# socle ignore=pin x\nFROM a\nFROM b^\n# socle ignore=latest-tag x\nFROM c^\n"},
	{"Dockerfile", "FROM a\n# socle global ignore=pin x\n"},
	{"Dockerfile", "FROM a^\nRUN \\\n# socle ignore=pin x\n --mount=from=b,target=/x ls\n"},
	{"Dockerfile", "# socle ignore=pin x\nARG A=a\nFROM $A\nFROM b^\n"},
	{"x.yaml", "image: a^"},
	{"x.yml", "{\"image\": \"a:1^\", x: [{image: 'b^'}]}\r\n"},
	{"x.yaml", "x-a: &a b:1^\ns: {c: {image: *a}, d: {image: *a}}\n"},
	{"x.yaml", "image: ${A:-a^}\n"},
	{"x.yaml", "image: a # socle ignore=pin x\nj: {image: b^}\n"},
	{"x.yaml", "# socle global ignore=pin x\nimage: a\n"},
	{"x.yaml", "image: a:1@" OTHER "\n"},
	{"x", "image: a^\n"},
	{"x", "from a^\n"},
	{"-", "\n# c\nARG A=a^\nFROM $A\n"},
	{"-", "# syntax=a^\n"},
};

/* Without the marks, or with digests in their places. */
static struct str unmarked(const char *marked, const char *mark, struct arena *a)
{
	struct str rest = str_of(marked), part, s = STR("");
	bool first = true;
	while (str_next(&rest, '^', &part)) {
		s = arena_printf(a, "%.*s%s%.*s", STR_ARG(s), first ? "" : mark, STR_ARG(part));
		first = false;
	}
	size_t n = strlen(marked);
	return n && marked[n - 1] == '^' ? arena_printf(a, "%.*s%s", STR_ARG(s), mark) : s;
}

static void give_digests(struct pin_file *f, struct arena *a)
{
	for (size_t i = 0; i < f->references.n; i++) {
		struct pin_reference *r = &f->references.p[i];
		if (r->settled || r->name.digest.n)
			continue;
		r->status = PIN_PINNED;
		r->digest = STR(DIGEST);
		r->result = arena_printf(a, "%.*s@" DIGEST, STR_ARG(r->image));
	}
	pin_edit(f, a);
}

static void digests_go_behind_references_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct pin_file f = {.name = str_of(cases[i].name), .text = unmarked(cases[i].marked, "", &a)};
		struct str wanted = unmarked(cases[i].marked, "@" DIGEST, &a);
		if (!pin_read(&f, &a, &e))
			fail_msg("%s\n%s", cases[i].marked, e.message);
		give_digests(&f, &a);
		if (!str_eq(f.result, wanted))
			fail_msg("%s\n  want %.*s\n  got  %.*s", cases[i].marked, STR_ARG(wanted), STR_ARG(f.result));
		struct pin_file again = {.name = f.name, .text = f.result};
		assert_true(pin_read(&again, &a, &e));
		assert_int_equal(again.references.n, f.references.n);
		give_digests(&again, &a);
		assert_true(str_eq(again.result, f.result));
	}
}

static void places_are_counted_in_code_points(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct pin_file f = {.name = STR("x.yaml")};
	f.text = STR("\xef\xbb\xbf{\xc3\xa4: \xf0\x9f\x90\xb3, image: a}\n---\n\n{image: b, x: {image: c}}");
	assert_true(pin_read(&f, &a, &e));
	static const unsigned wanted[][2] = {{1, 15}, {4, 9}, {4, 23}};
	assert_int_equal(f.references.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(f.references.p[i].line, wanted[i][0]);
		assert_int_equal(f.references.p[i].column, wanted[i][1]);
	}
}

/* `text`, so many times. */
static struct str repeated(const char *text, size_t times, struct arena *a)
{
	size_t n = strlen(text);
	char *p = arena_alloc(a, n * times + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * n, text, n);
	return (struct str){p, n * times};
}

static void large_files_are_done_soon(void **state)
{
	(void)state;
	static const char *const lines[] = {"FROM a:1\n", "FROM a:1 AS b\nCOPY --from=c:2 x y\n", "- {image: a}\n"};
	for (size_t i = 0; i < 3; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct pin_file f = {.name = i == 2 ? STR("f.yaml") : STR("Dockerfile")};
		f.text = repeated(lines[i], (800u << 10) / strlen(lines[i]), &a);
		if (!pin_read(&f, &a, &e))
			fail_msg("%s", e.message);
		give_digests(&f, &a);
		assert_true(f.result.n > f.text.n);
	}
}

static void files_that_are_refused(void **state)
{
	(void)state;
	static const char *const texts[][3] = {
		{"Dockerfile", "FROM a b", "Dockerfile:1:8: FROM wants an image, or an image, AS and a name"},
		{"Dockerfile", "RUN x", "Dockerfile:1:1: RUN stands before the first FROM"},
		{"x.yaml", "image: [", "x.yaml:2:1: not YAML: did not find expected node content"},
		{"x.yaml", "image: 'a", "x.yaml:1:10: not YAML: found unexpected end of stream"},
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct pin_file f = {.name = str_of(texts[i][0]), .text = str_of(texts[i][1])};
		assert_false(pin_read(&f, &a, &e));
		assert_string_equal(e.message, texts[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_go_behind_references_alone),
		cmocka_unit_test(places_are_counted_in_code_points),
		cmocka_unit_test(large_files_are_done_soon),
		cmocka_unit_test(files_that_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
