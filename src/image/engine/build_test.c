/* Builds by the engine that DOCKER_HOST names: tests/engines/run starts one. */
#include "image/engine/build.h"

#include <stdlib.h>

#include "image/engine/container.h"
#include "image/testing.h"

struct world {
	struct engine_options options;
	struct engines *engines;
	const struct engine *engine;
	struct arena arena;
	char folder[64];
};

static void write_file(struct world *w, const char *name, const char *text)
{
	struct str path = arena_printf(&w->arena, "%s/%s", w->folder, name);
	FILE *f = fopen(path.p, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct err e = ERR_INIT;
	const char *docker = getenv("DOCKER_HOST"), *podman = getenv("CONTAINER_HOST");
	*state = w;
	w->options = (struct engine_options){.docker_host = str_of(docker), .silence_ms = 20000,
	                                     .container_host = str_of(podman)};
	w->engines = engines_new(&w->options);
	if (docker && *docker)
		w->engine = engines_get(w->engines, ENGINE_DOCKER, &e);
	if (!w->engine && podman && *podman)
		w->engine = engines_get(w->engines, ENGINE_PODMAN, &e);
	snprintf(w->folder, sizeof w->folder, "/tmp/socle-build-XXXXXX");
	return mkdtemp(w->folder) ? 0 : 1;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;
	bool ok = !w->engine || engine_clean(w->engine, STR("socle.run=build-test"), 0, &e);
	ok &= system(arena_printf(&w->arena, "rm -rf %s", w->folder).p) == 0;
	engines_free(&w->engines);
	arena_release(&w->arena);
	free(w);
	return ok ? 0 : 1;
}

static void need_engine(const struct world *w)
{
	if (w->engine)
		return;
	puts("no engine: tests/engines/run starts one for this");
	skip();
}

static struct engine_built build(struct world *w, const char *text, const char *target)
{
	static struct str labels_of_ours[] = {STR_INIT("socle.run=build-test")};
	static const struct str_vec labels = {labels_of_ours, 1, 1};
	static struct str args_of_ours[] = {STR_INIT("WORD=said")};
	static const struct str_vec args = {args_of_ours, 1, 1};
	struct engine_build b = {.folder = str_of(w->folder), .name = STR("sub/Dockerfile"),
	                         .text = str_of(text), .target = str_of(target), .labels = &labels,
	                         .args = &args, .network = STR("host")};
	struct engine_built built;
	struct err e = ERR_INIT;
	if (!engine_build(w->engine, &b, &built, &w->arena, &e))
		fail_msg("%s", e.message);
	return built;
}

static void fill(struct world *w)
{
	assert_int_equal(system(arena_printf(&w->arena, "mkdir -p %s/sub %s/keep %s/drop/a", w->folder,
	                                     w->folder, w->folder).p), 0);
	write_file(w, "sub/Dockerfile", "this is not what is built");
	write_file(w, "sub/note", "note");
	write_file(w, "keep/in", "in");
	write_file(w, "keep/out.md", "out");
	write_file(w, "drop/a/x", "x");
	write_file(w, "drop/a/exception", "e");
	write_file(w, "secret", "s");
	write_file(w, ".dockerignore", "# comment\nsecret\n**/*.md\ndrop\n!drop/a/exception\n");
}

/* The paths below "/ctx" of an image, as the engine's container has them. */
static bool has_path(struct world *w, struct str image, const char *path)
{
	struct str_vec argv = {0}, env = {0}, warnings = {0};
	static struct str labels_of_ours[] = {STR_INIT("socle.run=build-test")};
	static const struct str_vec labels = {labels_of_ours, 1, 1};
	struct err e = ERR_INIT;
	struct str id, refusal;
	bool found;
	*vec_push(&argv, &w->arena) = STR("x");
	struct engine_container c = {.image = image, .argv = &argv, .env = &env, .labels = &labels};
	assert_true(engine_create(w->engine, &c, &id, &warnings, &refusal, &w->arena, &e));
	assert_int_equal(refusal.n, 0);
	assert_true(engine_has_file(w->engine, id, str_of(path), &found, &e));
	return found;
}

static void a_context_as_its_ignore_file_says(void **state)
{
	struct world *w = *state;
	need_engine(w);
	fill(w);
	struct engine_built b = build(w, "FROM test/one:1\nARG WORD\nCOPY . /ctx\n"
	                              "LABEL word=$WORD\nRUN [\"/bin/says\", \"out\", \"built here\"]\n", "");
	if (!b.image.n)
		fail_msg("%.*s\n%.*s", STR_ARG(b.why), STR_ARG(b.said));
	assert_true(str_contains(b.said, STR("built here")));
	static const char *const there[] = {"/ctx/sub/note", "/ctx/keep/in", "/ctx/drop/a/exception",
	                                    "/ctx/sub/Dockerfile", "/ctx/.dockerignore"};
	static const char *const gone[] = {"/ctx/secret", "/ctx/keep/out.md", "/ctx/drop/a/x"};
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		if (!has_path(w, b.image, there[i]))
			fail_msg("%s is missing", there[i]);
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		if (has_path(w, b.image, gone[i]))
			fail_msg("%s came along", gone[i]);
	struct engine_image image;
	struct err e = ERR_INIT;
	assert_true(engine_inspect(w->engine, b.image, &image, &w->arena, &e) && image.found);
	assert_true(str_contains(image.config, STR("\"word\":\"said\"")));
}

static void stages(void **state)
{
	struct world *w = *state;
	need_engine(w);
	fill(w);
	const char *text = "FROM test/one:1 AS first\nLABEL stage=one\nFROM first\nLABEL stage=two\n";
	struct engine_image image;
	struct err e = ERR_INIT;
	struct engine_built b = build(w, text, "first");
	assert_true(engine_inspect(w->engine, b.image, &image, &w->arena, &e));
	assert_true(str_contains(image.config, STR("\"stage\":\"one\"")));
}

static void what_does_not_build(void **state)
{
	struct world *w = *state;
	need_engine(w);
	fill(w);
	struct engine_built b = build(w, "FROM test/one:1\nRUN [\"/bin/says\", \"out\", \"before it\", \"exit\", \"3\"]\n", "");
	assert_int_equal(b.image.n, 0);
	assert_true(str_contains(b.why, STR("3")));
	assert_true(str_contains(b.said, STR("before it")));
	static const char *const bad[] = {"FROM test/one:1\nCOPY nothing /\n", "FRM x\n", "",
	                                  "FROM test/one:1\nCOPY secret /\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		b = build(w, bad[i], "");
		assert_int_equal(b.image.n, 0);
		assert_true(b.why.n > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_context_as_its_ignore_file_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_does_not_build, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
