#include "trial/run.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "core/limits.h"
#include "trial/bundle.h"
#include "trial/inside.h"
#include "trial/probe.h"
#include "trial/usage.h"

#define TICK_MS 50u         /* how often limits are looked at */
#define TICK_BUSY_MS 10u    /* … when a quarter of one is reached: growth is fast then */
#define STOP_GRACE_MS 3000u /* from SIGTERM to SIGKILL; engines give 10 s */
#define FLUSH_MS 2000u      /* for the runtime to end behind its container */
#define LOG_BYTES (256u << 10)

/* What the loop holds. */
struct run {
	const struct run_order *order;
	struct run_outcome *outcome;
	struct arena *arena;
	struct observer observer;
	struct probe probe;
	bool probing;
	pid_t runtime; /* -1 once reaped */
	int out, err, signals;
	uint64_t start_ms, deadline_ms, tick_ms;
	uint64_t stop_ms; /* SIGTERM was sent, SIGKILL is due then; 0: not stopping */
	bool ending;      /* the container was killed; the runtime is at kill_ms */
	uint64_t kill_ms;
};

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int read_score(void)
{
	char text[32] = "";
	CLEANUP_FD int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
	return n > 0 ? (int)strtol(text, NULL, 10) : 0;
}

static uint64_t hard_limit(int which)
{
	struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};
	getrlimit((__rlimit_resource_t)which, &l);
	return l.rlim_max > INT64_MAX ? INT64_MAX : (uint64_t)l.rlim_max;
}

static bool write_bundle(const struct run_order *o, const char *listener, struct arena *a,
			 struct err *e)
{
	struct bundle b = {
		.argv = o->argv,
		.env = o->env,
		.working_dir = o->working_dir.n ? o->working_dir : STR("/"),
		.account = o->account,
		.rootfs = ground_path(o->ground, "root", a),
		.profile = o->profile,
		.listener_path = listener,
		.may_set_groups = o->may_set_groups,
		.has_gid5 = o->has_gid5,
		.own_ids = o->own_ids,
		.fresh_proc = o->ground->fresh_proc,
		.fresh_sys = o->ground->fresh_sys,
		.max_files = hard_limit(RLIMIT_NOFILE),
		.max_core = hard_limit(RLIMIT_CORE),
		.oom_score_adj = read_score(),
	};
	struct str json;
	if (!bundle_config(&b, a, &json, e))
		return false;
	const char *path = ground_path(o->ground, "bundle/config.json", a);
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, "config.json");
	return fd_write_all(fd, json.p, json.n, e) || err_wrap(e, "config.json");
}

/* The runtime: started for one container, waits for it and hands on its exit status. It may do
 * all that the keeper may. The keeper reaps it, and what it leaves. */
static void become_runtime(const struct run_order *o, const char *const *argv, int out, int err)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL); /* an ignored signal stays so through execve() */
	int null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	/* Nothing of ours but these three; crun and runc would close the rest, but later. */
	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) < 0 && errno != ENOSYS && errno != EINVAL)
		_exit(127);
	/* Of socle's environment nothing: NOTIFY_SOCKET, LISTEN_FDS and the like would reach into
	 * the container. */
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	execve(o->runtime->path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	dprintf(2, "{\"msg\":\"exec %s: %s\",\"level\":\"error\"}\n", argv[0], strerror(errno));
	_exit(127);
}

