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
		{"FROM debian\nUSER web\nENTRYPOINT a | b\n", "", "FROM " NEW "\nUSER web\nENTRYPOINT a | b\n"},
		{"FROM debian\nUSER web\nENTRYPOINT a | b\n", "7:7", "FROM " NEW "\nUSER 7:7\nENTRYPOINT a | b\n"},
		{"FROM debian\nCMD ulimit -n 9\n", "", "FROM " NEW "\nCMD ulimit -n 9\n"},
		{"FROM debian\nENTRYPOINT . /x\n", "", "FROM " NEW "\nENTRYPOINT . /x\n"},
		{"FROM debian\nCOPY . /x", "7", "FROM " NEW "\nCOPY . /x\nUSER 7\n"},
		{"FROM debian\nENTRYPOINT [\"/x\"]\nCMD [\"y\"]\n", "7",
	         "FROM " NEW "\nUSER 7\nENTRYPOINT [\"/x\"]\nCMD [\"y\"]\n"},
		{"FROM debian\nCOPY x /y \\\n", "7", "FROM " NEW "\nCOPY x /y\nUSER 7\n"},
		{"FROM debian\nCOPY x /y \\\n# z\n \\", "7", "FROM " NEW "\nCOPY x /y\nUSER 7\n"},
		{"FROM debian\r\nCOPY x /y\r\nCMD x\r\n", "7",
	         "FROM " NEW "\r\nCOPY x /y\r\nUSER 7\r\nCMD [\"x\"]\r\n"},
		{"FROM debian\r\nCOPY x /y", "7", "FROM " NEW "\r\nCOPY x /y\r\nUSER 7\r\n"},
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
#define COMMENT                                                                                    \
	"# HEALTHCHECK is left out: the base has no curl; let the platform ask from outside"
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"FROM a\n# kept\nHEALTHCHECK CMD curl \\\n  localhost\nCMD [\"x\"]\n",
	         "FROM " NEW "\n# kept\n" COMMENT "\nCMD [\"x\"]\n"},
		{"FROM a\nHEALTHCHECK CMD wget x\nUSER y\nHEALTHCHECK CMD curl x  \nCMD [\"x\"]\n",
	         "FROM " NEW "\nUSER y\n" COMMENT "\nCMD [\"x\"]\n"},
		{"FROM a\r\nHEALTHCHECK CMD curl x\r\nUSER y\r\n",
	         "FROM " NEW "\r\n" COMMENT "\r\nUSER y\r\n"},
		{"FROM a\nHEALTHCHECK CMD curl x \\\n", "FROM " NEW "\n" COMMENT " \\\n"},
	};
#undef COMMENT
	CLEANUP_MADE struct made m = {0};
	struct pick_result r;
	struct err e = ERR_INIT;
	struct str text;
	choose_tiny(&m, &r);
	struct rung choice = *r.choice;
	*vec_push(&choice.judgement.prediction.findings, &m.arena) = (struct finding){
		.object = STR("HEALTHCHECK"), .name = STR("curl")};
	r.choice = &choice;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dockerfile d = parsed(rows[i].before, &m.arena);
		assert_true(rewrite_in_place(&d, &r, STR(""), &text, &m.arena, &e));
		assert_string_equal(arena_cstr(&m.arena, text), rows[i].after);
	}
}

/* Folders that the base has are gone into, others copied whole. */
static void on_top_the_last_stage_becomes_a_builder(void **state)
{
	(void)state;
	static const char stage[] = "# not pinned yet: socle pin -i writes the digest\nFROM %s" NEW "\n"
				    "COPY --from=%s /app/conf/a /app/conf/\nCOPY --from=%s /app/run /app/\n"
				    "WORKDIR /app\n%sENTRYPOINT [\"/app/run\"]\n";
	static const struct {
		const char *before, *user, *name, *changed, *platform;
	} rows[] = {
		{"FROM debian:12\nRUN make\n", "", "built", "FROM debian:12 AS built\nRUN make\n", ""},
		{"FROM a AS built\nFROM b:1", "7", "built2", "FROM a AS built\nFROM b:1 AS built2\n", ""},
		{"FROM --platform=x a AS own\nRUN y\n", "", "own", "FROM --platform=x a AS own\nRUN y\n",
	         "--platform=x "},
		{"FROM b \\\n", "", "built", "FROM b AS built\n", ""},
		{"FROM --platform=$X a AS b\nFROM b\n", "", "built",
	         "FROM --platform=$X a AS b\nFROM b AS built\n", "--platform=$X "},
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
		snprintf(added, sizeof added, stage, rows[i].platform, rows[i].name, rows[i].name, user);
		snprintf(wanted, sizeof wanted, "%s\n%s", rows[i].changed, added);
		if (!rewrite_on_top(&d, &r, str_of(rows[i].user), &text, &m.arena, &e))
			fail_msg("%s", e.message);
		assert_string_equal(arena_cstr(&m.arena, text), wanted);
		parsed(arena_cstr(&m.arena, text), &m.arena);
	}
}

static struct facts *layer(const struct app_file *files, struct arena *a)
{
	struct err e = ERR_INIT;
	struct buf record = BUF_INIT(1 << 20);
	struct facts *facts = ARENA_NEW(a, struct facts);
	struct facts_builder *b = facts_builder_new(a);
	for (const struct app_file *f = files; f->path; f++)
		app_add(b, f, a);
	if (!facts_builder_encode(b, STR(""), 0, &record, &e) ||
	    !facts_open(facts, arena_str(a, buf_str(&record)), a, &e))
		fail_msg("%s", e.message);
	facts_builder_release(b);
	buf_release(&record);
	return facts;
}

