/* VEX documents in the shapes that publishers give them, and whom they speak of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scan/vex.h"

#define OPENVEX(statements)                                                                        \
	"{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"https://example.test/1\","      \
	"\"author\":\"x\",\"timestamp\":\"2024-01-01T00:00:00Z\",\"version\":1,\"statements\":["   \
	statements "]}"

/* vexctl's */
static const char one_package[] = OPENVEX(
	"{\"vulnerability\":{\"name\":\"CVE-2023-1\",\"aliases\":[\"GHSA-x\"]},\"products\":[{\"@id\":"
	"\"pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64\"}],\"status\":\"not_affected\",\"justification\":"
	"\"inline_mitigations_already_exist\",\"impact_statement\":\"old\"}");
static const char any_version[] = OPENVEX(
	"{\"vulnerability\":{\"name\":\"CVE-2023-1\"},\"products\":[{\"@id\":\"pkg:apk/wolfi/git\"}],"
	"\"status\":\"under_investigation\"}");
static const char newer[] = OPENVEX(
	"{\"vulnerability\":{\"name\":\"CVE-2023-1\"},\"timestamp\":\"2024-01-01T02:00:00.5+01:00\","
	"\"products\":[{\"@id\":\"x\",\"identifiers\":{\"purl\":\"pkg:apk/wolfi/git\"}}],"
	"\"status\":\"affected\"}");
static const char in_image[] = OPENVEX(
	"{\"vulnerability\":{\"@id\":\"https://nvd.nist.gov/vuln/detail/CVE-2023-1\"},\"products\":[{"
	"\"@id\":\"pkg:oci/app@sha256%3Aaa?repository_url=registry.test/team\",\"subcomponents\":[{"
	"\"@id\":\"pkg:apk/wolfi/git@2.39.0-r1\"},{\"@id\":\"pkg:apk/wolfi/curl\"}]}],\"status\":"
	"\"fixed\"}");
static const char all_of_image[] = OPENVEX(
	"{\"vulnerability\":{\"name\":\"CVE-2023-1\"},\"products\":[{\"@id\":"
	"\"pkg:oci/app?repository_url=registry.test/team/app\"}],\"status\":\"not_affected\"}");
static const char debians[] = OPENVEX(
	"{\"vulnerability\":{\"name\":\"CVE-2023-1\"},\"products\":[{\"@id\":"
	"\"pkg:deb/debian/glibc@2.36-9?arch=source&distro=bookworm\"},{\"@id\":"
	"\"pkg:deb/debian/glibc?arch=source\"}],\"status\":\"not_affected\",\"justification\":"
	"\"vulnerable_code_not_present\"}");
static const char first_version[] =
	"{\"@context\":\"https://openvex.dev/ns\",\"timestamp\":\"2023-01-08T18:02:03-06:00\","
	"\"statements\":[{\"vulnerability\":\"CVE-2023-1\",\"products\":[\"pkg:apk/wolfi/git\"],"
	"\"status\":\"fixed\"},{\"vulnerability\":\"CVE-2023-1\",\"products\":[\"pkg:oci/other\"],"
	"\"subcomponents\":[\"pkg:apk/wolfi/git\"],\"status\":\"affected\"}]}";

