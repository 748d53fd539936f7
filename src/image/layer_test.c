/* Layers: names of every kind, contents that facts want, hostile tars, digests. */
#include <locale.h>

#include "facts/tree.h"
#include "image/layer.h"
#include "image/testing.h"

struct reading {
	struct arena arena;
	struct buf record;
	struct facts facts;
	struct tree tree;
	struct str diff_id;
	struct err e;
};

static void reading_release(struct reading *r)
{
	buf_release(&r->record);
	arena_release(&r->arena);
}
#define CLEANUP_READING __attribute__((cleanup(reading_release)))
#define READING                                                                                    \
	{                                                                                          \
		.arena = ARENA_INIT, .record = TEST_BUF, .e = ERR_INIT                             \
	}

static bool read_with(struct reading *r, const struct buf *tar, struct str digest,
                      struct str diff_id)
{
	CLEANUP_FD int fd = test_fd(tar->p, tar->n);
	struct layer_input input = {{fd, 0, tar->n}, digest, diff_id};
	if (!layer_read(&input, &r->record, &r->diff_id, &r->arena, &r->e))
		return false;
	assert_true(facts_open(&r->facts, buf_str(&r->record), &r->arena, &r->e));
	tree_init(&r->tree, &r->arena);
	return tree_add(&r->tree, &r->facts, STR(""), &r->e);
}

static bool read_tar(struct reading *r, const struct buf *tar)
{
	return read_with(r, tar, STR_NONE, STR_NONE);
}

static void must_read(struct reading *r, const struct buf *tar)
{
	if (!read_tar(r, tar))
		fail_msg("%s", r->e.message);
}

/* ---- Names ---- */

static void names_keep_their_bytes(void **state)
{
	(void)state;
	static const char latin1[] = "caf\xe9", nfd[] = "cafe\xcc\x81", utf8[] = "caf\xc3\xa9";
	char long_name[LIMIT_PATH_BYTES] = "";
	for (int i = 0; i < 20; i++)
		strcat(long_name, "a-folder-of-some-length/");
	strcat(long_name, "file");
	char long_record[LIMIT_PATH_BYTES + 8];
	snprintf(long_record, sizeof long_record, "path=%s", long_name);

	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, latin1, "1");
	tar_text(&tar, nfd, "22");
	tar_pax(&tar, (const char *const[]){"path=pax-cafe\xcc\x81", NULL});
	tar_text(&tar, "short", "333");
	tar_pax(&tar, (const char *const[]){"path=pax-caf\xc3\xa9", NULL});
	tar_text(&tar, "short", "4444");
	tar_pax(&tar, (const char *const[]){"hdrcharset=BINARY", "path=pax-caf\xe9", NULL});
	tar_text(&tar, "short", "55555");
	tar_pax(&tar, (const char *const[]){"path=link", "linkpath=to-cafe\xcc\x81", NULL});
	tar_symlink(&tar, "short", "short");
	tar_pax(&tar, (const char *const[]){long_record, NULL});
	tar_text(&tar, "short", "666666");
	/* GNU: the long name is the content of an entry of its own. */
	tar_header(&tar, 'L', "././@LongLink", NULL, 0644, strlen(long_name) + 3);
	char gnu_name[LIMIT_PATH_BYTES];
	snprintf(gnu_name, sizeof gnu_name, "%s-g", long_name);
	tar_content_of(&tar, gnu_name, strlen(gnu_name) + 1);
	tar_text(&tar, "short", "7777777");
	tar_text(&tar, utf8, "88888888");
	tar_end(&tar);

	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	const char *const names[] = {
		latin1,        nfd,       "pax-cafe\xcc\x81", "pax-caf\xc3\xa9",
		"pax-caf\xe9", long_name, gnu_name,           utf8};
	static const uint64_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct node *n = tree_find(&r.tree, str_of(names[i]));
		assert_non_null(n);
		assert_int_equal(node_size_bytes(n), sizes[i]);
	}
	struct node *link;
	assert_int_equal(tree_lookup(&r.tree, NULL, STR("link"), false, &link), TREE_FOUND);
	assert_true(str_eq(node_link(link), STR("to-cafe\xcc\x81")));
}

