/* Unpacking and merging, against another program: layers made at random are unpacked by
 * umoci and by image_unpack(), and merged into a tree; all three must show the same. And
 * against archives that want to write elsewhere. */
#include <sys/wait.h>

#include "image/image.h"
#include "image/testing_layout.h"

/* ---- What is there, as text: path, type, mode, size, link, first name of the inode ---- */

struct line {
	struct str path, text;
	uint64_t inode;
};

struct listing {
	struct line *p;
	size_t n, cap;
};

static int by_path(const void *a, const void *b)
{
	const struct line *left = a, *right = b;
	return str_cmp(left->path, right->path);
}

/* Sorted lines, each with the first name of its inode. */
static struct str told(struct listing *l, struct arena *a)
{
	CLEANUP_BUF struct buf out = TEST_BUF;
	if (l->n)
		qsort(l->p, l->n, sizeof *l->p, by_path);
	for (size_t i = 0; i < l->n; i++) {
		size_t first = 0;
		while (l->p[first].inode != l->p[i].inode)
			first++;
		struct str line =
			arena_printf(a, "%s %s =%zu\n", l->p[i].path.p, l->p[i].text.p, first);
		test_append(&out, line.p, line.n);
	}
	return arena_str(a, buf_str(&out));
}

struct tree_listing {
	struct listing l;
	struct arena *a;
};

static bool list_node(const struct node *n, void *context)
{
	struct tree_listing *t = context;
	char type = node_type(n) == ENTRY_DIR ? 'd' : node_type(n) == ENTRY_SYMLINK ? 'l' : 'f';
	struct str link = node_link(n);
	unsigned mode = type == 'l' ? 0777 : node_mode(n);
	if (!n->parent)
		return true;
	*vec_push(&t->l, t->a) =
		(struct line){tree_path(n, t->a),
	                      arena_printf(t->a, "%c %o %llu %.*s", type, mode,
	                                   (unsigned long long)node_size_bytes(n), STR_ARG(link)),
	                      n->inode};
	return true;
}

static struct str list_tree(const struct tree *tree, struct arena *a)
{
	struct tree_listing t = {.a = a};
	tree_walk(tree, tree->root, a, list_node, &t);
	return told(&t.l, a);
}

static struct tree_listing folder_listing;
static size_t folder_prefix;

static int list_path(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	struct arena *a = folder_listing.a;
	char type = S_ISDIR(st->st_mode) ? 'd' : S_ISLNK(st->st_mode) ? 'l' : 'f';
	char link[4096] = "";
	(void)kind;
	if (ftw->level == 0)
		return 0;
	if (type == 'l')
		assert_true(readlink(path, link, sizeof link - 1) >= 0);
	*vec_push(&folder_listing.l, a) = (struct line){
		arena_str(a, str_of(path + folder_prefix)),
		arena_printf(a, "%c %o %llu %s", type, st->st_mode & 07777,
	                     type == 'f' ? (unsigned long long)st->st_size : 0ull, link),
		st->st_ino};
	return 0;
}

static struct str list_folder(const char *path, struct arena *a)
{
	folder_listing = (struct tree_listing){.a = a};
	folder_prefix = strlen(path);
	assert_int_equal(nftw(path, list_path, 16, FTW_PHYS), 0);
	return told(&folder_listing.l, a);
}

/* ---- Layers at random ---- */

struct random_layers {
	uint32_t x;
	struct buf *tar;
	struct str_vec made;   /* folders that this layer has said */
	struct str_vec files;  /* what a hard link of this layer may mean */
	struct str_vec hidden; /* by a whiteout of this layer, not to be made again in it */
};

static uint32_t roll(struct random_layers *r, uint32_t sides)
{
	r->x = r->x * 1664525u + 1013904223u;
	return (r->x >> 16) % sides;
}

static struct str random_path(struct random_layers *r)
{
	static const char *const names[] = {"a", "b", "c\xe9", "d", "e"};
	struct str path = str_of(names[roll(r, 5)]);
	for (uint32_t depth = roll(r, 3); depth > 0; depth--)
		path = TEXT("%s/%s", path.p, names[roll(r, 5)]);
	return path;
}

static bool contains(const struct str_vec *v, struct str s)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->p[i], s))
			return true;
	return false;
}

static bool is_new(const struct random_layers *r, struct str path)
{
	return !contains(&r->made, path) && !contains(&r->files, path) &&
	       !contains(&r->hidden, path);
}

/* A layer says every folder above what it changes, as those that builders make do. False
 * where the layer has something else there already. */
