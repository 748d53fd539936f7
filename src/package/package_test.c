/* Packages by their records: what is told of each, names, and whose files are whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/limits.h"
#include "needs/app_test.h"
#include "package/one_file_test.h"
#include "package/package.h"

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

/* "deb|libc6|1:2.36|glibc|2.36-9|amd64||/var/lib/dpkg/status", every package a line. */
static struct str packages_text(const struct packages *p, struct arena *a)
{
	struct str text = STR("");
	for (size_t i = 0; i < p->list.n; i++) {
		const struct package *k = &p->list.p[i];
		text = arena_printf(a, "%.*s%s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s\n", STR_ARG(text),
		                    package_type_name(k->type), STR_ARG(k->name), STR_ARG(k->version),
		                    STR_ARG(k->source), STR_ARG(k->source_version),
		                    STR_ARG(k->architecture), STR_ARG(k->license), STR_ARG(k->path));
	}
	return text;
}

static void records_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text, *packages;
	} rows[] = {
		{"var/lib/dpkg/status",
		 "\n\nPackage: libc6\nStatus: install ok installed\nArchitecture: amd64\n"
		 "Source: glibc (2.36-9)\nVersion: 1:2.36-9+b1\nDescription: a\n Package: no\n .\n\n"
		 "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
		 "Package: cut\nStatus: install reinstreq half-installed\nversion:2\r\n \n"
		 "Package: never\nStatus: purge ok not-installed\n\n"
		 "Version: 9\n\nPackage:\n\nPackage",
		 "deb|cut|2|cut||||/var/lib/dpkg/status\n"
		 "deb|libc6|1:2.36-9+b1|glibc|2.36-9|amd64||/var/lib/dpkg/status\n"},
		{"var/lib/dpkg/status.d/tzdata",
		 "Package: tzdata\nArchitecture: all\nVersion: 2024a-0+deb12u1\nSource: zones\n",
		 "deb|tzdata|2024a-0+deb12u1|zones||all||/var/lib/dpkg/status.d/tzdata\n"},
		{"var/lib/dpkg/status.d/tzdata.md5sums", "Package: no\n", ""},
		{"lib/apk/db/installed",
		 "C:Q1=\nP:musl-utils\nV:1.2.5-r0\nA:x86_64\nL:MIT AND BSD-2-Clause\no:musl\nF:sbin\n"
		 "R:ldconfig\n\nV:3\n\nP:musl\nV:1.2.5-r0\nodd\n:\nP",
		 "apk|musl|1.2.5-r0|musl||||/lib/apk/db/installed\n"
		 "apk|musl-utils|1.2.5-r0|musl||x86_64|MIT AND BSD-2-Clause|/lib/apk/db/installed\n"},
		{"usr/lib/apk/db/installed", "P:a\nV:1\n", "apk|a|1|a||||/usr/lib/apk/db/installed\n"},
		{"lib/apk/db/installed", "", ""},
		{"opt/v/lib/Foo_Bar-1.2.dist-info/METADATA",
		 "Metadata-Version: 2.1\nname: Foo_Bar\nVersion: 1.2\nLicense: BSD\n\nName: no\n",
		 "pypi|Foo_Bar|1.2|Foo_Bar|||BSD|/opt/v/lib/Foo_Bar-1.2.dist-info/METADATA\n"},
		{"opt/a.egg-info/PKG-INFO",
		 "Name: a\nVersion: 1\nLicense: A whole\n  text\nLicense-Expression: MIT\n",
		 "pypi|a|1|a|||MIT|/opt/a.egg-info/PKG-INFO\n"},
		{"opt/a-1.egg-info", "Name: a\nVersion: 1\nLicense: UNKNOWN\n",
		 "pypi|a|1|a||||/opt/a-1.egg-info\n"},
		{"opt/METADATA", "Name: a\nVersion: 1\n", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct app_file files[] = {{.path = rows[i].path, .text = rows[i].text}, {0}};
		struct tree t = app_of(files, &a);
		struct packages p;
		packages_read(&p, &t, &a);
		assert_string_equal(arena_cstr(&a, packages_text(&p, &a)), rows[i].packages);
		assert_int_equal(p.unread.n, 0);
	}
}

/* On a merged /usr both names of apk's database are one file. */
static void one_database_counts_once(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct app_file files[] = {
		{.path = "usr/lib/apk/db/installed", .text = "P:musl\nV:1\n"},
		{.path = "lib", .link = "usr/lib"},
		{.path = "etc/os-release", .text = "NAME=x\nID='wolfi'\nVERSION_ID=\"20230201\"\n"},
		{0}};
	struct tree t = app_of(files, &a);
	struct packages p;
	packages_read(&p, &t, &a);
	assert_int_equal(p.list.n, 1);
	assert_true(str_eq(p.system, STR("wolfi")));
	assert_true(str_eq(p.system_version, STR("20230201")));
}