/* In a UTF-8 locale libarchive would compose names: cafe + accent becomes another name. */
static void names_keep_their_bytes_in_any_locale(void **state)
{
	char *before = strdup(setlocale(LC_ALL, NULL));
	if (setlocale(LC_ALL, "C.UTF-8"))
		names_keep_their_bytes(state);
	setlocale(LC_ALL, before);
	free(before);
}

static void names_are_brought_into_one_form(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_dir(&tar, "./");
	tar_dir(&tar, "./usr//lib/");
	tar_text(&tar, "/etc/passwd", "x");
	tar_text(&tar, "a/b/../c", "xx");
	tar_hardlink(&tar, "./hard", "./a/c");
	tar_end(&tar);
	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	assert_true(str_eq(r.facts.entries[0].path, STR("")));
	assert_true(str_eq(r.facts.entries[1].path, STR("usr/lib")));
	assert_true(str_eq(r.facts.entries[2].path, STR("etc/passwd")));
	assert_true(str_eq(r.facts.entries[3].path, STR("a/c")));
	assert_true(str_eq(r.facts.entries[4].link, STR("a/c")));
	assert_int_equal(r.facts.entries[4].type, ENTRY_HARDLINK);
}

static void every_type_is_an_entry(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_header(&tar, '3', "dev/null", NULL, 0666, 0);
	memcpy(tar.p + 329,
	       "0000001\0"
	       "0000003",
	       16);
	tar_checksum(tar.p);
	tar_header(&tar, '4', "dev/sda", NULL, 0660, 0);
	tar_header(&tar, '6', "pipe", NULL, 0600, 0);
	tar_header(&tar, '0', "set-id", NULL, 06755, 0);
	tar_text(&tar, "d/.wh.gone", "");
	tar_text(&tar, "d/.wh..wh..opq", "");
	tar_text(&tar, ".wh..wh.plnk", "");
	tar_end(&tar);
	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	static const struct {
		uint8_t type;
		struct str path;
	} want[] = {
		{ENTRY_CHAR, STR_INIT("dev/null")},   {ENTRY_BLOCK, STR_INIT("dev/sda")},
		{ENTRY_FIFO, STR_INIT("pipe")},       {ENTRY_FILE, STR_INIT("set-id")},
		{ENTRY_WHITEOUT, STR_INIT("d/gone")}, {ENTRY_OPAQUE, STR_INIT("d")},
	};
	assert_int_equal(r.facts.entry_count, sizeof want / sizeof *want);
	for (size_t i = 0; i < r.facts.entry_count; i++) {
		assert_int_equal(r.facts.entries[i].type, want[i].type);
		assert_true(str_eq(r.facts.entries[i].path, want[i].path));
	}
	assert_true(str_eq(r.facts.entries[0].link, STR("1:3")));
	assert_int_equal(r.facts.entries[3].mode, 06755);
	assert_int_equal(r.facts.entries[3].mtime_s, 1700000000);
}

/* ---- Contents ---- */

