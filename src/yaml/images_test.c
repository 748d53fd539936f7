/* Which values of YAML files name images, where they stand, and which comments stand at them. */
#include "yaml/images.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct yaml_case {
	const char *text, *images; /* one a line: "VALUE@OFFSET", "?REASON", "-REASON"; "!…": the error */
};

static const struct yaml_case places[] = {
	/* Compose */
	{"services:\n  a:\n    image: b:1\n", "b:1@26"},
	{"services: {a: {image: b:1}}", "b:1@22"},
	{"services:\n  a:\n    build: .\n    image: b:1\n", "-names what build makes"},
	{"services:\n  a:\n    image: b:1\n    build: {context: .}\n  c:\n    image: b:1\n",
	 "-names what build makes\n-names what build makes"},
	{"x: &x {build: .}\ns: {a: {<<: *x, image: b}, c: {image: d}}\n", "-names what build makes\nd@55"},
	{"x: &x {image: b}\ns: {a: {<<: *x, build: .}, c: {<<: [*x]}}\n", "-names what build makes"},
	{"x: &x {image: b}\ns: {a: {<<: [*x], build: .}}\n", "-names what build makes"},
	{"x: &x {image: b}\ns: {a: {<<: *x, image: c, build: .}}\n", "b@14\n-names what build makes"},
	{"x: &x {image: b}\ns: {a: {y: *x, build: .}}\n", "b@14"},
	{"services:\n  a:\n    image: b:1\n    environment:\n      image: c\n    labels: {image: d}\n", "b:1@26"},
	{"services: {a: {image: '${B:-b:1}'}}", "b:1@28"},
	{"services: {a: {image: \"${B-b:1}\"}}", "b:1@27"},
	{"image: ${B}", "?put together from variables"},
	{"image: $B:1", "?put together from variables"},
	{"image: ${A}${B:-x}", "?put together from variables"},
	{"image: ${B:-${C}}", "?put together from variables"},
	{"image: ${B:?must be set}", "?put together from variables"},
	{"image: b:1$$", "?put together from variables"},
	/* How it is written */
	{"image: b", "b@7"},
	{"image: 'b'", "b@8"},
	{"image: \"b\"\n", "b@8"},
	{"\"image\": \"b\"\n", "b@10"},
	{"image:\n  b:1\n", "b:1@9"},
	{"image: >-\n  b:1\n", "b:1@12"},
	{"image: |\n  b:1\n", "b:1@11"},
	{"image: !!str b", "b@13"},
	{"image: &x b", "b@10"},
	{"image: &b b", "b@10"},
	{"image: \"\\x62:1\"", "?written with escapes or over several lines"},
	{"image: 'a''b'", "?written with escapes or over several lines"},
	{"image: ' b'", "b@9"},
	{"image: \"b\\\n  c\"", "?written with escapes or over several lines"},
	{"image: b # c", "b@7"},
	{"image: b\r\nx: y\r\n", "b@7"},
	{"\xef\xbb\xbfimage: b\n", "b@10"},
	{"# \xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb3\nimage: b\n", "b@19"},
	{"\xc3\xa4: \xc3\xb6\nimage: b\n", "b@14"},
	{"? image\n: b\n", "b@10"},
	{"{image: b}", "b@8"},
	{"{\"image\":\"b\"}", "b@10"},
	{"image: {{ .Values.image }}\n", ""},
	{"image: '{{ .Values.image }}'\n", "?a template: its value is not known here"},
	{"image: 'b:{{ .Values.tag }}'\n", "?a template: its value is not known here"},
	{"image: ${{ matrix.image }}\n", "?a template: its value is not known here"},
	/* No image */
	{"image:\n", ""},
	{"image: ~\n", ""},
	{"image: null\n", ""},
	{"image: ''\n", ""},
	{"image: scratch\n", ""},
	{"image: ./logo.png\n", "-a path or an address, no image"},
	{"image: https://example.org/a.png\n", "-a path or an address, no image"},
	{"runs: {using: docker, image: Dockerfile}\n", "-a path or an address, no image"},
	{"image: [a, b]\n", ""},
	{"image: {a: b}\n", ""},
	{"? {image: a}\n: b\n", ""},
	{"images: b\n", ""},
	{"data:\n  x: |\n    image: b\n", ""},
	/* GitHub */
	{"jobs:\n  j:\n    container: b:1\n", "b:1@26"},
	{"jobs:\n  j:\n    container:\n      image: b:1\n    services:\n      s:\n        image: c\n", "b:1@39\nc@81"},
	{"jobs:\n  j:\n    steps:\n    - uses: docker://b:1\n    - uses: actions/checkout@v4\n", "b:1@43"},
	{"runs:\n  using: docker\n  image: docker://b:1\n", "b:1@40"},
	{"jobs: {j: {steps: [{uses: x, with: {image: b}}]}}", "-the input of an action, which may build it"},
	{"env: {image: b}\n", ""},
	{"spec: {container: b}\n", ""},
	/* GitLab, Bitbucket */
	{"image: b:1\njob:\n  image: {name: c, entrypoint: ['']}\n  services:\n  - d:1\n  - name: e\n    alias: f\n",
	 "b:1@7\nc@32\nd:1@69\ne@83"},
	{"image: b\nbuild: {script: [c]}\n", "b@7"},
	{"default:\n  services: [b, {name: c}]\n", "b@22\nc@32"},
	{"variables: {image: b}\n", ""},
	/* Kubernetes */
	{"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: b\n    name: c\n  initContainers:\n  - name: d\n    image: e\n",
	 "b@56\ne@111"},
	{"apiVersion: v1\nspec: {volumes: [{image: {reference: b}}], services: [c]}\n", "b@52"},
	{"apiVersion: v1\nspec: {image: {repository: b, tag: c}}\n", "?put together from several keys"},
	{"apiVersion: v1\nspec: {image: {name: b, newTag: c}}\n", "?put together from several keys"},
	{"a: {image: b, tag: c}\n", "?put together from several keys"},
	{"a: {registry: c, image: b}\n", "?put together from several keys"},
	{"a: {tag: {}, b: {image: c}}\n", "c@24"},
	{"metadata: {annotations: {image: b}}\n", ""},
	{"a: {properties: {image: b}}\n", ""},
	/* Several documents */
	{"image: a\n---\nimage: b\n...\n---\n# c\nimage: d\n", "a@7\nb@20\nd@41"},
	{"a: &x b\n---\nimage: *x\n", ""},
	/* Anchors */
	{"x-i: &i b\nservices: {a: {image: *i}, c: {image: *i}}\n", "b@8"},
	{".i: &i b\nj: {image: *i}\n", "b@7"},
	{"a: {image: &i b}\nc: {image: *i}\n", "b@14"},
	{"a: {image: &i b}\nc: {d: *i}\n", "?an anchor that stands for more than images"},
	{"a: {image: &i b}\nc: {*i : d}\n", "?an anchor that stands for more than images"},
	{"x-i: &i b\nc: {image: *i, d: *i}\n", "?an anchor that stands for more than images"},
	{"c: &i b\nd: {image: *i}\n", "?an anchor that stands for more than images"},
	{"x-b: &b {image: c}\nd:\n  <<: *b\n", "c@16"},
	{"a: &i b\nc: &i d\nx: {image: *i}\n", "?an anchor that stands for more than images"},
	/* Not YAML */
	{"a: [", "!f:2:1: not YAML: did not find expected node content"},
	{"\t- a\n  b: c", "!f:1:1: not YAML: found character that cannot start any token"},
	{"a: \xff\n", "!f: byte 3: not YAML in UTF-8: invalid leading UTF-8 octet"},
	{"", ""},
	{"# nothing\n", ""},
};

