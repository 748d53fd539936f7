/* From questions to what is missing, in the order in which real programs ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "trial/missing.h"

/* "3 open - /path": task, call, found (+) or not (-). */
static void hear(struct miss_log *log, const char *line)
{
	struct sight s = {0};
	char call[16], found, path[256];
	assert_int_equal(sscanf(line, "%u %15s %c %255s", &s.task, call, &found, path), 4);
	s.call = strcmp(call, "execve") == 0 ? "execve"
		 : strcmp(call, "stat") == 0 ? "stat"
					     : "openat";
	s.kind = strcmp(call, "execve") == 0 ? SIGHT_EXEC
		 : strcmp(call, "stat") == 0 ? SIGHT_LOOK
					     : SIGHT_OPEN;
	s.found = found == '+';
	s.path = str_of(path);
	miss_log_add(log, &s);
}

/* Each: the questions, and the report as "call path times; …". */
static const struct {
	const char *what;
	const char *question[16];
	const char *report;
} table[] = {
	{"the loader finds a library in its second folder",
	 {"1 open - /lib/libq.so.1", "1 open + /usr/lib/libq.so.1"},
	 ""},
	{"the loader finds it nowhere",
	 {"1 open - /app/libq.so.1", "1 open - /lib/libq.so.1", "1 open - /usr/lib/libq.so.1"},
	 "openat libq.so.1 3"},
	{"one folder alone keeps its name", {"1 open - /opt/x/libq.so"}, "openat /opt/x/libq.so 1"},
	{"execvp finds it",
	 {"1 execve - /usr/local/bin/tool", "1 execve - /usr/bin/tool", "1 execve + /bin/tool"},
	 ""},
	{"execvp finds it nowhere",
	 {"1 execve - /usr/local/bin/tool", "1 execve - /usr/bin/tool", "1 execve - /bin/tool"},
	 "execve tool 3"},
	{"a shell looks with stat, and starts what it found",
	 {"1 stat - /usr/local/bin/tool", "1 stat - /usr/bin/tool", "1 stat + /bin/tool",
	  "2 execve + /bin/tool"},
	 ""},
	{"a shell finds nothing", {"1 stat - /usr/bin/tool", "1 stat - /bin/tool"}, "stat tool 2"},
	{"one look in one folder of PATH is no search for a program",
	 {"1 open - /etc/x", "1 stat - /usr/bin/settings.x"},
	 "openat /etc/x 1; stat /usr/bin/settings.x 1"},
	{"what the process makes is not missing",
	 {"1 stat - /tmp/cache", "2 open + /tmp/cache/index"},
	 ""},
	{"it went away again", {"1 open + /tmp/x", "1 open - /tmp/x"}, "openat /tmp/x 1"},
	{"one file by several calls",
	 {"1 stat - /etc/app.conf", "1 open - /etc/app.conf", "1 open - /etc/app.conf"},
	 "openat /etc/app.conf 2; stat /etc/app.conf 1"},
	{"a search along configuration folders",
	 {"1 open - /root/.apprc", "1 open - /etc/xdg/.apprc", "1 open + /etc/.apprc"},
	 ""},
	{"another task's hit with that name explains nothing",
	 {"1 open - /app/config.json", "2 open + /usr/lib/x/config.json"},
	 "openat /app/config.json 1"},
	{"noise",
	 {"1 open - /etc/ld.so.preload", "1 open - /etc/ld.so.cache",
	  "1 open - /lib/glibc-hwcaps/x86-64-v3/libz.so.1", "1 open - /lib/libz.so.1",
	  "1 open - /usr/lib/locale/locale-archive", "1 stat - /sys/fs/cgroup/memory.max",
	  "1 open + /usr/lib/libz.so.1"},
	 ""},
	{"the most telling first",
	 {"1 stat - /etc/a", "1 open - /etc/b", "1 open - /lib/libq.so.1", "1 execve - /bin/git"},
	 "execve /bin/git 1; openat /lib/libq.so.1 1; openat /etc/b 1; stat /etc/a 1"},
	{"perl looks for the compiled module before the plain one",
	 {"1 stat - /a/X/Y.pmc", "1 stat - /a/X/Y.pm", "1 stat - /b/X/Y.pmc", "1 stat + /b/X/Y.pm"},
	 ""},
	{"a module that is nowhere is one thing",
	 {"1 stat - /etc/perl/JSON/XS.pm", "1 stat - /usr/share/perl5/JSON/XS.pm",
	  "1 stat - /usr/lib/perl5/JSON/XS.pm"},
	 "stat JSON/XS.pm 3"},
	{"cpython tries endings",
	 {"1 stat - /p/json/__init__.cpython-311-x86_64-linux-gnu.so",
	  "1 stat - /p/json/__init__.abi3.so", "1 stat - /p/json/__init__.so",
	  "1 stat + /p/json/__init__.py"},
	 ""},
	{"what cpython tries at its start",
	 {"1 open - /usr/lib/locale/C.UTF-8/LC_CTYPE", "1 open - /usr/lib/locale/UTF-8/LC_CTYPE",
	  "1 stat - /usr/local/lib/python3.13/dist-packages", "1 open - /usr/lib/locale/de_DE/LC_TIME",
	  "1 open - /app/<unknown>"},
	 "openat /usr/lib/locale/de_DE/LC_TIME 1"},
	{"node tries endings, and finds nothing",
	 {"1 stat - /app/x", "1 stat - /app/x.js", "1 stat - /app/x.json"},
	 "stat /app/x 1; stat /app/x.js 1; stat /app/x.json 1"},
	{"the same folder may end alike",
	 {"1 stat - /x/lib", "1 stat - /lib", "1 stat - /y/lib"},
	 "stat lib 3"},
	{"a look at a library by name is weaker than opening it",
	 {"1 open - /a/libq.so", "2 stat + /b/libq.so"},
	 "openat /a/libq.so 1"},
};

