/* Documents of contents in the shapes that the tools at large give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "package/sbom.h"

/* Each package "type name version arch source source-version path license module", a line each, "-"
 * for nothing; then the system, and what is left out. */
static struct str shown(struct str text, struct arena *a)
{
	struct packages p;
	struct sbom_subject of;
	struct err e = ERR_INIT;
	struct str all = STR("");
	if (!sbom_read(&p, &of, text, a, &e))
		return arena_printf(a, "error: %s", e.message);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		struct str parts[] = {k->name, k->version, k->architecture, k->source,
				      k->source_version, k->path, k->license, k->module};
		all = arena_printf(a, "%.*s%s", STR_ARG(all), package_type_name(k->type));
		for (size_t n = 0; n < sizeof parts / sizeof *parts; n++)
			all = arena_printf(a, "%.*s %.*s", STR_ARG(all),
					   STR_ARG(parts[n].n ? parts[n] : STR("-")));
		all = arena_printf(a, "%.*s\n", STR_ARG(all));
	}
	all = arena_printf(a, "%.*sof %.*s; system %.*s %.*s\n", STR_ARG(all),
			   STR_ARG(of.name.n ? of.name : STR("-")), STR_ARG(p.system),
			   STR_ARG(p.system_version));
	for (size_t i = 0; i < p.unplaced.n; i++)
		all = arena_printf(a, "%.*sleft out: %.*s\n", STR_ARG(all), STR_ARG(p.unplaced.p[i]));
	return all;
}

