#include "trial/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "trial/environment.h"
#include "trial/inside.h"
#include "trial/probe.h"
#include "trial/report.h"
#include "trial/start.h"

#define DEFAULT_MEMORY_BYTES (2ull << 30)
#define DEFAULT_TASKS 512u
#define DEFAULT_TIMEOUT_MS 60000u

/* One test under way: everything here ends with it. */
struct attempt {
	struct testing *t;
	const struct trial_test *test;
	struct arena arena;
	int root;
	struct account account;
	bool own_ids;
	struct str_vec env;
	struct str search_path, folder;
	struct miss_log log;
	struct report report;
};

void testing_init(struct testing *t)
{
	/* runc 1.1 takes no seccomp flags; crun does since 1.5. */
	t->profile = !t->ground->fresh_proc                    ? PROFILE_DENY
		     : t->order->runtime->kind == RUNTIME_CRUN ? PROFILE_WATCH_KILLABLE
							       : PROFILE_WATCH;
}

static void note(struct attempt *at, struct str text)
{
	*vec_push(&at->report.notes, &at->arena) = text;
}

static struct str expanded(struct attempt *at, struct str text)
{
	return environment_expanded(&at->env, at->test, text, &at->arena);
}

static void make_environment(struct attempt *at)
{
	struct arena *a = &at->arena;
	const struct trial_setup *s = at->t->order->setup;
	environment_begin(&at->env, a);
	environment_set(&at->env, a, STR("HOSTNAME=socle"));
	environment_set(&at->env, a, arena_printf(a, "HOME=%.*s", STR_ARG(at->account.home)));
	environment_add(&at->env, s, at->test, a);
	at->search_path = environment_get(&at->env, STR("PATH"));
	at->folder = s->working_dir.n ? s->working_dir : STR("/");
}

/* One mapped ID alone: crun lets the account's number stand for it in a user namespace more; runc
 * insists on a root that is mapped, so there it has to be root. */
static void fit_account(struct attempt *at)
{
	struct account *me = &at->account;
	const struct identity *id = at->t->identity;
	if (id->ids > 1 || (me->uid == 0 && me->gid == 0))
		return;
	at->own_ids = at->t->order->runtime->kind == RUNTIME_CRUN;
	if (at->own_ids) {
		note(at, arena_printf(&at->arena,
				      "user %u:%u owned all files: without subordinate IDs "
				      "(newuidmap, /etc/subuid) there is one user",
				      me->uid, me->gid));
		return;
	}
	note(at, arena_printf(&at->arena,
			      "ran as root instead of %u:%u: runc without subordinate IDs "
			      "(newuidmap, /etc/subuid) knows one user",
			      me->uid, me->gid));
	me->uid = me->gid = 0;
	me->groups = 0;
}

static bool find_account(struct attempt *at, struct err *e)
{
	struct str passwd = STR_NONE, group = STR_NONE;
	bool cut;
	inside_read(at->root, STR("/etc/passwd"), LIMIT_ACCOUNT_FILE_BYTES, &at->arena, &passwd,
		    &cut);
	inside_read(at->root, STR("/etc/group"), LIMIT_ACCOUNT_FILE_BYTES, &at->arena, &group,
		    &cut);
	if (!account_find(at->t->order->setup->user, passwd, group, &at->account, e))
		return false;
	fit_account(at);
	return true;
}

static bool run(struct attempt *at, const struct str_vec *argv, bool probing,
		struct run_outcome *outcome, struct err *e)
{
	const struct trial_setup *s = at->t->order->setup;
	struct run_order order = {
		.ground = at->t->ground,
		.runtime = at->t->order->runtime,
		.argv = argv,
		.env = &at->env,
		.working_dir = at->folder,
		.account = &at->account,
		.own_ids = at->own_ids,
		.has_gid5 = at->t->identity->ids > 5 && !at->own_ids,
		.may_set_groups = at->t->identity->may_set_groups && !at->own_ids,
		.profile = at->t->profile,
		.log = &at->log,
		.timeout_ms = s->timeout_ms ? s->timeout_ms : DEFAULT_TIMEOUT_MS,
		.tasks_max = s->processes ? s->processes : DEFAULT_TASKS,
		.memory_bytes = s->memory_bytes ? s->memory_bytes : DEFAULT_MEMORY_BYTES,
		.http_port = probing ? at->test->http_port : 0,
		.http_path = at->test->http_path,
		.control = at->t->control,
	};
	return run_container(&order, outcome, &at->arena, e);
}