/* Of an image comes along what is not its base's, and what a line can say of it. */
static void an_image_is_copied_without_its_base(void **state)
{
	(void)state;
	static const struct app_file below[] = {
		{.path = "docs/old", .text = "o"},
		{.path = "usr/bin/ls", .text = "ls"},
		{.path = "usr/share/zone/utc", .text = "u"},
		{0}};
	static const struct app_file above[] = {
		{.path = "app/bin/run", .text = "#!/bin/x\n"},
		{.path = "data", .link = "/srv/data"},
		{.path = "docs/a b", .text = "1"},
		{.path = "docs/c[d", .text = "1"},
		{.path = "lost", .link = "/nowhere"},
		{.path = "srv/data/a", .text = "a"},
		{.path = "it's/a", .text = "a"},
		{.path = "own/d/e", .text = "a"},
		{.path = "own/f", .link = "d/e"},
		{.path = "time", .link = "usr/share/zone/utc"},
		{.path = "to-usr", .link = "usr"},
		{.path = "usr/bin/own", .text = "o"},
		{.path = "usr/lib/own/x", .text = "o"},
		{.path = "var/lib/apt/x", .text = "o"},
		{.path = "var/lib/own/x", .text = "o"},
		{0}};
	static const char wanted[] =
		"FROM debian AS built\nRUN x\n\n"
		"# not pinned yet: socle pin -i writes the digest\nFROM " NEW "\n"
		"COPY --from=built /app/bin /app/bin\n"
		"COPY --from=built /data /data\n"
		"COPY --from=built [\"/docs/a b\", \"/docs/\"]\n"
		"# left out, its name is not plain: \"/docs/c[d\"\n"
		"COPY --from=built [\"/it\\\\'s\", \"/it\\\\'s\"]\n"
		"# left out, a link to what is not there: \"/lost\"\n"
		"COPY --from=built /own /own\n"
		"COPY --from=built /srv /srv\n"
		"# left out, a link into the old base: \"/time\"\n"
		"# left out, a link into the old base: \"/to-usr\"\n"
		"COPY --from=built /usr/bin/own /usr/bin/\n"
		"COPY --from=built /usr/lib /usr/lib\n"
		"COPY --from=built /var/lib/own /var/lib/own\n"
		"# left out, it has line breaks: LABEL \"poem\"\n"
		"ENV A=\"a\\\"\\$\\\\\"\n"
		"VOLUME /data\n"
		"VOLUME [\"/a b\"]\n"
		"WORKDIR /\n"
		"HEALTHCHECK --interval=90s --timeout=1500ms --start-interval=1ns --retries=5 "
		"CMD /app/bin/run ok\n";
	CLEANUP_MADE struct made m = {0};
	struct pick_result r;
	struct err e = ERR_INIT;
	struct str text;
	struct str labels[] = {STR("poem=a\nb")}, env[] = {STR("A=a\"$\\")};
	struct str check[] = {STR("CMD-SHELL"), STR("/app/bin/run ok")};
	struct str volumes[] = {STR("/data"), STR("/a b")};
	choose_tiny(&m, &r);
	const struct facts *layers[] = {layer(below, &m.arena), layer(above, &m.arena)};
	m.app.at = m.app.working_dir = STR("/");
	m.app.is_image = true;
	m.app.whole = (struct image){.layers = layers, .layer_count = 2};
	m.app.image = (struct image){.layers = layers + 1, .layer_count = 1};
	m.app.image.config = (struct image_config){.labels = {labels, 1, 1}, .env = {env, 1, 1},
	                                           .volumes = {volumes, 2, 2},
	                                           .health_check = {check, 2, 2}};
	m.app.image.config.health_times = (struct health_times){
		.interval_ns = 90000000000, .timeout_ns = 1500000000, .start_interval_ns = 1, .retries = 5};
	struct dockerfile d = parsed("FROM debian\nRUN x\n", &m.arena);
	assert_true(rewrite_on_top(&d, &r, STR(""), &text, &m.arena, &e));
	text = str_slice(text, 0, str_find(text, STR("ENTRYPOINT")));
	assert_string_equal(arena_cstr(&m.arena, text), wanted);
	parsed(wanted, &m.arena);

	check[1] = STR("a\nb");
	d = parsed("# escape=`\nFROM debian\nRUN x\n", &m.arena);
	assert_true(rewrite_on_top(&d, &r, STR(""), &text, &m.arena, &e));
	assert_true(str_contains(text, STR("\nENV A=\"a`\"`$\\\"\n")));
	assert_true(str_contains(text, STR("--from=built [\"/it`'s\", \"/it`'s\"]\n")));
	assert_true(str_contains(text, STR("CMD [\"/bin/sh\", \"-c\", \"a\\u000ab\"]\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_place_only_the_last_stage_changes),
		cmocka_unit_test(a_health_check_that_fails_is_left_out),
		cmocka_unit_test(on_top_the_last_stage_becomes_a_builder),
		cmocka_unit_test(an_image_is_copied_without_its_base),
	};
	return cmocka_run_group_tests(tests, made_begin, made_end);
}
