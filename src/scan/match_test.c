/* Whether an advisory speaks of a package: ranges, lists, limits, and what else an entry asks for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scan/match.h"

static void read(struct affected *f, const char *entry, struct arena *a)
{
	struct jnodes *nodes = ARENA_NEW(a, struct jnodes);
	struct err e = ERR_INIT;
	const struct jnode *n = jnode_parse(nodes, str_of(entry), a, &e);
	assert_non_null(n);
	assert_true(affected_read(f, n, a));
}

#define ENTRY(ecosystem, rest)                                                                     \
	"{\"package\":{\"ecosystem\":\"" ecosystem "\",\"name\":\"x\"}," rest "}"
#define RANGE(events) "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[" events "]}]"

static void versions_are_placed_in_ranges(void **state)
{
	(void)state;
	static const struct {
		enum version_order order;
		const char *rest, *version;
		bool affected;
		const char *fixed;
	} rows[] = {
		{VERSION_DEB, RANGE("{\"introduced\":\"0\"},{\"fixed\":\"2.0-1\"}"), "1.9-1", true,
		 "2.0-1"},
		{VERSION_DEB, RANGE("{\"introduced\":\"0\"},{\"fixed\":\"2.0-1\"}"), "2.0-1", false,
		 ""},
		{VERSION_DEB, RANGE("{\"introduced\":\"0\"},{\"fixed\":\"2.0-1\"}"), "2.0~rc1-1",
		 true, "2.0-1"},
		/* 0 is before every version, those below "0" in the order as well. */
		{VERSION_DEB, RANGE("{\"introduced\":\"0\"}"), "0~git1", true, ""},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"0\"}"), "0.0.0-1", true, ""},
		/* Written in any order. */
		{VERSION_SEMVER,
		 RANGE("{\"fixed\":\"1.2.0\"},{\"introduced\":\"2.0.0\"},{\"fixed\":\"2.1.0\"},"
		       "{\"introduced\":\"0\"}"),
		 "1.5.0", false, ""},
		{VERSION_SEMVER,
		 RANGE("{\"fixed\":\"1.2.0\"},{\"introduced\":\"2.0.0\"},{\"fixed\":\"2.1.0\"},"
		       "{\"introduced\":\"0\"}"),
		 "2.0.5", true, "2.1.0"},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"1.0.0\"},{\"last_affected\":\"1.4.0\"}"),
		 "1.4.0", true, ""},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"1.0.0\"},{\"last_affected\":\"1.4.0\"}"),
		 "1.4.1", false, ""},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"1.0.0\"},{\"last_affected\":\"1.4.0\"}"),
		 "0.9.0", false, ""},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"1.0.0\"},{\"limit\":\"2.0.0\"}"), "1.9.0",
		 true, ""},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"1.0.0\"},{\"limit\":\"2.0.0\"}"), "2.0.0",
		 false, ""},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"1.0.0\"},{\"limit\":\"*\"}"), "9.0.0",
		 true, ""},
		/* Mended and broken again at one version; introduced and mended at one is nothing.
		 */
		{VERSION_SEMVER,
		 RANGE("{\"introduced\":\"0\"},{\"fixed\":\"2.0.0\"},{\"introduced\":\"2.0.0\"},"
		       "{\"fixed\":\"3.0.0\"}"),
		 "2.0.0", true, "3.0.0"},
		{VERSION_SEMVER, RANGE("{\"introduced\":\"2.0.0\"},{\"fixed\":\"2.0.0\"}"), "2.0.0",
		 false, ""},
		/* Lists beside ranges; equal by the order, not by its letters. */
		{VERSION_PEP440, "\"versions\":[\"1.0\",\"1.1\"]", "1.1.0", true, ""},
		{VERSION_PEP440, "\"versions\":[\"1.0\",\"1.1\"]", "1.2", false, ""},
		{VERSION_PEP440,
		 "\"versions\":[\"1.0\"]," RANGE("{\"introduced\":\"0\"},{\"fixed\":\"0.5\"}"),
		 "1.0", true, ""},
		/* No range: everything of Go, nothing of others; commits are not versions. */
		{VERSION_GO, "\"ranges\":[]", "1.0.0", true, ""},
		{VERSION_SEMVER, "\"ranges\":[]", "1.0.0", false, ""},
		{VERSION_PEP440,
		 "\"ranges\":[{\"type\":\"GIT\",\"events\":[{\"introduced\":\"0\"}]}]", "1.0",
		 false, ""},
		/* Two lines: the one that the version is on tells the fix. */
		{VERSION_RPM,
		 "\"ranges\":[{\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"0:1.2-3\"}]},"
		 "{\"events\":[{\"introduced\":\"2.0\"},{\"fixed\":\"2.5-1\"}]}]",
		 "2.1-1", true, "2.5-1"},
		/* A record without a version cannot be judged. */
		{VERSION_GO, RANGE("{\"introduced\":\"0\"}"), "", false, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct affected f;
		struct str fixed;
		read(&f, arena_printf(&a, ENTRY("Go", "%s"), rows[i].rest).p, &a);
		bool is = affected_has_version(&f, rows[i].order, str_of(rows[i].version), &fixed);
		if (is != rows[i].affected || !str_eq(fixed, str_of(rows[i].fixed)))
			fail_msg("row %zu: %s is %d, fixed in \"%.*s\"", i, rows[i].version, is,
				 STR_ARG(fixed));
	}
}

