/* Records of languages' packages: which files are some, what is told of each, and what a package of
 * the distribution brought. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "needs/app_test.h"
#include "package/package.h"

/* "npm|@a/b|1.0|MIT", every package a line, and what was not read. */
static struct str text_of(const struct tree *t, struct arena *a)
{
	struct packages p;
	struct str text = STR("");
	packages_read(&p, t, a);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		assert_true(str_eq(k->source, k->name));
		text = arena_printf(a, "%.*s%s%s|%.*s|%.*s|%.*s\n", STR_ARG(text),
		                    package_type_name(k->type), k->application ? " application" : "",
		                    STR_ARG(k->name), STR_ARG(k->version), STR_ARG(k->license));
	}
	for (size_t i = 0; i < p.unread.n; i++)
		text = arena_printf(a, "%.*sunread %.*s\n", STR_ARG(text), STR_ARG(p.unread.p[i]));
	return text;
}

static void records_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text, *packages;
	} rows[] = {
		/* npm */
		{"app/node_modules/left-pad/package.json",
	         "\xef\xbb\xbf{\"name\": \"left-pad\", \"version\": \"1.3.0\", \"license\": \"WTFPL\"}",
	         "npm|left-pad|1.3.0|WTFPL\n"},
		{"n/node_modules/@a/b/package.json",
	         "{\"name\":\"@a\\/b\",\"version\":\"2\",\"licenses\":[{\"type\":\"MIT\"},{\"type\":\"X\"},{}]}",
	         "npm|@a/b|2|MIT OR X\n"},
		{"n/node_modules/.pnpm/c@1.0.0/node_modules/c/package.json",
	         "{\"name\":\"c\",\"version\":\"1.0.0\",\"license\":{\"type\":\"ISC\"}}", "npm|c|1.0.0|ISC\n"},
		{"n/node_modules/alias/package.json", "{\"name\":\"real\",\"version\":\"1\"}",
	         "npm|real|1|\n"},
		{"n/node_modules/c/dist/esm/package.json", "{\"name\":\"c\",\"version\":\"1\"}", ""},
		{"n/node_modules/c/test/d/package.json", "{\"name\":\"d\",\"version\":\"1\"}", ""},
		{"n/node_modules/.hidden/package.json", "{\"name\":\"d\",\"version\":\"1\"}", ""},
		{"n/node_modules/c/package.json", "{\"name\":\"c\"}", ""},
		{"n/node_modules/c/package.json", "{\"name\":\"c\",\"version\":1}", ""},
		{"n/node_modules/c/package.json", "{\"name\":",
	         "unread /n/node_modules/c/package.json\n"},
		{"srv/package.json", "{\"name\":\"shop\",\"version\":\"0.1.0\"}",
	         "npm application|shop|0.1.0|\n"},
		{"srv/package.json", "{\"private\":true}", ""},
		{"srv/package.json", "{{", ""},
		{"srv/tests/a/package.json", "{\"name\":\"lodash\",\"version\":\"1\"}", ""},
		{"v/lib/site-packages/x/package.json", "{\"name\":\"x\",\"version\":\"1\"}", ""},
		{"e/git/package.json",
	         "{\"name\":\"git\",\"version\":\"1.0.0\",\"engines\":{\"vscode\":\"^1\"}}", ""},
		{"package-lock.json", "{\"name\":\"x\",\"version\":\"1\"}", ""},
		/* Ruby */
		{"usr/lib/ruby/gems/3.1.0/specifications/nokogiri-1.16.2-x86_64-linux.gemspec",
	         "# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.16.2 x86_64-linux lib\n\n"
	         "Gem::Specification.new do |s|\n  s.name = \"nokogiri\".freeze\n"
	         "  s.version = \"1.16.2\"\n  s.platform = \"x86_64-linux\".freeze\n\n"
	         "  s.required_rubygems_version = Gem::Requirement.new(\">= 0\".freeze) if"
	         " s.respond_to? :required_rubygems_version=\n"
	         "  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\n"
	         "  s.add_dependency(%q<a>.freeze, [\"~> 2.8\".freeze])\nend\n",
	         "gem|nokogiri|1.16.2|MIT OR Ruby\n"},
		{"usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec",
	         "Gem::Specification.new do |spec|\n  spec.name = 'json'\n"
	         "  spec.version = JSON::VERSION\n  spec.license = 'Ruby'\nend\n",
	         "gem|json|2.6.1|Ruby\n"},
		{"g/specifications/net-http-0.3.0-java.gemspec", "", "gem|net-http|0.3.0|\n"},
		{"g/specifications/rake-10.gemspec",
	         "Gem::Specification.new do |s|\n s.name = %q{rake}\n"
	         " s.version = Gem::Version.new(\"10.0\")\n",
	         "gem|rake|10.0|\n"},
		{"g/specifications/odd.gemspec", "end\n", "unread /g/specifications/odd.gemspec\n"},
		{"g/gems/a-1/a.gemspec", "s.name = \"a\"\ns.version = \"1\"\n", ""},
		/* PHP */
		{"app/vendor/composer/installed.json",
	         "{\"packages\":[{\"name\":\"symfony\\/http-kernel\",\"version\":\"v5.4.20\","
	         "\"license\":[\"MIT\"]},{\"version\":\"1\"}],\"dev\":false}",
	         "composer|symfony/http-kernel|v5.4.20|MIT\n"},
		{"app/vendor/composer/installed.json",
	         "[{\"name\":\"a/b\",\"version\":\"1.0.0\"},{\"name\":\"a/c\",\"version\":\"dev-main\"}]",
	         "composer|a/b|1.0.0|\ncomposer|a/c|dev-main|\n"},
		{"app/vendor/composer/installed.json", "{}",
	         "unread /app/vendor/composer/installed.json\n"},
		{"app/installed.json", "[{\"name\":\"a/b\",\"version\":\"1.0.0\"}]", ""},
		/* .NET */
		{"app/app.deps.json",
	         "{\"runtimeTarget\":{\"name\":\".NETCoreApp,Version=v8.0/linux-x64\"},\"targets\":{"
	         "\".NETCoreApp,Version=v8.0\":{},\".NETCoreApp,Version=v8.0/linux-x64\":{"
	         "\"app/1.0.0\":{\"runtime\":{\"app.dll\":{}}},"
	         "\"Newtonsoft.Json/13.0.1\":{\"runtime\":{\"lib/net6.0/Newtonsoft.Json.dll\":{}}},"
	         "\"NETStandard.Library/2.0.3\":{\"dependencies\":{\"a\":\"1\"}},"
	         "\"Native/1\":{\"runtimeTargets\":{\"runtimes/linux/native/n.so\":{}}}}},"
	         "\"libraries\":{\"app/1.0.0\":{\"type\":\"project\"},"
	         "\"Newtonsoft.Json/13.0.1\":{\"type\":\"package\",\"serviceable\":true},"
	         "\"NETStandard.Library/2.0.3\":{\"type\":\"package\"},\"Native/1\":{\"type\":\"package\"},"
	         "\"Unsaid/2\":{\"type\":\"package\"},"
	         "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1\":{\"type\":\"runtimepack\"}}}",
	         "nuget|Microsoft.NETCore.App.Runtime.linux-x64|8.0.1|\nnuget|Native|1|\n"
	         "nuget|Newtonsoft.Json|13.0.1|\nnuget|Unsaid|2|\n"},
		{"app/app.deps.json", "[]", ""},
		{"app/app.deps.json", "", "unread /app/app.deps.json\n"},
		/* Conda */
		{"opt/conda/conda-meta/numpy-1.26.4-py312_0.json",
	         "{\"name\":\"numpy\",\"version\":\"1.26.4\",\"build\":\"py312_0\",\"license\":"
	         "\"BSD-3-Clause\",\"subdir\":\"linux-64\",\"files\":[]}",
	         "conda|numpy|1.26.4|BSD-3-Clause\n"},
		{"opt/conda/conda-meta/history", "{}", ""},
		/* Python */
		{"l/a-1.0-py3.8.egg/EGG-INFO/PKG-INFO", "Name: a\nVersion: 1.0\n", "pypi|a|1.0|\n"},
		{"l/a-1.0/EGG-INFO/PKG-INFO", "Name: a\nVersion: 1.0\n", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct app_file files[] = {{.path = rows[i].path, .text = rows[i].text}, {0}};
		struct tree t = app_of(files, &a);
		assert_string_equal(arena_cstr(&a, text_of(&t, &a)), rows[i].packages);
	}
}