/* What the runtime does not start it does not name well. */
static struct str why_not_started(struct attempt *at, const struct str_vec *argv,
				  const struct run_outcome *o, bool *ours)
{
	struct start_check c =
		start_check(at->root, argv->p[0], at->folder, at->search_path, &at->arena);
	*ours = c.verdict == START_OK;
	if (*ours)
		return arena_printf(&at->arena, "the runtime could not start it: %.*s",
				    STR_ARG(o->runtime_says));
	struct sight s = {.kind = SIGHT_EXEC, .call = "execve", .path = argv->p[0]};
	if (c.verdict == START_NO_INTERPRETER)
		s.path = c.interpreter;
	/* The runtime looks before it leaps: a program that is not there is never asked for. */
	if (c.verdict == START_ABSENT || (c.verdict == START_NO_INTERPRETER && !o->observed))
		miss_log_add(&at->log, &s);
	return start_why(&c, &at->arena);
}

static bool is_still_absent(void *context, struct str path)
{
	const struct attempt *at = context;
	CLEANUP_FD int fd = inside_open(at->root, path, O_PATH | O_NOFOLLOW, 0);
	return fd < 0;
}

static void fill_missing(struct attempt *at)
{
	struct trial_missing *list;
	size_t n = miss_log_report(&at->log, is_still_absent, at, &at->arena, &list);
	for (size_t i = 0; i < n; i++)
		*vec_push(&at->report.missing, &at->arena) = list[i];
	if (at->log.dropped)
		note(at,
		     arena_printf(&at->arena, "%u more questions for missing files were not kept",
				  at->log.dropped));
}

static void fill_outcome(struct attempt *at, const struct run_outcome *o)
{
	struct report *r = &at->report;
	r->started = o->started;
	r->timed_out = o->timed_out;
	r->out_of_memory = o->out_of_memory;
	r->too_many_tasks = o->too_many_tasks;
	r->observed = o->observed;
	r->http_done = o->http_done;
	r->http_oddly = o->http_oddly;
	r->http_status = o->http_status;
	r->exit = o->exit;
	r->duration_us = (uint64_t)(o->seconds * 1e6);
	r->out = arena_str(&at->arena, buf_str(&o->out));
	r->err = arena_str(&at->arena, buf_str(&o->err));
	r->out_cut = o->out_cut;
	r->err_cut = o->err_cut;
}

/* The command itself. *refused: the runtime gave up, and not because of the program. */
static bool run_main(struct attempt *at, bool *refused, struct err *e)
{
	__attribute__((cleanup(run_outcome_release))) struct run_outcome o = {0};
	struct str_vec argv = {0};
	for (size_t i = 0; i < at->test->argv.n; i++)
		*vec_push(&argv, &at->arena) = expanded(at, at->test->argv.p[i]);
	if (!run(at, &argv, at->test->kind == TRIAL_HTTP, &o, e))
		return false;
	*refused = false;
	fill_outcome(at, &o);
	if (!o.started)
		at->report.why = why_not_started(at, &argv, &o, refused);
	return true;
}

/* Commands before and after; one that fails ends the test. */
static bool run_steps(struct attempt *at, const struct trial_argv *step, size_t n, const char *when,
		      struct err *e)
{
	for (size_t i = 0; i < n && at->report.why.n == 0; i++) {
		__attribute__((cleanup(run_outcome_release))) struct run_outcome o = {0};
		bool ours;
		if (!run(at, &step[i].v, false, &o, e))
			return false;
		if (o.started && o.exit == 0)
			continue;
		struct str why = o.started ? arena_printf(&at->arena, "exit status %d", o.exit)
					   : why_not_started(at, &step[i].v, &o, &ours);
		at->report.why = report_step(when, &step[i].v, why, &at->arena);
	}
	return true;
}

