/* patch(1) makes the one text of the other, for texts of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/file.h"
#include "report/diff.h"

static char folder[] = "/tmp/socle-diff-XXXXXX";

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static void assert_patches(struct str before, struct str after, struct arena *a)
{
	struct err e = ERR_INIT;
	struct str path = arena_printf(a, "%s/t", folder), got;
	char command[256];
	snprintf(command, sizeof command, "cd %s && patch -s t d", folder);
	FILE *f = fopen(arena_printf(a, "%s/d", folder).p, "w");
	struct out o = {.file = f, .width = 80};
	assert_non_null(f);
	diff_print(&o, STR("t"), before, after);
	fclose(f);
	if (!file_replace(path.p, before, 0644, &e) || system(command) ||
	    !file_read(path.p, 1 << 20, a, &got, &e) || !str_eq(got, after))
		fail_msg("%.*s\n---\n%.*s", STR_ARG(before), STR_ARG(after));
}

static void known_texts(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a\n", "b\n"},
		{"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n", "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nK\n"},
		{"a\nb\n", "a\nb\nc\n"},
		{"a\nb\nc", "a\nc"},
		{"a\nb", "a\nb\n\nc\nd\n"},
		{"x\n", "a\nb\nx\nc\n"},
		{"a\nb\nc\nd\n", "d\nc\nb\na\nz\n"},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (system("command -v patch >/dev/null"))
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_patches(str_of(rows[i][0]), str_of(rows[i][1]), &a);
}

/* A few lines out of a small alphabet, so that much is common. */
static struct str made(unsigned *seed, struct arena *a)
{
	struct str text = STR("");
	for (int n = rand_r(seed) % 24; n >= 0; n--)
		text = arena_printf(a, "%.*s%c%s", STR_ARG(text), 'a' + rand_r(seed) % 5,
		                    n || rand_r(seed) % 3 ? "\n" : "");
	return text;
}

static void random_texts(void **state)
{
	(void)state;
	unsigned seed = 7;
	if (system("command -v patch >/dev/null"))
		skip();
	for (int i = 0; i < 60; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str before = made(&seed, &a), after = made(&seed, &a);
		if (!str_eq(before, after))
			assert_patches(before, after, &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts),
		cmocka_unit_test(random_texts),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
