#include "trial/judge.h"

#include <signal.h>

#include "core/limits.h"

static const struct str cut_mark = STR_INIT("\n[cut: more than 1 MiB was written]\n");

static bool is_plain(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] <= ' ' || strchr("'\"\\$`&|;<>()*?[]{}!#~", word.p[i]))
			return false;
	return word.n > 0;
}

static struct str command_line(const struct str_vec *argv, struct arena *a)
{
	struct str line = STR_NONE;
	for (size_t i = 0; i < argv->n; i++)
		line = arena_printf(a, is_plain(argv->p[i]) ? "%.*s%s%.*s" : "%.*s%s'%.*s'",
				    STR_ARG(line), i ? " " : "", STR_ARG(argv->p[i]));
	return line;
}

struct str judge_shown(const struct trial_test *test, struct arena *a)
{
	struct str line;
	if (test->name.n > 0)
		return test->name;
	switch (test->kind) {
	case TRIAL_COMMAND:
		break;
	case TRIAL_HTTP:
		line = command_line(&test->argv, a);
		return arena_printf(a, "GET :%u%.*s from %.*s", test->http_port,
				    STR_ARG(test->http_path.n ? test->http_path : STR("/")),
				    STR_ARG(line));
	case TRIAL_FILE:
		return arena_printf(a, "file %.*s", STR_ARG(test->file.path));
	case TRIAL_CONTENT:
		return arena_printf(a, "content of %.*s", STR_ARG(test->file.path));
	case TRIAL_METADATA:
		return STR("image configuration");
	}
	return command_line(&test->argv, a);
}

/* The first expectation that does not hold, as a sentence; empty: all hold. */
static struct str unmatched(const char *what, struct str text, const struct str_vec *match,
			    const struct str_vec *exclude, struct arena *a)
{
	for (size_t i = 0; i < match->n; i++)
		if (!pattern_matches(match->p[i], text))
			return arena_printf(a, "%s does not match '%.*s'", what,
					    STR_ARG(match->p[i]));
	for (size_t i = 0; i < exclude->n; i++)
		if (pattern_matches(exclude->p[i], text))
			return arena_printf(a, "%s matches '%.*s', which it must not", what,
					    STR_ARG(exclude->p[i]));
	return STR_NONE;
}

static struct str ended(int exit, struct arena *a)
{
	const char *name = exit > 128 && exit < 128 + NSIG ? sigabbrev_np(exit - 128) : NULL;
	if (name)
		return arena_printf(a, "ended by signal %d (SIG%s)", exit - 128, name);
	return arena_printf(a, "exit status %d", exit);
}

static double timeout_seconds(const struct trial_setup *s)
{
	return (s->timeout_ms ? s->timeout_ms : 60000u) / 1000.0;
}

/* What ended a run from outside; empty: it ended by itself. */
static struct str cut_short(const struct trial_setup *s, const struct report *r, struct arena *a)
{
	if (!r->started)
		return r->why.n > 0 ? r->why : STR("never started");
	if (r->out_of_memory)
		return arena_printf(
			a, "took more than %llu MiB of memory",
			(unsigned long long)((s->memory_bytes ? s->memory_bytes : 2ull << 30) >>
					     20));
	if (r->too_many_tasks)
		return arena_printf(a, "had more than %u processes and threads",
				    s->processes ? s->processes : 512u);
	return STR_NONE;
}

static struct str judge_command(const struct trial_setup *s, const struct trial_test *t,
				const struct report *r, struct arena *a)
{
	struct str why = cut_short(s, r, a);
	if (why.n > 0)
		return why;
	if (r->timed_out)
		return arena_printf(a, "did not end within %g s", timeout_seconds(s));
	if (r->why.n > 0)
		return r->why;
	int wanted = t->has_exit ? t->exit : 0;
	if (r->exit != wanted) {
		struct str how = ended(r->exit, a);
		return t->has_exit ? arena_printf(a, "%.*s, not %d", STR_ARG(how), wanted) : how;
	}
	why = unmatched("standard output", r->out, &t->stdout_match, &t->stdout_exclude, a);
	if (why.n == 0)
		why = unmatched("standard error", r->err, &t->stderr_match, &t->stderr_exclude, a);
	return why;
}

static struct str judge_http(const struct trial_setup *s, const struct trial_test *t,
			     const struct report *r, struct arena *a)
{
	struct str why = cut_short(s, r, a);
	if (why.n > 0)
		return why;
	if (!r->http_done && r->timed_out && r->http_status)
		return arena_printf(a, "still answered %d after %g s", r->http_status,
				    timeout_seconds(s));
	if (!r->http_done && r->timed_out)
		return arena_printf(a, "%s on port %u within %g s",
				    r->http_oddly ? "no HTTP answer" : "no answer", t->http_port,
				    timeout_seconds(s));
	if (!r->http_done) {
		struct str how = ended(r->exit, a);
		return arena_printf(a, "the server ended before it answered: %.*s", STR_ARG(how));
	}
	if (r->http_status >= 400)
		return arena_printf(a, "answered %d", r->http_status);
	why = unmatched("standard output", r->out, &t->stdout_match, &t->stdout_exclude, a);
	if (why.n == 0)
		why = unmatched("standard error", r->err, &t->stderr_match, &t->stderr_exclude, a);
	return why.n > 0 ? why : r->why;
}