static void releases_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *ecosystem, *system, *version;
		bool is;
	} rows[] = {
		{"Debian:12", "debian", "12", true},
		{"Debian:12", "debian", "13", false},
		{"Debian:12", "debian", "", false},
		{"Debian", "debian", "13", true},
		{"Alpine:v3.20", "alpine", "3.20.3", true},
		{"Alpine:v3.2", "alpine", "3.20.3", false},
		{"Alpine:v3.20", "alpine", "3.20.0_alpha20240329", false},
		{"Alpine:edge", "alpine", "3.20.0_alpha20240329", true},
		{"Ubuntu:22.04:LTS", "ubuntu", "22.04", true},
		{"Ubuntu:Pro:22.04:LTS", "ubuntu", "22.04", true},
		{"Ubuntu:Pro:FIPS:22.04:LTS", "ubuntu", "22.04", false},
		{"Ubuntu:24.10", "ubuntu", "24.10", true},
		{"Wolfi", "wolfi", "20230201", true},
		{"AlmaLinux:9", "almalinux", "9.4", true},
		{"AlmaLinux:8", "almalinux", "9.4", false},
		{"Rocky Linux:9", "rocky", "9.3", true},
		{"Red Hat:enterprise_linux:9::baseos", "rhel", "9.4", true},
		{"Red Hat:enterprise_linux:8::appstream", "rhel", "9.4", false},
		{"Red Hat:openshift:4.12::el9", "rhel", "9.4", false},
		{"SUSE:Linux Enterprise Server 15 SP5", "sles", "15.5", true},
		{"SUSE:Linux Enterprise Module for Basesystem 15 SP5", "sles", "15.5", true},
		{"SUSE:Linux Enterprise Server 15 SP4", "sles", "15.5", false},
		{"SUSE:Linux Enterprise Server 15 SP5-LTSS", "sles", "15.5", false},
		{"SUSE:Linux Enterprise Server 15", "sles", "15", true},
		{"SUSE:Linux Enterprise Server 15 SP1", "sles", "15", false},
		{"SUSE:Linux Enterprise Micro 5.4", "sles", "15.4", false},
		{"openSUSE:Leap 15.5", "opensuse-leap", "15.5", true},
		{"openSUSE:Tumbleweed", "opensuse-leap", "15.5", false},
		{"openSUSE:Tumbleweed", "opensuse-tumbleweed", "20240101", true},
		{"PyPI", "debian", "12", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct packages in = {.system = str_of(rows[i].system),
				      .system_version = str_of(rows[i].version)};
		if (osv_release_is(str_of(rows[i].ecosystem), &in) != rows[i].is)
			fail_msg("%s on %s %s", rows[i].ecosystem, rows[i].system, rows[i].version);
	}
}

