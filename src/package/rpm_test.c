/* What RPM installed: packages and files against rpm itself and by hand, and where databases lie. */
#include "package/rpm_made_test.h"

/* ---- Packages ---- */

/* "hello|1:1.0-2|noarch|MIT|hello|||hello:1:2:3", every package a line. */
static struct str packages_text(const struct tree *t, struct arena *a)
{
	struct packages p;
	struct str text = STR("");
	packages_read(&p, t, a);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		text = arena_printf(a, "%.*s%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s\n", STR_ARG(text),
		                    STR_ARG(k->name), STR_ARG(k->version), STR_ARG(k->architecture),
		                    STR_ARG(k->license), STR_ARG(k->source),
		                    STR_ARG(k->source_version), STR_ARG(k->module));
	}
	for (size_t i = 0; i < p.unread.n; i++)
		text = arena_printf(a, "%.*sunread %.*s\n", STR_ARG(text), STR_ARG(p.unread.p[i]));
	return text;
}

static struct tree tree_with(const char *path, const char *object, struct arena *a)
{
	const struct app_file files[] = {{.path = path, .object = object}, {0}};
	return app_of(files, a);
}

static int by_bytes(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* The lines of a text, sorted. */
static struct str sorted(struct str text, struct arena *a)
{
	VEC(struct str) lines = {0};
	struct str line, all = STR("");
	while (str_next(&text, '\n', &line))
		*vec_push(&lines, a) = line;
	if (lines.n)
		qsort(lines.p, lines.n, sizeof *lines.p, by_bytes);
	for (size_t i = 0; i < lines.n; i++)
		all = arena_printf(a, "%.*s%.*s\n", STR_ARG(all), STR_ARG(lines.p[i]));
	return all;
}

struct files_told {
	struct buf text;
};

static bool tell_file(const struct package_file *f, void *context)
{
	struct files_told *told = context;
	struct err e = ERR_INIT;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str line = arena_printf(&a, "/%.*s%s%.*s\n", STR_ARG(f->folder),
	                               f->folder.n ? "/" : "", STR_ARG(f->name));
	return buf_append(&told->text, line.p, line.n, &e);
}

/* "name|epoch:version-release|architecture|license", as rpm tells it, and its files; the keys of
 * repositories are left out of both. */
static void compare_with_rpm(struct str database, const char *folder, const char *name,
                             struct arena *a)
{
	const struct app_file files[] = {
		{.path = arena_printf(a, "var/lib/rpm/%s", name).p,
		 .object = arena_printf(a, "%s/%s", folder, name).p},
		{0}};
	assert_true(database.n > 0);
	struct tree t = app_of(files, a);
	assert_true(compiled_run(
		a, arena_printf(a,
	                        "rpm --dbpath @/%s -qa --qf '%%{NAME}|%%|EPOCH?{%%{EPOCH}:}:{}|"
	                        "%%{VERSION}-%%{RELEASE}|%%{ARCH}|%%{LICENSE}\\n' 2>@/log |"
	                        " grep -v '^gpg-pubkey|' > @/said;"
	                        " rpm --dbpath @/%s -qla 2>@/log | grep ^/ > @/files",
	                        folder, folder)
			   .p));
	struct packages p;
	struct str ours = STR("");
	packages_read(&p, &t, a);
	assert_int_equal(p.unread.n, 0);
	for (size_t i = 0; i < p.list.n; i++) {
		const struct package *k = &p.list.p[i];
		ours = arena_printf(a, "%.*s%.*s|%.*s|%.*s|%.*s\n", STR_ARG(ours), STR_ARG(k->name),
		                    STR_ARG(k->version), STR_ARG(k->architecture), STR_ARG(k->license));
	}
	struct str said = sorted(compiled_bytes(a, "said"), a);
	assert_string_equal(arena_cstr(a, sorted(ours, a)), arena_cstr(a, said));
	struct files_told told = {BUF_INIT(BLOB_MAX)};
	package_files(&t, NULL, tell_file, &told);
	struct str listed = sorted(compiled_bytes(a, "files"), a);
	assert_true(str_eq(sorted(buf_str(&told.text), a), listed));
	buf_release(&told.text);
}

static const char spec[] =
	"Name: hello\nEpoch: 1\nVersion: 1.0\nRelease: 2\nSummary: s\nLicense: MIT\nBuildArch: noarch\n"
	"ModularityLabel: hello:1:2:3\n%description\nd\n"
	"%package -n other\nEpoch: 0\nVersion: 3\nSummary: o\nLicense: GPLv2+ and BSD\n"
	"%description -n other\no\n"
	"%install\nmkdir -p %{buildroot}/usr/bin %{buildroot}/etc/many\n"
	"touch %{buildroot}/usr/bin/hello\n"
	"for i in $(seq 3000); do touch %{buildroot}/etc/many/a-file-with-a-long-name-$i; done\n"
	"%files\n/usr/bin/hello\n%files -n other\n/etc/many\n";

static void rpm_installs_and_the_same_is_read(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	if (!holds(&a, "command -v rpmbuild >/dev/null && rpm --showrc | grep -q 'backends.*sqlite'",
	           "no rpm and rpmbuild here that write SQLite databases"))
		skip();
	assert_true(file_replace(compiled_expand(&a, "@/hello.spec"), str_of(spec), 0600, &e));
	assert_true(compiled_run(
		&a, "exec >@/log 2>&1; rpmbuild -bb --define '_topdir @/top' @/hello.spec &&"
		    " rpm --dbpath @/rpmdb --define '_db_backend sqlite' -i --justdb --nodeps --noscripts"
		    " @/top/RPMS/noarch/*.rpm"));
	compare_with_rpm(compiled_bytes(&a, "rpmdb/rpmdb.sqlite"), "rpmdb", "rpmdb.sqlite", &a);

	struct tree t = tree_with("usr/lib/sysimage/rpm/rpmdb.sqlite", "rpmdb/rpmdb.sqlite", &a);
	assert_string_equal(arena_cstr(&a, packages_text(&t, &a)),
	                    "hello|1:1.0-2|noarch|MIT|hello||hello:1:2:3\n"
	                    "other|0:3-2|noarch|GPLv2+ and BSD|hello|1.0-2|hello:1:2:3\n");
}

/* ---- Places ---- */

static void put_be(struct buf *b, uint32_t v)
{
	const uint8_t bytes[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	struct err e = ERR_INIT;
	assert_true(buf_append(b, bytes, sizeof bytes, &e));
}

/* A header of strings; `value` ends with the NUL of its literal. */
struct tag {
	uint32_t tag, type;
	struct str value;
};

static struct str header_of(const struct tag *tags, unsigned count, struct arena *a)
{
	struct buf index = BUF_INIT(1 << 20), data = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	size_t bytes = 0;
	for (unsigned i = 0; i < count; i++)
		bytes += tags[i].value.n + 1;
	put_be(&index, count);
	put_be(&index, (uint32_t)bytes);
	for (unsigned i = 0; i < count; i++) {
		put_be(&index, tags[i].tag);
		put_be(&index, tags[i].type);
		put_be(&index, (uint32_t)data.n);
		put_be(&index, 1);
		assert_true(buf_append(&data, tags[i].value.p, tags[i].value.n, &e) &&
		            buf_append(&data, "", 1, &e));
	}
	assert_true(buf_append(&index, data.p, data.n, &e));
	struct str header = arena_str(a, buf_str(&index));
	buf_release(&index);
	buf_release(&data);
	return header;
}

static void put_header(sqlite3 *db, struct str header)
{
	sqlite3_stmt *s;
	sqlite3_prepare_v2(db, "INSERT INTO Packages(blob) VALUES(?)", -1, &s, NULL);
	sqlite3_bind_blob64(s, 1, header.p, header.n, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
}

#define TEXT(tag, value) {tag, 6, STR_INIT(value)}

/* Each row of this database, but for keys, is a package or the reason why it is told as unread. */
static void headers_are_read(void **state)
{
	(void)state;
	static const struct tag key[] = {TEXT(RPM_NAME, "gpg-pubkey"), TEXT(RPM_VERSION, "1")};
	static const struct tag old[] = {TEXT(RPM_NAME, "old"), TEXT(RPM_VERSION, "1"),
	                                 TEXT(RPM_RELEASE, "2"), TEXT(RPM_SOURCE_RPM, "(none)"),
	                                 {RPM_OLD_FILE_NAMES, 8, STR_INIT("/usr/bin/old")}};
	static const struct tag twice[] = {TEXT(RPM_NAME, "a"), TEXT(RPM_VERSION, "1"),
	                                   TEXT(RPM_RELEASE, "2"), TEXT(RPM_ARCH, "x86_64"),
	                                   TEXT(RPM_SOURCE_RPM, "of-a-1-3.nosrc.rpm"),
	                                   {RPM_EPOCH, 4, STR_INIT("\0\0\0\5")},
	                                   TEXT(RPM_NAME, "later")};
	static const struct tag wrong[] = {TEXT(RPM_NAME, "a"), {RPM_VERSION, 4, STR_INIT("1234")}};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	sqlite3 *db = open_new(4096, 0, &a);
	put_header(db, header_of(key, 2, &a));
	put_header(db, header_of(old, 5, &a));
	put_header(db, header_of(twice, 7, &a));
	struct tree t = tree_with("var/lib/rpm/rpmdb.sqlite", "db", &a);
	assert_string_equal(arena_cstr(&a, packages_text(&t, &a)), "later|5:1-2|x86_64||of-a|1-3|\n"
	                                                           "old|1-2|||old||\n");
	struct files_told told = {BUF_INIT(BLOB_MAX)};
	package_files(&t, NULL, tell_file, &told);
	assert_str(buf_str(&told.text), "/usr/bin/old\n");
	buf_release(&told.text);

	put_header(db, header_of(wrong, 2, &a));
	t = tree_with("var/lib/rpm/rpmdb.sqlite", "db", &a);
	assert_string_equal(arena_cstr(&a, packages_text(&t, &a)),
	                    "later|5:1-2|x86_64||of-a|1-3|\nold|1-2|||old||\n"
	                    "unread /var/lib/rpm/rpmdb.sqlite\n");
	sqlite3_close(db);
}

static struct str ndb_with(struct str header, struct arena *a)
{
	struct ndb d = ndb_new(1, a);
	ndb_add(&d, header);
	return (struct str){d.p, d.end};
}

static void a_database_counts_once_wherever_it_lies(void **state)
{
	(void)state;
	static const struct tag one[] = {TEXT(RPM_NAME, "one"), TEXT(RPM_VERSION, "1"),
	                                 TEXT(RPM_RELEASE, "2")};
	static const struct {
		struct app_file files[4];
		const char *packages;
	} rows[] = {
		{{{.path = "usr/lib/sysimage/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm", .link = "../../usr/lib/sysimage/rpm"}},
	         "one|1-2|||one||\n"},
		{{{.path = "usr/share/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm/rpmdb.sqlite", .link = "/usr/share/rpm/rpmdb.sqlite"}},
	         "one|1-2|||one||\n"},
		/* A tool of a newer rpm looked and left an empty database. */
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .object = "empty"},
	          {.path = "var/lib/rpm/Packages.db", .object = "ndb"}},
	         "one|1-2|||one||\n"},
		/* What was migrated. */
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm/Packages.db", .object = "ndb"}},
	         "one|1-2|||one||\n"},
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .object = "db"},
	          {.path = "var/lib/rpm/rpmdb.sqlite-journal", .text = "x"}},
	         "one|1-2|||one||\nunread /var/lib/rpm/rpmdb.sqlite\n"},
		{{{.path = "var/lib/rpm/rpmdb.sqlite", .text = ""}}, ""},
		{{{.path = "var/lib/rpm/Packages", .text = "odd"}}, "unread /var/lib/rpm/Packages\n"},
		{{{.path = "srv/rpmdb.sqlite", .object = "db"}}, ""},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	sqlite3 *db = open_new(512, 0, &a);
	assert_true(compiled_run(&a, "cp @/db @/empty"));
	put_header(db, header_of(one, 3, &a));
	sqlite3_close(db);
	struct str ndb = ndb_with(header_of(one, 3, &a), &a);
	assert_true(file_replace(compiled_expand(&a, "@/ndb"), ndb, 0600, &e));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tree t = app_of(rows[i].files, &a);
		assert_string_equal(arena_cstr(&a, packages_text(&t, &a)), rows[i].packages);
	}
}

