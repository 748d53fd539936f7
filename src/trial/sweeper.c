#include "trial/sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/engine/container.h"
#include "os/file.h"

/* Nobody waits for our end of what socle has open (a reader of its output, say). */
static void keep_alone(int fd)
{
	int nothing = open("/dev/null", O_RDWR);
	for (int i = 0; i <= 2 && nothing >= 0; i++)
		dup2(nothing, i);
	fd = dup2(fd, 3) < 0 ? fd : 3;
	if (fd == 3)
		close_range(4, ~0u, 0);
}

_Noreturn static void sweep(const struct engine *engine, struct str label, pid_t socle, int fd)
{
	struct err e = ERR_INIT;
	char byte;
	setsid();
	signal(SIGPIPE, SIG_IGN);
	keep_alone(fd);
	while (read(3, &byte, 1) < 0 && errno == EINTR)
		;
	bool clean = engine_clean(engine, label, 0, &e);
	/* What socle had asked for when it was killed may be there only now. */
	if (getppid() != socle) {
		sleep(2);
		clean = engine_clean(engine, label, 0, &e);
	}
	_exit(clean ? 0 : 1);
}

bool sweeper_start(struct sweeper *s, const struct engine *engine, struct str label, struct err *e)
{
	int ends[2];
	*s = (struct sweeper){0, -1};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, "a pipe");
	pid_t socle = getpid();
	s->pid = fork();
	if (s->pid == 0) {
		close(ends[1]);
		sweep(engine, label, socle, ends[0]);
	}
	close(ends[0]);
	s->pipe = ends[1];
	if (s->pid > 0)
		return true;
	s->pid = 0;
	close(s->pipe);
	return err_errno(e, "a process that cleans up");
}

bool sweeper_end(struct sweeper *s)
{
	int status = 0;
	if (s->pid == 0)
		return true;
	close(s->pipe);
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	*s = (struct sweeper){0, -1};
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
