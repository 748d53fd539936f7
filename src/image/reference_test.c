/* References: each kind, the grammar of names, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "image/reference.h"
#include "image/reference_name.h"

/* The paths that are there. */
static bool there(const char *path)
{
	static const char *const paths[] = {"app",         "dist/server", "img",     "a:b",
	                                    "alpine:3.20", "x.tar",       "odd@name"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (strcmp(path, paths[i]) == 0)
			return true;
	return false;
}

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *text;
	enum reference_kind kind;
	const char *path, *registry, *repository, *tag, *digest;
} sound[] = {
	{"scratch", REFERENCE_SCRATCH, "", "", "", "", ""},
	{"dir:/srv/root", REFERENCE_DIR, "/srv/root", "", "", "", ""},
	{"dir:.", REFERENCE_DIR, ".", "", "", "", ""},
	{"file:x:y", REFERENCE_FILE, "x:y", "", "", "", ""},
	{"app", REFERENCE_PATH, "app", "", "", "", ""},
	{"dist/server", REFERENCE_PATH, "dist/server", "", "", "", ""},
	{"alpine:3.20", REFERENCE_PATH, "alpine:3.20", "", "", "", ""},
	{"./none", REFERENCE_PATH, "./none", "", "", "", ""},
	{"/none", REFERENCE_PATH, "/none", "", "", "", ""},
	{"none/", REFERENCE_PATH, "none/", "", "", "", ""},
	{"oci-dir:img", REFERENCE_OCI_DIR, "img", "", "", "", ""},
	{"oci:img:v1.2", REFERENCE_OCI_DIR, "img", "", "", "v1.2", ""},
	{"oci:a:b", REFERENCE_OCI_DIR, "a:b", "", "", "", ""},
	{"oci:a:b:c", REFERENCE_OCI_DIR, "a:b", "", "", "c", ""},
	{"oci:none:x/y:z", REFERENCE_OCI_DIR, "none", "", "", "x/y:z", ""},
	{"oci-archive:x.tar:t", REFERENCE_OCI_ARCHIVE, "x.tar", "", "", "t", ""},
	{"oci:img@sha256:" HEX64, REFERENCE_OCI_DIR, "img", "", "", "", "sha256:" HEX64},
	{"oci:odd@name:t", REFERENCE_OCI_DIR, "odd@name", "", "", "t", ""},
	{"docker-archive:x.tar", REFERENCE_DOCKER_ARCHIVE, "x.tar", "", "", "", ""},
	{"docker-archive:x.tar:a.b/c/d:e", REFERENCE_DOCKER_ARCHIVE, "x.tar", "a.b", "c/d", "e",
         ""},
	{"docker-archive:none.tar:d:e", REFERENCE_DOCKER_ARCHIVE, "none.tar", "", "d", "e", ""},
	{"docker:alpine", REFERENCE_DOCKER, "", "", "alpine", "", ""},
	{"docker-daemon:alpine:3", REFERENCE_DOCKER, "", "", "alpine", "3", ""},
	{"podman:localhost/x:1", REFERENCE_PODMAN, "", "localhost", "x", "1", ""},
	{"containers-storage:x", REFERENCE_PODMAN, "", "", "x", "", ""},
	{"docker://quay.io/a/b:c", REFERENCE_REGISTRY, "", "quay.io", "a/b", "c", ""},
	{"registry:host:5000/a", REFERENCE_REGISTRY, "", "host:5000", "a", "", ""},
	{"debian:bookworm-slim", REFERENCE_NAME, "", "", "debian", "bookworm-slim", ""},
	{"distroless/cc-debian12", REFERENCE_NAME, "", "", "distroless/cc-debian12", "", ""},
	{"gcr.io/distroless/cc", REFERENCE_NAME, "", "gcr.io", "distroless/cc", "", ""},
	{"a__b/c--d.e_f", REFERENCE_NAME, "", "", "a__b/c--d.e_f", "", ""},
	{"[::1]:5000/a:b", REFERENCE_NAME, "", "[::1]:5000", "a", "b", ""},
	{"Host/a", REFERENCE_NAME, "", "Host", "a", "", ""},
	{"a:b@sha256:" HEX64, REFERENCE_NAME, "", "", "a", "b", "sha256:" HEX64},
	{"host:5000/a@sha256:" HEX64, REFERENCE_NAME, "", "host:5000", "a", "", "sha256:" HEX64},
};

static void references_are_taken_apart(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
		struct reference r;
		struct err e = ERR_INIT;
		if (!reference_parse(&r, str_of(sound[i].text), there, &a, &e))
			fail_msg("%s: %s", sound[i].text, e.message);
		assert_int_equal(r.kind, sound[i].kind);
		assert_string_equal(arena_cstr(&a, r.path), sound[i].path);
		assert_string_equal(arena_cstr(&a, r.registry), sound[i].registry);
		assert_string_equal(arena_cstr(&a, r.repository), sound[i].repository);
		assert_string_equal(arena_cstr(&a, r.tag), sound[i].tag);
		assert_string_equal(arena_cstr(&a, r.digest), sound[i].digest);
	}
}

static const struct {
	const char *text, *words; /* what the message must say */
} refused[] = {
	{"", "empty image name"},
	{"dir:", "no path behind the colon"},
	{"oci::tag", "no path behind the colon"},
	{"Alpine", "\"Alpine\" may hold only lower-case letters"},
	{"a//b", "\"\" may hold only"},
	{"a..b", "\"a..b\" may hold only"},
	{"a___b", "\"a___b\" may hold only"},
	{"-a", "\"-a\" may hold only"},
	{"a-", "\"a-\" may hold only"},
	{"a:", "\"\" is no tag"},
	{"a:-b", "\"-b\" is no tag"},
	{"a:b/c", "\"a:b\" is no registry's host and port"},
	{"host:99999/c", "\"host:99999\" is no registry's host and port"},
	{"-x.y/c", "\"-x.y\" is no registry's host"},
	{"a@sha256:12", "\"sha256:12\" is no digest"},
	{"a@md5:" HEX64, "is no digest"},
	{"a@", "\"\" is no digest"},
	{"https://a/b", "write docker://a/b"},
	{"oci:img:-x", "\"-x\" is no name of an image in a layout"},
	{"docker:A", "\"A\" may hold only"},
	{"docker://", "no image name"},
};

static void bad_references_are_refused_with_the_reason(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct reference r;
		struct err e = ERR_INIT;
		if (reference_parse(&r, str_of(refused[i].text), there, &a, &e))
			fail_msg("%s was taken", refused[i].text);
		assert_int_equal(e.code, ERR_USAGE);
		if (!strstr(e.message, refused[i].words))
			fail_msg("%s: %s", refused[i].text, e.message);
	}
}

static void docker_names_are_compared_filled_in(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{"alpine", "docker.io/library/alpine:latest", true},
		{"alpine:3", "alpine", false},
		{"index.docker.io/a/b", "a/b", true},
		{"quay.io/a", "a", false},
		{"quay.io/library/a", "quay.io/a", false},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct reference left, right;
		struct err e = ERR_INIT;
		assert_true(reference_parse(&left, str_of(pairs[i].a), there, &a, &e));
		assert_true(reference_parse(&right, str_of(pairs[i].b), there, &a, &e));
		assert_int_equal(reference_same_name(&left, &right), pairs[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_taken_apart),
		cmocka_unit_test(bad_references_are_refused_with_the_reason),
		cmocka_unit_test(docker_names_are_compared_filled_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
