/* The orders of the languages' package managers: tables of what these said themselves
 * (tests/fixtures/package/versions, made by tests/versions/ask), thousands of pairs more where the
 * tool is here, and rules of those that cannot be asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "package/version.h"

static char sign(int c)
{
	return c < 0 ? '<' : c > 0 ? '>' : '=';
}

/* Each line "LEFT SIGN RIGHT"; how many there were, and *odd: the last one that is no such line. */
static size_t hold_lines(FILE *lines, enum version_order order, char *odd, size_t odd_size)
{
	char line[1024];
	size_t n = 0, wrong = 0;
	while (fgets(line, sizeof line, lines)) {
		struct str rest = str_of(line), left, said, right;
		if (line[0] == '#')
			continue;
		if (!str_word(&rest, &left) || !str_word(&rest, &said) ||
		    !str_word(&rest, &right) || said.n != 1 || !strchr("<=>", said.p[0])) {
			snprintf(odd, odd_size, "%s", line);
			continue;
		}
		n++;
		char ours = sign(version_cmp(order, left, right));
		char back = sign(version_cmp(order, right, left));
		if (ours != said.p[0] || back != (ours == '<' ? '>' : ours == '>' ? '<' : '=')) {
			print_error("%.*s %c %.*s, and not %c (backwards %c)\n", STR_ARG(left),
				    said.p[0], STR_ARG(right), ours, back);
			wrong++;
		}
	}
	if (wrong)
		fail_msg("%zu of %zu pairs", wrong, n);
	return n;
}

struct asked {
	const char *name;
	enum version_order order;
};

static void as_the_table_says(void **state)
{
	const struct asked *of = *state;
	char path[256], odd[1024] = "";
	snprintf(path, sizeof path, "tests/fixtures/package/versions/%s", of->name);
	FILE *table = fopen(path, "r");
	assert_non_null(table);
	assert_true(hold_lines(table, of->order, odd, sizeof odd) >= 400);
	fclose(table);
	assert_string_equal(odd, "");
}

static void as_the_tool_says(void **state)
{
	const struct asked *of = *state;
	char command[256], why[1024] = "";
	snprintf(command, sizeof command, "tests/versions/ask %s 3000 20261124", of->name);
	FILE *said = popen(command, "r");
	assert_non_null(said);
	size_t n = hold_lines(said, of->order, why, sizeof why);
	int status = pclose(said);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: %s", why);
		skip();
	}
	assert_int_equal(status, 0);
	assert_int_equal(n, 3000);
}