static void documents(void **state)
{
	(void)state;
	static const struct {
		const char *text, *shown;
	} rows[] = {
		/* syft, CycloneDX */
		{"{\"$schema\":\"http://cyclonedx.org/schema/bom-1.6.schema.json\",\"bomFormat\":"
		 "\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":{\"type\":"
		 "\"container\",\"name\":\"app\",\"version\":\"sha256:ab\"}},\"components\":["
		 "{\"bom-ref\":\"pkg:rpm/rhel/bash@5.1.8-6.el9?package-id=1\",\"type\":\"library\","
		 "\"name\":\"bash\",\"version\":\"0:5.1.8-6.el9\",\"licenses\":[{\"license\":{\"name\":"
		 "\"GPLv3+\"}}],\"purl\":\"pkg:rpm/rhel/bash@5.1.8-6.el9?arch=x86_64&distro=rhel-9.2&"
		 "upstream=bash-5.1.8-6.el9.src.rpm\",\"properties\":[{\"name\":\"syft:location:0:path\","
		 "\"value\":\"/var/lib/rpm/rpmdb.sqlite\"}]},{\"type\":\"library\",\"name\":\"nodejs\","
		 "\"purl\":\"pkg:rpm/rhel/nodejs@18.1-2.el9?arch=x86_64&distro=rhel-9.2&epoch=1&"
		 "rpmmod=nodejs:18:9020:rhel9\"},{\"type\":\"library\",\"name\":"
		 "\"github.com/BurntSushi/toml\",\"version\":\"v1.2.0\",\"purl\":"
		 "\"pkg:golang/github.com/burntsushi/toml@v1.2.0\"},{\"type\":\"file\",\"name\":\"/a\"},"
		 "{\"type\":\"operating-system\",\"name\":\"rhel\",\"version\":\"9.2\"}]}",
		 "rpm bash 5.1.8-6.el9 x86_64 bash - /var/lib/rpm/rpmdb.sqlite GPLv3+ -\n"
		 "rpm nodejs 1:18.1-2.el9 x86_64 nodejs - - - nodejs:18:9020:rhel9\n"
		 "golang github.com/BurntSushi/toml v1.2.0 - github.com/BurntSushi/toml - - - -\n"
		 "of app; system rhel 9.2\n"},
		/* trivy, CycloneDX: the source in properties, lock files as components */
		{"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"component\":{"
		 "\"name\":\"debian:12\"}},\"components\":[{\"type\":\"operating-system\",\"name\":"
		 "\"debian\",\"version\":\"12.5\"},{\"type\":\"library\",\"name\":\"libdb5.3\",\"version\":"
		 "\"5.3.28\",\"purl\":\"pkg:deb/debian/libdb5.3@5.3.28%2Bdfsg2-1?arch=amd64&"
		 "distro=debian-12.5\",\"properties\":[{\"name\":\"aquasecurity:trivy:SrcName\",\"value\":"
		 "\"db5.3\"},{\"name\":\"aquasecurity:trivy:SrcVersion\",\"value\":\"5.3.28+dfsg2\"},{"
		 "\"name\":\"aquasecurity:trivy:SrcRelease\",\"value\":\"1\"}]},{\"type\":\"library\","
		 "\"name\":\"tar\",\"purl\":\"pkg:deb/debian/tar@1.34?arch=amd64&distro=debian-12.5&"
		 "epoch=1\"},{\"type\":\"application\",\"name\":\"app/package-lock.json\",\"properties\":[{"
		 "\"name\":\"aquasecurity:trivy:Class\",\"value\":\"lang-pkgs\"}]},{\"type\":\"library\","
		 "\"name\":\"scope/x\",\"purl\":\"pkg:npm/%40scope/x@1.0.0\",\"components\":[{\"type\":"
		 "\"library\",\"group\":\"g\",\"name\":\"inner\",\"version\":\"2\"}]}]}",
		 "deb libdb5.3 5.3.28+dfsg2-1 amd64 db5.3 - - - -\n"
		 "deb tar 1:1.34 amd64 tar - - - -\n"
		 "npm @scope/x 1.0.0 - @scope/x - - - -\n"
		 "of debian:12; system debian 12\nleft out: g/inner 2\n"},
		/* Docker Scout */
		{"{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"img\",\"packages\":[{\"SPDXID\":\"SPDXRef-a\","
		 "\"name\":\"apt\",\"versionInfo\":\"2.6.1\",\"externalRefs\":[{\"referenceCategory\":"
		 "\"PACKAGE-MANAGER\",\"referenceType\":\"purl\",\"referenceLocator\":"
		 "\"pkg:deb/debian/apt@2.6.1?os_distro=bookworm&os_name=debian&os_version=12\"}]}]}",
		 "deb apt 2.6.1 - apt - - - -\nof img; system debian 12\n"},
		/* trivy, SPDX */
		{"{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"alpine\",\"packages\":[{\"SPDXID\":"
		 "\"SPDXRef-OperatingSystem-1\",\"name\":\"alpine\",\"versionInfo\":\"3.20.3\","
		 "\"primaryPackagePurpose\":\"OPERATING-SYSTEM\"},{\"SPDXID\":\"SPDXRef-Package-1\","
		 "\"name\":\"libcrypto3\",\"versionInfo\":\"3.3.2-r0\",\"sourceInfo\":"
		 "\"built package from: openssl 3.3.2-r0\",\"licenseDeclared\":\"Apache-2.0\","
		 "\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":"
		 "\"pkg:apk/alpine/libcrypto3@3.3.2-r0?arch=x86_64&distro=3.20.3\"}]}]}",
		 "apk libcrypto3 3.3.2-r0 x86_64 openssl - - Apache-2.0 -\nof alpine; system alpine 3.20.3\n"},
		/* BuildKit's attestation, with syft's SPDX and a licence of its own */
		{"{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"predicate\":{\"spdxVersion\":"
		 "\"SPDX-2.3\",\"name\":\"sbom\",\"hasExtractedLicensingInfos\":[{\"licenseId\":"
		 "\"LicenseRef-x\",\"extractedText\":\"mine\"}],\"packages\":[{\"name\":\"six\","
		 "\"licenseDeclared\":\"LicenseRef-x\",\"externalRefs\":[{\"referenceType\":\"purl\","
		 "\"referenceLocator\":\"pkg:pypi/six@1.16.0\"}]},{\"SPDXID\":\"SPDXRef-root\",\"name\":"
		 "\"img\"},{\"name\":\"odd\",\"versionInfo\":\"1\"}],\"relationships\":[{\"spdxElementId\":"
		 "\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\",\"relatedSpdxElement\":"
		 "\"SPDXRef-root\"}]}}",
		 "pypi six 1.16.0 - six - - mine -\nof sbom; system  \nleft out: odd 1\n"},
		/* Types of many kinds; twice the same; no release; what is not in a container */
		{"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.2\",\"components\":[{\"purl\":"
		 "\"pkg:maven/org.a/b@1\"},{\"purl\":\"pkg:maven/org.a/b@1\"},{\"purl\":"
		 "\"pkg:composer/v/p@2\"},{\"purl\":\"pkg:swift/x/y@3\",\"name\":\"y\"},{\"purl\":"
		 "\"pkg:oci/img@sha256:00\"},{\"purl\":\"pkg:apk/wolfi/glibc@2.40-r1?arch=x86_64&"
		 "distro=wolfi\"},{\"purl\":\"nonsense\",\"name\":\"n\"},7,{}]}",
		 "apk glibc 2.40-r1 x86_64 glibc - - - -\nmaven org.a:b 1 - org.a:b - - - -\n"
		 "composer v/p 2 - v/p - - - -\nof -; system wolfi \nleft out: y\nleft out: n\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		assert_string_equal(arena_cstr(&a, shown(str_of(rows[i].text), &a)), rows[i].shown);
	}
}

static void systems(void **state)
{
	(void)state;
	static const struct {
		const char *url, *id, *version;
	} rows[] = {
		{"pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", "opensuse-leap", "15.5"},
		{"pkg:rpm/redhat/a@1?distro=redhat-9.2", "rhel", "9.2"},
		{"pkg:deb/debian/a@1?distro=jessie", "debian", "8"},
		{"pkg:deb/ubuntu/a@1?distro=ubuntu-24.04", "ubuntu", "24.04"},
		{"pkg:apk/alpine/a@1?distro=alpine-edge", "alpine", "edge"},
		{"pkg:apk/alpine/a@1?distro=alpine-3.21_alpha20240807", "alpine", "3.21_alpha20240807"},
		{"pkg:deb/ubuntu/a@1", "ubuntu", ""},
		{"pkg:rpm/amzn/a@1?distro=amazon-2023", "amzn", "2023"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct packages p;
		struct sbom_subject of;
		struct err e = ERR_INIT;
		assert_true(sbom_read(&p, &of,
				      arena_printf(&a, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":"
						       "\"1.4\",\"components\":[{\"purl\":\"%s\"}]}",
						   rows[i].url), &a, &e));
		assert_string_equal(arena_cstr(&a, p.system), rows[i].id);
		assert_string_equal(arena_cstr(&a, p.system_version), rows[i].version);
	}
}

static void what_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *said;
	} rows[] = {
		{"<?xml version=\"1.0\"?><bom/>", "XML"},
		{"SPDXVersion: SPDX-2.3\n", "tag-value"},
		{"{\"spdxVersion\":\"SPDX-3.0\"}", "only versions 2.2 and 2.3"},
		{"{\"@context\":\"x\",\"@graph\":[]}", "only versions 2.2 and 2.3"},
		{"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"2.0\"}", "CycloneDX 2.0"},
		{"{}", "no SBOM"},
		{"[]", "no SBOM"},
		{"{\"bomFormat\":", "line 1"},
		{"", "no SBOM"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str said = shown(str_of(rows[i].text), &a);
		if (!str_starts(said, STR("error: ")) || !str_contains(said, str_of(rows[i].said)))
			fail_msg("%s: %.*s", rows[i].text, STR_ARG(said));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents),
		cmocka_unit_test(systems),
		cmocka_unit_test(what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
