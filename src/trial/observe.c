#include "trial/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "trial/inside.h"
#include "trial/start.h"
#include "trial/watched.h"

/* linux/seccomp.h of Linux 6.6: SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
#define NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define NOTIF_SYNC_WAKE_UP 1ul

#define SIGHTS_MAX 2 /* a program, and what it is run by */
#define PAGE_BYTES                                                                                 \
	4096u /* the smallest there is: a read that ends at such a border never faults             \
	       * behind the string's own page */

bool observer_open(struct observer *o, const char *path, struct miss_log *log, struct arena *a,
		   struct err *e)
{
	*o = (struct observer)OBSERVER_NONE;
	struct seccomp_notif_sizes sizes;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return err_errno(e, "seccomp user notification");
	/* The kernel's structs may be longer than those this was built with, or shorter. */
	o->request_bytes = sizes.seccomp_notif;
	o->response_bytes = sizes.seccomp_notif_resp;
	o->request = arena_alloc(a, o->request_bytes + sizeof *o->request);
	o->response = arena_alloc(a, o->response_bytes + sizeof *o->response);
	o->log = log;

	struct sockaddr_un name = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof name.sun_path)
		return err_set(e, ERR_IO, "%s: too long for a socket", path);
	memcpy(name.sun_path, path, strlen(path) + 1);
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 4) < 0)
		return err_errno(e, "%s", path);
	o->listener = fd_steal(&fd);
	return true;
}

void observer_accept(struct observer *o)
{
	int fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	fd_close(&o->channel);
	o->channel = fd;
}

/* The message is JSON with one descriptor beside it; only the descriptor says anything new. */
void observer_receive(struct observer *o)
{
	char text[4096];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct iovec part = {text, sizeof text};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control.space,
			   .msg_controllen = sizeof control.space};
	ssize_t n = recvmsg(o->channel, &m, MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(o->channel);
		o->channel = -1;
		return;
	}
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (o->notify >= 0) {
				close(fd);
			} else {
				o->notify = fd;
				o->received = true;
				/* Asker and observer take turns: wake each on the other's
				 * processor (Linux 6.6; a third of the time). Older ones
				 * refuse it. */
				(void)ioctl(fd, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP);
			}
		}
	}
}

/* The task that asks, as far as one answer needs it. */
struct asker {
	uint32_t pid;
	int memory, root;
	struct arena *arena;
};

static int open_of_task(uint32_t pid, const char *what, int flags)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%u/%s", pid, what);
	return open(path, flags | O_CLOEXEC);
}

static bool read_memory(const struct asker *t, uint64_t address, void *to, size_t n)
{
	return pread(t->memory, to, n, (off_t)address) == (ssize_t)n;
}

/* A string of the task, up to PATH_MAX; page by page, for the next may not be mapped. */
static struct str read_string(const struct asker *t, uint64_t address)
{
	char *p = arena_alloc(t->arena, LIMIT_PATH_BYTES);
	size_t n = 0;
	while (n < LIMIT_PATH_BYTES) {
		size_t part = PAGE_BYTES - (size_t)((address + n) % PAGE_BYTES);
		if (part > LIMIT_PATH_BYTES - n)
			part = LIMIT_PATH_BYTES - n;
		if (!read_memory(t, address + n, p + n, part))
			return STR_NONE;
		char *end = memchr(p + n, 0, part);
		n += part;
		if (end)
			return (struct str){p, (size_t)(end - p)};
	}
	return STR_NONE;
}

/* Where we run in a chroot() ourselves, pivot_root() left the task's root where ours was, and
 * links show the way from above it: the part that leads to the task's root goes. */
static struct str below_root(const struct asker *t, struct str folder)
{
	char path[64], *root = arena_alloc(t->arena, LIMIT_PATH_BYTES);
	snprintf(path, sizeof path, "/proc/%u/root", t->pid);
	ssize_t n = readlink(path, root, LIMIT_PATH_BYTES);
	struct str above = {root, n > 1 ? (size_t)n : 0};
	if (above.n == 0 || !str_starts(folder, above))
		return folder;
	struct str rest = str_skip(folder, above.n);
	if (rest.n == 0)
		return STR("/");
	return rest.p[0] == '/' ? rest : folder;
}