static bool make_pipe(int *end, int *other, struct err *e)
{
	int p[2];
	if (pipe2(p, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	*end = p[0];
	*other = p[1];
	return fcntl(*end, F_SETFL, O_NONBLOCK) == 0 || err_errno(e, "pipe");
}

static bool start_runtime(struct run *r, struct err *e)
{
	const struct run_order *o = r->order;
	const struct ground *g = o->ground;
	CLEANUP_FD int out = -1, err = -1;
	if (!make_pipe(&r->out, &out, e) || !make_pipe(&r->err, &err, e))
		return false;
	const char *argv[24];
	size_t n = 0;
	argv[n++] = o->runtime->kind == RUNTIME_CRUN ? "crun" : "runc";
	argv[n++] = "--root";
	argv[n++] = ground_path(g, "state", r->arena);
	argv[n++] = "--log";
	argv[n++] = ground_path(g, "log", r->arena);
	argv[n++] = "--log-format";
	argv[n++] = "json";
	if (o->runtime->kind == RUNTIME_CRUN)
		argv[n++] = "--cgroup-manager=disabled";
	else
		argv[n++] = "--rootless=true"; /* of cgroups: it then goes on without */
	argv[n++] = "run";
	argv[n++] = "--bundle";
	argv[n++] = ground_path(g, "bundle", r->arena);
	argv[n++] = "--pid-file";
	argv[n++] = ground_path(g, "pid", r->arena);
	argv[n++] = "trial";
	argv[n] = NULL;
	r->runtime = fork();
	if (r->runtime == 0)
		become_runtime(o, argv, out, err);
	return r->runtime > 0 || err_errno(e, "fork");
}

/* Reads what there is; beyond the limit it is read and dropped, so that nobody blocks on it.
 * False at the end. */
static bool drain(int fd, struct buf *b, bool *cut)
{
	char chunk[65536];
	struct err ignored;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return false;
		size_t room = b->max_bytes - b->n, kept = (size_t)n < room ? (size_t)n : room;
		*cut |= kept < (size_t)n;
		if (!buf_append(b, chunk, kept, &ignored))
			*cut = true;
	}
}

static int exit_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void reap(struct run *r)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid != r->runtime)
			continue;
		r->runtime = -1;
		r->outcome->exit = exit_of(status);
		r->outcome->seconds = (double)(now_ms() - r->start_ms) / 1000;
	}
}

static pid_t container_init(const struct run *r)
{
	struct str text;
	struct err ignored;
	uint64_t pid;
	const char *path = ground_path(r->order->ground, "pid", r->arena);
	if (!file_read(path, 64, r->arena, &text, &ignored) || !str_to_u64(str_trim(text), &pid))
		return -1;
	return (pid_t)pid;
}

bool run_handles_term(pid_t pid, struct arena *a)
{
	struct str text, line;
	struct err ignored;
	const char *path = arena_cstr(a, arena_printf(a, "/proc/%d/status", pid));
	if (!file_read(path, 65536, a, &text, &ignored))
		return false;
	while (str_next(&text, '\n', &line))
		if (str_starts(line, STR("SigCgt:")))
			return strtoull(arena_cstr(a, str_trim(str_skip(line, 7))), NULL, 16) >>
				       (SIGTERM - 1) &
			       1;
	return false;
}

/* Everything but the keeper itself. */
static void kill_all(void)
{
	if (getpid() == 1)
		kill(-1, SIGKILL);
}

/* The container first, by its process 1, so that a runtime that copies output (runc) can still
 * hand on what was written; itself only when it does not end by then. */
static void end_container(struct run *r)
{
	pid_t pid = container_init(r);
	r->ending = true;
	r->kill_ms = now_ms() + FLUSH_MS;
	if (pid <= 1 || kill(pid, SIGKILL) < 0)
		kill_all();
}

static void stop_server(struct run *r)
{
	pid_t pid = container_init(r);
	if (r->order->ground->fresh_proc && pid > 1 && run_handles_term(pid, r->arena) &&
	    kill(pid, SIGTERM) == 0)
		r->stop_ms = now_ms() + STOP_GRACE_MS;
	else
		end_container(r);
}

static void step_probe(struct run *r)
{
	if (!r->probing)
		return;
	probe_step(&r->probe, now_ms());
	r->outcome->http_status = r->probe.status;
	r->outcome->http_oddly = r->probe.answered_oddly;
	if (r->probe.state != PROBE_DONE)
		return;
	r->outcome->http_done = true;
	r->probing = false;
	stop_server(r);
}