static struct str shown(const struct yaml_images *y, struct arena *a)
{
	struct str s = STR("");
	for (size_t i = 0; i < y->images.n; i++) {
		const struct yaml_image *x = &y->images.p[i];
		struct str one = x->state == YAML_IMAGE_NAMED
		                         ? arena_printf(a, "%.*s@%zu", STR_ARG(x->value), x->at.off)
		                         : arena_printf(a, "%c%.*s", x->state == YAML_IMAGE_OTHER ? '-' : '?',
		                                        STR_ARG(x->reason));
		s = arena_printf(a, "%.*s%s%.*s", STR_ARG(s), i ? "\n" : "", STR_ARG(one));
	}
	return s;
}

static void values_that_name_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct yaml_images y;
		struct str text = str_of(places[i].text);
		struct str got = yaml_images_find(&y, text, STR("f"), &a, &e)
		                         ? shown(&y, &a)
		                         : arena_printf(&a, "!%s", e.message);
		if (!str_eq(got, str_of(places[i].images)))
			fail_msg("%s\n  want %s\n  got  %.*s", places[i].text, places[i].images, STR_ARG(got));
		for (size_t k = 0; k < y.images.n; k++)
			if (y.images.p[k].state == YAML_IMAGE_NAMED)
				assert_true(str_eq(span_text(text, y.images.p[k].at), y.images.p[k].value));
	}
}