/* By whatever name of a merged /usr the record of apk or dpkg has the file. */
static void what_the_distribution_brought_counts_once(void **state)
{
	(void)state;
	static const struct app_file files[] = {
		{.path = "usr/lib/node_modules/npm/package.json",
	         .text = "{\"name\":\"npm\",\"version\":\"10\"}"},
		{.path = "usr/lib/node_modules/npm/node_modules/ini/package.json",
	         .text = "{\"name\":\"ini\",\"version\":\"4\"}"},
		{.path = "usr/local/lib/node_modules/pm2/package.json",
	         .text = "{\"name\":\"pm2\",\"version\":\"5\"}"},
		{.path = "usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec", .text = ""},
		{.path = "usr/lib/ruby/gems/3.1.0/specifications/b-1.gemspec", .text = ""},
		{.path = "lib", .link = "usr/lib"},
		{.path = "usr/lib/apk/db/installed",
	         .text = "P:npm\nV:10-r0\nF:usr/lib/node_modules/npm\nR:package.json\n"
	                 "F:lib/node_modules/npm/node_modules/ini\nR:package.json\n\n"
	                 "P:ruby-a\nV:1-r0\nF:lib/ruby/gems/3.1.0/specifications\nR:a-1.gemspec\n"},
		{0}};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t = app_of(files, &a);
	assert_string_equal(arena_cstr(&a, text_of(&t, &a)), "apk|npm|10-r0|\napk|ruby-a|1-r0|\n"
	                                                     "npm|pm2|5|\ngem|b|1|\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(what_the_distribution_brought_counts_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