/* Red Hat's: packages as parts of platforms */
static const char red_hats[] =
	"{\"document\":{\"category\":\"csaf_vex\",\"csaf_version\":\"2.0\",\"tracking\":{"
	"\"current_release_date\":\"2024-01-01T00:00:00+00:00\"}},\"product_tree\":{\"branches\":[{"
	"\"category\":\"vendor\",\"name\":\"Red Hat\",\"branches\":[{\"category\":\"product_name\","
	"\"name\":\"RHEL 9\",\"product\":{\"name\":\"RHEL 9\",\"product_id\":\"rhel-9\","
	"\"product_identification_helper\":{\"cpe\":\"cpe:/a:redhat:enterprise_linux:9::appstream\"}}},"
	"{\"category\":\"product_name\",\"name\":\"RHEL 8\",\"product\":{\"name\":\"RHEL 8\","
	"\"product_id\":\"rhel-8\",\"product_identification_helper\":{\"cpe\":"
	"\"cpe:/o:redhat:enterprise_linux:8\"}}},{\"category\":\"product_version\",\"name\":\"openssl\","
	"\"product\":{\"name\":\"openssl\",\"product_id\":\"openssl\",\"product_identification_helper\":"
	"{\"purl\":\"pkg:rpm/redhat/openssl?arch=src\"}}},{\"category\":\"product_version\",\"name\":"
	"\"b\",\"product\":{\"name\":\"b\",\"product_id\":\"bash-1\",\"product_identification_helper\":"
	"{\"purl\":\"pkg:rpm/redhat/bash@5.1-2.el9?arch=x86_64&epoch=0\"}}}]}],\"relationships\":[{"
	"\"category\":\"default_component_of\",\"full_product_name\":{\"name\":\"o9\",\"product_id\":"
	"\"rhel-9:openssl\"},\"product_reference\":\"openssl\",\"relates_to_product_reference\":"
	"\"rhel-9\"},{\"category\":\"default_component_of\",\"full_product_name\":{\"name\":\"o8\","
	"\"product_id\":\"rhel-8:openssl\"},\"product_reference\":\"openssl\","
	"\"relates_to_product_reference\":\"rhel-8\"},{\"category\":\"default_component_of\","
	"\"full_product_name\":{\"name\":\"b9\",\"product_id\":\"rhel-9:bash-1\"},"
	"\"product_reference\":\"bash-1\",\"relates_to_product_reference\":\"rhel-9\"}],"
	"\"product_groups\":[{\"group_id\":\"g\",\"product_ids\":[\"rhel-8:openssl\"]}]},"
	"\"vulnerabilities\":[{\"cve\":\"CVE-2023-1\",\"flags\":[{\"label\":"
	"\"vulnerable_code_not_present\",\"group_ids\":[\"g\"]}],\"threats\":[{\"category\":\"impact\","
	"\"details\":\"Low\"}],\"product_status\":{\"known_not_affected\":[\"rhel-8:openssl\"],"
	"\"known_affected\":[\"rhel-9:openssl\"],\"fixed\":[\"rhel-9:bash-1\"]}}]}";

#define GIT                                                                                        \
	{                                                                                          \
		.type = PACKAGE_APK, .name = STR_INIT("git"), .version = STR_INIT("2.39.0-r1"),    \
		.source = STR_INIT("git"), .architecture = STR_INIT("x86_64")                      \
	}
#define LIBC                                                                                       \
	{                                                                                          \
		.type = PACKAGE_DEB, .name = STR_INIT("libc6"), .version = STR_INIT("2.36-9"),     \
		.source = STR_INIT("glibc"), .architecture = STR_INIT("amd64")                     \
	}
#define RPM(called, of, from)                                                                      \
	{                                                                                          \
		.type = PACKAGE_RPM, .name = STR_INIT(called), .version = STR_INIT(of),            \
		.source = STR_INIT(from), .architecture = STR_INIT("x86_64")                       \
	}

