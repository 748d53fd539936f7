/* Packages by their records: names, and whose files are whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/packages.h"
#include "needs/app_test.h"

static const struct app_file dpkg[] = {
	{.path = "usr/bin/b", .text = "b"},
	{.path = "bin", .link = "usr/bin"},
	{.path = "etc/own", .text = "o"},
	{.path = "var/lib/dpkg/status",
	 .text = "Package: two\nStatus: install ok installed\n\nPackage: one\n\nPackage: two\n"},
	{.path = "var/lib/dpkg/info/one:amd64.list", .text = "/.\n/bin\n/bin/b\n/nowhere\n"},
	{.path = "var/lib/dpkg/info/two.list", .text = "/etc\n/etc/own\n"},
	{0}};
static const struct app_file distroless[] = {
	{.path = "usr/lib/a", .text = "a"},
	{.path = "var/lib/dpkg/status.d/one", .text = "Package: one\n"},
	{.path = "var/lib/dpkg/status.d/one.md5sums", .text = "0123  usr/lib/a\nodd\n"},
	{0}};
static const struct app_file apk[] = {
	{.path = "usr/bin/b", .text = "b"},
	{.path = "lib/apk/db/installed",
	 .text = "P:two\nF:etc\nR:own\n\nP:one\nV:1\nF:usr/bin\nR:b\nZ:x\n"},
	{.path = "etc/own", .text = "o"},
	{0}};

struct told {
	struct str text;
	struct arena *arena;
};

static void tell(const struct node *n, void *context)
{
	struct told *told = context;
	if (node_type(n) == ENTRY_FILE)
		told->text = arena_printf(told->arena, "%.*s%.*s ", STR_ARG(told->text),
		                          STR_ARG(tree_path(n, told->arena)));
}

static void names_and_files_are_told(void **state)
{
	(void)state;
	static const struct {
		const struct app_file *files;
		const char *names, *of_one;
	} rows[] = {
		{dpkg, "one two ", "/usr/bin/b "},
		{distroless, "one ", "/usr/lib/a "},
		{apk, "one two ", "/usr/bin/b "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct tree t = app_of(rows[i].files, &a);
		struct map one = {0};
		struct str names = STR("");
		struct str_vec v = packages_of(&t, &a);
		for (size_t k = 0; k < v.n; k++)
			names = arena_printf(&a, "%.*s%.*s ", STR_ARG(names), STR_ARG(v.p[k]));
		assert_string_equal(arena_cstr(&a, names), rows[i].names);

		struct told told = {.text = STR(""), .arena = &a};
		map_put(&one, &a, STR("one"), NULL);
		packages_files(&t, &one, &a, tell, &told);
		assert_string_equal(arena_cstr(&a, told.text), rows[i].of_one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_files_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
