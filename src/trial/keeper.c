#include "trial/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "trial/identity.h"
#include "trial/report.h"
#include "trial/testing.h"

/* prctl(2): the signal comes when the thread that made us ends; it is forgotten at every change
 * of credentials, so this is called again after those. */
static void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void signals_as_at_birth(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	for (int n = 1; n < NSIG; n++)
		sigaction(n, &plain, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Of socle's descriptors the control socket alone stays, as number 3. */
static int keep_only(int control)
{
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(1);
	if (control != 3) {
		if (dup2(control, 3) < 0)
			_exit(1);
	}
	if (close_range(4, ~0u, 0) < 0)
		for (int fd = 4; fd < 1024; fd++)
			close(fd);
	return fcntl(3, F_SETFD, FD_CLOEXEC) < 0 ? -1 : 3;
}

static void send_error(int control, const struct err *why)
{
	CLEANUP_BUF struct buf b = BUF_INIT(LIMIT_TRIAL_FRAME_BYTES);
	struct err ignored;
	struct report r = {.kind = REPORT_ERROR,
			   .error_code = (uint32_t)why->code,
			   .why = str_of(why->message)};
	if (report_encode(&r, &b, &ignored) && fd_write_all(control, b.p, b.n, &ignored))
		return;
}

/* netdevice(7): a new network namespace has a loopback device that is down. Engines let every
 * user bind low ports in a container's own network (ip(7), ip_unprivileged_port_start). */
static bool raise_loopback(struct err *e)
{
	CLEANUP_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo"};
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return err_errno(e, "loopback");
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_errno(e, "loopback");
	CLEANUP_FD int ports =
		open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_WRONLY | O_CLOEXEC);
	if (ports >= 0 && write(ports, "0", 1) != 1)
		return true; /* then low ports are root's, as on the machine */
	return true;
}

static bool keep(const struct keeper_order *order, const struct identity *id, int control,
		 struct arena *a, struct err *e)
{
	struct str_vec notes = {0};
	struct ground g = {
		.setup = order->setup, .user_ns = id->user_ns, .notes = &notes, .arena = a};
	if (!ground_make(&g, order->runtime->path, e))
		return false;
	if (!order->setup->network && !raise_loopback(e))
		return false;
	struct testing t = {
		.order = order, .identity = id, .ground = &g, .control = control, .arena = a};
	testing_init(&t);
	for (size_t i = 0; i < order->count; i++)
		if (order->tests[i].kind != TRIAL_METADATA && !testing_one(&t, &order->tests[i], e))
			return false;
	return true;
}

/* The keeper. See the header for what it is. */
static _Noreturn void become_keeper(const struct keeper_order *order, const struct identity *id,
				    int control)
{
	die_with_parent();
	setsid(); /* the terminal's signals are for socle */
	umask(022);
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	bool ok = keep(order, id, control, &a, &e);
	if (!ok)
		send_error(control, &e);
	_exit(ok ? 0 : 1);
}

/* The starter. See the header for what it is. */
static _Noreturn void become_starter(const struct keeper_order *order, int control, pid_t socle)
{
	die_with_parent();
	if (getppid() != socle)
		_exit(1);
	signals_as_at_birth();
	control = keep_only(control);
	struct identity id;
	struct err e = ERR_INIT;
	if (!identity_unshare(order->setup->network, order->user_name, &id, &e)) {
		send_error(control, &e);
		_exit(1);
	}
	die_with_parent();
	if (getppid() != socle)
		_exit(1);
	pid_t keeper = fork();
	if (keeper == 0)
		become_keeper(order, &id, control);
	if (keeper < 0) {
		err_errno(&e, "fork");
		send_error(control, &e);
		_exit(1);
	}
	close(control); /* so that the keeper's end is the last */
	int status = 0;
	while (waitpid(keeper, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

bool keeper_start(const struct keeper_order *order, pid_t *starter, int *reports, struct err *e)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, "socket pair");
	pid_t socle = getpid();
	*starter = fork();
	if (*starter == 0)
		become_starter(order, pair[1], socle);
	close(pair[1]);
	if (*starter < 0) {
		close(pair[0]);
		return err_errno(e, "fork");
	}
	*reports = pair[0];
	return true;
}