/* "-rwsr-xr-t". */
static struct str mode_as_ls(const struct report_file *f, struct arena *a)
{
	char *p = arena_alloc(a, 11);
	static const char bits[] = "rwxrwxrwx";
	p[0] = f->type;
	for (int i = 0; i < 9; i++)
		p[1 + i] = f->mode >> (8 - i) & 1 ? bits[i] : '-';
	if (f->mode & 04000)
		p[3] = p[3] == 'x' ? 's' : 'S';
	if (f->mode & 02000)
		p[6] = p[6] == 'x' ? 's' : 'S';
	if (f->mode & 01000)
		p[9] = p[9] == 'x' ? 't' : 'T';
	return (struct str){p, 10};
}

/* Go's os.FileMode.String: letters of "dalTLDpSugct?" in that order in front; none of them: "-". */
static struct str mode_as_go(const struct report_file *f, struct arena *a)
{
	const char *kind = f->type == 'd'   ? "d"
			   : f->type == 'l' ? "L"
			   : f->type == 'b' ? "D"
			   : f->type == 'c' ? "D"
			   : f->type == 'p' ? "p"
			   : f->type == 's' ? "S"
					    : "";
	struct report_file plain = *f;
	plain.mode &= 0777;
	struct str bits = str_skip(mode_as_ls(&plain, a), 1);
	const char *group = f->mode & 02000 ? "g" : "", *user = f->mode & 04000 ? "u" : "";
	struct str front = arena_printf(a, "%s%s%s%s%s", kind, user, group,
					f->type == 'c' ? "c" : "", f->mode & 01000 ? "t" : "");
	return arena_printf(a, "%.*s%.*s", STR_ARG(front.n ? front : STR("-")), STR_ARG(bits));
}

static bool is_executable_by(const struct report_file *f, enum trial_may who)
{
	switch (who) {
	case TRIAL_MAY_UNSAID:
		break;
	case TRIAL_MAY_OWNER:
		return f->mode & 0100;
	case TRIAL_MAY_GROUP:
		return f->mode & 0010;
	case TRIAL_MAY_OTHER:
		return f->mode & 0001;
	case TRIAL_MAY_ANY:
		return f->mode & 0111;
	}
	return true;
}

static struct str judge_file(const struct trial_file_wants *w, const struct report_file *f,
			     struct arena *a)
{
	if (w->absent)
		return f->there ? STR("is there, and must not be") : STR_NONE;
	if (!f->there)
		return STR("is not there");
	struct str mode = mode_as_ls(f, a);
	if (w->mode.n > 0 && !str_eq(w->mode, mode) && !str_eq(w->mode, mode_as_go(f, a)))
		return arena_printf(a, "mode is %.*s, not %.*s", STR_ARG(mode), STR_ARG(w->mode));
	if (w->has_uid && w->uid != f->uid)
		return arena_printf(a, "belongs to user %u, not %u", f->uid, w->uid);
	if (w->has_gid && w->gid != f->gid)
		return arena_printf(a, "belongs to group %u, not %u", f->gid, w->gid);
	if (!is_executable_by(f, w->executable_by))
		return arena_printf(a, "mode %.*s lacks the wanted execute bit", STR_ARG(mode));
	return STR_NONE;
}

static struct str judge_content(const struct trial_file_wants *w, const struct report_file *f,
				struct arena *a)
{
	if (!f->there)
		return STR("is not there");
	if (!f->readable)
		return STR("is no file that can be read");
	if (f->cut)
		return arena_printf(a, "is longer than %u bytes", LIMIT_TRIAL_CONTENT_BYTES);
	return unmatched("it", f->content, &w->match, &w->exclude, a);
}

static struct str marked(struct str text, bool cut, struct arena *a)
{
	return cut ? arena_printf(a, "%.*s%.*s", STR_ARG(text), STR_ARG(cut_mark)) : text;
}

void judge_report(const struct trial_setup *setup, const struct trial_test *test,
		  const struct report *r, struct trial_result *out, struct arena *a)
{
	*out = (struct trial_result){
		.command = judge_shown(test, a),
		.exit = r->exit,
		.http_status = r->http_status,
		.timed_out = r->timed_out && !r->http_done,
		.out_of_memory = r->out_of_memory,
		.too_many_processes = r->too_many_tasks,
		.seconds = (double)r->duration_us / 1e6,
		.out = marked(r->out, r->out_cut, a),
		.err = marked(r->err, r->err_cut, a),
		.observed = r->observed,
		.notes = r->notes,
	};
	out->missing.p = r->missing.p;
	out->missing.n = r->missing.n;
	out->missing.cap = r->missing.cap;
	switch (test->kind) {
	case TRIAL_COMMAND:
		out->why = judge_command(setup, test, r, a);
		break;
	case TRIAL_HTTP:
		out->why = judge_http(setup, test, r, a);
		if (r->http_done)
			out->exit = 0; /* it was stopped; how it took that says nothing */
		break;
	case TRIAL_FILE:
		out->why = judge_file(&test->file, &r->file, a);
		break;
	case TRIAL_CONTENT:
		out->why = judge_content(&test->file, &r->file, a);
		break;
	case TRIAL_METADATA:
		break;
	}
	out->passed = out->why.n == 0;
}