/* An RPM database that ends behind its name, and dpkg's, too large to be kept: both are told. */
static void what_is_not_read_is_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	char *large = arena_alloc(&a, LIMIT_KEPT_FILE_BYTES + 2);
	memset(large, '\n', LIMIT_KEPT_FILE_BYTES + 1);
	const struct app_file files[] = {
		{.path = "usr/lib/sysimage/rpm/rpmdb.sqlite", .text = "SQLite format 3"},
		{.path = "var/lib/rpm", .link = "../../usr/lib/sysimage/rpm"},
		{.path = "var/lib/dpkg/status", .text = large},
		{0}};
	struct tree t = app_of(files, &a);
	struct packages p;
	packages_read(&p, &t, &a);
	assert_int_equal(p.unread.n, 2);
	assert_true(str_eq(p.unread.p[0], STR("/var/lib/dpkg/status")));
	assert_true(str_eq(p.unread.p[1], STR("/usr/lib/sysimage/rpm/rpmdb.sqlite")));
}

/* A program with this build information; its strings have lengths below 128. */
static struct tree go_program(const char *toolchain, const char *modules, struct arena *a)
{
	struct elf_object elf = {
		.go_build_info = arena_printf(a, "%32s%c%s%c%s", "", (int)strlen(toolchain), toolchain,
	                                      (int)strlen(modules), modules)};
	return tree_of_one("bin/app", &elf, NULL, a);
}

static void go_programs_tell_their_modules(void **state)
{
	(void)state;
#define MARK "0123456789abcdef"
	static const struct {
		const char *toolchain, *modules, *packages;
	} rows[] = {
		{"go1.22.3 X:odd", MARK "path\ta\nmod\ta\t(devel)\t\ndep\tb/x\tv1.0.0\th1:\n" MARK,
		 "golang|a||a||||/bin/app\ngolang|b/x|v1.0.0|b/x||||/bin/app\n"
		 "golang|stdlib|1.22.3|stdlib||||/bin/app\n"},
		{"go1.21", MARK "dep\tb\tv1\n=>\tc\tv2\th1:\ndep\td\tv3\n=>\t./d\t\n" MARK,
		 "golang|c|v2|c||||/bin/app\ngolang|d||d||||/bin/app\n"
		 "golang|stdlib|1.21|stdlib||||/bin/app\n"},
		{"devel go1.23-abc", "mod\ta\tv1\n", ""},
		{"", "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct tree t = go_program(rows[i].toolchain, rows[i].modules, &a);
		struct packages p;
		packages_read(&p, &t, &a);
		assert_string_equal(arena_cstr(&a, packages_text(&p, &a)), rows[i].packages);
	}
}

/* Every module of a program is built for what the program is. */
static void go_programs_tell_their_platform(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t = go_program("go1.18",
	                           MARK "mod\ta\tv1\nbuild\tCGO_ENABLED=0\nbuild\tGOARCH=arm64\n"
	                                "build\tGOOS=linux\n" MARK,
	                           &a);
	struct packages p;
	packages_read(&p, &t, &a);
	assert_int_equal(p.list.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(str_eq(p.list.p[i].goos, STR("linux")));
		assert_true(str_eq(p.list.p[i].goarch, STR("arm64")));
	}
}

/* A record that dpkg lists is its package's; what pip brought stands for itself. */
static void what_the_distribution_brought_counts_once(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const struct app_file files[] = {
		{.path = "usr/lib/python3/dist-packages/six-1.egg-info/PKG-INFO", .text = "Name: six\n"},
		{.path = "usr/local/lib/python3/pip-2.dist-info/METADATA", .text = "Name: pip\nVersion: 2\n"},
		{.path = "lib", .link = "usr/lib"},
		{.path = "var/lib/dpkg/info/python3-six.list",
		 .text = "/lib/python3/dist-packages/six-1.egg-info/PKG-INFO\n"},
		{0}};
	struct tree t = app_of(files, &a);
	struct packages p;
	packages_read(&p, &t, &a);
	assert_string_equal(arena_cstr(&a, packages_text(&p, &a)),
	                    "pypi|pip|2|pip||||/usr/local/lib/python3/pip-2.dist-info/METADATA\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(one_database_counts_once),
		cmocka_unit_test(what_is_not_read_is_told),
		cmocka_unit_test(go_programs_tell_their_modules),
		cmocka_unit_test(go_programs_tell_their_platform),
		cmocka_unit_test(what_the_distribution_brought_counts_once),
		cmocka_unit_test(names_and_files_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