static const struct yaml_case comments[] = { /* "VALUE: COMMENT|COMMENT|" */
	{"image: a # b\n", "a: # b|"},
	{"image: 'a' # b\r\n", "a: # b|"},
	{"# b\nimage: a\n", "a: # b|"},
	{"# b\n# c\nimage: a # d\n", "a: # b|# c|# d|"},
	{"# b\n\nimage: a\n", "a: "},
	{"x: y # b\nimage: a\n# c\n", "a: "},
	{"image: a#b\n", "a#b: "},
	{"x: |\n  # b\nimage: a\n", "a: "},
	{"s:\n  # b\n  image:\n    a\n", "a: # b|"},
	{"s: [\n  # b\n  {image: a}, # c\n  {image: d}]\n", "a: # b|# c|\nd: "},
	{"l:\n# b\n- image: a # c\n  # d\n- image: e\n", "a: # b|# c|\ne: # d|"},
	{"x-i: &i a # b\nimage: *i # c\n", "a: # b|"},
	{"\xef\xbb\xbf# b\nimage: a\n", "a: # b|"},
	{"# b\ns: [{image: a}, {image: c}] # d\nt: [{image: e}]\n", "a: # b|# d|\nc: # b|# d|\ne: "},
};

static void comments_at_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof comments / sizeof *comments; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct yaml_images y;
		struct str text = str_of(comments[i].text), got = STR("");
		assert_true(yaml_images_find(&y, text, STR("f"), &a, &e));
		for (size_t k = 0; k < y.images.n; k++) {
			const struct yaml_image *x = &y.images.p[k];
			got = arena_printf(&a, "%.*s%s%.*s: ", STR_ARG(got), k ? "\n" : "", STR_ARG(x->value));
			for (uint32_t c = 0; c < x->comment_count; c++)
				got = arena_printf(&a, "%.*s%.*s|", STR_ARG(got),
				                   STR_ARG(span_text(text, y.comments.p[x->comment_first + c].at)));
		}
		if (!str_eq(got, str_of(comments[i].images)))
			fail_msg("%s\n  want %s\n  got  %.*s", comments[i].text, comments[i].images, STR_ARG(got));
	}
}

static struct str repeated(const char *what, size_t times, struct arena *a)
{
	size_t n = strlen(what);
	char *p = arena_alloc(a, n * times + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * n, what, n);
	return (struct str){p, n * times};
}

static void hostile_files_end(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct yaml_images y;
	assert_false(yaml_images_find(&y, repeated("[", 1000000, &a), STR("f"), &a, &e));
	assert_string_equal(e.message, "f:1:201: nested too deeply");
	assert_false(yaml_images_find(&y, repeated("x", 17 << 20, &a), STR("f"), &a, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(yaml_images_find(&y, repeated("- image: a\n", 300000, &a), STR("f"), &a, &e));
	assert_int_equal(y.images.n, 300000);
	assert_true(yaml_images_find(&y, repeated("# socle\n", 500000, &a), STR("f"), &a, &e));
	assert_int_equal(y.comments.n, 500000);
	struct str line = repeated("{image: a},", 100000, &a);
	line = arena_printf(&a, "%.*sx: [%.*s]\n", STR_ARG(repeated("#\n", 500000, &a)), STR_ARG(line));
	assert_true(yaml_images_find(&y, line, STR("f"), &a, &e));
	assert_int_equal(y.images.p[99999].comment_count, 500000);
}

static void manifests_are_known(void **state)
{
	(void)state;
	assert_true(yaml_is_manifest(STR("# x\napiVersion: v1\r\nkind: Pod\n")));
	assert_false(yaml_is_manifest(STR("apiVersion: v1\nspec:\n  kind: Pod\n")));
	assert_false(yaml_is_manifest(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_that_name_images),
		cmocka_unit_test(comments_at_images),
		cmocka_unit_test(hostile_files_end),
		cmocka_unit_test(manifests_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