static void scripts_and_kept_files_are_noticed(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	char edge[600];
	memset(edge, 'x', sizeof edge);
	memcpy(edge, "#!/", 3);
	tar_text(&tar, "etc/os-release", "ID=alpine\n");
	tar_text(&tar, "etc/passwd", "");
	tar_text(&tar, "bin/run", "#! /bin/sh -e \necho hi\n");
	tar_text(&tar, "bin/tool", "#!/usr/bin/python3\nimport os\n");
	tar_file(&tar, "bin/edge", edge, sizeof edge);
	tar_text(&tar, "bin/short", "#!");
	tar_text(&tar, "bin/none", "# !/bin/sh\n");
	tar_end(&tar);
	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);

	struct str content;
	assert_true(tree_kept(&r.tree, STR("etc/os-release"), &content));
	assert_true(str_eq(content, STR("ID=alpine\n")));
	assert_true(tree_kept(&r.tree, STR("etc/passwd"), &content));
	assert_int_equal(content.n, 0);
	assert_true(str_eq(node_shebang(tree_find(&r.tree, STR("bin/run"))), STR("/bin/sh -e")));
	assert_true(tree_kept(&r.tree, STR("bin/run"), &content));
	assert_true(str_ends(content, STR("echo hi\n")));
	assert_true(
		str_eq(node_shebang(tree_find(&r.tree, STR("bin/tool"))), STR("/usr/bin/python3")));
	assert_false(tree_kept(&r.tree, STR("bin/tool"), &content));
	assert_int_equal(node_shebang(tree_find(&r.tree, STR("bin/edge"))).n,
	                 LIMIT_SHEBANG_BYTES - 2);
	assert_int_equal(node_shebang(tree_find(&r.tree, STR("bin/short"))).n, 0);
	assert_int_equal(node_shebang(tree_find(&r.tree, STR("bin/none"))).n, 0);
}

static void slurp(const char *path, struct buf *b)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct str bytes;
	assert_true(file_read(path, 64 << 20, &a, &bytes, &e));
	test_append(b, bytes.p, bytes.n);
}

/* The test's own program, plain, and grown beyond what is collected in memory. */
static void elf_objects_are_read_in_memory_and_from_a_file(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf elf = TEST_BUF;
	CLEANUP_BUF struct buf large = TEST_BUF;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	struct err e = ERR_INIT;
	slurp("/proc/self/exe", &elf);
	test_append(&large, elf.p, elf.n);
	assert_true(buf_reserve(&large, 40 << 20, &e));
	memset(large.p + large.n, 0, 40 << 20);
	large.n += 40 << 20;
	tar_file(&tar, "bin/small", elf.p, elf.n);
	tar_file(&tar, "bin/large", large.p, large.n);
	tar_file(&tar, "bin/cut", elf.p, 100);
	tar_end(&tar);

	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	for (int i = 0; i < 2; i++) {
		const struct elf_object *o =
			node_elf(tree_find(&r.tree, i ? STR("bin/large") : STR("bin/small")));
		assert_non_null(o);
		bool libc = false;
		for (size_t j = 0; j < o->needed.n; j++)
			libc |= str_starts(o->needed.p[j], STR("libc."));
		assert_true(libc);
	}
	struct node *cut = tree_find(&r.tree, STR("bin/cut"));
	assert_null(node_elf(cut));
	assert_true(node_elf_error(cut).n > 0);
}

/* POSIX sparse 1.0 (GNU tar): the map stands before the data. */
static void sparse_files_have_their_whole_size(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	char map[512] = "2\n0\n4\n1000\n4\n";
	tar_pax(&tar, (const char *const[]){"GNU.sparse.major=1", "GNU.sparse.minor=0",
	                                    "GNU.sparse.name=etc/os-release",
	                                    "GNU.sparse.realsize=2000", NULL});
	tar_header(&tar, '0', "GNUSparseFile.0/x", NULL, 0644, sizeof map + 8);
	test_append(&tar, map, sizeof map);
	tar_content_of(&tar, "headtail", 8);
	tar_text(&tar, "after", "x");
	tar_end(&tar);
	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	struct str content;
	assert_true(tree_kept(&r.tree, STR("etc/os-release"), &content));
	assert_int_equal(content.n, 2000);
	assert_memory_equal(content.p, "head\0", 5);
	assert_memory_equal(content.p + 999, "\0tail\0", 6);
	assert_non_null(tree_find(&r.tree, STR("after")));
}

/* ---- Hostile and damaged ---- */

static void leave_root(struct buf *b)
{
	tar_text(b, "fine", "x");
	tar_text(b, "../../etc/passwd", "x");
}

