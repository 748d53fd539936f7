/* The orders of versions: rules of their manuals by table, and what the package managers themselves
 * say of thousands of pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/arena.h"
#include "package/version.h"

typedef int version_order(struct str left, struct str right);

static char sign(int c)
{
	return c < 0 ? '<' : c > 0 ? '>' : '=';
}

/* ---- Rules ---- */

static void rules_hold(void **state)
{
	(void)state;
	static const struct {
		version_order *order;
		const char *left;
		char sign;
		const char *right;
	} rows[] = {
		/* deb-version(7) */
		{version_deb_cmp, "1.0~beta1~svn1245", '<', "1.0~beta1"},
		{version_deb_cmp, "1.0~beta1", '<', "1.0"},
		{version_deb_cmp, "1:0.9", '>', "1.0"},
		{version_deb_cmp, "0:1.0", '=', "1.0"},
		{version_deb_cmp, "1.0-0", '=', "1.0"},
		{version_deb_cmp, "1.0-1", '<', "1.0-1+b1"},
		{version_deb_cmp, "1.0a", '<', "1.0+"},
		{version_deb_cmp, "1.007", '=', "1.7"},
		{version_deb_cmp, "2.36-9+deb12u10", '>', "2.36-9+deb12u9"},
		{version_deb_cmp, "1-2-3", '>', "1-1-9"},
		{version_deb_cmp, "18446744073709551616", '>', "18446744073709551615"},
		/* rpm-version(7) */
		{version_rpm_cmp, "1.0~rc1", '<', "1.0"},
		{version_rpm_cmp, "1.0", '<', "1.0^git1"},
		{version_rpm_cmp, "1.0^git1", '<', "1.0.1"},
		{version_rpm_cmp, "1.0^git1", '>', "1.0^git1~pre"},
		{version_rpm_cmp, "1.0", '=', "1_0"},
		{version_rpm_cmp, "1.0a", '<', "1.0.1"},
		{version_rpm_cmp, "2:1-1.el9", '>', "1:9-1.el9"},
		{version_rpm_cmp, "1.05", '=', "1.5"},
		{version_rpm_cmp, "1-1.el9_2", '<', "1-1.el9_10"},
		/* apk-package(5) */
		{version_apk_cmp, "1.2.5-r0", '<', "1.2.5-r1"},
		{version_apk_cmp, "1.2", '<', "1.2.1"},
		{version_apk_cmp, "1.2a", '>', "1.2"},
		{version_apk_cmp, "1.2_rc1", '<', "1.2"},
		{version_apk_cmp, "1.2_alpha", '<', "1.2_beta"},
		{version_apk_cmp, "1.2_p1", '>', "1.2"},
		{version_apk_cmp, "1.01", '<', "1.1"},
		{version_apk_cmp, "2.7.16-r0", '<', "2.7.16-33"}, /* in an advisory */
		{version_apk_cmp, "1.10", '>', "1.9"},
		{version_apk_cmp, "1.2_git20240101-r0", '>', "1.2-r9"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str left = str_of(rows[i].left), right = str_of(rows[i].right);
		char said = sign(rows[i].order(left, right)), back = sign(rows[i].order(right, left));
		if (said != rows[i].sign || back != (said == '<' ? '>' : said == '>' ? '<' : '='))
			fail_msg("%s %c %s, and not %c (backwards %c)", rows[i].left, rows[i].sign,
			         rows[i].right, said, back);
	}
}

/* ---- Pairs ---- */

/* The same numbers in every run (xorshift). */
static unsigned draw(uint32_t *seed, unsigned below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

static const char *of(uint32_t *seed, const char *const *words)
{
	unsigned n = 0;
	while (words[n])
		n++;
	return words[draw(seed, n)];
}

/* "1.2~rc1": numbers and pieces, so few of them that two versions often begin alike. */
static void add_pieces(struct str *to, uint32_t *seed, const char *const *pieces, unsigned most,
                       struct arena *a)
{
	static const char *const numbers[] = {"1", "1", "1", "0", "01", "007", "2", "10", NULL};
	*to = arena_printf(a, "%.*s%s", STR_ARG(*to), of(seed, numbers));
	for (unsigned n = draw(seed, most); n; n--)
		*to = arena_printf(a, "%.*s%s", STR_ARG(*to), of(seed, pieces));
}

static void add(struct str *to, const char *word, struct arena *a)
{
	*to = arena_printf(a, "%.*s%s", STR_ARG(*to), word);
}

static struct str make_deb(uint32_t *seed, struct arena *a)
{
	static const char *const epochs[] = {"", "", "", "", "0:", "1:", NULL};
	static const char *const pieces[] = {".", "+", "~", "a", "Z", "0", "1", "10", "+b1", "~rc1",
	                                     ".1", ".0", "dfsg", "-2", "deb12u1", NULL};
	struct str version = str_of(of(seed, epochs));
	add_pieces(&version, seed, pieces, 5, a);
	if (draw(seed, 2)) {
		add(&version, "-", a);
		add_pieces(&version, seed, pieces, 3, a);
	}
	return version;
}

static struct str make_rpm(uint32_t *seed, struct arena *a)
{
	static const char *const epochs[] = {"", "", "", "", "0:", "1:", NULL};
	static const char *const pieces[] = {".", "_", "~", "^", "a", "Z", "0", "1", "10", "^git1",
	                                     "~rc1", ".1", ".0", "+", "el9_2", NULL};
	struct str version = str_of(of(seed, epochs));
	add_pieces(&version, seed, pieces, 5, a);
	if (draw(seed, 2)) {
		add(&version, "-", a);
		add_pieces(&version, seed, pieces, 3, a);
	}
	return version;
}

static struct str make_apk(uint32_t *seed, struct arena *a)
{
	static const char *const points[] = {".0", ".1", ".01", ".10", ".010", ".2", NULL};
	static const char *const letters[] = {"", "", "", "a", "b", "z", NULL};
	static const char *const suffixes[] = {"_alpha", "_beta", "_pre", "_rc", "_cvs", "_svn",
	                                       "_git", "_hg", "_p", "_rc1", "_p2", "_git20240101",
	                                       "_rc01", "_p10", NULL};
	static const char *const revisions[] = {"", "-r0", "-r1", "-r10", "-r2", NULL};
	struct str version = STR("");
	add_pieces(&version, seed, points, 3, a);
	add(&version, of(seed, letters), a);
	for (unsigned n = draw(seed, 3); n; n--)
		add(&version, of(seed, suffixes), a);
	add(&version, of(seed, revisions), a);
	return version;
}

/* ---- The package managers' own word ---- */

enum { PAIRS = 1500 };

struct pairs {
	struct arena arena;
	struct str left[PAIRS], right[PAIRS];
	char file[64];
};

static void make_pairs(struct pairs *p, struct str (*make)(uint32_t *, struct arena *))
{
	uint32_t seed = 20261124;
	strcpy(p->file, "/tmp/socle-versions.XXXXXX");
	int fd = mkstemp(p->file);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	assert_non_null(f);
	for (size_t i = 0; i < PAIRS; i++) {
		p->left[i] = make(&seed, &p->arena);
		p->right[i] = make(&seed, &p->arena);
		fprintf(f, "%.*s %.*s\n", STR_ARG(p->left[i]), STR_ARG(p->right[i]));
	}
	assert_int_equal(fclose(f), 0);
}

/* `command` reads the file FILE and says "<", "=" or ">" of each pair, a line each. */
static void compare(const char *command, version_order *order, struct str (*make)(uint32_t *, struct arena *))
{
	static struct pairs p;
	p = (struct pairs){.arena = ARENA_INIT};
	make_pairs(&p, make);
	setenv("FILE", p.file, 1);
	FILE *said = popen(command, "r");
	assert_non_null(said);
	for (size_t i = 0; i < PAIRS; i++) {
		char line[64];
		if (!fgets(line, sizeof line, said))
			fail_msg("no answer to pair %zu", i);
		char ours = sign(order(p.left[i], p.right[i]));
		if (line[0] != ours)
			fail_msg("%.*s %c %.*s, and not %c", STR_ARG(p.left[i]), line[0],
			         STR_ARG(p.right[i]), ours);
	}
	assert_int_equal(pclose(said), 0);
	unlink(p.file);
	arena_release(&p.arena);
}

static bool holds(const char *command, const char *otherwise)
{
	if (system(command) == 0)
		return true;
	print_message("skipped: %s\n", otherwise);
	return false;
}

static void dpkg_says_the_same(void **state)
{
	(void)state;
	if (!holds("command -v dpkg >/dev/null", "no dpkg here"))
		skip();
	compare("while read -r a b; do"
	        " if dpkg --compare-versions \"$a\" lt \"$b\"; then echo '<';"
	        " elif dpkg --compare-versions \"$a\" gt \"$b\"; then echo '>'; else echo =; fi;"
	        " done < \"$FILE\"", version_deb_cmp, make_deb);
}

static void rpm_says_the_same(void **state)
{
	(void)state;
	if (!holds("command -v rpm >/dev/null", "no rpm here"))
		skip();
	compare("rpm --eval \"%{lua: for l in io.lines('$FILE') do"
	        " local a, b = l:match('(%S+) (%S+)');"
	        " local c = rpm.vercmp(a, b);"
	        " print((c < 0 and '<' or c > 0 and '>' or '=') .. string.char(10)) end}\"", version_rpm_cmp, make_rpm);
}

/* The apk inside an Alpine file system, which must be entered for it. */
static void apk_says_the_same(void **state)
{
	(void)state;
	if (!getenv("SOCLE_BASES"))
		setenv("SOCLE_BASES", "../shared/bases", 1);
	if (!holds("test -r \"$SOCLE_BASES\"/alpine-minirootfs-3.20.3-x86_64.tar.gz &&"
	           " test \"$(uname -m)\" = x86_64 && test \"$(id -u)\" = 0",
	           "no Alpine file system here, or it cannot be entered: that wants root"))
		skip();
	compare("set -e; root=$(mktemp -d); trap 'rm -rf \"$root\"' EXIT;"
	        " tar xzf \"$SOCLE_BASES\"/alpine-minirootfs-3.20.3-x86_64.tar.gz -C \"$root\";"
	        " chroot \"$root\" /bin/sh -c 'while read -r a b; do apk version -t $a $b; done'"
	        " < \"$FILE\"", version_apk_cmp, make_apk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_hold),
		cmocka_unit_test(dpkg_says_the_same),
		cmocka_unit_test(rpm_says_the_same),
		cmocka_unit_test(apk_says_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
