/* Crates by what cargo-auditable leaves in a program. */
#include "package/one_file_test.h"

#include <zlib.h>

#include "core/limits.h"
#include "package/package.h"

/* The packages of a program with this list, a line each, or "unread". */
static struct str crates_of(struct str packed, struct arena *a)
{
	struct elf_object elf = {.cargo_audit = packed};
	struct tree t = tree_of_one("usr/bin/app", &elf, NULL, a);
	struct packages p;
	struct str text = STR("");
	packages_read(&p, &t, a);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		assert_int_equal(k->type, PACKAGE_CARGO);
		assert_true(str_eq(k->path, STR("/usr/bin/app")));
		text = arena_printf(a, "%.*s%.*s %.*s\n", STR_ARG(text), STR_ARG(k->name),
		                    STR_ARG(k->version));
	}
	return p.unread.n ? arena_printf(a, "%.*sunread\n", STR_ARG(text)) : text;
}

static struct str packed(struct str text, struct arena *a)
{
	uLongf n = compressBound(text.n);
	Bytef *p = arena_alloc(a, n);
	assert_int_equal(compress(p, &n, (const Bytef *)text.p, text.n), Z_OK);
	return (struct str){(const char *)p, n};
}

static void crates_are_listed(void **state)
{
	(void)state;
	static const struct {
		const char *text, *crates;
	} rows[] = {
		{"{\"packages\":[{\"name\":\"adler\",\"version\":\"0.2.3\",\"source\":\"registry\"},"
		 "{\"name\":\"cc\",\"version\":\"1.0.0\",\"source\":\"crates.io\",\"kind\":\"build\"},"
		 "{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\",\"kind\":\"runtime\","
		 "\"root\":true,\"dependencies\":[0]}],\"format\":1}",
		 "adler 0.2.3\napp 0.1.0\n"},
		{"{\"packages\":[{\"version\":\"1\"},{\"name\":\"a\"},7,null]}", "a \n"},
		{"{\"packages\":[]}", ""},
		{"{\"packages\":{\"name\":\"a\"}}", "unread\n"},
		{"[]", "unread\n"},
		{"{\"packages\":[", "unread\n"},
		{"", "unread\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct str got = crates_of(packed(str_of(rows[i].text), &a), &a);
		assert_string_equal(arena_cstr(&a, got), rows[i].crates);
	}
}

static void damaged_lists_are_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str whole = packed(STR("{\"packages\":[{\"name\":\"a\"}]}"), &a);
	assert_string_equal(arena_cstr(&a, crates_of(whole, &a)), "a \n");
	for (size_t n = 1; n < whole.n; n++)
		assert_string_equal(arena_cstr(&a, crates_of(str_slice(whole, 0, n), &a)), "unread\n");

	/* A bomb: the packed form is a thousandth of it. */
	char *blanks = arena_alloc(&a, LIMIT_CARGO_AUDIT_BYTES + 1);
	memset(blanks, ' ', LIMIT_CARGO_AUDIT_BYTES + 1);
	memcpy(blanks, "{\"packages\":[]}", 15);
	struct str bomb = packed((struct str){blanks, LIMIT_CARGO_AUDIT_BYTES + 1}, &a);
	assert_string_equal(arena_cstr(&a, crates_of(bomb, &a)), "unread\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crates_are_listed),
		cmocka_unit_test(damaged_lists_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
