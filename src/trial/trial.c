#include "trial/trial.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "core/limits.h"
#include "trial/identity.h"
#include "trial/judge.h"
#include "trial/keeper.h"

#define KEEPER_SLACK_MS 120000u /* for mounting, copying a large base, ending processes */

static bool is_program(const char *path)
{
	return access(path, X_OK) == 0;
}

/* An empty part of PATH is the working folder, which is no place for a runtime. */
static const char *find_in_path(struct str name, struct arena *a)
{
	const char *path = getenv("PATH");
	struct str rest = str_of(path && *path ? path : "/usr/sbin:/usr/bin:/sbin:/bin"), folder;
	if (str_index(name, '/') < name.n) {
		const char *own = arena_cstr(a, name);
		return is_program(own) ? own : NULL;
	}
	while (str_next(&rest, ':', &folder)) {
		if (folder.n == 0 || folder.p[0] != '/')
			continue;
		const char *found =
			arena_cstr(a, arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name)));
		if (is_program(found))
			return found;
	}
	/* An ordinary user's PATH may lack the folder where Debian puts runc. */
	const char *sbin = arena_cstr(a, arena_printf(a, "/usr/sbin/%.*s", STR_ARG(name)));
	return is_program(sbin) ? sbin : NULL;
}

static bool find_runtime(struct runtime *r, struct arena *a)
{
	static const char *const known[] = {"crun", "runc"};
	const char *asked = getenv("SOCLE_RUNTIME");
	if (asked && *asked) {
		r->path = find_in_path(str_of(asked), a);
		/* Whatever else it is, it takes crun's options or runc's: runc's are the spec's. */
		r->kind = str_starts(str_basename(str_of(asked)), STR("crun")) ? RUNTIME_CRUN
									       : RUNTIME_RUNC;
		return r->path != NULL;
	}
	for (int i = 0; i < 2; i++) {
		r->kind = i == 0 ? RUNTIME_CRUN : RUNTIME_RUNC;
		r->path = find_in_path(str_of(known[i]), a);
		if (r->path)
			return true;
	}
	return false;
}

const char *trial_runtime(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct runtime r;
	if (!find_runtime(&r, &a))
		return NULL;
	return r.kind == RUNTIME_CRUN ? "crun" : "runc";
}

static bool is_absolute(struct str path)
{
	return path.n > 0 && path.p[0] == '/' && path.n < LIMIT_PATH_BYTES &&
	       !memchr(path.p, 0, path.n);
}

static bool is_below(struct str path, struct str folder)
{
	return str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/');
}

static bool check_setup(const struct trial_setup *s, struct err *e)
{
	if (s->base_dir.n > 0 && !is_absolute(s->base_dir))
		return err_set(e, ERR_USAGE, "base '%.*s' is no absolute path",
			       STR_ARG(s->base_dir));
	if (s->working_dir.n > 0 && !is_absolute(s->working_dir))
		return err_set(e, ERR_USAGE, "working folder '%.*s' is no absolute path",
			       STR_ARG(s->working_dir));
	if (s->app.source.n == 0)
		return true;
	if (!is_absolute(s->app.source) || !is_absolute(s->app.target))
		return err_set(e, ERR_USAGE, "application '%.*s' at '%.*s': paths must be absolute",
			       STR_ARG(s->app.source), STR_ARG(s->app.target));
	static const struct str taken[] = {STR_INIT("/proc"), STR_INIT("/sys"), STR_INIT("/dev")};
	for (size_t i = 0; i < 3; i++)
		if (is_below(s->app.target, taken[i]))
			return err_set(e, ERR_USAGE, "an application cannot lie in %.*s",
				       STR_ARG(taken[i]));
	return true;
}

static bool check_patterns(const struct str_vec *v, struct err *e)
{
	for (size_t i = 0; i < v->n; i++)
		if (!pattern_check(v->p[i], e))
			return false;
	return true;
}

static bool check_pairs(const struct trial_pair *p, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (p[i].is_pattern && !pattern_check(p[i].value, e))
			return false;
	return true;
}

/* Of a request line nothing but the path may be made: RFC 9112, 3. */
static bool is_request_target(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || path.p[i] == 127)
			return false;
	return path.n == 0 || path.p[0] == '/';
}