static void hard_leaves_root(struct buf *b)
{
	tar_text(b, "fine", "x");
	tar_hardlink(b, "shadow", "../../etc/shadow");
}

static void whiteout_of_parent(struct buf *b)
{
	tar_text(b, "d/.wh...", "");
}

static void root_is_a_file(struct buf *b)
{
	tar_text(b, "a/..", "x");
}

static void lying_size(struct buf *b)
{
	tar_header(b, '0', "big", NULL, 0644, 077777777777);
	tar_content_of(b, "x", 1);
}

static void bad_checksum(struct buf *b)
{
	tar_text(b, "fine", "x");
	tar_text(b, "bad", "x");
	b->p[1024 + 150] ^= 1;
}

static void cut_in_header(struct buf *b)
{
	tar_text(b, "fine", "x");
	tar_text(b, "cut", "x");
	b->n = 1024 + 200;
}

static void cut_in_content(struct buf *b)
{
	tar_text(b, "fine", "0123456789");
	b->n = 512 + 5;
}

static void overlong_name(struct buf *b)
{
	char record[LIMIT_PATH_BYTES + 100] = "path=";
	memset(record + 5, 'x', LIMIT_PATH_BYTES);
	for (size_t i = 105; i < LIMIT_PATH_BYTES; i += 100)
		record[i] = '/';
	tar_pax(b, (const char *const[]){record, NULL});
	tar_text(b, "short", "x");
}

static void overlong_part(struct buf *b)
{
	char record[300] = "path=";
	memset(record + 5, 'x', 256);
	tar_pax(b, (const char *const[]){record, NULL});
	tar_text(b, "short", "x");
}

static void link_to_nothing(struct buf *b)
{
	tar_hardlink(b, "a", "b");
}

static void path_through_a_file(struct buf *b)
{
	tar_text(b, "a", "x");
	tar_text(b, "a/b", "x");
}

static void path_through_a_loop(struct buf *b)
{
	tar_symlink(b, "a", "b");
	tar_symlink(b, "b", "a");
	tar_text(b, "a/c", "x");
}

static void no_tar(struct buf *b)
{
	for (int i = 0; i < 200; i++)
		test_append(b, "this is no tar\n", 15);
}

static void cut_gzip(struct buf *b)
{
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "a", "x");
	tar_end(&tar);
	pack_gzip(tar.p, tar.n, b);
	b->n -= 6;
}

static const struct {
	const char *name;
	void (*make)(struct buf *b);
	const char *words; /* what the message must say */
	enum err_code code;
} hostile[] = {
	{"a name that leaves the root", leave_root,
         "the entry at offset 1024: the path \"../../etc/passwd\" leaves the root", ERR_INPUT},
	{"a hard link that leaves the root", hard_leaves_root, "offset 1024", ERR_INPUT},
	{"a whiteout of ..", whiteout_of_parent, "a whiteout of \"..\"", ERR_INPUT},
	{"a root that is a file", root_is_a_file, "is the root, but no folder", ERR_INPUT},
	{"a size that lies", lying_size, "Truncated", ERR_INPUT},
	{"a wrong checksum", bad_checksum, "offset 1024", ERR_INPUT},
	{"cut in a header", cut_in_header, "Truncated", ERR_INPUT},
	{"cut in a content", cut_in_content, "Truncated", ERR_INPUT},
	{"an overlong name", overlong_name, "a path of 4096 bytes", ERR_INPUT},
	{"an overlong part of a name", overlong_part, "a file name of 256 bytes", ERR_INPUT},
	{"a hard link to nothing", link_to_nothing, "which is not there", ERR_INPUT},
	{"a path through a file", path_through_a_file, "is no folder", ERR_INPUT},
	{"a path through a loop", path_through_a_loop, "is no folder", ERR_INPUT},
	{"no tar at all", no_tar, "Unrecognized", ERR_INPUT},
	{"a gzip cut short", cut_gzip, "gzip data ends too early", ERR_INPUT},
};