/* What a magic link shows for a task in another mount namespace counts from that namespace's root.
 * A task that called chroot() has another "/": then the name leads elsewhere, and nothing is said.
 */
static struct str folder_of(const struct asker *t, const char *link)
{
	char path[64], *name = arena_alloc(t->arena, LIMIT_PATH_BYTES);
	snprintf(path, sizeof path, "/proc/%u/%s", t->pid, link);
	ssize_t n = readlink(path, name, LIMIT_PATH_BYTES);
	if (n <= 0 || n == LIMIT_PATH_BYTES || name[0] != '/')
		return STR_NONE;
	struct str folder = below_root(t, (struct str){name, (size_t)n});
	struct stat real, named;
	CLEANUP_FD int fd = inside_open(t->root, folder, O_PATH, 0);
	if (fd < 0 || fstat(fd, &named) < 0 || stat(path, &real) < 0 ||
	    real.st_dev != named.st_dev || real.st_ino != named.st_ino)
		return STR_NONE;
	return folder;
}

/* The path as the task means it, from "/"; empty where it cannot be told. */
static struct str absolute(const struct asker *t, struct str path, const struct watched *w,
			   const __u64 *args)
{
	if (path.n == 0)
		return STR_NONE;
	if (path.p[0] == '/')
		return path_tidy(t->arena, path);
	char link[32] = "cwd";
	int folder_fd = w->folder_arg >= 0 ? (int)args[w->folder_arg] : AT_FDCWD;
	if (folder_fd != AT_FDCWD)
		snprintf(link, sizeof link, "fd/%d", folder_fd);
	struct str folder = folder_of(t, link);
	if (folder.n == 0)
		return STR_NONE;
	return path_tidy(t->arena,
			 arena_printf(t->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(path)));
}

static uint64_t open_flags(const struct asker *t, const struct watched *w, const __u64 *args)
{
	struct open_how how = {0};
	if (w->flags == FLAGS_OPEN)
		return args[w->flags_arg];
	if (w->flags == FLAGS_HOW && read_memory(t, args[w->flags_arg], &how, sizeof how))
		return how.flags;
	return 0;
}

static bool follows(const struct asker *t, const struct watched *w, const __u64 *args)
{
	switch (w->flags) {
	case FLAGS_NOFOLLOW:
		return false;
	case FLAGS_AT:
		return !(args[w->flags_arg] & AT_SYMLINK_NOFOLLOW);
	case FLAGS_OPEN:
	case FLAGS_HOW:
		return !(open_flags(t, w, args) & O_NOFOLLOW);
	case FLAGS_NONE:
		break;
	}
	return true;
}