static bool say_folders(struct random_layers *r, struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		struct str folder = str_slice(path, 0, i);
		if (path.p[i] != '/' || contains(&r->made, folder))
			continue;
		if (!is_new(r, folder))
			return false;
		*vec_push(&r->made, &test_arena) = folder;
		tar_dir(r->tar, arena_cstr(&test_arena, folder));
	}
	return true;
}

/* Nothing twice in a layer: that builders do not do, and tools differ in it. */
static void add_entry(struct random_layers *r)
{
	struct str path = random_path(r);
	if (!is_new(r, path) || !say_folders(r, path))
		return;
	switch (roll(r, 6)) {
	case 0:
		*vec_push(&r->made, &test_arena) = path;
		tar_dir(r->tar, path.p);
		return;
	case 1:
		tar_symlink(r->tar, path.p, random_path(r).p);
		break;
	case 2:
		if (r->files.n == 0)
			return;
		tar_hardlink(r->tar, path.p, r->files.p[roll(r, (uint32_t)r->files.n)].p);
		break;
	default:
		tar_file(r->tar, path.p, "0123456789", roll(r, 10));
	}
	*vec_push(&r->files, &test_arena) = path;
}

static void add_whiteout(struct random_layers *r)
{
	struct str path = random_path(r);
	struct str folder = str_dirname(path), name = str_basename(path);
	if (!is_new(r, path) || !say_folders(r, path))
		return;
	*vec_push(&r->hidden, &test_arena) = path;
	struct str file = TEXT("%.*s%s.wh.%s", STR_ARG(folder), folder.n ? "/" : "", name.p);
	tar_file(r->tar, file.p, "", 0);
}

static void add_opaque(struct random_layers *r)
{
	struct str path = random_path(r);
	if (is_new(r, path) && say_folders(r, TEXT("%s/x", path.p)))
		tar_file(r->tar, TEXT("%s/.wh..wh..opq", path.p).p, "", 0);
}

static void make_layer(struct buf *tar, uint32_t *seed, bool lowest)
{
	struct random_layers r = {.x = *seed, .tar = tar};
	uint32_t entries = 3 + roll(&r, 12);
	for (uint32_t i = 0; i < entries; i++) {
		uint32_t what = roll(&r, 10);
		if (!lowest && what < 2)
			add_whiteout(&r);
		else if (!lowest && what == 2)
			add_opaque(&r);
		else
			add_entry(&r);
	}
	tar_end(tar);
	*seed = r.x;
}

/* ---- The comparison ---- */

static struct reference must_parse(struct str text)
{
	struct reference ref;
	struct err e = ERR_INIT;
	assert_true(reference_parse(&ref, text, path_exists, &test_arena, &e));
	return ref;
}

static struct str merged(const struct reference *ref, struct arena *a)
{
	struct store none = {.dir_fd = -1};
	struct image img;
	struct image_options options = {0};
	struct tree t;
	struct err e = ERR_INIT;
	tree_init(&t, a);
	if (!image_open(&img, ref, &none, &options, a, &e) || !image_merge(&img, STR(""), &t, &e))
		fail_msg("%s", e.message);
	return list_tree(&t, a);
}

static void unpack_to(const struct reference *ref, const char *path)
{
	struct image_options options = {.single_file_ok = true};
	struct err e = ERR_INIT;
	assert_int_equal(mkdir(path, 0755), 0);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!image_unpack(ref, &options, NULL, fd, &e))
		fail_msg("%s", e.message);
}

static bool has_umoci(void)
{
	return system("command -v umoci >/dev/null 2>&1") == 0;
}

static void compare(unsigned round, uint32_t *seed, bool umoci)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	enum { LAYERS = 4 };
	struct buf tars[LAYERS];
	const char *layout = TEXT("stack%u", round).p;
	for (size_t i = 0; i < LAYERS; i++) {
		tars[i] = (struct buf)TEST_BUF;
		make_layer(&tars[i], seed, i == 0);
	}
	put_image_of(layout, tars, LAYERS);
	for (size_t i = 0; i < LAYERS; i++)
		buf_release(&tars[i]);

	struct reference ref = must_parse(TEXT("oci:%s", test_path(layout)));
	struct str tree = merged(&ref, &a);
	const char *own = TEXT("%s-own", test_path(layout)).p;
	unpack_to(&ref, own);
	struct str ours = list_folder(own, &a);
	if (!str_eq(tree, ours))
		fail_msg("round %u: the tree\n%sunpacked\n%s", round, tree.p, ours.p);
	if (!umoci)
		return;
	struct str command =
		TEXT("umoci unpack %s --image %s:it %s-umoci >/dev/null 2>&1",
	             geteuid() ? "--rootless" : "", test_path(layout), test_path(layout));
	assert_int_equal(system(command.p), 0);
	struct str theirs = list_folder(TEXT("%s-umoci/rootfs", test_path(layout)).p, &a);
	if (!str_eq(tree, theirs))
		fail_msg("round %u: the tree\n%sumoci\n%s", round, tree.p, theirs.p);
}

