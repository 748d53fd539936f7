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

struct str identity_name(struct arena *a)
{
	struct passwd space, *entry = NULL;
	char text[4096];
	if (getpwuid_r(geteuid(), &space, text, sizeof text, &entry) != 0 || !entry)
		return STR_NONE;
	return arena_str(a, str_of(entry->pw_name));
}

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

static pid_t start_mapper(struct str name, int *go, struct range *uids)
{
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

static bool enter_user_namespace(int flags, struct str name, struct err *e)
{
	uint32_t uid = geteuid(), gid = getegid();
	CLEANUP_FD int go = -1;
	struct range range;
	pid_t mapper = start_mapper(name, &go, &range);
	int failed = unshare(CLONE_NEWUSER | flags) < 0 ? errno : 0;
	if (failed) {
		fd_close(&go); /* the mapper reads no byte, and ends */
		go = -1;
		while (mapper > 0 && waitpid(mapper, NULL, 0) < 0 && errno == EINTR)
			;
		errno = failed;
		return err_errno(e, "this machine gives a process no namespaces of its own");
	}
	/* Ubuntu's kernel.apparmor_restrict_unprivileged_userns gives the namespace and then
	 * refuses this. */
	return finish_mapper(mapper, go) || map_self(uid, gid, e) ||
	       err_wrap(e, "this machine restricts user namespaces");
}

/* How many IDs from 0 on the file maps: "inside outside count" a line (user_namespaces(7)). */
static uint32_t mapped_ids(const char *map)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err ignored;
	struct str text, line, word;
	uint64_t ids = 0, first, count;
	if (!file_read(map, LIMIT_ACCOUNT_FILE_BYTES, &a, &text, &ignored))
		return UINT32_MAX; /* a kernel without user namespaces */
	while (str_next(&text, '\n', &line)) {
		bool read = str_word(&line, &word) && str_to_u64(word, &first) &&
			    str_word(&line, &word) && str_word(&line, &word) &&
			    str_to_u64(word, &count);
		if (read && first == ids)
			ids += count;
	}
	return ids > UINT32_MAX ? UINT32_MAX : (uint32_t)ids;
}

/* Asked of the kernel: socle itself may have been started in a user namespace. */
static void describe(struct identity *id)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err ignored;
	struct str allowed;
	uint32_t uids = mapped_ids("/proc/self/uid_map"), gids = mapped_ids("/proc/self/gid_map");
	id->ids = uids < gids ? uids : gids;
	id->user_ns = id->ids < UINT32_MAX;
	id->may_set_groups = !file_read("/proc/self/setgroups", 64, &a, &allowed, &ignored) ||
			     !str_starts(allowed, STR("deny"));
}

bool identity_unshare(bool network, struct str name, struct identity *id, struct err *e)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (network ? 0 : CLONE_NEWNET);
	/* Root in a container often may not; a user namespace may still be had there. */
	if ((geteuid() != 0 || unshare(flags) < 0) && !enter_user_namespace(flags, name, e))
		return false;
	(void)unshare(CLONE_NEWCGROUP); /* only hides names; ground.c goes on without */
	describe(id);
	return true;
}