static bool try_command(struct attempt *at, bool *refused, struct err *e)
{
	const struct trial_test *test = at->test;
	if (!ground_furnish(at->t->ground, at->root, e) || !find_account(at, e)) {
		/* The container cannot be as asked: that is the test's failure, not ours. */
		at->report.why = arena_str(&at->arena, str_of(e->message));
		at->report.exit = -1;
		return e->code == ERR_INPUT;
	}
	make_environment(at);
	miss_log_init(&at->log, &at->arena, at->search_path);
	if (!run_steps(at, test->before.p, test->before.n, "before", e))
		return false;
	if (at->report.why.n > 0) {
		at->report.exit = -1;
		return true;
	}
	/* On the machine's own network another server would answer for this one. */
	if (at->t->order->setup->network && test->kind == TRIAL_HTTP &&
	    probe_is_taken(test->http_port)) {
		at->report.why = arena_printf(&at->arena, "port %u is taken on this machine",
					      test->http_port);
		at->report.exit = -1;
		return true;
	}
	if (!run_main(at, refused, e))
		return false;
	fill_missing(at);
	return run_steps(at, test->after.p, test->after.n, "after", e);
}

static char type_letter(mode_t mode)
{
	return S_ISREG(mode)    ? '-'
	       : S_ISDIR(mode)  ? 'd'
	       : S_ISLNK(mode)  ? 'l'
	       : S_ISCHR(mode)  ? 'c'
	       : S_ISBLK(mode)  ? 'b'
	       : S_ISFIFO(mode) ? 'p'
				: 's';
}

static bool try_file(struct attempt *at)
{
	struct report_file *f = &at->report.file;
	const struct trial_file_wants *wants = &at->test->file;
	struct stat st;
	make_environment(at);
	struct str path = expanded(at, wants->path);
	CLEANUP_FD int fd = inside_open(at->root, path, O_PATH | O_NOFOLLOW, 0);
	at->report.started = true;
	if (fd < 0 || fstat(fd, &st) < 0)
		return true;
	f->there = true;
	f->type = type_letter(st.st_mode);
	f->mode = st.st_mode & 07777;
	f->uid = st.st_uid;
	f->gid = st.st_gid;
	if (at->test->kind == TRIAL_CONTENT)
		f->readable = inside_read(at->root, path, LIMIT_TRIAL_CONTENT_BYTES, &at->arena,
					  &f->content, &f->cut);
	return true;
}

static bool attempt(struct attempt *at, bool *refused, struct err *e)
{
	*refused = false;
	if (!ground_test_begin(at->t->ground, &at->root, e))
		return false;
	bool ok = at->test->kind == TRIAL_FILE || at->test->kind == TRIAL_CONTENT
			  ? try_file(at)
			  : try_command(at, refused, e);
	fd_close(&at->root);
	ground_test_end(at->t->ground);
	return ok;
}

static const char *lowered(enum profile_level level)
{
	switch (level) {
	case PROFILE_WATCH_KILLABLE:
	case PROFILE_WATCH:
		return NULL;
	case PROFILE_DENY:
		return "missing files were not observed: the runtime or kernel does not report "
		       "system "
		       "calls";
	case PROFILE_NONE:
		break;
	}
	return "ran without a seccomp profile, which the runtime or kernel refused; missing files "
	       "were "
	       "not observed";
}

static bool send_report(struct attempt *at, struct err *e)
{
	const char *about = at->t->profile == PROFILE_DENY && !at->t->ground->fresh_proc
				    ? "for want of a fresh /proc missing files were not observed, "
				      "nor memory and "
				      "processes limited"
				    : lowered(at->t->profile);
	if (about && at->test->kind <= TRIAL_HTTP)
		note(at, str_of(about));
	for (size_t i = 0; i < at->t->ground->notes->n; i++)
		note(at, at->t->ground->notes->p[i]);
	CLEANUP_BUF struct buf b = BUF_INIT(LIMIT_TRIAL_FRAME_BYTES);
	return report_encode(&at->report, &b, e) && fd_write_all(at->t->control, b.p, b.n, e);
}

/* A runtime that cannot take the profile says so in many ways; less of it is tried before the
 * failure is believed. What then worked is kept for the tests that follow. */
bool testing_one(struct testing *t, const struct trial_test *test, struct err *e)
{
	enum profile_level asked = t->profile;
	for (;;) {
		struct attempt at = {.t = t, .test = test, .root = -1};
		bool refused, ok = attempt(&at, &refused, e);
		bool again = ok && refused && t->profile < PROFILE_NONE;
		if (ok && refused && !again)
			t->profile = asked; /* the profile was not to blame */
		ok = ok && (again || send_report(&at, e));
		arena_release(&at.arena);
		if (!ok || !again)
			return ok;
		t->profile++;
	}
}