static void a_manifest_stands_in_for_a_database(void **state)
{
	(void)state;
#define DATES "\t1\t2\tMicrosoft Corporation\t"
	static const struct {
		const char *text, *packages;
	} rows[] = {
		{"glibc\t2.38-8.azl3" DATES "(none)\t9\tx86_64\t0\tglibc-2.38-8.azl3.src.rpm\n"
	         "bind-libs\t9-1" DATES "32\t9\tx86_64\t32\tbind-9-2.src.rpm\n"
	         "shadow\t4-1" DATES "(none)\t9\tx86_64\t2\t(none)\n"
	         "gpg-pubkey\t1-2" DATES "(none)\t0\t(none)\t0\t(none)\n",
	         "bind-libs|32:9-1|x86_64||bind|9-2|\nglibc|2.38-8.azl3|x86_64||glibc||\n"
	         "shadow|2:4-1|x86_64||shadow||\n"},
		{"glibc\t2.38-8.azl3\n", "unread /var/lib/rpmmanifest/container-manifest-2\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		const struct app_file files[] = {
			{.path = "var/lib/rpmmanifest/container-manifest-2", .text = rows[i].text}, {0}};
		struct tree t = app_of(files, &a);
		assert_string_equal(arena_cstr(&a, packages_text(&t, &a)), rows[i].packages);
	}
}

