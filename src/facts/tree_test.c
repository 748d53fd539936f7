/* Trees: layers laid over one another, and look-ups in them.
 *
 * A layer is written as text, one entry a line:
 *   d PATH | f PATH SIZE | l PATH TARGET | h PATH TARGET | w PATH | o PATH
 * and the merged tree is told as text too, one line a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "core/limits.h"
#include "facts/tree.h"

static struct str word(struct str *line)
{
	struct str w = STR_NONE;
	str_word(line, &w);
	return w;
}

static struct entry entry_of(struct str line)
{
	struct str kind = word(&line), path = word(&line), rest = word(&line);
	struct entry entry = {.path = str_eq(path, STR(".")) ? STR("") : path, .mode = 0644};
	switch (kind.p[0]) {
	case 'd':
		entry.type = ENTRY_DIR;
		entry.mode = 0755;
		break;
	case 'f':
		entry.type = ENTRY_FILE;
		assert_true(str_to_u64(rest, &entry.size_bytes));
		break;
	case 'l':
		entry.type = ENTRY_SYMLINK;
		entry.link = rest;
		break;
	case 'h':
		entry.type = ENTRY_HARDLINK;
		entry.link = rest;
		break;
	case 'w':
		entry.type = ENTRY_WHITEOUT;
		break;
	case 'o':
		entry.type = ENTRY_OPAQUE;
		break;
	default:
		fail_msg("%.*s", STR_ARG(kind));
	}
	return entry;
}

static const struct facts *layer(struct arena *a, const char *text)
{
	VEC(struct entry) entries = {0};
	struct str rest = str_of(text), line;
	while (str_next(&rest, '\n', &line))
		*vec_push(&entries, a) = entry_of(line);
	struct facts *f = ARENA_NEW(a, struct facts);
	*f = (struct facts){.entries = entries.p, .entry_count = entries.n, .arena = a};
	return f;
}

struct telling {
	struct arena *a;
	struct buf out;
};

static bool tell(const struct node *n, void *context)
{
	struct telling *t = context;
	struct err e = ERR_INIT;
	if (!n->parent)
		return true;
	struct str path = tree_path(n, t->a), line;
	switch (node_type(n)) {
	case ENTRY_DIR:
		line = arena_printf(t->a, "%.*s/\n", STR_ARG(path));
		break;
	case ENTRY_SYMLINK:
		line = arena_printf(t->a, "%.*s -> %.*s\n", STR_ARG(path), STR_ARG(node_link(n)));
		break;
	default:
		line = arena_printf(t->a, "%.*s %llu\n", STR_ARG(path),
		                    (unsigned long long)node_size_bytes(n));
	}
	return buf_append(&t->out, line.p, line.n, &e);
}

struct merging {
	const char *name;
	const char *layers[4];
	const char *merged; /* NULL: refused */
	uint64_t file_bytes;
};

