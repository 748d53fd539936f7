/* Dockerfiles before and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/made_test.h"
#include "advise/rewrite.h"

#define NEW "registry.invalid/tiny:1"

static void choose_tiny(struct made *m, struct pick_result *r)
{
	static const struct app_file files[] = {
		{.path = "run", .text = "#!/bin/x\n"}, {.path = "conf/a", .text = "a"}, {0}};
	static const struct app_file base[] = {{.path = "bin/x", .object = "x"},
	                                       {.path = "app/conf/b", .text = "b"},
	                                       {0}};
	made_open(m, "bases:\n- name: tiny:1\n  repository: registry.invalid/tiny\n");
	if (!compile(&m->arena, "cc", "x", "-static", "int main(void) { return 0; }"))
		fail_msg("no static program could be made");
	made_learn(m, "tiny:1", base);
	made_app(m, files, "run");
	*r = made_pick(m);
	assert_non_null(r->choice);
}

static struct dockerfile parsed(const char *text, struct arena *a)
{
	struct err e = ERR_INIT;
	struct dockerfile d;
	if (!dockerfile_parse(&d, str_of(text), STR("f"), a, &e))
		fail_msg("%s", e.message);
	return d;
}

static void in_place_only_the_last_stage_changes(void **state)
{
	(void)state;
	static const struct {
		const char *before, *user, *after; /* NULL: it does not fit in place */
	} rows[] = {
		{"FROM a AS b\nRUN x\nFROM  debian:12  AS last\nCOPY --from=b /x /x\nCMD [\"/x\"]\n", "",
	         "FROM a AS b\nRUN x\nFROM  " NEW "  AS last\nCOPY --from=b /x /x\nCMD [\"/x\"]\n"},
		{"ARG V=12\nFROM debian:$V\nCMD exec server --port 80", "7:7",
	         "ARG V=12\nFROM " NEW "\nUSER 7:7\nCMD [\"server\", \"--port\", \"80\"]"},
		{"FROM debian\nUSER web\nENTRYPOINT a | b\n", "7:7", "FROM " NEW "\nUSER web\nENTRYPOINT a | b\n"},
		{"FROM debian\nCOPY . /x", "7", "FROM " NEW "\nCOPY . /x\nUSER 7\n"},
		{"FROM debian\nENTRYPOINT [\"/x\"]\nCMD [\"y\"]\n", "7",
	         "FROM " NEW "\nUSER 7\nENTRYPOINT [\"/x\"]\nCMD [\"y\"]\n"},
		{"FROM debian\nRUN x\n", "", NULL},
		{"FROM debian AS a\nFROM a\n", "", NULL},
		{"FROM scratch\nCOPY x /\n", "", NULL},
		{"ARG V\nFROM $V\nCOPY x /\n", "", "ARG V\nFROM " NEW "\nCOPY x /\n"},
	};
	CLEANUP_MADE struct made m = {0};
	struct pick_result r;
	choose_tiny(&m, &r);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = ERR_INIT;
		struct str text;
		struct dockerfile d = parsed(rows[i].before, &m.arena);
		bool fits = rewrite_fits_in_place(&d);
		if (fits != (rows[i].after != NULL))
			fail_msg("%s: fits: %d", rows[i].before, fits);
		if (!fits)
			continue;
		if (!rewrite_in_place(&d, &r, str_of(rows[i].user), &text, &m.arena, &e))
			fail_msg("%s", e.message);
		assert_string_equal(arena_cstr(&m.arena, text), rows[i].after);
		parsed(arena_cstr(&m.arena, text), &m.arena);
	}
}

static void a_health_check_that_fails_is_left_out(void **state)
{
	(void)state;
	CLEANUP_MADE struct made m = {0};
	struct pick_result r;
	struct err e = ERR_INIT;
	struct str text;
	choose_tiny(&m, &r);
	struct rung choice = *r.choice;
	*vec_push(&choice.judgement.prediction.findings, &m.arena) = (struct finding){
		.object = STR("HEALTHCHECK"), .name = STR("curl")};
	r.choice = &choice;
	struct dockerfile d =
		parsed("FROM a\n# kept\nHEALTHCHECK CMD curl \\\n  localhost\nCMD [\"x\"]\n", &m.arena);
	assert_true(rewrite_in_place(&d, &r, STR(""), &text, &m.arena, &e));
	assert_string_equal(arena_cstr(&m.arena, text),
	                    "FROM " NEW "\n# kept\n# HEALTHCHECK is left out: the base has no curl; let "
	                    "the platform ask from outside\nCMD [\"x\"]\n");
}

/* Folders that the base has are gone into, others copied whole. */
static void on_top_the_last_stage_becomes_a_builder(void **state)
{
	(void)state;
	static const char stage[] = "# not pinned yet: socle pin -i writes the digest\nFROM " NEW "\n"
				    "COPY --from=%s /app/conf/a /app/conf/\nCOPY --from=%s /app/run /app/\n"
				    "WORKDIR /app\n%sENTRYPOINT [\"/app/run\"]\n";
	static const struct {
		const char *before, *user, *name, *changed;
	} rows[] = {
		{"FROM debian:12\nRUN make\n", "", "built", "FROM debian:12 AS built\nRUN make\n"},
		{"FROM a AS built\nFROM b:1", "7", "built2", "FROM a AS built\nFROM b:1 AS built2\n"},
		{"FROM --platform=x a AS own\nRUN y\n", "", "own", "FROM --platform=x a AS own\nRUN y\n"},
	};
	CLEANUP_MADE struct made m = {0};
	struct pick_result r;
	choose_tiny(&m, &r);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = ERR_INIT;
		struct str text;
		struct dockerfile d = parsed(rows[i].before, &m.arena);
		char wanted[1024], added[512];
		const char *user = rows[i].user[0] ? "USER 7\n" : "";
		snprintf(added, sizeof added, stage, rows[i].name, rows[i].name, user);
		snprintf(wanted, sizeof wanted, "%s\n%s", rows[i].changed, added);
		if (!rewrite_on_top(&d, &r, str_of(rows[i].user), &text, &m.arena, &e))
			fail_msg("%s", e.message);
		assert_string_equal(arena_cstr(&m.arena, text), wanted);
		parsed(arena_cstr(&m.arena, text), &m.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_place_only_the_last_stage_changes),
		cmocka_unit_test(a_health_check_that_fails_is_left_out),
		cmocka_unit_test(on_top_the_last_stage_becomes_a_builder),
	};
	return cmocka_run_group_tests(tests, made_begin, made_end);
}
