/* What an application needs beside its loader, held against trees: found or not, and what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "needs/app_test.h"
#include "predict/supply.h"

#define EMPTY_FILE(name) {.path = (name), .text = ""}

struct row {
	const char *file; /* the only one of the tree */
	unsigned mode;
	enum need_kind kind;
	const char *name;
	bool there;
};

static void needs_are_found_where_programs_look(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"usr/bin/git", 0755, NEED_EXECUTABLE, "git", true},
		{"usr/bin/git", 0644, NEED_EXECUTABLE, "git", false},
		{"usr/bin/git/x", 0755, NEED_EXECUTABLE, "git", false},
		{"opt/bin/git", 0755, NEED_EXECUTABLE, "git", false},
		{"bin/sh", 0755, NEED_INTERPRETER, "/bin/sh", true},
		{"usr/bin/python3", 0755, NEED_RUNTIME, "python3.11", true},
		{"usr/bin/python3", 0755, NEED_RUNTIME, "python", true},
		{"usr/bin/python3", 0755, NEED_RUNTIME, "node", false},
		{"usr/bin/ruby", 0755, NEED_RUNTIME, "ruby3.3", true},
		{"usr/lib/libgcc_s.so.1", 0644, NEED_LIBRARY, "libgcc_s.so.1", true},
		{"usr/lib/riscv64-linux-gnu/libgcc_s.so.1", 0644, NEED_LIBRARY, "libgcc_s.so.1", true},
		{"usr/lib/private/libgcc_s.so.1", 0644, NEED_LIBRARY, "libgcc_s.so.1", false},
		{"lib64/libicuuc.so.72", 0644, NEED_LIBRARY, "libicuuc.so", true},
		{"lib64/libicuuc.so.72", 0644, NEED_LIBRARY, "libicuuc.so.74", false},
		{"usr/lib/s390x-linux-gnu/gconv/gconv-modules", 0644, NEED_DATA, "gconv", true},
		{"lib/ld-musl-x86_64.so.1", 0755, NEED_DATA, "gconv", true},
		{"etc/passwd", 0644, NEED_DATA, "gconv", false},
		{"etc/ssl/cert.pem", 0644, NEED_DATA, "/etc/ssl/certs/ca-certificates.crt", true},
		{"etc/ssl/openssl.cnf", 0644, NEED_DATA, "/etc/ssl/certs/ca-certificates.crt", false},
		{"etc/passwd", 0644, NEED_USER, "/etc/passwd", true},
		{"etc/group", 0644, NEED_USER, "/etc/passwd", false},
		{"usr/lib/locale/C.utf8/LC_CTYPE", 0644, NEED_LOCALE, "C.UTF-8", true},
		{"etc/passwd", 0644, NEED_LOCALE, "C.UTF-8", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		const struct row *r = &rows[i];
		const struct app_file files[] = {{.path = r->file, .text = "", .mode = r->mode}, {0}};
		struct tree t = app_of(files, &a);
		const struct predict_target target = {.tree = &t};
		const struct need need = {.kind = r->kind, .name = str_of(r->name)};
		if (supply_has(&target, &need, &a) != r->there)
			fail_msg("%s with %s: %s", r->name, r->file, r->there ? "not found" : "found");
	}
}

static void PATH_of_the_image_is_used(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const struct app_file files[] = {EMPTY_FILE("nodejs/bin/node"), {0}};
	struct tree t = app_of(files, &a);
	struct predict_target target = {.tree = &t};
	assert_null(supply_runtime(&target, STR("node"), &a));
	*vec_push(&target.env, &a) = STR("PATH=/usr/bin:/nodejs/bin");
	const struct node *n = supply_runtime(&target, STR("node"), &a);
	assert_non_null(n);
	assert_true(str_eq(tree_path(n, &a), STR("/nodejs/bin/node")));
}

static struct need need_of(enum need_kind kind, enum certainty certainty, const char *name,
                           struct arena *a)
{
	struct need n = {.kind = kind, .certainty = certainty, .name = str_of(name)};
	*vec_push(&n.because, a) = (struct evidence){STR("/app/x"), STR("a reason")};
	return n;
}

/* Nothing here blocks; the surer it is the graver; what predict has told is not told again. */
static void findings_are_sorted_and_unique(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const struct app_file files[] = {EMPTY_FILE("etc/hosts"), {0}};
	struct tree t = app_of(files, &a);
	const struct predict_target target = {.tree = &t};
	struct needs needs = {0};
	struct prediction p = {0};
	*vec_push(&needs.list, &a) = need_of(NEED_DATA, CERTAINTY_POSSIBLE, "/etc/services", &a);
	*vec_push(&needs.list, &a) = need_of(NEED_LIBRARY, CERTAINTY_CERTAIN, "libz.so.1", &a);
	*vec_push(&needs.list, &a) = need_of(NEED_LIBRARY, CERTAINTY_LIKELY, "libgcc_s.so.1", &a);
	*vec_push(&needs.list, &a) = need_of(NEED_LIBRARY, CERTAINTY_POSSIBLE, "libfoo.so.1", &a);
	*vec_push(&needs.list, &a) = need_of(NEED_EXECUTABLE, CERTAINTY_CERTAIN, "git", &a);
	*vec_push(&needs.list, &a) = need_of(NEED_RUNTIME, CERTAINTY_CERTAIN, "git", &a);
	*vec_push(&needs.list, &a) = need_of(NEED_EXECUTABLE, CERTAINTY_CERTAIN, "/bin/sh", &a);
	*vec_push(&p.findings, &a) = (struct finding){.severity = SEVERITY_NOTE, .name = STR("first")};
	*vec_push(&p.findings, &a) =
		(struct finding){.severity = SEVERITY_BLOCKS, .name = STR("/bin/sh")};
	supply_check(&target, &needs, &p, &a);

	static const struct {
		enum finding_severity severity;
		const char *name;
	} wanted[] = {
		{SEVERITY_BLOCKS, "/bin/sh"}, {SEVERITY_RISK, "libgcc_s.so.1"}, {SEVERITY_RISK, "git"},
		{SEVERITY_NOTE, "first"},     {SEVERITY_NOTE, "/etc/services"},
	};
	assert_int_equal(p.findings.n, sizeof wanted / sizeof *wanted);
	for (size_t i = 0; i < p.findings.n; i++) {
		assert_true(str_eq(p.findings.p[i].name, str_of(wanted[i].name)));
		assert_int_equal(p.findings.p[i].severity, wanted[i].severity);
	}
	assert_true(str_eq(p.findings.p[2].message, STR("git is not there (certain: a reason)")));
	assert_true(str_eq(p.findings.p[2].object, STR("/app/x")));
	assert_true(p.findings.p[1].cure.n == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_are_found_where_programs_look),
		cmocka_unit_test(PATH_of_the_image_is_used),
		cmocka_unit_test(findings_are_sorted_and_unique),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
