/* Where engines are looked for, and what is made of their answers. */
#include <stdlib.h>
#include <sys/stat.h>

#include "image/engine/socket.h"
#include "image/testing.h"

static struct str joined(const struct engine_address_vec *v, struct arena *a)
{
	struct str text = STR("");
	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? " " : "", STR_ARG(v->p[i].text));
	return text;
}

static void addresses_in_order(void **state)
{
	(void)state;
	static const struct {
		struct engine_options o;
		enum engine_kind kind;
		const char *wanted;
	} cases[] = {
		{{.docker_host = STR_INIT("tcp://h:1"), .docker_context = STR_INIT("x")},
	         ENGINE_DOCKER, "tcp://h:1"},
		{{.docker_context = STR_INIT("default")}, ENGINE_DOCKER, "unix:///var/run/docker.sock"},
		{{.runtime_dir = STR_INIT("/run/user/7")}, ENGINE_DOCKER,
	         "unix:///var/run/docker.sock unix:///run/user/7/docker.sock"},
		{{.runtime_dir = STR_INIT("/run/user/7"), .docker_host = STR_INIT("unix:///d")},
	         ENGINE_PODMAN,
	         "unix:///run/user/7/podman/podman.sock unix:///run/podman/podman.sock"},
		{{.container_host = STR_INIT("unix:///p")}, ENGINE_PODMAN, "unix:///p"},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct engine_address_vec got = {0};
		struct err e = ERR_INIT;
		assert_true(engine_addresses(&cases[i].o, cases[i].kind, &got, &a, &e));
		assert_string_equal(joined(&got, &a).p, cases[i].wanted);
	}
}

static void one_address(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool tls;
		const char *socket, *url, *wrong;
	} cases[] = {
		{"unix:///var/run/docker.sock", false, "/var/run/docker.sock", "http://engine", NULL},
		{"tcp://10.0.0.1:2375/", false, "", "http://10.0.0.1:2375", NULL},
		{"tcp://10.0.0.1:2376", true, "", "https://10.0.0.1:2376", NULL},
		{"https://h", false, "", "https://h", NULL},
		{"ssh://me@h", false, NULL, NULL, "forward its socket"},
		{"unix://here", false, NULL, NULL, "no absolute path"},
		{"fd://", false, NULL, NULL, "no address of an engine"},
		{"tcp://", false, NULL, NULL, ""},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct engine got = {0};
		struct err e = ERR_INIT;
		bool ok = engine_address_parse(
			&(struct engine_address){str_of(cases[i].address),
		                                 cases[i].tls ? STR("/nowhere") : STR_NONE},
			&got, &a, &e);
		assert_int_equal(ok, cases[i].wrong == NULL);
		if (!ok) {
			assert_non_null(strstr(e.message, cases[i].wrong));
			continue;
		}
		assert_true(str_eq(got.socket, str_of(cases[i].socket)));
		assert_true(str_eq(got.url, str_of(cases[i].url)));
	}
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void an_image(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct engine_image image;
	struct err e = ERR_INIT;
	assert_true(engine_image_parse(
		STR("{\"Id\":\"" HEX "\",\"RepoTags\":null,\"RepoDigests\":[\"a@sha256:" HEX "\"],"
	            "\"Os\":\"linux\",\"Architecture\":\"arm\",\"Variant\":\"v7\",\"Size\":7,"
	            "\"Config\":{\"User\":\"9\"},\"RootFS\":{\"Layers\":[\"sha256:" HEX "\"]}}"),
		&image, &a, &e));
	assert_string_equal(image.id.p, "sha256:" HEX);
	assert_int_equal(image.size_bytes, 7);
	assert_int_equal(image.repo_tags.n, 0);
	assert_string_equal(image.repo_digests.p[0].p, "a@sha256:" HEX);
	assert_string_equal(image.config.p,
	                    "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\",\"config\":"
	                    "{\"User\":\"9\"},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX
	                    "\"]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_in_order),
		cmocka_unit_test(one_address),
		cmocka_unit_test(an_image),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