static const struct merging mergings[] = {
	{"implied folders are made", {"f usr/bin/x 5"}, "/usr/\n/usr/bin/\n/usr/bin/x 5\n", 5},
	{"the later of two entries wins", {"f a 1\nf a 2"}, "/a 2\n", 2},
	{"a whiteout hides a file", {"f a 1\nf b 2", "w a"}, "/b 2\n", 2},
	{"a whiteout hides a folder and all in it", {"f d/e/f 1\nf g 1", "w d"}, "/g 1\n", 1},
	{"a whiteout of nothing is nothing", {"f a 1", "w b"}, "/a 1\n", 1},
	{"a whiteout spares its own layer, whatever the order",
         {"f a 1\nf b 1", "f a 7\nw a\nw b\nf b 9"},
         "/a 7\n/b 9\n",
         16},
	{"what was hidden may come back", {"f d/a 1", "w d", "f d/b 2"}, "/d/\n/d/b 2\n", 2},
	{"an opaque folder hides what was in it",
         {"f d/a 1\nf d/s/b 2", "d d\no d\nf d/c 3"},
         "/d/\n/d/c 3\n",
         3},
	{"an opaque folder spares its own layer, whatever the order",
         {"f d/a 1", "f d/c 3\no d"},
         "/d/\n/d/c 3\n",
         3},
	{"an opaque root", {"f a 1\nf d/b 1", "o .\nf c 2"}, "/c 2\n", 2},
	{"a file replaces a folder", {"f d/a 1", "f d 2"}, "/d 2\n", 2},
	{"a folder replaces a file", {"f d 2", "f d/a 1"}, "/d/\n/d/a 1\n", 1},
	{"a folder over a folder merges", {"f d/a 1", "d d\nf d/b 1"}, "/d/\n/d/a 1\n/d/b 1\n", 2},
	{"a folder hides a link of a lower layer",
         {"d usr/lib\nl lib usr/lib", "f lib/x 1"},
         "/lib/\n/lib/x 1\n/usr/\n/usr/lib/\n",
         1},
	{"a link of the same layer is followed",
         {"d usr/lib\nl lib usr/lib\nf lib/x 1"},
         "/lib -> usr/lib\n/usr/\n/usr/lib/\n/usr/lib/x 1\n",
         1},
	{"a whiteout does not go through a link",
         {"f usr/lib/x 1\nl lib usr/lib", "w lib/x"},
         "/lib/\n/usr/\n/usr/lib/\n/usr/lib/x 1\n",
         1},
	{"a link replaces a folder", {"f d/a 1", "l d e"}, "/d -> e\n", 0},
	{"a hard link has the file's size, counted once", {"f a 4\nh b a"}, "/a 4\n/b 4\n", 4},
	{"a hard link across layers", {"f a 4", "h b a"}, "/a 4\n/b 4\n", 4},
	{"a hard link keeps the file that it was made for",
         {"f a 4\nh b a\nf a 9"},
         "/a 9\n/b 4\n",
         13},
	{"a hard link outlives the file's name", {"f a 4\nh b a", "w a"}, "/b 4\n", 4},
	{"a hard link of a hard link", {"f a 4\nh b a\nh c b", "w a\nw b"}, "/c 4\n", 4},
	{"a hard link before its file", {"h b a\nf a 4"}, "/a 4\n/b 4\n", 4},
	{"hard links in reverse", {"h c b\nh b a\nf a 4"}, "/a 4\n/b 4\n/c 4\n", 4},
	{"a hard link to itself", {"f a 4\nh a a"}, "/a 4\n", 4},
	{"a hard link to a link is that link", {"l a x\nh b a"}, "/a -> x\n/b -> x\n", 0},
	{"a hard link to nothing", {"h b a"}, NULL, 0},
	{"hard links to one another", {"h b a\nh a b"}, NULL, 0},
	{"a hard link to a folder", {"d a\nh b a"}, NULL, 0},
	{"a path through its own file", {"f a 1\nf a/b 1"}, NULL, 0},
	{"a path through its own dangling link", {"l a x\nf a/b 1"}, NULL, 0},
	{"a path through links in a loop", {"l a b\nl b a\nf a/c 1"}, NULL, 0},
	{"names that are no UTF-8",
         {"f caf\xe9 1", "w caf\xe8\nf caf\xea 1"},
         "/caf\xe9 1\n/caf\xea 1\n",
         2},
};

static void layers_merge_as_overlayfs_shows_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mergings / sizeof *mergings; i++) {
		const struct merging *m = &mergings[i];
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct tree t;
		struct err e = ERR_INIT;
		bool ok = true;
		tree_init(&t, &a);
		for (size_t j = 0; ok && j < 4 && m->layers[j]; j++)
			ok = tree_add(&t, layer(&a, m->layers[j]), STR(""), &e);
		if (!m->merged) {
			assert_false(ok);
			assert_int_equal(e.code, ERR_INPUT);
			continue;
		}
		if (!ok)
			fail_msg("%s: %s", m->name, e.message);
		struct telling telling = {&a, BUF_INIT(65536)};
		tree_walk(&t, t.root, &a, tell, &telling);
		assert_true(buf_append(&telling.out, "", 1, &e));
		if (strcmp((char *)telling.out.p, m->merged) != 0)
			fail_msg("%s:\n%s", m->name, (char *)telling.out.p);
		assert_int_equal(tree_measure(&t).file_bytes, m->file_bytes);
		buf_release(&telling.out);
	}
}