static void layers_merge_as_umoci_unpacks_them(void **state)
{
	(void)state;
	uint32_t seed = 7;
	bool umoci = has_umoci();
	if (!umoci)
		print_message("umoci is not installed: compared with image_unpack() alone\n");
	for (unsigned round = 0; round < 60; round++)
		compare(round, &seed, umoci);
}

/* ---- Archives that want to write elsewhere ---- */

static struct reference tar_reference(const char *name, const struct buf *tar)
{
	test_write_buf(name, tar);
	return must_parse(TEXT("file:%s", test_path(name)));
}

static struct str content_of(const char *path, struct arena *a)
{
	struct str bytes = STR_NONE;
	struct err e = ERR_INIT;
	if (!file_read(path, 1 << 20, a, &bytes, &e))
		fail_msg("%s", e.message);
	return bytes;
}

static void nothing_is_written_outside(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	test_write("victim/secret", "old", 3);
	const char *victim = arena_cstr(&a, str_of(test_path("victim")));
	const char *below = arena_cstr(&a, str_of(victim + 1)); /* the same path inside the root */

	tar_symlink(&tar, "out", victim);
	tar_symlink(&tar, "up", "../../../../../../../../..");
	tar_symlink(&tar, "last", arena_printf(&a, "%s/secret", victim).p);
	tar_dir(&tar, below);
	tar_text(&tar, arena_printf(&a, "%s/secret", below).p, "inside");
	tar_text(&tar, "out/made", "new");
	tar_text(&tar, arena_printf(&a, "up%s/also", victim).p, "new");
	tar_hardlink(&tar, "hard", "out/secret");
	tar_text(&tar, "last", "replaced");
	tar_end(&tar);
	struct reference ref = tar_reference("escape.tar", &tar);
	unpack_to(&ref, test_path("escape"));

	assert_true(str_eq(content_of(test_path("victim/secret"), &a), STR("old")));
	assert_false(path_exists(test_path("victim/made")));
	assert_false(path_exists(test_path("victim/also")));
	assert_true(str_eq(content_of(TEXT("%s%s/made", test_path("escape"), victim).p, &a),
	                   STR("new")));
	assert_true(str_eq(content_of(TEXT("%s%s/also", test_path("escape"), victim).p, &a),
	                   STR("new")));
	assert_true(str_eq(content_of(test_path("escape/hard"), &a), STR("inside")));
	assert_true(str_eq(content_of(test_path("escape/last"), &a), STR("replaced")));
}

