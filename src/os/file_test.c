/* Files of this machine: what is written, and what stays when it is no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "os/file.h"

static char folder[] = "/tmp/socle-file-test.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static struct str content_of(const char *path, struct arena *a)
{
	struct str content;
	struct err e = ERR_INIT;
	if (!file_read(path, 1 << 20, a, &content, &e))
		fail_msg("%s", e.message);
	return content;
}

static void a_file_is_replaced_whole(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	assert_true(file_replace(in_folder("f"), STR("a longer text"), 0644, &e));
	assert_true(file_replace(in_folder("f"), STR("new"), 0600, &e));
	assert_true(str_eq(content_of(in_folder("f"), &a), STR("new")));
	assert_int_equal(stat(in_folder("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_link_stays_a_link(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	assert_true(file_replace(in_folder("meant"), STR("old"), 0644, &e));
	assert_int_equal(symlink("meant", in_folder("link")), 0);
	assert_true(file_replace(in_folder("link"), STR("new"), 0644, &e));
	assert_true(str_eq(content_of(in_folder("meant"), &a), STR("new")));
	assert_int_equal(lstat(in_folder("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void a_pipe_is_written_to(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct stat st;
	char said[8] = "";
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	CLEANUP_FD int fd = open(in_folder("pipe"), O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(file_replace(in_folder("pipe"), STR("hello"), 0644, &e));
	assert_int_equal(read(fd, said, sizeof said), 5);
	assert_string_equal(said, "hello");
	assert_int_equal(stat(in_folder("pipe"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

static void an_edited_file_keeps_its_mode(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct stat before, after;
	assert_true(file_replace(in_folder("edited"), STR("old"), 0640, &e));
	assert_int_equal(stat(in_folder("edited"), &before), 0);
	assert_true(file_editable(in_folder("edited"), &e));
	assert_true(file_edit(in_folder("edited"), STR("old"), STR("newer"), &e));
	assert_true(str_eq(content_of(in_folder("edited"), &a), STR("newer")));
	assert_int_equal(stat(in_folder("edited"), &after), 0);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_gid, before.st_gid);
}

/* An ACL of the kernel's form (linux/posix_acl_xattr.h): version 2, then tag, permissions, ID. */
static const unsigned char acl[] = {
	2, 0, 0, 0,                             /* version */
	1, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,     /* user:: rw- */
	2, 0, 6, 0, 0xd2, 0x04, 0x00, 0x00,     /* user:1234: rw- */
	4, 0, 4, 0, 0xff, 0xff, 0xff, 0xff,     /* group:: r-- */
	0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,  /* mask:: rw- */
	0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}; /* other:: --- */

static void an_edited_file_keeps_its_attributes(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const void *value;
		size_t size;
	} attributes[] = {{"user.note", "mine", 4}, {"user.empty", "", 0},
	                  {"system.posix_acl_access", acl, sizeof acl}};
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
		struct err e = ERR_INIT;
		struct stat before, after;
		char got[64];
		assert_true(file_replace(in_folder("noted"), STR("old"), 0640, &e));
		if (setxattr(in_folder("noted"), attributes[i].name, attributes[i].value,
		             attributes[i].size, 0) < 0)
			continue; /* this file system has none */
		assert_int_equal(stat(in_folder("noted"), &before), 0);
		assert_true(file_edit(in_folder("noted"), STR("old"), STR("newer"), &e));
		assert_int_equal(getxattr(in_folder("noted"), attributes[i].name, got, sizeof got),
		                 attributes[i].size);
		assert_memory_equal(got, attributes[i].value, attributes[i].size);
		assert_int_equal(stat(in_folder("noted"), &after), 0);
		assert_int_equal(after.st_mode, before.st_mode);
	}
}

static void a_name_may_be_as_long_as_names_are(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	char name[256] = "";
	memset(name, 'n', sizeof name - 1);
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_true(file_replace(path, STR("old"), 0644, &e));
	assert_true(file_edit(path, STR("old"), STR("new"), &e));
}

static void what_is_not_to_be_edited_stays(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	static const char *const others[] = {"", "ol", "older", "OLD"};
	assert_true(file_replace(in_folder("kept"), STR("old"), 0644, &e));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		e = (struct err)ERR_INIT;
		assert_false(file_edit(in_folder("kept"), str_of(others[i]), STR("new"), &e));
		assert_non_null(strstr(e.message, "kept: has changed since it was read"));
	}
	assert_int_equal(symlink("kept", in_folder("kept-link")), 0);
	assert_false(file_edit(in_folder("kept-link"), STR("old"), STR("new"), &e));
	assert_non_null(strstr(e.message, "kept-link is a symbolic link to kept: "));
	assert_false(file_edit(folder, STR("old"), STR("new"), &e));
	assert_non_null(strstr(e.message, " is no regular file"));
	assert_false(file_editable(in_folder("kept-not"), &e));
	assert_non_null(strstr(e.message, "kept-not: No such file or directory"));
	assert_true(str_eq(content_of(in_folder("kept"), &a), STR("old")));
}

static void what_cannot_be_written_is_said(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_false(file_replace(folder, STR("x"), 0644, &e));
	assert_non_null(strstr(e.message, "Is a directory"));
	assert_false(file_replace(in_folder("no/f"), STR("x"), 0644, &e));
	assert_non_null(strstr(e.message, "no/f: No such file or directory"));
	assert_false(file_replace("/dev/full", STR("x"), 0644, &e));
	assert_non_null(strstr(e.message, "/dev/full: "));
}

static void what_could_be_written_is_foretold(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_true(file_writable(in_folder("later"), &e));
	assert_true(file_writable("/dev/null", &e));
	assert_true(file_writable("bare-name", &e));
	assert_false(file_writable(folder, &e));
	assert_non_null(strstr(e.message, "Is a directory"));
	assert_false(file_writable(in_folder("no/f"), &e));
	assert_non_null(strstr(e.message, "no/f: No such file or directory"));
}

static void the_folder_above_a_bare_name_is_there(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_true(folder_make("", &e));
	assert_true(folder_make(in_folder("a/b/c"), &e));
	assert_true(path_exists(in_folder("a/b/c")));
}

static int make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int clear(void **state)
{
	(void)state;
	char command[160];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced_whole),
		cmocka_unit_test(a_link_stays_a_link),
		cmocka_unit_test(a_pipe_is_written_to),
		cmocka_unit_test(an_edited_file_keeps_its_mode),
		cmocka_unit_test(an_edited_file_keeps_its_attributes),
		cmocka_unit_test(a_name_may_be_as_long_as_names_are),
		cmocka_unit_test(what_is_not_to_be_edited_stays),
		cmocka_unit_test(what_cannot_be_written_is_said),
		cmocka_unit_test(what_could_be_written_is_foretold),
		cmocka_unit_test(the_folder_above_a_bare_name_is_there),
	};
	return cmocka_run_group_tests(tests, make, clear);
}