static void names_of_one_file_share_an_inode(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t;
	struct err e = ERR_INIT;
	size_t files;
	tree_init(&t, &a);
	assert_true(tree_add(&t, layer(&a, "f a 4\nh b a\nf c 4"), STR(""), &e));
	assert_true(tree_find(&t, STR("a"))->inode == tree_find(&t, STR("b"))->inode);
	assert_true(tree_find(&t, STR("a"))->inode != tree_find(&t, STR("c"))->inode);
	assert_ptr_equal(tree_find(&t, STR("b"))->same, tree_find(&t, STR("a")));
	assert_int_equal(tree_size_bytes(&t, &files), 4096 + 8); /* as du -sb */
	assert_int_equal(files, 2);
}

static void layers_are_put_below_a_folder(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t;
	struct err e = ERR_INIT;
	tree_init(&t, &a);
	assert_true(tree_add(&t, layer(&a, "d usr/bin\nl bin usr/bin\nf srv/old 1"), STR(""), &e));
	assert_true(tree_add(&t, layer(&a, "f x 1\nh y x\nl lib /z\nd z\nf lib/q 1"),
	                     STR("opt/app"), &e));
	assert_true(tree_add(&t, layer(&a, "f tool 1"), STR("bin"), &e));
	assert_true(tree_add(&t, layer(&a, "w old"), STR("srv"), &e));
	assert_int_equal(t.layer_count, 4);

	assert_non_null(tree_find(&t, STR("/opt/app/x")));
	assert_int_equal(node_size_bytes(tree_find(&t, STR("/opt/app/y"))), 1);
	/* The layer's own root is "/" to its links, while it is laid. */
	assert_non_null(tree_find(&t, STR("/opt/app/z/q")));
	/* A link in the way to the folder is followed, as a mount there would. */
	assert_int_equal(node_type(tree_child(&t, t.root, STR("bin"))), ENTRY_SYMLINK);
	assert_non_null(tree_find(&t, STR("/usr/bin/tool")));
	assert_null(tree_find(&t, STR("/srv/old")));
	assert_false(tree_add(&t, layer(&a, "f a 1"), STR("opt/app/x"), &e));
}

static const char rooted[] = "d usr/lib\nl lib usr/lib\nf usr/lib/x 1\n"
			     "l abs /usr/lib/x\nl up ../../../usr\nl loop loop\n"
			     "l ping pong\nl pong ping\nl slash usr/lib/\nl fileslash usr/lib/x/\n"
			     "l dangling nowhere\nl deep/er ../lib";

static void paths_resolve_as_in_a_chroot(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		bool follow;
		enum tree_miss miss;
		const char *found;
	} cases[] = {
		{"/usr/lib/x", true, TREE_FOUND, "/usr/lib/x"},
		{"usr//lib/./x", true, TREE_FOUND, "/usr/lib/x"},
		{"/lib/x", true, TREE_FOUND, "/usr/lib/x"},
		{"/lib", true, TREE_FOUND, "/usr/lib"},
		{"/lib", false, TREE_FOUND, "/lib"},
		{"/lib/", false, TREE_FOUND, "/usr/lib"},
		{"/lib/.", false, TREE_FOUND, "/usr/lib"},
		{"/abs", true, TREE_FOUND, "/usr/lib/x"},
		{"/abs/", true, TREE_ENOTDIR, NULL},
		{"/up/lib", true, TREE_FOUND, "/usr/lib"},
		{"/../../usr", true, TREE_FOUND, "/usr"},
		{"/lib/..", true, TREE_FOUND, "/usr"},
		{"/deep/er/x", true, TREE_FOUND, "/usr/lib/x"},
		{"/slash", true, TREE_FOUND, "/usr/lib"},
		{"/slash", false, TREE_FOUND, "/slash"},
		{"/fileslash", true, TREE_ENOTDIR, NULL},
		{"/loop", true, TREE_ELOOP, NULL},
		{"/loop", false, TREE_FOUND, "/loop"},
		{"/ping/x", true, TREE_ELOOP, NULL},
		{"/dangling", true, TREE_ENOENT, NULL},
		{"/usr/lib/x/y", true, TREE_ENOTDIR, NULL},
		{"/usr/lib/x/", true, TREE_ENOTDIR, NULL},
		{"/usr/lib/x/.", true, TREE_ENOTDIR, NULL},
		{"/none", true, TREE_ENOENT, NULL},
		{"", true, TREE_ENOENT, NULL},
		{"/", true, TREE_FOUND, "/"},
	};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t;
	struct err e = ERR_INIT;
	tree_init(&t, &a);
	assert_true(tree_add(&t, layer(&a, rooted), STR(""), &e));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct node *n;
		enum tree_miss miss =
			tree_lookup(&t, NULL, str_of(cases[i].path), cases[i].follow, &n);
		if (miss != cases[i].miss)
			fail_msg("%s: %d", cases[i].path, miss);
		if (miss == TREE_FOUND)
			assert_string_equal(tree_path(n, &a).p, cases[i].found);
		else
			assert_null(n);
	}
}