static void look_at_limits(struct run *r)
{
	const struct run_order *o = r->order;
	r->tick_ms = now_ms() + TICK_MS;
	if (!o->ground->fresh_proc) /* the numbers in it are not those of our namespace */
		return;
	struct usage u = usage_measure(r->runtime, o->memory_bytes);
	r->outcome->out_of_memory = u.memory_bytes > o->memory_bytes;
	r->outcome->too_many_tasks = u.tasks > o->tasks_max;
	if (r->outcome->out_of_memory || r->outcome->too_many_tasks)
		end_container(r);
	else if (u.memory_bytes > o->memory_bytes / 4 || u.tasks > o->tasks_max / 4)
		r->tick_ms = now_ms() + TICK_BUSY_MS;
}

static void look_at_clock(struct run *r)
{
	uint64_t now = now_ms();
	if (r->ending) {
		if (now >= r->kill_ms)
			kill_all();
	} else if (r->stop_ms && now >= r->stop_ms) {
		end_container(r);
	} else if (!r->stop_ms && now >= r->deadline_ms) {
		r->outcome->timed_out = true;
		end_container(r);
	} else if (now >= r->tick_ms) {
		look_at_limits(r);
	}
}

static int until_next(const struct run *r)
{
	uint64_t now = now_ms(), next = r->tick_ms;
	if (r->ending)
		next = r->kill_ms;
	else if (r->stop_ms)
		next = r->stop_ms < next ? r->stop_ms : next;
	else if (r->deadline_ms < next)
		next = r->deadline_ms;
	if (r->probing && r->probe.state == PROBE_IDLE && r->probe.next_ms < next)
		next = r->probe.next_ms;
	return next > now ? (int)(next - now) : 0;
}

enum { P_SIGNALS, P_CONTROL, P_OUT, P_ERR, P_LISTENER, P_CHANNEL, P_NOTIFY, P_PROBE, P_COUNT };

/* The reports first: a task stands still for each. */
static void serve(struct run *r, const struct pollfd *p)
{
	struct signalfd_siginfo info;
	if (p[P_NOTIFY].revents & POLLIN) {
		observer_answer(&r->observer);
	} else if (p[P_NOTIFY].revents) {
		close(r->observer.notify); /* POLLHUP: no task with the filter is left */
		r->observer.notify = -1;
	}
	if (p[P_LISTENER].revents)
		observer_accept(&r->observer);
	if (p[P_CHANNEL].revents)
		observer_receive(&r->observer);
	if (p[P_OUT].revents && !drain(r->out, &r->outcome->out, &r->outcome->out_cut)) {
		close(r->out);
		r->out = -1;
	}
	if (p[P_ERR].revents && !drain(r->err, &r->outcome->err, &r->outcome->err_cut)) {
		close(r->err);
		r->err = -1;
	}
	/* socle is gone; SIGKILL is on its way already, through the starter's death. */
	if (p[P_CONTROL].revents & (POLLHUP | POLLERR))
		_exit(1);
	if (p[P_SIGNALS].revents && read(r->signals, &info, sizeof info) > 0)
		reap(r);
}

static void loop(struct run *r)
{
	while (r->runtime > 0) {
		struct pollfd p[P_COUNT] = {
			[P_SIGNALS] = {r->signals, POLLIN, 0},
			[P_CONTROL] = {r->order->control, 0, 0},
			[P_OUT] = {r->out, POLLIN, 0},
			[P_ERR] = {r->err, POLLIN, 0},
			[P_LISTENER] = {r->observer.listener, POLLIN, 0},
			[P_CHANNEL] = {r->observer.channel, POLLIN, 0},
			[P_NOTIFY] = {r->observer.notify, POLLIN, 0},
			[P_PROBE] = {r->probing ? r->probe.fd : -1, probe_events(&r->probe), 0},
		};
		if (poll(p, P_COUNT, until_next(r)) < 0 && errno != EINTR)
			kill_all();
		serve(r, p);
		step_probe(r);
		look_at_clock(r);
	}
}

/* What the container left running ends with it, as when a container's process 1 ends. */
static void end_all(struct run *r)
{
	kill_all();
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	/* Every writing end is closed now: this reads to the end. */
	if (r->out >= 0)
		drain(r->out, &r->outcome->out, &r->outcome->out_cut);
	if (r->err >= 0)
		drain(r->err, &r->outcome->err, &r->outcome->err_cut);
}