static bool check_test(const struct trial_test *t, struct err *e)
{
	bool runs = t->kind == TRIAL_COMMAND || t->kind == TRIAL_HTTP;
	if (runs && (t->argv.n == 0 || t->argv.p[0].n == 0))
		return err_set(e, ERR_USAGE, "a test without a command");
	for (size_t i = 0; i < t->before.n + t->after.n; i++) {
		const struct trial_argv *step =
			i < t->before.n ? &t->before.p[i] : &t->after.p[i - t->before.n];
		if (step->v.n == 0 || step->v.p[0].n == 0)
			return err_set(e, ERR_USAGE, "an empty command before or after a test");
	}
	if (t->kind == TRIAL_HTTP && (t->http_port == 0 || !is_request_target(t->http_path)))
		return err_set(e, ERR_USAGE, "HTTP port %u, path '%.*s': cannot be asked for",
			       t->http_port, STR_ARG(t->http_path));
	bool looks = t->kind == TRIAL_FILE || t->kind == TRIAL_CONTENT;
	if (looks && !is_absolute(t->file.path) &&
	    !(t->expands && str_starts(t->file.path, STR("$"))))
		return err_set(e, ERR_USAGE, "file '%.*s' is no absolute path",
			       STR_ARG(t->file.path));
	return check_patterns(&t->stdout_match, e) && check_patterns(&t->stdout_exclude, e) &&
	       check_patterns(&t->stderr_match, e) && check_patterns(&t->stderr_exclude, e) &&
	       check_patterns(&t->file.match, e) && check_patterns(&t->file.exclude, e) &&
	       check_pairs(t->metadata.env.p, t->metadata.env.n, e) &&
	       check_pairs(t->metadata.labels.p, t->metadata.labels.n, e);
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* n bytes, or false: the stream ended or nothing came in time. */
static bool read_full(int fd, void *to, size_t n, uint64_t deadline_ms, struct err *e)
{
	for (char *at = to; n > 0;) {
		uint64_t now = now_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int wait = now < deadline_ms
				   ? (int)(deadline_ms - now < 60000 ? deadline_ms - now : 60000)
				   : 0;
		int ready = poll(&p, 1, wait);
		if (ready == 0 && now >= deadline_ms)
			return err_set(e, ERR_IO, "the trial's keeper does not answer");
		if (ready <= 0)
			continue;
		ssize_t got = read(fd, at, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(e, ERR_IO, "the trial's keeper was ended from outside");
		at += got;
		n -= (size_t)got;
	}
	return true;
}

static bool read_report(int fd, uint64_t deadline_ms, struct report *r, struct arena *a,
			struct err *e)
{
	uint8_t raw[4];
	if (!read_full(fd, raw, sizeof raw, deadline_ms, e))
		return false;
	size_t n = raw[0] | (size_t)raw[1] << 8 | (size_t)raw[2] << 16 | (size_t)raw[3] << 24;
	CLEANUP_BUF struct buf b = BUF_INIT(LIMIT_TRIAL_FRAME_BYTES);
	if (!buf_reserve(&b, n, e) || !read_full(fd, b.p, n, deadline_ms, e))
		return err_wrap(e, "a report of %zu bytes", n);
	b.n = n;
	if (!report_decode(buf_str(&b), r, a, e))
		return false;
	if (r->kind == REPORT_ERROR)
		return err_set(e,
			       r->error_code > ERR_NONE && r->error_code <= ERR_MISSING_TOOL
				       ? (enum err_code)r->error_code
				       : ERR_IO,
			       "%.*s", STR_ARG(r->why));
	return true;
}

static uint64_t patience_ms(const struct trial_setup *s, const struct trial_test *t)
{
	uint64_t one = s->timeout_ms ? s->timeout_ms : 60000u;
	return KEEPER_SLACK_MS + one * (1 + t->before.n + t->after.n);
}

static bool collect(const struct keeper_order *o, int reports, struct trial_result *results,
		    struct arena *a, struct err *e)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct trial_test *t = &o->tests[i];
		struct report r;
		if (t->kind == TRIAL_METADATA) {
			judge_metadata(o->setup, t, &results[i], a);
			continue;
		}
		if (!read_report(reports, now_ms() + patience_ms(o->setup, t), &r, a, e))
			return false;
		judge_report(o->setup, t, &r, &results[i], a);
	}
	return true;
}

static bool run_all(const struct keeper_order *o, struct trial_result *results, struct arena *a,
		    struct err *e)
{
	pid_t starter;
	CLEANUP_FD int reports = -1;
	if (!keeper_start(o, &starter, &reports, e))
		return false;
	bool ok = collect(o, reports, results, a, e);
	if (!ok)
		kill(starter, SIGKILL);
	int status = 0;
	while (waitpid(starter, &status, 0) < 0 && errno == EINTR)
		;
	return ok;
}

static bool needs_keeper(const struct trial_test *tests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tests[i].kind != TRIAL_METADATA)
			return true;
	return false;
}

bool trial_check(const struct trial_setup *setup, const struct trial_test *tests, size_t count,
		 struct err *e)
{
	if (count > LIMIT_TRIAL_TESTS)
		return err_set(e, ERR_LIMIT, "more than %u tests", LIMIT_TRIAL_TESTS);
	if (!check_setup(setup, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!check_test(&tests[i], e))
			return false;
	return true;
}

bool trial_run(const struct trial_setup *setup, const struct trial_test *tests, size_t count,
	       struct trial_result *results, struct arena *a, struct err *e)
{
	if (!trial_check(setup, tests, count, e))
		return false;
	if (!needs_keeper(tests, count)) {
		for (size_t i = 0; i < count; i++)
			judge_metadata(setup, &tests[i], &results[i], a);
		return true;
	}
	struct runtime runtime;
	if (!find_runtime(&runtime, a)) {
		const char *asked = getenv("SOCLE_RUNTIME");
		return asked && *asked
			       ? err_set(e, ERR_MISSING_TOOL, "SOCLE_RUNTIME: no program %s", asked)
			       : err_set(e, ERR_MISSING_TOOL,
					 "no OCI runtime: install crun (or runc)");
	}
	struct keeper_order order = {setup, tests, count, &runtime, identity_name(a)};
	return run_all(&order, results, a, e) || err_wrap(e, "trial");
}
