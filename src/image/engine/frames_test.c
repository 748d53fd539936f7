/* A container's outputs told apart, an engine's words while it works, and tars made while they are
 * read. */
#include "image/engine/feed.h"
#include "image/engine/frames.h"
#include "image/engine/lines.h"
#include "image/tar.h"
#include "image/testing.h"

/* ---- Frames ---- */

#define HEAD(stream, n) stream "\0\0\0\0\0\0" n

static void outputs(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		const char *out, *err, *wrong;
		bool cut;
	} cases[] = {
		{STR_INIT(HEAD("\1", "\3") "abc" HEAD("\2", "\2") "de" HEAD("\1", "\1") "f"), "abcf",
	         "de", NULL, false},
		{STR_INIT(HEAD("\1", "\0") HEAD("\1", "\1") "x"), "x", "", NULL, false},
		{STR_INIT(HEAD("\0", "\2") "in" HEAD("\1", "\1") "x"), "x", "", NULL, false},
		{STR_INIT(HEAD("\1", "\12") "0123456789"), "01234567", "", NULL, true},
		{STR_INIT(HEAD("\1", "\12") "012"), "012", "", NULL, false},
		{STR_INIT("plain text"), "", "", "no frame of output begins with 70", false},
		{STR_INIT(HEAD("\3", "\0")), "", "", "no frame", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t step = 1; step <= cases[i].text.n; step++) {
			CLEANUP_ARENA struct arena a = ARENA_INIT;
			struct frames f;
			struct err e = ERR_INIT;
			bool ok = true;
			frames_init(&f, 8);
			for (struct str rest = cases[i].text; ok && rest.n; rest = str_skip(rest, step))
				ok = frames_take(&f, str_slice(rest, 0, step), &e);
			assert_int_equal(ok, cases[i].wrong == NULL);
			if (!ok)
				assert_non_null(strstr(e.message, cases[i].wrong));
			assert_string_equal(arena_str(&a, buf_str(&f.out)).p, cases[i].out);
			assert_string_equal(arena_str(&a, buf_str(&f.err)).p, cases[i].err);
			assert_int_equal(f.out_cut, cases[i].cut);
			frames_release(&f);
		}
}

/* ---- Lines ---- */

static void add_text(struct str text, void *context)
{
	struct buf *b = context;
	struct err e;
	assert_true(buf_append(b, text.p, text.n, &e));
}

static void words_of_an_engine(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	CLEANUP_BUF struct buf log = BUF_INIT(1000);
	struct engine_lines l = {.arena = &a, .log = add_text, .log_context = &log};
	struct err e = ERR_INIT;
	assert_true(engine_lines_take(&l, STR("{\"stream\":\"Step 1\\n\"}\r\n\n{\"aux\":{\"ID\":\"x\"}}\n{\"str"), &e));
	assert_true(engine_lines_take(&l, STR("eam\":\"Step 2\"}\n{\"errorDetail\":{\"message\":\"full\"},\"error\":\"f\"}"), &e));
	assert_true(engine_lines_end(&l, &e));
	assert_string_equal(l.id.p, "x");
	assert_string_equal(l.error.p, "full");
	assert_string_equal(arena_str(&a, buf_str(&log)).p, "Step 1\nStep 2");
	assert_false(engine_lines_take(&l, STR("nonsense\n"), &e) && engine_lines_take(&l, STR("x\n"), &e));
	engine_lines_release(&l);
}

/* ---- Feeds ---- */

static bool next_block(void *context, struct str *block, struct err *e)
{
	static char bytes[700];
	block->p = bytes;
	return feed_read(context, bytes, sizeof bytes, &block->n, e);
}

static enum feed_choice no_secrets(struct str path, void *context)
{
	(void)context;
	return str_eq(path, STR("sub/secret")) ? FEED_LEAVE : FEED_TAKE;
}

static void tars(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	char folder[] = "/tmp/socle-feed-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *make = arena_printf(&a, "cd %s && mkdir sub && echo one > sub/a && ln -s a sub/b && "
	                                "chmod 750 sub && echo no > sub/secret && mkfifo pipe", folder).p;
	assert_int_equal(system(make), 0);
	CLEANUP_FEED struct feed *f = feed_new();
	feed_add_folder(f, STR("top"), 0700);
	feed_add_bytes(f, STR("top/text"), STR("hello"));
	assert_true(feed_add_path(f, STR("top/it"), folder, no_secrets, NULL, &e));
	struct str long_name = STR("");
	for (int i = 0; i < 30; i++)
		long_name = arena_printf(&a, "%.*s\xff-name/", STR_ARG(long_name));
	feed_add_bytes(f, arena_printf(&a, "%.*slast", STR_ARG(long_name)), STR(""));

	static const struct {
		const char *path;
		enum entry_type type;
		unsigned mode;
		const char *link;
	} wanted[] = {{"top", ENTRY_DIR, 0700, ""},        {"top/text", ENTRY_FILE, 0644, ""},
	              {"top/it", ENTRY_DIR, 0700, ""},     {"top/it/pipe", ENTRY_FIFO, 0644, ""},
	              {"top/it/sub", ENTRY_DIR, 0750, ""}, {"top/it/sub/a", ENTRY_FILE, 0644, ""},
	              {"top/it/sub/b", ENTRY_SYMLINK, 0777, "a"}};
	CLEANUP_TAR struct tar *tar = tar_open((struct tar_input){next_block, NULL, f});
	struct entry entry;
	bool more;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		assert_true(tar_next(tar, &a, &entry, &more, &e) && more);
		assert_string_equal(arena_str(&a, entry.path).p, wanted[i].path);
		assert_int_equal(entry.type, wanted[i].type);
		assert_int_equal(entry.mode & 07777, wanted[i].mode);
		assert_true(str_eq(entry.link, str_of(wanted[i].link)));
	}
	assert_true(tar_next(tar, &a, &entry, &more, &e) && more);
	assert_true(str_ends(entry.path, STR("\xff-name/last")) && entry.path.n == 30 * 7 - 1 + 5);
	assert_true(tar_next(tar, &a, &entry, &more, &e) && !more);
	assert_int_equal(system(arena_printf(&a, "rm -rf %s", folder).p), 0);
}

int main(void)
{
	umask(022);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outputs),
		cmocka_unit_test(words_of_an_engine),
		cmocka_unit_test(tars),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