static void folders_that_may_not_be_written_to_are_filled(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_header(&tar, '5', "shut", NULL, 0, 0);
	tar_header(&tar, '5', "shut/below", NULL, 0500, 0);
	tar_text(&tar, "shut/below/file", "x");
	tar_header(&tar, '0', "shut/none", NULL, 0, 1);
	tar_content_of(&tar, "y", 1);
	tar_end(&tar);
	struct reference ref = tar_reference("shut.tar", &tar);
	unpack_to(&ref, test_path("shut-out"));
	struct stat st;
	assert_int_equal(stat(test_path("shut-out/shut"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0);
	assert_int_equal(st.st_mtime, 1700000000);
	chmod(test_path("shut-out/shut"), 0700);
	assert_int_equal(stat(test_path("shut-out/shut/none"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0);
	assert_int_equal(st.st_size, 1);
	assert_true(str_eq(content_of(test_path("shut-out/shut/below/file"), &a), STR("x")));
	chmod(test_path("shut-out/shut/below"), 0700); /* so that it can be removed */
}

/* As somebody who is not root: owners become this process's, set-id bits go with them, and
 * devices are left out. */
static void without_rights_owners_and_devices_are_left_out(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	tar_header(&tar, '0', "su", NULL, 04755, 0);
	tar_header(&tar, '3', "whiteout", NULL, 0666, 0); /* 0:0 */
	tar_header(&tar, '3', "null", NULL, 0666, 0);
	memcpy(tar.p + tar.n - 512 + 329,
	       "0000001\0"
	       "0000003",
	       16);
	tar_checksum(tar.p + tar.n - 512);
	tar_header(&tar, '6', "pipe", NULL, 0640, 0);
	tar_end(&tar);
	struct reference ref = tar_reference("su.tar", &tar);
	assert_int_equal(chmod(test_root, 0777), 0);
	pid_t child = fork();
	if (child == 0) {
		struct stat st;
		unsetenv("SOCLE_CACHE");
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(3);
		unpack_to(&ref, test_path("su-out"));
		bool ok = stat(test_path("su-out/su"), &st) == 0 && st.st_uid == geteuid() &&
		          (st.st_mode & 07777) == 0755 && !path_exists(test_path("su-out/null")) &&
		          !path_exists(test_path("su-out/whiteout")) &&
		          stat(test_path("su-out/pipe"), &st) == 0 && S_ISFIFO(st.st_mode);
		_exit(ok ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void folders_and_single_files_are_unpacked_too(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	test_write("src/d/file", "content", 7);
	test_write("src/run", "#!/bin/sh\n", 10);
	assert_int_equal(link(test_path("src/run"), test_path("src/hard")), 0);
	assert_int_equal(symlink("/etc/passwd", test_path("src/link")), 0);
	struct reference ref = must_parse(TEXT("dir:%s", test_path("src")));
	unpack_to(&ref, test_path("src-copy"));
	struct str from = list_folder(test_path("src"), &a),
		   to = list_folder(test_path("src-copy"), &a);
	assert_string_equal(from.p, to.p);
	assert_true(str_eq(content_of(test_path("src-copy/d/file"), &a), STR("content")));

	ref = must_parse(TEXT("%s", test_path("src/run")));
	unpack_to(&ref, test_path("one"));
	assert_true(str_eq(content_of(test_path("one/run"), &a), STR("#!/bin/sh\n")));
	ref = must_parse(STR("scratch"));
	unpack_to(&ref, test_path("nothing"));
}

/* ---- Single files ---- */

static bool collect(const void *p, size_t n, void *context)
{
	test_append(context, p, n);
	return true;
}

static void single_files_are_printed(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf tar = TEST_BUF;
	char map[512] = "2\n0\n4\n1000\n4\n";
	tar_text(&tar, "etc/os-release", "kept");
	tar_text(&tar, "usr/share/text", "not kept");
	tar_text(&tar, "empty", "");
	tar_symlink(&tar, "abs", "/usr/share/text");
	tar_symlink(&tar, "up", "../../../usr/share/text");
	tar_hardlink(&tar, "hard", "usr/share/text");
	tar_symlink(&tar, "loop", "loop");
	tar_pax(&tar,
	        (const char *const[]){"GNU.sparse.major=1", "GNU.sparse.minor=0",
	                              "GNU.sparse.name=sparse", "GNU.sparse.realsize=2000", NULL});
	tar_header(&tar, '0', "GNUSparseFile.0/x", NULL, 0644, sizeof map + 8);
	test_append(&tar, map, sizeof map);
	tar_content_of(&tar, "headtail", 8);
	tar_end(&tar);
	struct reference ref = tar_reference("cat.tar", &tar);
	struct image_options options = {0};

	static const struct {
		const char *path, *content, *refused;
	} cases[] = {
		{"/etc/os-release", "kept", NULL},
		{"usr/share/text", "not kept", NULL},
		{"/abs", "not kept", NULL},
		{"/up", "not kept", NULL},
		{"/hard", "not kept", NULL},
		{"/empty", "", NULL},
		{"/loop", NULL, "/loop: too many links"},
		{"/none", NULL, "/none: no such file"},
		{"/etc", NULL, "/etc is a folder"},
		{"/empty/x", NULL, "/empty/x: no folder where"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_BUF struct buf out = TEST_BUF;
		struct err e = ERR_INIT;
		bool ok = image_cat(&ref, &options, str_of(cases[i].path), collect, &out, &e);
		assert_int_equal(ok, cases[i].content != NULL);
		if (ok)
			assert_true(str_eq(buf_str(&out), str_of(cases[i].content)));
		else if (!strstr(e.message, cases[i].refused))
			fail_msg("%s: %s", cases[i].path, e.message);
	}

	CLEANUP_BUF struct buf out = TEST_BUF;
	struct err e = ERR_INIT;
	assert_true(image_cat(&ref, &options, STR("/sparse"), collect, &out, &e));
	assert_int_equal(out.n, 2000);
	assert_memory_equal(out.p, "head\0", 5);
	assert_memory_equal(out.p + 999, "\0tail\0", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_merge_as_umoci_unpacks_them),
		cmocka_unit_test(nothing_is_written_outside),
		cmocka_unit_test(folders_that_may_not_be_written_to_are_filled),
		cmocka_unit_test(without_rights_owners_and_devices_are_left_out),
		cmocka_unit_test(folders_and_single_files_are_unpacked_too),
		cmocka_unit_test(single_files_are_printed),
	};
	return cmocka_run_group_tests(tests, test_folder_make, test_layout_remove);
}
