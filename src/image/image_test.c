/* Images that are folders, single files and plain tars, and the real Alpine ones. */
#include "image/image.h"
#include "image/testing_layout.h"

struct opened {
	struct arena arena;
	struct image img;
	struct tree tree;
	struct err e;
	bool ok;
};

static void opened_release(struct opened *o)
{
	arena_release(&o->arena);
}
#define CLEANUP_OPENED __attribute__((cleanup(opened_release)))

static void open_image(struct opened *o, const char *text, bool single_file_ok)
{
	struct store none = {.dir_fd = -1};
	struct reference ref;
	struct image_options options = {.single_file_ok = single_file_ok};
	*o = (struct opened){.arena = ARENA_INIT, .e = ERR_INIT};
	tree_init(&o->tree, &o->arena);
	o->ok = reference_parse(&ref, str_of(text), path_exists, &o->arena, &o->e) &&
	        image_open(&o->img, &ref, &none, &options, &o->arena, &o->e) &&
	        image_merge(&o->img, STR(""), &o->tree, &o->e);
}

static void must_open(struct opened *o, const char *text)
{
	open_image(o, text, true);
	if (!o->ok)
		fail_msg("%s", o->e.message);
}

/* ---- Folders ---- */

static void folders_are_read_without_following_links(void **state)
{
	(void)state;
	test_write("outside/secret", "#!/bin/outside\n", 15);
	test_write("root/etc/os-release", "ID=folder\n", 10);
	test_write("root/bin/run", "#!/bin/sh\n", 10);
	test_write("root/caf\xe9/.wh.x", "", 0);
	assert_int_equal(link(test_path("root/bin/run"), test_path("root/bin/also")), 0);
	assert_int_equal(symlink("../outside", test_path("root/out")), 0);
	assert_int_equal(symlink("/etc/os-release", test_path("root/abs")), 0);
	assert_int_equal(mkfifo(test_path("root/pipe"), 0600), 0);
	assert_int_equal(chmod(test_path("root/bin/run"), 04711), 0);

	CLEANUP_OPENED struct opened o;
	must_open(&o, TEXT("dir:%s", test_path("root")).p);
	assert_string_equal(o.img.folder.p, test_path("root"));
	assert_int_equal(o.img.layers[0]->diff_id.n, 0);
	struct str content;
	assert_true(tree_kept(&o.tree, STR("/abs"), &content));
	assert_true(str_eq(content, STR("ID=folder\n")));
	assert_null(tree_find(&o.tree, STR("/out/secret")));
	struct node *run = tree_find(&o.tree, STR("/bin/run")),
		    *also = tree_find(&o.tree, STR("/bin/also"));
	assert_int_equal(run->inode, also->inode);
	assert_int_equal(node_mode(also), 04711);
	assert_true(str_eq(node_shebang(also), STR("/bin/sh")));
	assert_int_equal(node_type(tree_find(&o.tree, STR("/pipe"))), ENTRY_FIFO);
	/* Whiteouts are a matter of archives: in a folder that is a file of that name. */
	assert_int_equal(node_type(tree_find(&o.tree, STR("/caf\xe9/.wh.x"))), ENTRY_FILE);
}

static void deep_folders_take_no_more_descriptors(void **state)
{
	(void)state;
	int fd = open(test_root, O_RDONLY | O_DIRECTORY);
	for (int depth = 0; depth < 1500; depth++) {
		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	close(fd);
	CLEANUP_OPENED struct opened o;
	must_open(&o, TEXT("dir:%s", test_path("d")).p);
	assert_int_equal(o.img.layers[0]->entry_count, 1500);
}

static void unreadable_files_are_noted(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		print_message("root reads everything: skipped\n");
		skip();
	}
	test_write("locked/file", "x", 1);
	assert_int_equal(chmod(test_path("locked/file"), 0), 0);
	CLEANUP_OPENED struct opened o;
	must_open(&o, TEXT("dir:%s", test_path("locked")).p);
	struct str why = node_elf_error(tree_find(&o.tree, STR("/file")));
	assert_true(str_eq(why, STR("cannot be read: Permission denied")));
}

/* ---- Files ---- */

static void programs_and_scripts_stand_for_themselves(void **state)
{
	(void)state;
	test_write("bin/script", "#!/usr/bin/env python3\n", 23);
	CLEANUP_OPENED struct opened o;
	must_open(&o, test_path("bin/script"));
	assert_true(o.img.single_file);
	assert_true(str_eq(node_shebang(tree_find(&o.tree, STR("/script"))),
	                   STR("/usr/bin/env python3")));

	CLEANUP_OPENED struct opened self;
	must_open(&self, "file:/proc/self/exe");
	const struct elf_object *elf = node_elf(tree_find(&self.tree, STR("/exe")));
	assert_non_null(elf);
	assert_true(elf->needed.n > 0);

	CLEANUP_OPENED struct opened base;
	open_image(&base, test_path("bin/script"), false);
	assert_false(base.ok);
	assert_int_equal(base.e.code, ERR_USAGE);
	assert_non_null(strstr(base.e.message, "where a root file system is wanted"));
}