static void who_is_spoken_of(void **state)
{
	(void)state;
	static const struct {
		const char *documents[2];
		struct package package;
		const char *system, *version;
		const char *repository, *digest;
		const char *status, *justification, *text; /* status NULL: nobody speaks */
	} rows[] = {
		{{one_package}, GIT, "wolfi", "", "", "", "not_affected",
		 "inline_mitigations_already_exist", "old"},
		{{any_version}, GIT, "wolfi", "", "", "", "under_investigation", "", ""},
		{{any_version}, GIT, "alpine", "", "", "", NULL, "", ""},
		/* equally new: the one that names the version; a newer one before both */
		{{one_package, any_version}, GIT, "wolfi", "", "", "", "not_affected",
		 "inline_mitigations_already_exist", "old"},
		{{newer, one_package}, GIT, "wolfi", "", "", "", "affected", "", ""},
		{{in_image}, GIT, "wolfi", "", "", "sha256:aa", "fixed", "", ""},
		{{in_image}, GIT, "wolfi", "", "", "sha256:bb", NULL, "", ""},
		{{in_image}, LIBC, "debian", "12", "", "sha256:aa", NULL, "", ""},
		{{all_of_image}, LIBC, "debian", "12", "registry.test/team/app", "", "not_affected", "",
		 ""},
		{{all_of_image}, LIBC, "debian", "12", "registry.test/other/app", "", NULL, "", ""},
		{{debians}, LIBC, "debian", "12", "", "", "not_affected", "vulnerable_code_not_present",
		 ""},
		{{first_version}, GIT, "wolfi", "", "", "", "fixed", "", ""},
		{{first_version, one_package}, GIT, "wolfi", "", "", "", "not_affected",
		 "inline_mitigations_already_exist", "old"},
		{{red_hats}, RPM("openssl-libs", "1:3.0.1-1.el9", "openssl"), "rhel", "9.2", "", "",
		 "affected", "", ""},
		{{red_hats}, RPM("openssl-libs", "1:1.1.1-1.el8", "openssl"), "rhel", "8.9", "", "",
		 "not_affected", "vulnerable_code_not_present", "Low"},
		{{red_hats}, RPM("openssl-libs", "1:1.0-1.el7", "openssl"), "rhel", "7.9", "", "", NULL,
		 "", ""},
		{{red_hats}, RPM("bash", "5.1-2.el9", "bash"), "rhel", "9.4", "", "", "fixed", "", ""},
		{{red_hats}, RPM("bash", "5.1-1.el9", "bash"), "rhel", "9.4", "", "", NULL, "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct vex v = {0};
		struct err e = ERR_INIT;
		struct packages in = {.system = str_of(rows[i].system),
				      .system_version = str_of(rows[i].version)};
		struct vex_image image = {.repository = str_of(rows[i].repository),
					  .digest = str_of(rows[i].digest)};
		struct str ids[] = {STR("DEBIAN-CVE-2023-1"), STR("CVE-2023-1")};
		struct str_vec names = {ids, 2, 2};
		for (size_t n = 0; n < 2 && rows[i].documents[n]; n++)
			if (!vex_read(&v, str_of(rows[i].documents[n]), &a, &e))
				fail_msg("row %zu: %s", i, e.message);
		const struct vex_statement *s =
			vex_find(&v, &names, &rows[i].package, &in, &image, &a);
		const char *status = s ? vex_status_name(s->status) : NULL;
		if (!str_eq(str_of(status), str_of(rows[i].status)))
			fail_msg("row %zu: %s", i, status ? status : "nobody");
		if (s) {
			assert_string_equal(arena_cstr(&a, s->justification), rows[i].justification);
			assert_string_equal(arena_cstr(&a, s->text), rows[i].text);
		}
	}
}

static void findings_are_marked(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct package git = GIT;
	struct packages in = {.system = STR("wolfi")};
	struct vex_image image = {.repository = STR("")};
	struct scan scan = {0};
	struct vex v = {0};
	struct err e = ERR_INIT;
	static const char *const ids[] = {"GHSA-x", "CVE-2023-2"};
	for (size_t i = 0; i < 2; i++)
		*vec_push(&scan.findings, &a) =
			(struct vulnerability){.package = &git, .id = str_of(ids[i])};
	assert_true(vex_read(&v, str_of(one_package), &a, &e));
	assert_int_equal(vex_apply(&v, &scan, &in, &image, &a), 1);
	assert_int_equal(scan.findings.p[0].status, VULNERABILITY_VEX);
	assert_string_equal(arena_cstr(&a, scan.findings.p[0].reason),
			    "not affected: inline_mitigations_already_exist: old");
	assert_int_equal(scan.findings.p[1].status, VULNERABILITY_COUNTS);
}

static void what_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "{}", "[]", "{\"@context\":\"x\"}",
					   "{\"document\":{\"csaf_version\":\"1.0\"}}", "{\"@context\":"};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct vex v = {0};
		struct err e = ERR_INIT;
		assert_false(vex_read(&v, str_of(rows[i]), &a, &e));
		assert_true(str_contains(str_of(e.message), STR("no VEX document")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_spoken_of),
		cmocka_unit_test(findings_are_marked),
		cmocka_unit_test(what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