static struct str find_pair(const struct str_vec *list, struct str name, bool *there)
{
	*there = false;
	for (size_t i = 0; i < list->n; i++) {
		size_t at = str_index(list->p[i], '=');
		if (!str_eq(str_slice(list->p[i], 0, at), name))
			continue;
		*there = true;
		return str_skip(list->p[i], at + 1);
	}
	return STR_NONE;
}

static struct str judge_pairs(const char *what, const struct trial_pair *want, size_t n,
			      const struct str_vec *have, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		bool there;
		struct str value = find_pair(have, want[i].name, &there);
		if (!there)
			return arena_printf(a, "%s %.*s is not set", what, STR_ARG(want[i].name));
		if (want[i].is_pattern ? !pattern_matches(want[i].value, value)
				       : !str_eq(want[i].value, value))
			return arena_printf(a, "%s %.*s is '%.*s', not '%.*s'", what,
					    STR_ARG(want[i].name), STR_ARG(value),
					    STR_ARG(want[i].value));
	}
	return STR_NONE;
}

/* "8080" and "8080/tcp" are the same port: image-spec config.md, ExposedPorts. */
static struct str plain_port(struct str s)
{
	return str_ends(s, STR("/tcp")) ? str_slice(s, 0, s.n - 4) : s;
}

static bool has(const struct str_vec *list, struct str what)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(plain_port(list->p[i]), plain_port(what)))
			return true;
	return false;
}

static struct str judge_set(const char *what, const struct str_vec *want,
			    const struct str_vec *absent, const struct str_vec *have,
			    struct arena *a)
{
	for (size_t i = 0; i < want->n; i++)
		if (!has(have, want->p[i]))
			return arena_printf(a, "%s %.*s is not declared", what,
					    STR_ARG(want->p[i]));
	for (size_t i = 0; i < absent->n; i++)
		if (has(have, absent->p[i]))
			return arena_printf(a, "%s %.*s is declared, and must not be", what,
					    STR_ARG(absent->p[i]));
	return STR_NONE;
}

static struct str judge_list(const char *what, bool wanted, const struct str_vec *want,
			     const struct str_vec *have, struct arena *a)
{
	bool same = want->n == have->n;
	for (size_t i = 0; same && i < want->n; i++)
		same = str_eq(want->p[i], have->p[i]);
	if (!wanted || same)
		return STR_NONE;
	struct str is = command_line(have, a), not = command_line(want, a);
	return arena_printf(a, "%s is [%.*s], not [%.*s]", what, STR_ARG(is), STR_ARG(not ));
}

static struct str judge_value(const char *what, struct str want, struct str have, struct arena *a)
{
	if (want.n == 0 || str_eq(want, have))
		return STR_NONE;
	return arena_printf(a, "%s is '%.*s', not '%.*s'", what, STR_ARG(have), STR_ARG(want));
}

static struct str judge_unset(const struct trial_metadata_wants *w, const struct trial_config *c,
			      struct arena *a)
{
	for (size_t i = 0; i < w->env_absent.n; i++) {
		bool there;
		find_pair(&c->env, w->env_absent.p[i], &there);
		if (there)
			return arena_printf(a, "variable %.*s is set, and must not be",
					    STR_ARG(w->env_absent.p[i]));
	}
	return STR_NONE;
}

void judge_metadata(const struct trial_setup *setup, const struct trial_test *test,
		    struct trial_result *out, struct arena *a)
{
	const struct trial_metadata_wants *w = &test->metadata;
	const struct trial_config *c = setup->config;
	*out = (struct trial_result){.command = judge_shown(test, a)};
	if (!c) {
		out->why = STR("there is no image configuration to hold this against");
		return;
	}
	struct str why[] = {
		judge_pairs("variable", w->env.p, w->env.n, &c->env, a),
		judge_unset(w, c, a),
		judge_pairs("label", w->labels.p, w->labels.n, &c->labels, a),
		judge_set("port", &w->ports, &w->ports_absent, &c->exposed_ports, a),
		judge_set("volume", &w->volumes, &w->volumes_absent, &c->volumes, a),
		judge_list("the entrypoint", w->has_entrypoint, &w->entrypoint, &c->entrypoint, a),
		judge_list("the command", w->has_cmd, &w->cmd, &c->cmd, a),
		judge_value("the working folder", w->working_dir, c->working_dir, a),
		judge_value("the user", w->user, c->user, a),
	};
	for (size_t i = 0; i < sizeof why / sizeof *why && out->why.n == 0; i++)
		out->why = why[i];
	out->passed = out->why.n == 0;
}