static void rules_hold(void **state)
{
	(void)state;
	static const struct {
		enum version_order order;
		const char *left;
		char sign;
		const char *right;
	} rows[] = {
		/* semver.org, section 11 */
		{VERSION_SEMVER, "1.0.0-alpha", '<', "1.0.0-alpha.1"},
		{VERSION_SEMVER, "1.0.0-alpha.1", '<', "1.0.0-alpha.beta"},
		{VERSION_SEMVER, "1.0.0-beta.2", '<', "1.0.0-beta.11"},
		{VERSION_SEMVER, "1.0.0-rc.1", '<', "1.0.0"},
		{VERSION_SEMVER, "0.0.0-0", '<', "0.0.0"},
		{VERSION_SEMVER, "1.0.0+a", '=', "1.0.0+b"},
		{VERSION_SEMVER, "1.0.0alpha1", '<', "1.0.0"},
		{VERSION_SEMVER, "1.2", '=', "1.2.0"},
		{VERSION_SEMVER, "1.2.3.4", '>', "1.2.3"},
		{VERSION_SEMVER, "none", '<', "0.0.0-0"},
		{VERSION_SEMVER, "18446744073709551616.0.0", '>', "18446744073709551615.0.0"},
		/* Go's own releases beside their form in advisories */
		{VERSION_GO, "go1.22rc1", '=', "1.22.0-rc.1"},
		{VERSION_GO, "go1.22rc10", '>', "go1.22rc9"},
		{VERSION_GO, "go1.22rc1", '<', "1.22.0"},
		{VERSION_GO, "go1.22rc1", '>', "1.22.0-0"},
		{VERSION_GO, "go1.21.3 X:boringcrypto", '=', "v1.21.3"},
		{VERSION_GO, "v0.0.0-20230101000000-abcdefabcdef", '<',
		 "0.0.0-20230202000000-abcdefabcdef"},
		{VERSION_GO, "v2.0.0+incompatible", '=', "2.0.0"},
		{VERSION_GO, "(devel)", '<', "v0.0.0-0"},
		{VERSION_GO, "", '=', "(devel)"},
		/* "Package versioning" of NuGet's reference */
		{VERSION_NUGET, "1.0.1.0", '=', "1.0.1"},
		{VERSION_NUGET, "1.0.0.1", '>', "1.0"},
		{VERSION_NUGET, "1.00.01", '=', "1.0.1"},
		{VERSION_NUGET, "1.0.0-ALPHA", '=', "1.0.0-alpha"},
		{VERSION_NUGET, "1.0.0-rc.2", '<', "1.0.0-RC.10"},
		{VERSION_NUGET, "1.0.0-rc", '<', "1.0.0"},
		{VERSION_NUGET, "1.0.0+sha", '=', "1.0.0"},
		{VERSION_NUGET, "1.0.0-9999999999", '>', "1.0.0-99"},
		/* PEP 440 */
		{VERSION_PEP440, "1.0.dev456", '<', "1.0a1"},
		{VERSION_PEP440, "1.0b2.post345.dev456", '<', "1.0b2.post345"},
		{VERSION_PEP440, "1.0+abc.10", '>', "1.0+abc.7"},
		{VERSION_PEP440, "1.0-1", '=', "1.0.post1"},
		{VERSION_PEP440, "1!0.1", '>', "99"},
		{VERSION_PEP440, "french toast", '<', "0.dev0"},
		{VERSION_PEP440, "2004d", '<', "2023.3"},
		/* Branches, which Composer cannot compare */
		{VERSION_COMPOSER, "dev-main", '<', "0.0.1"},
		{VERSION_COMPOSER, "1.x-dev", '>', "1.99.0"},
		{VERSION_COMPOSER, "v1.2.3", '=', "1.2.3.0"},
		/* Maven's POM reference */
		{VERSION_MAVEN, "1", '=', "1.0.0-ga"},
		{VERSION_MAVEN, "1-foo2", '<', "1-foo10"},
		{VERSION_MAVEN, "1.0.0.RELEASE", '=', "1"},
		{VERSION_MAVEN, "2.0-rc1", '=', "2.0.CR1"},
		{VERSION_MAVEN, "33.4.8-jre", '>', "33.4.8-android"},
		{VERSION_MAVEN, "1-sp", '>', "1-ga"},
		{VERSION_GEM, "1.0.0.rc1", '<', "1.0"},
		{VERSION_GEM, "1.0-x", '=', "1.pre.x"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str left = str_of(rows[i].left), right = str_of(rows[i].right);
		char said = sign(version_cmp(rows[i].order, left, right));
		char back = sign(version_cmp(rows[i].order, right, left));
		if (said != rows[i].sign || back != (said == '<' ? '>' : said == '>' ? '<' : '='))
			fail_msg("%s %c %s, and not %c (backwards %c)", rows[i].left, rows[i].sign,
				 rows[i].right, said, back);
	}
}

/* As long as it likes to be. */
static void long_versions_end(void **state)
{
	(void)state;
	static char text[100000];
	static const char *const pieces[] = {"1.", "0.", "a1", "-", "a-", "9"};
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		for (size_t n = 0; n < sizeof text; n++)
			text[n] = pieces[i][n % strlen(pieces[i])];
		for (int order = VERSION_DEB; order <= VERSION_COMPOSER; order++)
			assert_int_equal(version_cmp(order, (struct str){text, sizeof text},
						     (struct str){text, sizeof text}),
					 0);
	}
}

int main(void)
{
	static struct asked pep440 = {"pep440", VERSION_PEP440}, go = {"go", VERSION_GO},
			    legacy = {"pep440-legacy", VERSION_PEP440},
			    semver = {"semver", VERSION_SEMVER}, maven = {"maven", VERSION_MAVEN},
			    gem = {"gem", VERSION_GEM}, composer = {"composer", VERSION_COMPOSER};
#define BOTH(of)                                                                                   \
	{"table of " #of, as_the_table_says, NULL, NULL, &of},                                     \
	{                                                                                          \
#of " itself", as_the_tool_says, NULL, NULL, &of                                   \
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_hold),
		cmocka_unit_test(long_versions_end),
		BOTH(pep440),
		BOTH(legacy),
		BOTH(semver),
		BOTH(go),
		BOTH(maven),
		BOTH(gem),
		BOTH(composer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
