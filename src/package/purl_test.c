/* Package URLs: the examples of the purl specification's own test suite (tests/types, "build"), and
 * those of packages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "package/purl.h"

static void examples_are_built(void **state)
{
	(void)state;
	static const struct {
		struct purl purl;
		struct purl_qualifier qualifiers[3];
		const char *text;
	} rows[] = {
		{{"deb", STR_INIT("debian"), STR_INIT("curl"), STR_INIT("7.50.3-1")},
		 {{"arch", STR_INIT("i386")}, {"distro", STR_INIT("jessie")}},
		 "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie"},
		{{"deb", STR_INIT("debian"), STR_INIT("attr"), STR_INIT("1:2.4.47-2+b1")},
		 {{"arch", STR_INIT("amd64")}, {"distro", STR_INIT("")}},
		 "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64"},
		{{"apk", STR_INIT("alpine"), STR_INIT("libcrypto3"), STR_INIT("3.5.5-r0")},
		 {{"arch", STR_INIT("x86_64")},
		  {"distro", STR_INIT("alpine-edge")},
		  {"upstream", STR_INIT("openssl")}},
		 "pkg:apk/alpine/libcrypto3@3.5.5-r0?arch=x86_64&distro=alpine-edge&upstream=openssl"},
		{{"npm", STR_INIT("@angular"), STR_INIT("animation"), STR_INIT("12.3.1")},
		 {{0}},
		 "pkg:npm/%40angular/animation@12.3.1"},
		{{"golang", STR_INIT("google.golang.org"), STR_INIT("genproto"), STR_INIT("")},
		 {{0}},
		 "pkg:golang/google.golang.org/genproto"},
		{{"generic", STR_INIT(""), STR_INIT("openssl"), STR_INIT("1.1.10g")},
		 {{"checksum", STR_INIT("sha1:ad9503c3e994a4f,sha256:41bf9088b3a1e6c1ef1d")}},
		 "pkg:generic/openssl@1.1.10g?checksum=sha1:ad9503c3e994a4f%2Csha256:41bf9088b3a1e6c1ef1d"},
		{{"generic", STR_INIT("/a//b c/"), STR_INIT("x/y?#\xc3\xa9~"), STR_INIT("")},
		 {{0}},
		 "pkg:generic/a/b%20c/x%2Fy%3F%23%C3%A9~"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct purl purl = rows[i].purl;
		purl.qualifiers = rows[i].qualifiers;
		while (purl.qualifier_count < 3 && rows[i].qualifiers[purl.qualifier_count].key)
			purl.qualifier_count++;
		assert_string_equal(arena_cstr(&a, purl_str(&purl, &a)), rows[i].text);
	}
}

static void examples_are_parsed(void **state)
{
	(void)state;
	static const struct {
		const char *text, *type, *space, *name, *version, *key, *value;
	} rows[] = {
		{"pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "deb", "debian", "curl",
		 "7.50.3-1", "distro", "jessie"},
		{"pkg:maven/org.apache.commons/io@1.3.4", "maven", "org.apache.commons", "io", "1.3.4",
		 "x", ""},
		{"PKG://MAVEN/org.apache/a%2Bb@1?Type=zip#a/b", "maven", "org.apache", "a+b", "1",
		 "type", "zip"},
		{"pkg:npm/%40angular/animation@12.3.1", "npm", "@angular", "animation", "12.3.1", "x",
		 ""},
		{"pkg:npm/@angular/animation", "npm", "@angular", "animation", "", "x", ""},
		{"pkg:golang/google.golang.org/genproto#googleapis/api", "golang", "google.golang.org",
		 "genproto", "", "x", ""},
		{"pkg:generic//a//b%20c/x%2Fy?empty=", "generic", "a/b c", "x/y", "", "empty", ""},
		{"pkg:docker/cassandra@sha256:244fd47e07d1004f0aed9c", "docker", "", "cassandra",
		 "sha256:244fd47e07d1004f0aed9c", "x", ""},
		{"pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&epoch=1", "rpm", "fedora", "curl",
		 "7.50.3-1.fc25", "epoch", "1"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct purl p;
		assert_true(purl_parse(&p, str_of(rows[i].text), &a));
		assert_string_equal(p.type, rows[i].type);
		assert_string_equal(arena_cstr(&a, p.space), rows[i].space);
		assert_string_equal(arena_cstr(&a, p.name), rows[i].name);
		assert_string_equal(arena_cstr(&a, p.version), rows[i].version);
		assert_string_equal(arena_cstr(&a, purl_qualifier(&p, rows[i].key)), rows[i].value);
	}
}

static void what_is_no_purl(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "curl", "pkg:", "pkg:deb", "pkg:deb/", "pkg:/curl",
					   "pkg:deb/curl%", "pkg:deb/curl%0", "pkg:deb/a%00b",
					   "pkg:n&m/curl", "pkg:3x/curl", "pkg:deb/curl?=x",
					   "http:deb/curl", "pkg:deb/@1"};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct purl p;
		if (purl_parse(&p, str_of(rows[i]), &a))
			fail_msg("%s", rows[i]);
	}
}

static void packages_have_theirs(void **state)
{
	(void)state;
	static const struct {
		struct package package;
		const char *system, *version, *text;
	} rows[] = {
		{{PACKAGE_DEB, STR_INIT("libc6"), STR_INIT("2.36-9+deb12u10"), STR_INIT("glibc"),
		  STR_INIT(""), STR_INIT("amd64")},
		 "debian", "12",
		 "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc"},
		{{PACKAGE_DEB, STR_INIT("libstdc++6"), STR_INIT("12.2.0-14"), STR_INIT("libstdc++6"),
		  STR_INIT("12.2.0-14"), STR_INIT("arm64")},
		 "debian", "",
		 "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=arm64&distro=debian"},
		{{PACKAGE_DEB, STR_INIT("bsdutils"), STR_INIT("1:2.38.1-5"), STR_INIT("util-linux"),
		  STR_INIT("2.38.1-5"), STR_INIT("amd64")},
		 "ubuntu", "24.04",
		 "pkg:deb/ubuntu/bsdutils@1:2.38.1-5?arch=amd64&distro=ubuntu-24.04&"
		 "upstream=util-linux%402.38.1-5"},
		{{PACKAGE_DEB, STR_INIT("a"), STR_INIT(""), STR_INIT("a")}, "", "", "pkg:deb/debian/a"},
		{{PACKAGE_APK, STR_INIT("musl-utils"), STR_INIT("1.2.5-r0"), STR_INIT("musl"),
		  STR_INIT(""), STR_INIT("x86_64")},
		 "wolfi", "20230201",
		 "pkg:apk/wolfi/musl-utils@1.2.5-r0?arch=x86_64&distro=wolfi-20230201&upstream=musl"},
		{{PACKAGE_PYPI, STR_INIT("Django_.package"), STR_INIT("1.11.1.dev1"),
		  STR_INIT("Django_.package")},
		 "debian", "12", "pkg:pypi/django-package@1.11.1.dev1"},
		{{PACKAGE_GOLANG, STR_INIT("github.com/Gorilla/context"), STR_INIT("v1.1.1+incompatible"),
		  STR_INIT("")},
		 "", "", "pkg:golang/github.com/gorilla/context@v1.1.1%2Bincompatible"},
		{{PACKAGE_GOLANG, STR_INIT("stdlib"), STR_INIT("1.22.3")}, "", "",
		 "pkg:golang/stdlib@1.22.3"},
		{{PACKAGE_RPM, STR_INIT("perl-libs"), STR_INIT("4:5.26.3-422.el8"), STR_INIT("perl"),
		  STR_INIT(""), STR_INIT("x86_64")},
		 "rhel", "8.10",
		 "pkg:rpm/redhat/perl-libs@5.26.3-422.el8?arch=x86_64&distro=rhel-8.10&epoch=4&"
		 "upstream=perl"},
		{{PACKAGE_NPM, STR_INIT("@angular/animation"), STR_INIT("12.3.1")}, "", "",
		 "pkg:npm/%40angular/animation@12.3.1"},
		{{PACKAGE_MAVEN, STR_INIT("org.apache.xmlgraphics:batik-anim"), STR_INIT("1.9.1")}, "", "",
		 "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1"},
		{{PACKAGE_GEM, STR_INIT("ruby-advisory-db-check"), STR_INIT("0.12.4")}, "", "",
		 "pkg:gem/ruby-advisory-db-check@0.12.4"},
		{{PACKAGE_COMPOSER, STR_INIT("Laravel/laravel"), STR_INIT("5.5.0")}, "", "",
		 "pkg:composer/laravel/laravel@5.5.0"},
		{{PACKAGE_APK, STR_INIT("R"), STR_INIT("4.4.0-r0"), STR_INIT("R")}, "", "",
		 "pkg:apk/alpine/r@4.4.0-r0"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct packages in = {.system = str_of(rows[i].system),
		                      .system_version = str_of(rows[i].version)};
		struct str purl = purl_of_package(&rows[i].package, &in, &a);
		assert_string_equal(arena_cstr(&a, purl), rows[i].text);
	}
}

/* A name may have as many segments as the file that tells it has bytes. */
static void many_segments_take_linear_time(void **state)
{
	(void)state;
	enum { SEGMENTS = 500000 };
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	char *name = arena_alloc(&a, 2 * SEGMENTS);
	for (size_t i = 0; i < SEGMENTS; i++)
		memcpy(name + 2 * i, "a/", 2);
	struct purl p = {.type = "npm", .space = {name, 2 * SEGMENTS}, .name = STR("n")};
	assert_int_equal(purl_str(&p, &a).n, sizeof "pkg:npm/n" - 1 + 2 * SEGMENTS);
	struct str url = arena_printf(&a, "pkg:npm/%.*sn", 8000, name);
	for (unsigned i = 0; i < 3000; i++) { /* as many as a document of 24 MB may have */
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		assert_true(purl_parse(&p, url, &scratch));
		assert_int_equal(p.space.n, 7999);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_are_built),
		cmocka_unit_test(examples_are_parsed),
		cmocka_unit_test(what_is_no_purl),
		cmocka_unit_test(packages_have_theirs),
		cmocka_unit_test(many_segments_take_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