/* Anything but "not there" counts as there: a refusal is not an absence. */
static bool is_there(const struct asker *t, struct str path, bool follow)
{
	CLEANUP_FD int fd = inside_open(t->root, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0);
	return fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool will_be_there(const struct asker *t, struct str path, const struct watched *w,
			  const __u64 *args)
{
	if (is_there(t, path, follows(t, w, args)))
		return true;
	bool creates = (w->flags == FLAGS_OPEN || w->flags == FLAGS_HOW) &&
		       (open_flags(t, w, args) & O_CREAT);
	return creates && is_there(t, str_dirname(path), true);
}

static struct str unix_socket_path(const struct asker *t, const __u64 *args)
{
	struct sockaddr_un name = {0};
	size_t n = (size_t)args[2];
	if (n <= sizeof name.sun_family || n > sizeof name || !read_memory(t, args[1], &name, n) ||
	    name.sun_family != AF_UNIX)
		return STR_NONE;
	return arena_str(t->arena,
			 (struct str){name.sun_path, strnlen(name.sun_path, sizeof name.sun_path)});
}

/* Of what was started, also what it is run by: "not found" is all that execve() says to that. */
static size_t look_at_program(const struct asker *t, struct sight *seen)
{
	struct start_check c = start_check_path(t->root, seen[0].path, t->arena);
	if (c.verdict == START_NOT_EXECUTABLE)
		return 0; /* a search goes on; neither there nor not there */
	seen[0].found = c.verdict != START_ABSENT;
	if (c.verdict != START_NO_INTERPRETER || !str_starts(c.interpreter, STR("/")))
		return 1;
	seen[1] = seen[0];
	seen[1].found = false;
	seen[1].path = path_tidy(t->arena, c.interpreter);
	return 2;
}

static const struct watched *look_up_call(const struct seccomp_data *call)
{
	char *name = seccomp_syscall_resolve_num_arch(call->arch, call->nr);
	const struct watched *found = NULL;
	for (size_t i = 0; name && i < watched_count && !found; i++)
		if (strcmp(name, watched_calls[i].name) == 0)
			found = &watched_calls[i];
	free(name);
	return found;
}

static const struct watched *watched_call(struct observer *o, const struct seccomp_data *call)
{
	for (size_t i = 0; i < o->known_count; i++)
		if (o->known[i].nr == call->nr && o->known[i].arch == call->arch)
			return o->known[i].call;
	const struct watched *found = look_up_call(call);
	if (o->known_count < KNOWN_CALLS_MAX)
		o->known[o->known_count++] = (struct known_call){call->arch, call->nr, found};
	return found;
}

static bool still_asks(const struct observer *o)
{
	return ioctl(o->notify, SECCOMP_IOCTL_NOTIF_ID_VALID, &o->request->id) == 0;
}

/* What the report says, as up to SIGHTS_MAX sights; what they point to lives in `a`. */
static size_t look(struct observer *o, struct sight *seen, struct arena *a)
{
	const struct seccomp_data *call = &o->request->data;
	const struct watched *w = watched_call(o, call);
	if (!w || o->request->pid == 0)
		return 0;
	if (w->kind == SIGHT_EXEC)
		o->started = true;
	if (!o->started)
		return 0;
	CLEANUP_FD int memory = open_of_task(o->request->pid, "mem", O_RDONLY);
	CLEANUP_FD int root = open_of_task(o->request->pid, "root", O_PATH | O_DIRECTORY);
	/* Only now is it sure that the number was that task's and not a later one's. */
	if (memory < 0 || root < 0 || !still_asks(o))
		return 0;
	struct asker t = {o->request->pid, memory, root, a};
	struct str asked = w->kind == SIGHT_CONNECT ? unix_socket_path(&t, call->args)
						    : read_string(&t, call->args[w->path_arg]);
	struct str path = absolute(&t, asked, w, call->args);
	/* Below /proc every task sees another thing ("self"), and we not what it sees. */
	if (path.n == 0 || str_starts(path, STR("/proc/")))
		return 0;
	seen[0] = (struct sight){.kind = w->kind, .call = w->name, .path = path, .task = t.pid};
	if (w->kind == SIGHT_EXEC)
		return look_at_program(&t, seen);
	seen[0].found = will_be_there(&t, path, w, call->args);
	return 1;
}

/* False where the task does not wait for it any more: it was killed, or a signal took it out of
 * the call. Then it asks once more, and that question counts. */
static bool let_go_on(struct observer *o)
{
	memset(o->response, 0, o->response_bytes);
	o->response->id = o->request->id;
	o->response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return ioctl(o->notify, SECCOMP_IOCTL_NOTIF_SEND, o->response) == 0;
}

void observer_answer(struct observer *o)
{
	memset(o->request, 0, o->request_bytes);
	if (ioctl(o->notify, SECCOMP_IOCTL_NOTIF_RECV, o->request) < 0) {
		/* ENOENT: the task was killed meanwhile. EINTR: a signal of ours. */
		if (errno != ENOENT && errno != EINTR && errno != EAGAIN) {
			close(o->notify);
			o->notify = -1;
		}
		return;
	}
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct sight seen[SIGHTS_MAX];
	size_t n = look(o, seen, &scratch);
	if (!let_go_on(o))
		return;
	for (size_t i = 0; i < n; i++)
		miss_log_add(o->log, &seen[i]);
}

void observer_close(struct observer *o)
{
	fd_close(&o->listener);
	fd_close(&o->channel);
	fd_close(&o->notify);
	o->listener = o->channel = o->notify = -1;
}