static void hostile_tars_are_refused_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		CLEANUP_BUF struct buf tar = TEST_BUF;
		CLEANUP_READING struct reading r = READING;
		hostile[i].make(&tar);
		if (read_tar(&r, &tar))
			fail_msg("%s was read", hostile[i].name);
		assert_int_equal(r.e.code, hostile[i].code);
		if (!strstr(r.e.message, hostile[i].words))
			fail_msg("%s: %s", hostile[i].name, r.e.message);
	}
}

/* Links lead where they like; they are entries, and only a look-up in the root follows. */
static void links_out_of_the_root_stay_inside(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_dir(&tar, "etc");
	tar_text(&tar, "etc/passwd", "");
	tar_symlink(&tar, "up", "../../../../etc");
	tar_symlink(&tar, "abs", "/etc/passwd");
	tar_text(&tar, "up/through", "x");
	tar_end(&tar);
	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	assert_ptr_equal(tree_find(&r.tree, STR("up/passwd")),
	                 tree_find(&r.tree, STR("etc/passwd")));
	assert_ptr_equal(tree_find(&r.tree, STR("abs")), tree_find(&r.tree, STR("etc/passwd")));
	assert_non_null(tree_find(&r.tree, STR("etc/through")));
}

static void an_empty_archive_is_an_empty_layer(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_end(&tar);
	CLEANUP_READING struct reading r = READING;
	must_read(&r, &tar);
	assert_int_equal(r.facts.entry_count, 0);
	/* The layer that Docker makes of nothing; its diff ID is known everywhere. */
	assert_string_equal(
		r.diff_id.p,
		"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
}

/* ---- Digests ---- */

static void digests_are_checked(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_text(&tar, "a", "x");
	tar_end(&tar);
	test_append(&tar, "what stands behind the end counts as well", 41);
	struct str diff_id = sha256_of(buf_str(&tar), &a);
	void (*const packers[])(const void *, size_t, struct buf *) = {pack_gzip, pack_zstd,
	                                                               pack_xz};
	for (size_t i = 0; i < 3; i++) {
		CLEANUP_BUF struct buf packed = TEST_BUF;
		packers[i](tar.p, tar.n, &packed);
		struct str digest = sha256_of(buf_str(&packed), &a);

		CLEANUP_READING struct reading r = READING;
		assert_true(read_with(&r, &packed, digest, diff_id));
		assert_true(str_eq(r.facts.diff_id, diff_id));
		assert_int_equal(r.facts.compressed_bytes, packed.n);

		CLEANUP_READING struct reading wrong_digest = READING;
		assert_false(read_with(&wrong_digest, &packed, diff_id, diff_id));
		assert_int_equal(wrong_digest.e.code, ERR_INPUT);
		assert_non_null(strstr(wrong_digest.e.message, digest.p));
		assert_non_null(strstr(wrong_digest.e.message, diff_id.p));

		CLEANUP_READING struct reading wrong_id = READING;
		assert_false(read_with(&wrong_id, &packed, digest, digest));
		assert_non_null(strstr(wrong_id.e.message, "its diff ID is sha256:"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_keep_their_bytes),
		cmocka_unit_test(names_keep_their_bytes_in_any_locale),
		cmocka_unit_test(names_are_brought_into_one_form),
		cmocka_unit_test(every_type_is_an_entry),
		cmocka_unit_test(scripts_and_kept_files_are_noticed),
		cmocka_unit_test(elf_objects_are_read_in_memory_and_from_a_file),
		cmocka_unit_test(sparse_files_have_their_whole_size),
		cmocka_unit_test(hostile_tars_are_refused_with_the_reason),
		cmocka_unit_test(links_out_of_the_root_stay_inside),
		cmocka_unit_test(an_empty_archive_is_an_empty_layer),
		cmocka_unit_test(digests_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