/* Real databases, where the machine has them. */
static void real_databases_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *file, *name;
		size_t packages;
		const char *one;
	} rows[] = {
		{"htop.rpmdb.sqlite", "rpmdb.sqlite", 1, "htop|3.2.1-1.el9|x86_64|GPLv2+|htop||"},
		{"epoch.bdb.Packages", "Packages", 1, "hello|1:0.0.1-rls|"},
		{"libuuid-el8.bdb.Packages", "Packages", 1, "libuuid|2.32.1-42.el8_8|x86_64|BSD|util-linux||"},
		{"sle15-bci.ndb.Packages.db", "Packages.db", 35,
		 "libbz2-1|1.0.6-5.11.1|x86_64|BSD-3-Clause|bzip2||"},
	};
	CLEANUP_ARENA struct arena all = ARENA_INIT;
	if (!getenv("SOCLE_PACKAGEDBS"))
		setenv("SOCLE_PACKAGEDBS", "../shared/data/packagedbs", 1);
	if (!holds(&all, "test -r \"$SOCLE_PACKAGEDBS\"/sle15-bci.ndb.Packages.db",
	           "no real package databases here"))
		skip();
	bool has_rpm = compiled_run(&all, "rpm --showrc 2>/dev/null | grep -q 'backends.*sqlite.*bdb_ro'");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		const char *path = arena_printf(&a, "real/%s", rows[i].name).p;
		assert_true(compiled_run(
			&a, arena_printf(&a,
		                         "rm -rf @/real; mkdir @/real &&"
		                         " cat \"$SOCLE_PACKAGEDBS\"/%s > @/%s",
		                         rows[i].file, path)
				    .p));
		const char *at = arena_printf(&a, "var/lib/rpm/%s", rows[i].name).p;
		struct tree t = tree_with(at, path, &a);
		assert_int_equal(packages_of(&t, &a).n, rows[i].packages);
		struct str text = packages_text(&t, &a);
		if (!str_contains(text, str_of(rows[i].one)) || str_contains(text, STR("unread")))
			fail_msg("%s: %.*s", rows[i].file, STR_ARG(text));
		if (has_rpm && strcmp(rows[i].name, "Packages.db") != 0)
			compare_with_rpm(compiled_bytes(&a, path), "real", rows[i].name, &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(a_database_counts_once_wherever_it_lies),
		cmocka_unit_test(a_manifest_stands_in_for_a_database),
		cmocka_unit_test(rpm_installs_and_the_same_is_read),
		cmocka_unit_test(real_databases_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
