/* Dockerfiles of many styles (tests/fixtures/dockerfile/files, made by ../generate): parse and
 * print gives the same bytes, and another parser sees the same instructions. */
#include <glob.h>
#include <stdlib.h>

#include "core/limits.h"
#include "dockerfile/dump_test.h"
#include "os/file.h"

#define FILES "tests/fixtures/dockerfile/files/"

static bool is_filler(const struct dockerfile *d, char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == d->escape;
}

/* No byte is lost: what no instruction and no comment holds is blanks and line ends. */
static void expect_cover(const struct dockerfile *d, const char *path)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	char *seen = arena_alloc(&a, d->text.n + 1);
	for (size_t i = 0; i < d->instructions.n; i++)
		memset(seen + d->instructions.p[i].at.off, 1, d->instructions.p[i].at.n);
	for (size_t i = 0; i < d->comments.n; i++)
		memset(seen + d->comments.p[i].at.off, 1, d->comments.p[i].at.n);
	for (size_t i = d->bom ? 3 : 0; i < d->text.n; i++)
		if (!seen[i] && !is_filler(d, d->text.p[i]))
			fail_msg("%s: byte %zu belongs to nothing", path, i);
}

static void expect_images(const struct dockerfile *d, const char *path)
{
	for (size_t i = 0; i < d->images.n; i++) {
		const struct image_use *u = &d->images.p[i];
		assert_true(u->at.n >= u->written.n);
		if (u->value_at.n && !str_eq(span_text(d->text, u->value_at), u->value))
			fail_msg("%s: %.*s does not stand where it is said to", path, STR_ARG(u->value));
	}
}

static void load(const char *path, struct dockerfile *d, struct arena *a)
{
	struct err e = ERR_INIT;
	struct str text;
	if (!file_read(path, LIMIT_DOCKERFILE_BYTES, a, &text, &e) ||
	    !dockerfile_parse(d, text, str_of(path), a, &e))
		fail_msg("%s", e.message);
}

static void every_file_prints_as_it_was(void **state)
{
	(void)state;
	glob_t found;
	assert_int_equal(glob(FILES "*.dockerfile", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 300);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct dockerfile d;
		struct str printed;
		load(found.gl_pathv[i], &d, &a);
		assert_true(text_apply(d.text, NULL, 0, &a, &printed, &e));
		assert_true(str_eq(printed, d.text));
		assert_true(d.instructions.n > 0 && d.stages.n > 0);
		expect_cover(&d, found.gl_pathv[i]);
		expect_images(&d, found.gl_pathv[i]);
	}
	globfree(&found);
}

/* How a file is written changes nothing: all styles of a body have the same tokens. */
static void styles_of_a_body_have_the_same_tokens(void **state)
{
	(void)state;
	glob_t found;
	assert_int_equal(glob(FILES "*.plain.dockerfile", 0, NULL, &found), 0);
	static const char *const styles[] = {"no-newline", "bom", "licensed", "pragmas", "sections",
	                                     "lower", "capital"};
	for (size_t i = 0; i < found.gl_pathc; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct dockerfile plain, other;
		load(found.gl_pathv[i], &plain, &a);
		struct str stem = str_of(found.gl_pathv[i]);
		stem.n -= strlen("plain.dockerfile");
		for (size_t k = 0; k < sizeof styles / sizeof *styles; k++) {
			char *path = arena_cstr(&a, arena_printf(&a, "%.*s%s.dockerfile", STR_ARG(stem), styles[k]));
			if (!path_exists(path))
				continue;
			load(path, &other, &a);
			expect_str(dump(&other, &a), arena_cstr(&a, dump(&plain, &a)), path);
		}
	}
	globfree(&found);
}

/* "KEYWORD LINE[ IMAGE]" as tests/oracle/dockerfile-ast.js prints it. */
static struct str as_oracle(const struct dockerfile *d, struct arena *a)
{
	struct str s = STR("");
	for (size_t k = 0; k < d->instructions.n; k++) {
		const struct instruction *i = &d->instructions.p[k];
		s = arena_printf(a, "%.*s%s %u", STR_ARG(s), instruction_name(i->kind), i->line);
		if (i->kind == INSTRUCTION_FROM)
			s = arena_printf(a, "%.*s %.*s", STR_ARG(s), STR_ARG(i->tokens.p[0].raw));
		s = arena_printf(a, "%.*s\n", STR_ARG(s));
	}
	return s;
}

static struct str asked(const char *command, int *status, struct arena *a)
{
	struct str s = STR("");
	char line[4096];
	FILE *f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		s = arena_printf(a, "%.*s%s", STR_ARG(s), line);
	*status = pclose(f);
	return s;
}

static void another_parser_sees_the_same(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	int status;
	struct str said = asked("tests/oracle/dockerfile-ast " FILES "*.dockerfile", &status, &a);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		printf("left out: %.*s", STR_ARG(said));
		arena_release(&a); /* skip() jumps over the cleanup */
		skip();
	}
	assert_int_equal(status, 0);
	size_t files = 0;
	while (said.n) {
		struct str head = str_slice(said, 3, str_index(said, '\n'));
		said = str_skip(said, head.n + 4);
		size_t end = str_starts(said, STR("== ")) ? 0 : str_find(said, STR("\n== ")) + 1;
		struct str theirs = str_slice(said, 0, end);
		said = str_skip(said, end);
		struct dockerfile d;
		const char *path = arena_cstr(&a, head);
		load(path, &d, &a);
		expect_str(as_oracle(&d, &a), arena_cstr(&a, theirs), path);
		files++;
	}
	assert_true(files >= 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_prints_as_it_was),
		cmocka_unit_test(styles_of_a_body_have_the_same_tokens),
		cmocka_unit_test(another_parser_sees_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