static void other_files_are_refused_with_the_reason(void **state)
{
	(void)state;
	static const struct {
		const char *name, *content, *words;
		enum err_code code;
	} cases[] = {
		{"text", "hello\n", "neither an ELF file, a script nor a tar", ERR_INPUT},
		{"empty", "", "an empty file", ERR_INPUT},
		{"app.whl", "PK\3\4", "unpack it into a folder first", ERR_UNSUPPORTED},
		{"old.tar.bz2", "BZh91AY", "bunzip2", ERR_UNSUPPORTED},
		{"cut.gz", "\x1f\x8b\x08", "gzip data ends too early", ERR_INPUT},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_OPENED struct opened o;
		test_write(cases[i].name, cases[i].content, strlen(cases[i].content));
		open_image(&o, test_path(cases[i].name), true);
		assert_false(o.ok);
		if (!strstr(o.e.message, cases[i].words))
			fail_msg("%s", o.e.message);
		assert_int_equal(o.e.code, cases[i].code);
	}
	assert_int_equal(mkfifo(test_path("fifo"), 0600), 0);
	CLEANUP_OPENED struct opened fifo;
	open_image(&fifo, test_path("fifo"), true);
	assert_non_null(strstr(fifo.e.message, "neither a file nor a folder"));
}

static void what_cannot_be_read_yet_says_what_to_do(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"docker:x:1", "docker save -o image.tar x:1"},
		{"podman:x:1", "podman save --format oci-archive -o image.tar x:1"},
		{"docker://host/x:1", "skopeo copy docker://host/x:1 oci:image"},
		{"registry:host/x:1", "skopeo copy docker://host/x:1 oci:image"},
		{"no-such:1", "skopeo copy docker://no-such:1 oci:image"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP_OPENED struct opened o;
		open_image(&o, cases[i].text, true);
		assert_false(o.ok);
		assert_int_equal(o.e.code, ERR_UNSUPPORTED);
		if (!strstr(o.e.message, cases[i].words))
			fail_msg("%s", o.e.message);
	}
}

static void scratch_is_nothing(void **state)
{
	(void)state;
	CLEANUP_OPENED struct opened o;
	must_open(&o, "scratch");
	assert_int_equal(o.img.layer_count, 0);
	assert_int_equal(tree_size_bytes(&o.tree, NULL), 0);
}

/* ---- Real ones ---- */

/* Unpacked bytes as `du -sb` counts them. */
static const struct {
	const char *name, *version;
	uint64_t unpacked_bytes;
} alpines[] = {
	{"alpine-minirootfs-3.20.3-x86_64.tar.gz", "3.20.3", 8195072},
	{"alpine-minirootfs-3.20.3-aarch64.tar.gz", "3.20.3", 9222475},
	{"alpine-minirootfs-3.19.4-x86_64.tar.gz", "3.19.4", 7813805},
};

static void alpine_is_measured(void **state)
{
	(void)state;
	const char *bases = getenv("SOCLE_BASES");
	bases = bases ? bases : "../shared/bases";
	if (!path_exists(TEXT("%s/%s", bases, alpines[0].name).p)) {
		print_message("no Alpine file systems in %s: skipped\n", bases);
		skip();
	}
	for (size_t i = 0; i < sizeof alpines / sizeof *alpines; i++) {
		CLEANUP_OPENED struct opened o;
		struct str content;
		must_open(&o, TEXT("%s/%s", bases, alpines[i].name).p);
		assert_int_equal(tree_size_bytes(&o.tree, NULL), alpines[i].unpacked_bytes);
		assert_true(tree_kept(&o.tree, STR("/etc/os-release"), &content));
		assert_true(str_contains(content, TEXT("VERSION_ID=%s\n", alpines[i].version)));
		assert_true(tree_kept(&o.tree, STR("/lib/apk/db/installed"), &content));
		assert_true(str_contains(content, STR("P:musl\n")));
		const struct elf_object *shell = node_elf(tree_find(&o.tree, STR("/bin/sh")));
		assert_non_null(shell);
		assert_true(str_starts(shell->interp, STR("/lib/ld-musl-")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_are_read_without_following_links),
		cmocka_unit_test(deep_folders_take_no_more_descriptors),
		cmocka_unit_test(unreadable_files_are_noted),
		cmocka_unit_test(programs_and_scripts_stand_for_themselves),
		cmocka_unit_test(other_files_are_refused_with_the_reason),
		cmocka_unit_test(what_cannot_be_read_yet_says_what_to_do),
		cmocka_unit_test(scratch_is_nothing),
		cmocka_unit_test(alpine_is_measured),
	};
	return cmocka_run_group_tests(tests, test_folder_make, test_layout_remove);
}
