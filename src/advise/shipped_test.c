/* Every shipped record opens with this program's format, and is what the catalogue says it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "advise/base.h"

static void every_shipped_record_opens(void **state)
{
	(void)state;
	size_t count;
	const struct shipped_facts *s = shipped_list(&count);
	assert_true(count >= 12);
	for (size_t i = 0; i < count; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct catalogue c;
		struct err e = ERR_INIT;
		struct image_options options = {0};
		assert_true(catalogue_load(&c, &a, &e));
		struct base_context context = {.catalogue = &c, .image_options = &options, .arena = &a};
		struct base b;
		if (!base_open_shipped(&b, &s[i], &context, &e))
			fail_msg("%.*s: %s", STR_ARG(s[i].name), e.message);
		assert_non_null(b.entry);
		assert_true(b.has_facts && b.size_bytes > 1000000 && b.file_count > 10);
		assert_true(b.package_count > 0);
		assert_int_not_equal(b.provenance, PROVENANCE_DOCUMENTED);
	}
}

/* The libc that the catalogue describes is the one that the facts hold. */
static void described_and_measured_libc_agree(void **state)
{
	(void)state;
	size_t count;
	const struct shipped_facts *s = shipped_list(&count);
	for (size_t i = 0; i < count; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct catalogue c;
		struct err e = ERR_INIT;
		struct image_options options = {0};
		struct base b;
		struct tree t;
		assert_true(catalogue_load(&c, &a, &e));
		struct base_context context = {.catalogue = &c, .image_options = &options, .arena = &a};
		assert_true(base_open_shipped(&b, &s[i], &context, &e) && base_tree(&b, &t, &a, &e));
		bool arm = str_eq(b.architecture, STR("arm64"));
		bool glibc = tree_find(&t, arm ? STR("/lib/ld-linux-aarch64.so.1")
		                               : STR("/lib64/ld-linux-x86-64.so.2")) != NULL;
		bool musl = tree_find(&t, arm ? STR("/lib/ld-musl-aarch64.so.1")
		                              : STR("/lib/ld-musl-x86_64.so.1")) != NULL;
		assert_int_equal(glibc, b.entry->libc == CATALOGUE_LIBC_GLIBC);
		assert_int_equal(musl, b.entry->libc == CATALOGUE_LIBC_MUSL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_record_opens),
		cmocka_unit_test(described_and_measured_libc_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
