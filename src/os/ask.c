#include "os/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "core/buf.h"
#include "os/file.h"

struct pipe_ends {
	int read, write;
};

static void pipe_close(const struct pipe_ends *p)
{
	fd_close(&p->read);
	fd_close(&p->write);
}
#define CLEANUP_PIPE __attribute__((cleanup(pipe_close)))

static bool make_pipe(struct pipe_ends *p, struct err *e)
{
	int fd[2];
	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	*p = (struct pipe_ends){fd[0], fd[1]};
	return true;
}

/* SIGPIPE is ignored here; a program that others wrote expects it as usual. */
static int start(char *const *argv, const struct pipe_ends *in, const struct pipe_ends *out,
                 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t usual;
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	if (posix_spawn_file_actions_init(&actions) || posix_spawnattr_init(&attributes))
		out_of_memory();
	posix_spawn_file_actions_adddup2(&actions, in->read, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out->write, STDOUT_FILENO);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool take_answer(int fd, const char *name, unsigned timeout_ms, struct buf *answer,
                        struct err *e)
{
	uint64_t end = now_ms() + timeout_ms;
	char piece[4096];
	for (;;) {
		uint64_t now = now_ms();
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int ready = now < end ? poll(&wait, 1, (int)(end - now)) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return err_set(e, ERR_IO, "%s gave no answer in %u ms", name, timeout_ms);
		ssize_t n = ready < 0 ? -1 : read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "%s", name);
		if (n == 0)
			return true;
		if (!buf_append(answer, piece, (size_t)n, e))
			return err_wrap(e, "%s", name);
	}
}

static int reap(pid_t pid, bool kill_it)
{
	int status = 0;
	if (kill_it)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ask_program(char *const *argv, struct str input, size_t max_bytes, unsigned timeout_ms,
                 struct str *output, int *status, struct arena *a, struct err *e)
{
	CLEANUP_PIPE struct pipe_ends in = {-1, -1}, out = {-1, -1};
	CLEANUP_BUF struct buf answer = BUF_INIT(max_bytes);
	pid_t pid;
	if (!make_pipe(&in, e) || !make_pipe(&out, e))
		return false;
	/* Before it starts: a pipe takes PIPE_BUF bytes without anybody who reads (pipe(7)). */
	if (!fd_write_all(in.write, input.p, input.n, e))
		return false;
	int error = start(argv, &in, &out, &pid);
	pipe_close(&in);
	in = (struct pipe_ends){-1, -1};
	close(out.write);
	out.write = -1;
	if (error == ENOENT)
		return err_set(e, ERR_MISSING_TOOL, "%s is not installed", argv[0]);
	errno = error;
	if (error)
		return err_errno(e, "%s", argv[0]);
	bool ok = take_answer(out.read, argv[0], timeout_ms, &answer, e);
	*status = reap(pid, !ok);
	*output = arena_str(a, buf_str(&answer));
	return ok;
}
