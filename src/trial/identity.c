#include "trial/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "core/limits.h"

#define SUBORDINATE_MAX 65535u /* 0 is ours, 1 … 65535 the range's */

struct range {
	uint32_t first, count; /* count 0: none */
};

/* subuid(5): "user:first:count"; user is a name or a number. The first fitting line. */
static struct range find_range(const char *file, struct str name, uint32_t uid)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err ignored;
	struct str text, line;
	struct range none = {0, 0};
	if (!file_read(file, LIMIT_ACCOUNT_FILE_BYTES, &a, &text, &ignored))
		return none;
	struct str number = arena_printf(&a, "%u", uid);
	while (str_next(&text, '\n', &line)) {
		struct str who, first, count;
		uint64_t from, n;
		if (!str_next(&line, ':', &who) || !str_next(&line, ':', &first) ||
		    !str_next(&line, ':', &count) || !(str_eq(who, name) || str_eq(who, number)) ||
		    !str_to_u64(first, &from) || !str_to_u64(str_trim(count), &n) || n == 0 ||
		    from + n > UINT32_MAX)
			continue;
		return (struct range){(uint32_t)from,
		                      n > SUBORDINATE_MAX ? SUBORDINATE_MAX : (uint32_t)n};
	}
	return none;
}

static bool run_map_tool(const char *tool, pid_t of, uint32_t own, struct range r)
{
	pid_t child = fork();
	if (child == 0) {
		char pid[16], self[16], first[16], count[16];
		snprintf(pid, sizeof pid, "%d", of);
		snprintf(self, sizeof self, "%u", own);
		snprintf(first, sizeof first, "%u", r.first);
		snprintf(count, sizeof count, "%u", r.count);
		execlp(tool, tool, pid, "0", self, "1", "1", first, count, (char *)NULL);
		_exit(127);
	}
	int status = -1;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The mapper: a child that stays outside, since newuidmap must be run from the namespace whose IDs
 * it hands out. It waits for one byte, maps its parent, answers by its exit status, and is reaped
 * by the parent below. No byte (the parent died): it ends. */
static void become_mapper(int go, pid_t parent, struct range uids, struct range gids)
{
	char byte;
	if (read(go, &byte, 1) != 1)
		_exit(1);
	_exit(run_map_tool("newuidmap", parent, geteuid(), uids) &&
	                      run_map_tool("newgidmap", parent, getegid(), gids)
	              ? 0
	              : 1);
}

static pid_t start_mapper(int *go, struct range *uids)
{
	struct passwd *entry = getpwuid(geteuid());
	struct str name = str_of(entry ? entry->pw_name : "");
	*uids = find_range("/etc/subuid", name, geteuid());
	struct range gids = find_range("/etc/subgid", name, geteuid());
	int p[2];
	if (geteuid() == 0 || uids->count == 0 || gids.count == 0 || pipe2(p, O_CLOEXEC) < 0)
		return -1;
	if (gids.count < uids->count)
		uids->count = gids.count;
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		close(p[1]);
		become_mapper(p[0], parent, *uids, gids);
	}
	close(p[0]);
	*go = p[1];
	return child;
}

static bool finish_mapper(pid_t mapper, int go)
{
	int status = -1;
	if (mapper <= 0 || write(go, "", 1) != 1)
		return false;
	while (waitpid(mapper, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool write_proc(const char *path, struct str text, struct err *e)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n)
		return err_errno(e, "%s", path);
	return true;
}

/* user_namespaces(7): one's own ID may be mapped without help once setgroups is given up. */
static bool map_self(uint32_t uid, uint32_t gid, struct err *e)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	return write_proc("/proc/self/setgroups", STR("deny"), e) &&
	       write_proc("/proc/self/uid_map", arena_printf(&a, "0 %u 1\n", uid), e) &&
	       write_proc("/proc/self/gid_map", arena_printf(&a, "0 %u 1\n", gid), e);
}

static bool enter_user_namespace(int flags, struct identity *id, struct err *e)
{
	uint32_t uid = geteuid(), gid = getegid();
	CLEANUP_FD int go = -1;
	struct range range;
	pid_t mapper = start_mapper(&go, &range);
	int failed = unshare(CLONE_NEWUSER | flags) < 0 ? errno : 0;
	if (failed) {
		fd_close(&go); /* the mapper reads no byte, and ends */
		go = -1;
		while (mapper > 0 && waitpid(mapper, NULL, 0) < 0 && errno == EINTR)
			;
		errno = failed;
		return err_errno(e, "this machine gives a process no namespaces of its own");
	}
	id->user_ns = true;
	if (finish_mapper(mapper, go)) {
		id->ids = range.count + 1;
		id->may_set_groups = true;
		return true;
	}
	id->ids = 1;
	return map_self(uid, gid, e);
}

bool identity_unshare(bool network, struct identity *id, struct err *e)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (network ? 0 : CLONE_NEWNET);
	*id = (struct identity){.ids = UINT32_MAX, .may_set_groups = true};
	/* Root in a container often may not; a user namespace may still be had there. */
	if ((geteuid() != 0 || unshare(flags) < 0) && !enter_user_namespace(flags, id, e))
		return false;
	(void)unshare(CLONE_NEWCGROUP); /* only hides names; run.c goes on without */
	return true;
}