static struct str shown(const struct trial_missing *list, size_t n, struct arena *a)
{
	struct str text = STR_NONE;
	for (size_t i = 0; i < n; i++)
		text = arena_printf(a, "%.*s%s%.*s %.*s %u", STR_ARG(text), i ? "; " : "",
				    STR_ARG(list[i].call), STR_ARG(list[i].path), list[i].times);
	return text;
}

static void searches_are_told_from_misses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct miss_log log;
		struct trial_missing *list;
		miss_log_init(&log, &a, STR("/usr/local/bin:/usr/bin:/bin"));
		for (size_t k = 0; k < 16 && table[i].question[k]; k++)
			hear(&log, table[i].question[k]);
		size_t n = miss_log_report(&log, NULL, NULL, &a, &list);
		struct str is = shown(list, n, &a);
		if (!str_eq(is, str_of(table[i].report)))
			fail_msg("%s: \"%.*s\"", table[i].what, STR_ARG(is));
	}
}

static void the_window_ends(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct miss_log log;
	struct trial_missing *list;
	miss_log_init(&log, &a, STR(""));
	hear(&log, "1 open - /a/index.js");
	for (int i = 0; i < 100; i++)
		hear(&log, "1 open + /x/other.js");
	hear(&log, "1 open + /b/index.js");
	assert_int_equal(miss_log_report(&log, NULL, NULL, &a, &list), 1);
}

static void many_misses_are_counted_and_let_go(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct miss_log log;
	struct trial_missing *list;
	char line[64];
	miss_log_init(&log, &a, STR(""));
	for (unsigned i = 0; i < LIMIT_TRIAL_MISSES + 100; i++) {
		snprintf(line, sizeof line, "1 stat - /x/%u", i);
		hear(&log, line);
	}
	assert_int_equal(log.dropped, 100);
	assert_int_equal(miss_log_report(&log, NULL, NULL, &a, &list), LIMIT_TRIAL_MISSES);
}

static bool is_absent(void *context, struct str path)
{
	(void)context;
	return !str_eq(path, STR("/made"));
}

static void what_is_there_at_the_end_is_not_missing(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct miss_log log;
	struct trial_missing *list;
	miss_log_init(&log, &a, STR(""));
	hear(&log, "1 stat - /made");
	hear(&log, "1 stat - /other");
	assert_int_equal(miss_log_report(&log, is_absent, NULL, &a, &list), 1);
	assert_true(str_eq(list[0].path, STR("/other")));
}

static void paths_are_tidied(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"/a//b/./c/", "/a/b/c"}, {"//", "/"}, {"/", "/"}, {"a/./b", "a/b"}, {".", "."},
		{"/a/../b", "/a/../b"},   {"", ""},    {"/.", "/"}};
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_true(str_eq(path_tidy(&a, str_of(pairs[i][0])), str_of(pairs[i][1])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_are_told_from_misses),
		cmocka_unit_test(the_window_ends),
		cmocka_unit_test(many_misses_are_counted_and_let_go),
		cmocka_unit_test(what_is_there_at_the_end_is_not_missing),
		cmocka_unit_test(paths_are_tidied),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