static void forty_links_are_followed_and_no_more(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf text = BUF_INIT(65536);
	struct tree t;
	struct err e = ERR_INIT;
	struct node *n;
	for (unsigned i = 1; i <= LIMIT_SYMLINKS + 1; i++) {
		struct str line = arena_printf(&a, "l l%u l%u\n", i, i - 1);
		assert_true(buf_append(&text, line.p, line.n, &e));
	}
	assert_true(buf_append(&text, "f l0 1", 7, &e));
	tree_init(&t, &a);
	assert_true(tree_add(&t, layer(&a, (char *)text.p), STR(""), &e));
	assert_int_equal(tree_lookup(&t, NULL, STR("l40"), true, &n), TREE_FOUND);
	assert_int_equal(tree_lookup(&t, NULL, STR("l41"), true, &n), TREE_ELOOP);
	assert_int_equal(tree_lookup(&t, NULL, STR("l41"), false, &n), TREE_FOUND);
}

static void overlong_names_are_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t;
	struct node *n;
	static char name[LIMIT_PATH_BYTES];
	memset(name, 'x', sizeof name);
	tree_init(&t, &a);
	assert_int_equal(tree_lookup(&t, NULL, (struct str){name, 255}, true, &n), TREE_ENOENT);
	assert_int_equal(tree_lookup(&t, NULL, (struct str){name, 256}, true, &n),
	                 TREE_ENAMETOOLONG);
	memset(name, '/', sizeof name);
	assert_int_equal(tree_lookup(&t, NULL, (struct str){name, 4095}, true, &n), TREE_FOUND);
	assert_int_equal(tree_lookup(&t, NULL, (struct str){name, 4096}, true, &n),
	                 TREE_ENAMETOOLONG);
}

static bool count(const struct node *n, void *context)
{
	(void)n;
	++*(size_t *)context;
	return true;
}

/* Links of one layer let it build deeper than any path is long: up to a limit, below which
 * walks may call themselves. */
static void folders_in_folders_have_a_limit(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct tree t;
	struct err e = ERR_INIT;
	char *deep = arena_alloc(&a, 4001);
	for (size_t i = 0; i < 4000; i++)
		deep[i] = i % 2 ? '/' : 'd';
	struct str twice = arena_printf(&a, "f %sx 1\nl l %s\nf l/%sx 1", deep, deep, deep);
	tree_init(&t, &a);
	assert_true(tree_add(&t, layer(&a, twice.p), STR(""), &e));
	size_t nodes = 0;
	assert_true(tree_walk(&t, t.root, &a, count, &nodes));
	assert_int_equal(nodes, 1 + 2000 + 1 + 1 + 2000 + 1);
	assert_int_equal(tree_measure(&t).folders, 4001);

	struct str thrice = arena_printf(&a, "%s\nl m l/%s\nf m/%sx 1", twice.p, deep, deep);
	tree_init(&t, &a);
	assert_false(tree_add(&t, layer(&a, thrice.p), STR(""), &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_merge_as_overlayfs_shows_them),
		cmocka_unit_test(names_of_one_file_share_an_inode),
		cmocka_unit_test(layers_are_put_below_a_folder),
		cmocka_unit_test(paths_resolve_as_in_a_chroot),
		cmocka_unit_test(forty_links_are_followed_and_no_more),
		cmocka_unit_test(overlong_names_are_told),
		cmocka_unit_test(folders_in_folders_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