/* The last error of the runtime's log: a JSON object a line. */
static struct str last_error(struct str text, struct arena *a)
{
	struct str line, found = STR_NONE;
	while (str_next(&text, '\n', &line)) {
		json_t *entry = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
		const char *level = json_string_value(json_object_get(entry, "level"));
		const char *message = json_string_value(json_object_get(entry, "msg"));
		if (level && message && strcmp(level, "error") == 0)
			found = arena_str(a, str_of(message));
		json_decref(entry);
	}
	return found;
}

struct str run_exec_error(struct str said, struct str program, struct arena *a)
{
	struct str text = str_trim(said);
	if (str_index(text, '\n') != text.n)
		return STR_NONE;
	if (str_starts(text, STR("{\"msg\":\"exec ")))
		return last_error(text, a);
	struct str path = str_starts(text, STR("exec ")) ? str_skip(text, 5) : STR_NONE;
	return path.n > 0 && str_contains(path, program) && str_contains(path, STR(": "))
		       ? arena_str(a, text)
		       : STR_NONE;
}

static void judge_start(struct run *r)
{
	struct run_outcome *o = r->outcome;
	struct str text = STR_NONE;
	struct err ignored;
	o->started = true;
	if (o->exit == 0 || o->timed_out || o->out_of_memory || o->too_many_tasks)
		return;
	const char *log = ground_path(r->order->ground, "log", r->arena);
	if (file_read(log, LOG_BYTES, r->arena, &text, &ignored))
		o->runtime_says = last_error(text, r->arena);
	if (o->runtime_says.n == 0)
		o->runtime_says = run_exec_error(buf_str(&o->err), r->order->argv->p[0], r->arena);
	if (o->runtime_says.n == 0)
		return;
	o->started = false;
	o->exit = -1;
}

static bool listen_for_runtime(struct run *r, const char *path, struct err *e)
{
	return r->order->profile > PROFILE_WATCH ||
	       observer_open(&r->observer, path, r->order->log, r->arena, e);
}

static int signal_fd(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void run_close(struct run *r)
{
	observer_close(&r->observer);
	probe_close(&r->probe);
	fd_close(&r->out);
	fd_close(&r->err);
	fd_close(&r->signals);
}

static void clear_leftovers(const struct run *r)
{
	/* Several commands may run on one root, one after the other. */
	static const char *const left[] = {"log", "pid", "listen"};
	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		unlink(ground_path(r->order->ground, left[i], r->arena));
}

bool run_container(const struct run_order *order, struct run_outcome *outcome, struct arena *a,
		   struct err *e)
{
	*outcome = (struct run_outcome){.exit = -1,
					.out = BUF_INIT(LIMIT_TRIAL_OUTPUT_BYTES),
					.err = BUF_INIT(LIMIT_TRIAL_OUTPUT_BYTES)};
	__attribute__((cleanup(run_close))) struct run r = {
		.order = order,
		.outcome = outcome,
		.arena = a,
		.observer = OBSERVER_NONE,
		.probe = {.fd = -1},
		.out = -1,
		.err = -1,
		.signals = signal_fd(),
		.runtime = -1,
	};
	if (r.signals < 0)
		return err_errno(e, "signalfd");
	clear_leftovers(&r);
	const char *listener = ground_path(order->ground, "listen", a);
	if (!listen_for_runtime(&r, listener, e) || !write_bundle(order, listener, a, e))
		return false;
	if (order->http_port) {
		probe_init(&r.probe, order->http_port, order->http_path, a);
		r.probing = true;
	}
	r.start_ms = now_ms();
	r.deadline_ms = r.start_ms + order->timeout_ms;
	r.tick_ms = r.start_ms + TICK_MS;
	if (!start_runtime(&r, e))
		return false;
	loop(&r);
	end_all(&r);
	judge_start(&r);
	/* Where nothing ran there was nothing to hear. */
	outcome->observed = r.observer.received || (!outcome->started && r.observer.listener >= 0);
	return true;
}

void run_outcome_release(struct run_outcome *o)
{
	buf_release(&o->out);
	buf_release(&o->err);
}