static void packages_are_asked_for_by_their_name(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct packages debian = {.system = STR("debian"), .system_version = STR("12")};
	struct packages alma = {.system = STR("almalinux"), .system_version = STR("9.4")};
	struct packages other = {.system = STR("kali")};
	struct package libc = {.type = PACKAGE_DEB,
			       .name = STR("libc-bin"),
			       .version = STR("2.36-9+b1"),
			       .source = STR("glibc"),
			       .source_version = STR("2.36-9")};
	struct package perl = {.type = PACKAGE_RPM,
			       .name = STR("perl-libs"),
			       .version = STR("4:5.32-1"),
			       .source = STR("perl")};
	struct osv_place place;
	assert_true(osv_place_of(&libc, &debian, &place, &a));
	assert_true(str_eq(place.base, STR("Debian")) && place.name_count == 1);
	assert_true(str_eq(place.names[0].name, STR("glibc")));
	assert_true(str_eq(place.names[0].version, STR("2.36-9")));
	assert_true(osv_place_of(&perl, &alma, &place, &a));
	assert_true(str_eq(place.names[0].name, STR("perl-libs")) && place.name_count == 1);
	assert_false(osv_place_of(&libc, &other, &place, &a));
	assert_true(str_eq(place.base, STR("deb packages of kali")));
	assert_true(
		str_eq(osv_key(STR("PyPI"), STR("Zope._Interface"), &a), STR("zope-interface")));
	assert_true(
		str_eq(osv_key(STR("NuGet"), STR("Newtonsoft.Json"), &a), STR("newtonsoft.json")));
}

static void conditions_are_kept(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct affected f;
	struct str fixed;
	struct packages in = {.system = STR("almalinux"), .system_version = STR("8.9")};
	struct osv_name name = {STR("x"), STR("1.0.0")};

	read(&f,
	     ENTRY("Go", RANGE("{\"introduced\":\"0\"}") ",\"ecosystem_specific\":{\"imports\":["
							 "{\"path\":\"p\",\"goos\":[\"windows\"]},{"
							 "\"goos\":[\"linux\"],\"goarch\":["
							 "\"arm64\"]}]}"),
	     &a);
	struct package go = {.type = PACKAGE_GOLANG, .goos = STR("linux"), .goarch = STR("amd64")};
	assert_false(affected_is(&f, &go, &in, &name, VERSION_GO, &fixed));
	go.goarch = STR("arm64");
	assert_true(affected_is(&f, &go, &in, &name, VERSION_GO, &fixed));
	go.goos = go.goarch = STR("");
	assert_true(affected_is(&f, &go, &in, &name, VERSION_GO, &fixed));

	read(&f,
	     ENTRY("AlmaLinux:8", RANGE("{\"introduced\":\"0\"},{\"fixed\":\"1:20.1-1.module_el8.9+"
					"1\"}") ",\"ecosystem_specific\":{\"module\":\"nodejs:"
						"20\"}"),
	     &a);
	struct package rpm = {
		.type = PACKAGE_RPM, .name = STR("x"), .version = STR("1:10.0-1.el8")};
	name.version = rpm.version;
	assert_false(affected_is(&f, &rpm, &in, &name, VERSION_RPM, &fixed));
	rpm.version = name.version = STR("1:10.0-1.module_el8.4+5");
	assert_true(affected_is(&f, &rpm, &in, &name, VERSION_RPM, &fixed));
	rpm.module = STR("nodejs:10:8040020210101:abcd");
	assert_false(affected_is(&f, &rpm, &in, &name, VERSION_RPM, &fixed));
	rpm.module = STR("nodejs:20:8040020210101:abcd");
	assert_true(affected_is(&f, &rpm, &in, &name, VERSION_RPM, &fixed));

	read(&f,
	     ENTRY("SUSE:Linux Enterprise Server 15 SP5",
		   RANGE("{\"introduced\":\"0\"}") ",\"ecosystem_specific\":{\"binaries\":[{\"y\":"
						   "\"1\"}]}"),
	     &a);
	in = (struct packages){.system = STR("sles"), .system_version = STR("15.5")};
	assert_false(affected_is(&f, &rpm, &in, &name, VERSION_RPM, &fixed));
	rpm.module = STR("");
	rpm.name = STR("y");
	assert_true(affected_is(&f, &rpm, &in, &name, VERSION_RPM, &fixed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_placed_in_ranges),
		cmocka_unit_test(releases_are_told_apart),
		cmocka_unit_test(packages_are_asked_for_by_their_name),
		cmocka_unit_test(conditions_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
