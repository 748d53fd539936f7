/* Which files no record covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "needs/app_test.h"
#include "package/package.h"

/* Files whose text is "-" are those that no record covers. */
static void what_no_record_covers_is_counted(void **state)
{
	(void)state;
	static const struct app_file rows[][12] = {
		/* dpkg, by either name of a merged /usr; the database itself is covered */
		{{.path = "usr/bin/a", .text = "x"},
	         {.path = "usr/bin/own", .text = "-"},
	         {.path = "bin", .link = "usr/bin"},
	         {.path = "var/lib/dpkg/status", .text = "Package: a\n"},
	         {.path = "var/lib/dpkg/info/a.list", .text = "/bin\n/bin/a\n/gone/away\n/usr/bin\n"},
	         {.path = "var/lib/dpkg/available", .text = ""}},
		{{.path = "etc/a", .text = "x"},
	         {.path = "etc/b", .text = "-"},
	         {.path = "root", .text = "x"},
	         {.path = "lib/apk/db/installed", .text = "P:a\nF:\nR:root\nF:etc\nR:a\n"}},
		/* Python: RECORD; the whole egg; top_level.txt */
		{{.path = "l/site/A.dist-info/METADATA", .text = "Name: A\n"},
	         {.path = "l/site/A.dist-info/RECORD",
	          .text = "a/x.py,sha256=1,1\n\"a/with,comma.py\",,\n../../bin/a,,\r\n../..,,\n/opt/abs,,\n"},
	         {.path = "l/site/A.dist-info/licenses/LICENSE", .text = "x"},
	         {.path = "l/site/a/x.py", .text = "x"},
	         {.path = "l/site/a/with,comma.py", .text = "x"},
	         {.path = "l/site/a/later.pyc", .text = "-"},
	         {.path = "bin/a", .text = "x"},
	         {.path = "opt/abs", .text = "x"},
	         {.path = "bin/b", .text = "-"}},
		{{.path = "l/a-1-py3.egg/EGG-INFO/PKG-INFO", .text = "Name: a\n"},
	         {.path = "l/a-1-py3.egg/a.py", .text = "x"},
	         {.path = "l/b.py", .text = "-"}},
		{{.path = "l/a-1.egg-info/PKG-INFO", .text = "Name: a\n"},
	         {.path = "l/a-1.egg-info/top_level.txt", .text = "a\nb\n"},
	         {.path = "l/a/x.py", .text = "x"},
	         {.path = "l/b.py", .text = "x"},
	         {.path = "l/c.py", .text = "-"}},
		/* npm: the folder; an application's own file alone */
		{{.path = "app/package.json", .text = "{\"name\":\"s\",\"version\":\"1\"}"},
	         {.path = "app/index.js", .text = "-"},
	         {.path = "app/node_modules/a/package.json", .text = "{\"name\":\"a\",\"version\":\"1\"}"},
	         {.path = "app/node_modules/a/lib/x.js", .text = "x"},
	         {.path = "app/node_modules/a/node_modules/b/package.json",
	          .text = "{\"name\":\"b\",\"version\":\"1\"}"},
	         {.path = "app/node_modules/a/node_modules/b/y.js", .text = "x"},
	         {.path = "app/node_modules/c/package.json", .text = "-"}},
		/* gems */
		{{.path = "g/specifications/a-1-x86_64-linux.gemspec", .text = "s.name='a'"},
	         {.path = "g/gems/a-1-x86_64-linux/lib/a.rb", .text = "x"},
	         {.path = "g/extensions/x86_64-linux/3.1.0/a-1-x86_64-linux/a.so", .text = "x"},
	         {.path = "g/cache/a-1-x86_64-linux.gem", .text = "x"},
	         {.path = "g/specifications/default/d-2.gemspec", .text = "x"},
	         {.path = "g/gems/d-2/exe/d", .text = "x"},
	         {.path = "g/gems/b-1/lib/b.rb", .text = "-"}},
		/* Composer */
		{{.path = "v/vendor/composer/installed.json",
	          .text = "{\"packages\":[{\"name\":\"a/b\",\"install-path\":\"../a/b\"},"
	                  "{\"name\":\"m/m\",\"install-path\":null},"
	                  "{\"name\":\"r/r\",\"install-path\":\"../..\"}]}"},
	         {.path = "v/vendor/composer/autoload_real.php", .text = "x"},
	         {.path = "v/vendor/a/b/src/b.php", .text = "x"},
	         {.path = "v/vendor/a/c/c.php", .text = "-"}},
		{{.path = "v/vendor/composer/installed.json", .text = "[{\"name\":\"a/b\",\"version\":\"1\"}]"},
	         {.path = "v/vendor/a/b/src/b.php", .text = "x"}},
		/* .NET */
		{{.path = "n/n.deps.json",
	          .text = "{\"runtimeTarget\":{\"name\":\"t\"},\"targets\":{\"t\":{\"A/1\":{"
	                  "\"runtime\":{\"lib/net8.0/A.dll\":{}},"
	                  "\"runtimeTargets\":{\"runtimes/linux/native/a.so\":{}},"
	                  "\"resources\":{\"lib/net8.0/de/A.resources.dll\":{}}}}},"
	                  "\"libraries\":{\"A/1\":{\"type\":\"package\"}}}"},
	         {.path = "n/A.dll", .text = "x"},
	         {.path = "n/runtimes/linux/native/a.so", .text = "x"},
	         {.path = "n/de/A.resources.dll", .text = "x"},
	         {.path = "n/B.dll", .text = "-"}},
		/* Conda */
		{{.path = "c/conda-meta/a-1-0.json",
	          .text = "{\"name\":\"a\",\"version\":\"1\",\"files\":[\"bin/a\",\"lib/a.so\"]}"},
	         {.path = "c/bin/a", .text = "x"},
	         {.path = "c/lib/a.so", .text = "x"},
	         {.path = "c/lib/b.so", .text = "-"}},
		{{.path = "srv/any", .text = "-"}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct tree t = app_of(rows[i], &a);
		struct packages p;
		size_t expected = 0, all = 0;
		for (const struct app_file *f = rows[i]; f->path; f++) {
			all += f->text != NULL;
			expected += f->text && strcmp(f->text, "-") == 0;
		}
		packages_read(&p, &t, &a);
		struct unowned u = packages_unowned(&t, &p);
		if (u.files != expected || u.bytes != expected || u.all_files != all)
			fail_msg("row %zu: %zu of %zu, and not %zu of %zu", i, u.files, u.all_files,
			         expected, all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_record_covers_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
