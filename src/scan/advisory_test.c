/* OSV records read, written and read again; what the records of single databases say elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scan/advisory.h"

static bool read(struct advisory *out, const char *text, struct arena *a, struct err *e)
{
	struct jnodes *nodes = ARENA_NEW(a, struct jnodes);
	const struct jnode *n = jnode_parse(nodes, str_of(text), a, e);
	assert_non_null(n);
	return advisory_read(out, n, a, e);
}

static const char full[] = "{\"schema_version\":\"1.6.0\",\"id\":\"X-1\",\"modified\":\"2026-01-"
			   "02T03:04:05Z\",\"published\":\"2026\","
			   "\"aliases\":[\"CVE-1\",2,\"GHSA-1\"],\"upstream\":[\"CVE-2\"],"
			   "\"related\":[],\"summary\":\"a \\\"b\\\"\","
			   "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/"
			   "PR:N/UI:N/S:U/C:H/I:H/A:H\"}],"
			   "\"affected\":[{\"package\":{\"ecosystem\":\"Go\",\"name\":\"a\\tb\"},"
			   "\"ranges\":[{\"type\":\"SEMVER\","
			   "\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.0.0\"},{\"last_"
			   "affected\":\"2\"},{\"limit\":\"3\"}]}],"
			   "\"versions\":[\"1\",\"2\"],\"ecosystem_specific\":{\"imports\":[{"
			   "\"path\":\"p\",\"goos\":[\"windows\"],"
			   "\"symbols\":[\"S\"]}],\"binaries\":[{\"b1\":\"1\",\"b2\":\"1\"}]}},"
			   "{\"ranges\":[]}]}";

static void a_record_is_read_and_written(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf once = BUF_INIT(1 << 16), twice = BUF_INIT(1 << 16);
	struct err e = ERR_INIT;
	struct advisory x;
	assert_true(read(&x, full, &a, &e));
	assert_true(str_eq(x.id, STR("X-1")));
	assert_int_equal(x.aliases.n, 2);
	assert_true(str_eq(x.aliases.p[1], STR("GHSA-1")));
	assert_int_equal(x.severity.word, SEVERITY_CRITICAL);
	assert_int_equal(x.severity.score_tenths, 98);
	assert_int_equal(x.affected.n, 1);
	assert_int_equal(x.affected.p[0].ranges.p[0].events.n, 4);
	assert_int_equal(x.affected.p[0].binaries.n, 2);
	assert_true(str_eq(x.affected.p[0].imports.p[0].goos.p[0], STR("windows")));
	assert_true(advisory_write(&x, &once, &e));
	assert_true(read(&x, arena_cstr(&a, buf_str(&once)), &a, &e));
	assert_true(advisory_write(&x, &twice, &e));
	assert_true(str_eq(buf_str(&once), buf_str(&twice)));
	assert_true(str_contains(buf_str(&once), STR("a\\u0009b")));
	assert_false(str_contains(buf_str(&once), STR("summary")));
	buf_release(&twice);
}

static void what_is_no_record_is_refused(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct advisory x;
	assert_false(read(&x, "{\"modified\":\"2026\"}", &a, &e));
	assert_string_equal(e.message, "no OSV record: it has no \"id\"");
	assert_false(read(&x, "{\"id\":\"x\"}", &a, &e));
	assert_false(read(&x, "[1]", &a, &e));
}

static void severities_stand_in_many_places(void **state)
{
	(void)state;
	static const struct {
		const char *record;
		enum severity_word word;
	} rows[] = {
		{"\"database_specific\":{\"severity\":\"MODERATE\"}", SEVERITY_MEDIUM},
		{"\"summary\":\"Important: x security update\"", SEVERITY_HIGH},
		{"\"summary\":\"container-tools:4.0 enhancement update\"", SEVERITY_UNKNOWN},
		{"\"severity\":[{\"type\":\"Ubuntu\",\"score\":\"low\"}]", SEVERITY_LOW},
		{"\"severity\":[{\"type\":\"CVSS_V2\",\"score\":\"AV:N/AC:L/Au:N/C:C/I:C/A:C\"}]",
		 SEVERITY_HIGH},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct advisory x;
		assert_true(read(
			&x,
			arena_printf(&a, "{\"id\":\"x\",\"modified\":\"2\",%s}", rows[i].record).p,
			&a, &e));
		assert_int_equal(x.severity.word, rows[i].word);
	}
}

static void summaries_name_modules(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct advisory x;
	assert_true(read(&x,
			 "{\"id\":\"x\",\"modified\":\"2\",\"summary\":\"Important: virt:rhel and "
			 "virt-devel:rhel update\","
			 "\"affected\":[{\"package\":{\"ecosystem\":\"AlmaLinux:8\",\"name\":\"a\"}"
			 ",\"ranges\":[{\"events\":"
			 "[{\"fixed\":\"1-1.module_el8\"}]}]},{\"package\":{\"ecosystem\":"
			 "\"AlmaLinux:8\",\"name\":\"b\"},"
			 "\"ranges\":[{\"events\":[{\"fixed\":\"1-1.el8\"}]}]}]}",
			 &a, &e));
	assert_true(str_eq(x.affected.p[0].module, STR("virt:rhel virt-devel:rhel")));
	assert_true(str_eq(x.affected.p[1].module, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_read_and_written),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(severities_stand_in_many_places),
		cmocka_unit_test(summaries_name_modules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
