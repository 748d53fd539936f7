/* Whatever happens to a trial, nothing stays: no process, no mount, no descriptor, no file. */
#include <errno.h>
#include <signal.h>

#include "trial/act_test.h"

static bool run_actor(const char *act, const char *argument, struct trial_result *r,
		      struct arena *a, struct err *e)
{
	struct trial_setup setup = {.base_dir = str_of(stage.base),
				    .app = {str_of(stage.app), STR("/app")}};
	struct trial_test test = {0};
	*vec_push(&test.argv, a) = STR("/app/actor");
	*vec_push(&test.argv, a) = str_of(act);
	*vec_push(&test.argv, a) = str_of(argument);
	*vec_push(&test.argv, a) = str_of(stage.folder); /* by which it is known in /proc */
	return trial_run(&setup, &test, 1, r, a, e);
}

static struct str read_file(const char *path, struct arena *a)
{
	struct str text = STR_NONE;
	struct err e;
	return file_read(path, 16 << 20, a, &text, &e) ? text : STR_NONE;
}

/* Is it the container's program (the stage's name is its last argument), or a fork of us? */
static bool is_ours(const char *pid, struct arena *a)
{
	char path[64], exe[PATH_MAX], self[PATH_MAX];
	snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
	if (str_contains(read_file(path, a), str_of(stage.folder)))
		return true;
	snprintf(path, sizeof path, "/proc/%.20s/exe", pid);
	ssize_t n = readlink(path, exe, sizeof exe),
		m = readlink("/proc/self/exe", self, sizeof self);
	return n > 0 && n == m && memcmp(exe, self, (size_t)n) == 0;
}

/* Processes that a trial started, zombies not counted (they have no exe). */
static unsigned processes(const char *act)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	unsigned n = 0;
	DIR *proc = opendir("/proc");
	assert_non_null(proc);
	for (struct dirent *entry; (entry = readdir(proc));) {
		uint64_t pid;
		if (!str_to_u64(str_of(entry->d_name), &pid) || pid == (uint64_t)getpid() ||
		    !is_ours(entry->d_name, &a))
			continue;
		char path[64];
		snprintf(path, sizeof path, "/proc/%.20s/cmdline", entry->d_name);
		n += !act || str_contains(read_file(path, &a), str_of(act));
	}
	closedir(proc);
	return n;
}

static bool becomes(unsigned wanted, const char *act)
{
	for (int i = 0; i < 2000; i++) {
		if ((processes(act) == 0) == (wanted == 0))
			return true;
		usleep(10000);
	}
	return false;
}

static unsigned descriptors(void)
{
	unsigned n = 0;
	DIR *d = opendir("/proc/self/fd");
	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Other programs of the machine may mount something just now: then look again. */
static bool same_mounts(struct str before, struct arena *a)
{
	for (int i = 0; i < 5; i++) {
		if (str_eq(before, read_file("/proc/self/mounts", a)))
			return true;
		sleep(1);
	}
	return false;
}

static void fifty_trials_leave_nothing(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!able)
		skip();
	struct str mounts = read_file("/proc/self/mounts", &a);
	unsigned open_before = descriptors();
	char digest[128];
	snprintf(digest, sizeof digest, "%s", stage_digest(stage.folder));
	for (int i = 0; i < 50; i++) {
		struct trial_result r = {0};
		struct err e = ERR_INIT;
		const char *act = i % 3 == 0 ? "orphan" : i % 3 == 1 ? "write" : "exit";
		if (!run_actor(act, i % 3 == 2 ? "1" : "/x", &r, &a, &e))
			fail_msg("%s", e.message);
		assert_int_equal(r.exit, i % 3 == 2 ? 1 : 0);
	}
	assert_int_equal(processes(NULL), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(descriptors(), open_before);
	assert_string_equal(digest, stage_digest(stage.folder));
	assert_true(same_mounts(mounts, &a));
}

/* A process that is in the middle of a trial. */
static pid_t start_trial(void)
{
	pid_t child = fork();
	if (child == 0) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct trial_result r = {0};
		struct err e = ERR_INIT;
		bool ok = run_actor("sleep", "1000", &r, &a, &e);
		_exit(ok ? 0 : 40 + (int)e.code);
	}
	return child;
}

static int end_of(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void killed_trial_leaves_nothing(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!able)
		skip();
	struct str mounts = read_file("/proc/self/mounts", &a);
	char digest[128];
	snprintf(digest, sizeof digest, "%s", stage_digest(stage.folder));
	pid_t child = start_trial();
	assert_true(becomes(1, "sleep"));
	kill(child, SIGKILL);
	assert_int_equal(end_of(child), 128 + SIGKILL);
	assert_true(becomes(0, NULL));
	assert_string_equal(digest, stage_digest(stage.folder));
	assert_true(same_mounts(mounts, &a));
}

/* … at whatever moment. */
static void killed_early_leaves_nothing(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!able)
		skip();
	struct str mounts = read_file("/proc/self/mounts", &a);
	for (unsigned i = 0; i < 40; i++) {
		pid_t child = start_trial();
		usleep(i * 700);
		kill(child, SIGKILL);
		end_of(child);
	}
	assert_true(becomes(0, NULL));
	assert_true(same_mounts(mounts, &a));
}

/* The child of `parent` that is ours. */
static pid_t child_of(pid_t parent)
{
	char path[96];
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
	struct str text = read_file(path, &a), word;
	uint64_t pid;
	return str_word(&text, &word) && str_to_u64(word, &pid) ? (pid_t)pid : -1;
}

/* When a helper alone is killed, socle says so at once and the rest goes too. */
static void killed_helper_is_an_error(void **state)
{
	(void)state;
	if (!able)
		skip();
	for (int which = 0; which < 2; which++) {
		pid_t child = start_trial();
		assert_true(becomes(1, "sleep"));
		pid_t starter = child_of(child), keeper = child_of(starter);
		assert_true(starter > 0 && keeper > 0);
		kill(which ? keeper : starter, SIGKILL);
		assert_int_equal(end_of(child), 40 + ERR_IO);
		assert_true(becomes(0, NULL));
	}
}

static int group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifty_trials_leave_nothing),
		cmocka_unit_test(killed_trial_leaves_nothing),
		cmocka_unit_test(killed_early_leaves_nothing),
		cmocka_unit_test(killed_helper_is_an_error),
	};
	return cmocka_run_group_tests(tests, make, clean);
}

int main(void)
{
	return under_each_runtime(group);
}
