/* One command in a container of an engine: made, watched until it ends or its time is over.
 *
 * A server is asked over the loopback of its own network namespace, which root of the same machine
 * may enter; for others its port is published on this machine's loopback, and the container then has
 * the engine's usual network. */
#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "core/limits.h"
#include "os/file.h"
#include "trial/hosted_parts.h"
#include "trial/probe.h"
#include "trial/run.h"

#define STOP_GRACE_MS 1000u
#define FLUSH_MS 3000u /* for what was written before a container was killed */
#define SLICE_MS 20u
#define DEFAULT_TIMEOUT_MS 60000u

struct watch {
	const struct hosted_order *order;
	struct hosted_outcome *outcome;
	struct arena *arena;
	struct engine_output *output;
	struct probe probe;
	bool probing, output_ended;
	uint64_t start_ms, deadline_ms, kill_ms; /* kill_ms: of a server that was asked to stop */
};

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void hosted_outcome_release(struct hosted_outcome *o)
{
	frames_release(&o->output);
}

/* ---- The application, in its place ---- */

/* What is there keeps its mode: only folders that are missing are made. *deepest: the one that is
 * there; *missing: the rest of the path. */
static bool find_place(const struct hosted *h, struct str id, struct str folder, struct str *deepest,
		       struct err *e)
{
	bool there = false;
	*deepest = folder;
	while (deepest->n > 1) {
		if (!engine_has_file(h->engine, id, *deepest, &there, e))
			return false;
		if (there)
			return true;
		*deepest = str_dirname(*deepest);
	}
	*deepest = STR("/");
	return true;
}

static struct str without_slashes(struct str path)
{
	while (path.n > 0 && path.p[0] == '/')
		path = str_skip(path, 1);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

static void add_folders(struct feed *feed, struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/')
			feed_add_folder(feed, str_slice(path, 0, i), 0755);
}

static bool put_app(const struct hosted *h, struct str id, struct arena *a, struct err *e)
{
	const struct trial_mount *app = &h->setup->app;
	CLEANUP_FEED struct feed *feed = feed_new();
	struct str parent = str_dirname(app->target), place;
	if (app->source.n == 0)
		return true;
	if (!find_place(h, id, parent.n ? parent : STR("/"), &place, e))
		return false;
	struct str name = without_slashes(str_skip(app->target, place.n));
	add_folders(feed, name);
	return feed_add_path(feed, name, arena_cstr(a, app->source), NULL, NULL, e) &&
	       engine_put(h->engine, id, place, feed, e);
}

bool hosted_container(const struct hosted_order *o, enum engine_network network,
		      struct hosted_outcome *out, struct arena *a, struct err *e)
{
	const struct trial_setup *s = o->hosted->setup;
	struct engine_container c = {
		.image = o->image,
		.argv = o->argv,
		.env = o->env,
		.labels = &o->hosted->labels,
		.working_dir = s->working_dir.n ? s->working_dir : STR("/"),
		.user = s->user,
		.network = network,
		.port = o->http_port,
		.memory_bytes = s->memory_bytes ? s->memory_bytes : 2ull << 30,
		.processes = s->processes ? s->processes : 512,
	};
	struct str_vec warnings = {0};
	if (!engine_create(o->hosted->engine, &c, &out->container, &warnings, &out->says, a, e))
		return false;
	for (size_t i = 0; i < warnings.n; i++)
		*vec_push(&out->notes, a) = warnings.p[i];
	return out->says.n || o->has_app || put_app(o->hosted, out->container, a, e);
}

/* ---- The network that a server is asked in ---- */

/* Process 1 of a container that runs on this machine; 0: not known. The engine's number of it is
 * this machine's where its cgroup is named after the container. */
static pid_t process_of(const struct hosted *h, struct str id, struct arena *a)
{
	struct engine_state state;
	struct str text = STR_NONE;
	struct err ignored = ERR_INIT;
	if (!engine_state(h->engine, id, &state, a, &ignored) || state.pid <= 1)
		return 0;
	const char *cgroup = arena_printf(a, "/proc/%lld/cgroup", (long long)state.pid).p;
	bool same = file_read(cgroup, 65536, a, &text, &ignored) &&
		    str_contains(text, str_slice(id, 0, 12));
	return same ? (pid_t)state.pid : 0;
}

static int network_of(pid_t process, struct arena *a)
{
	if (process == 0)
		return -1;
	return open(arena_printf(a, "/proc/%d/ns/net", process).p, O_RDONLY | O_CLOEXEC);
}

static bool is_near(const struct hosted *h)
{
	return h->engine->socket.n > 0 && geteuid() == 0;
}

static enum engine_network network_for(const struct hosted_order *o)
{
	if (o->hosted->setup->network)
		return ENGINE_NETWORK_HOST;
	return o->http_port && !is_near(o->hosted) ? ENGINE_NETWORK_PUBLISHED : ENGINE_NETWORK_NONE;
}

/* Once the container runs. A short one may have ended: then there is nobody to be asked. */
static bool find_server(struct watch *w, enum engine_network network, int *fd, struct err *e)
{
	const struct hosted *h = w->order->hosted;
	struct engine_state state;
	*fd = -1;
	if (network == ENGINE_NETWORK_HOST)
		return true;
	if (network == ENGINE_NETWORK_PUBLISHED) {
		if (!engine_state(h->engine, w->outcome->container, &state, w->arena, e))
			return false;
		w->probe.port = state.published_port;
		w->probing = state.published_port > 0;
		*vec_push(&w->outcome->notes, w->arena) =
			STR("the server had the engine's usual network, and was asked through a "
			    "published port: only root may enter a container's own");
		return true;
	}
	/* Podman's word of a process comes a little after its start. */
	state.running = true;
	for (unsigned tries = 0; *fd < 0 && state.running && tries < 100; tries++) {
		*fd = network_of(process_of(h, w->outcome->container, w->arena), w->arena);
		if (*fd < 0 && !engine_state(h->engine, w->outcome->container, &state, w->arena, e))
			return false;
		if (*fd < 0)
			nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	}
	w->probe.network = *fd;
	w->probing = *fd >= 0;
	if (*fd < 0 && state.running)
		return err_set(e, ERR_UNSUPPORTED,
			       "the container's network cannot be entered from here (%s runs in "
			       "another one, or on another machine); try it with --network",
			       engine_name(h->engine->kind));
	return e->code == ERR_NONE;
}

/* ---- Watched ---- */

static bool kill_it(struct watch *w, const char *signal, struct err *e)
{
	return engine_kill(w->order->hosted->engine, w->outcome->container, signal, e);
}

static bool step_probe(struct watch *w, struct err *e)
{
	if (!w->probing)
		return true;
	probe_step(&w->probe, now_ms());
	w->outcome->http_status = w->probe.status;
	w->outcome->http_oddly = w->probe.answered_oddly;
	if (w->probe.state != PROBE_DONE)
		return true;
	w->outcome->http_done = true;
	w->probing = false;
	w->kill_ms = now_ms() + STOP_GRACE_MS;
	pid_t process = process_of(w->order->hosted, w->outcome->container, w->arena);
	bool in_vain = process > 0 && !run_handles_term(process, w->arena);
	return kill_it(w, in_vain ? "KILL" : "TERM", e);
}

static unsigned wait_for(const struct watch *w, uint64_t until_ms)
{
	uint64_t now = now_ms(), left = until_ms > now ? until_ms - now : 0;
	uint64_t most = w->probing ? SLICE_MS : 1000;
	return (unsigned)(left < most ? left : most);
}

/* Killed: what it wrote before is on its way. */
static bool drain(struct watch *w, struct err *e)
{
	uint64_t until = now_ms() + FLUSH_MS;
	while (!w->output_ended && now_ms() < until)
		if (!engine_output_take(w->output, wait_for(w, until), &w->outcome->output,
					&w->output_ended, e))
			return false;
	return true;
}

/* Until its outputs end, or its time. */
static bool follow(struct watch *w, struct err *e)
{
	while (!w->output_ended) {
		uint64_t until = w->kill_ms ? w->kill_ms : w->deadline_ms;
		if (!engine_output_take(w->output, wait_for(w, until), &w->outcome->output,
					&w->output_ended, e) ||
		    !step_probe(w, e))
			return false;
		if (w->output_ended || now_ms() < until)
			continue;
		w->outcome->timed_out = !w->kill_ms;
		return kill_it(w, "KILL", e) && drain(w, e);
	}
	return true;
}

/* Outputs may end before the process does. */
static bool await_end(struct watch *w, struct engine_state *state, struct err *e)
{
	uint64_t until = w->kill_ms ? w->kill_ms : w->deadline_ms;
	bool killed = w->outcome->timed_out;
	for (;;) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		if (!engine_state(w->order->hosted->engine, w->outcome->container, state, &scratch,
				  e))
			return false;
		if (!state->running)
			return true;
		if (!step_probe(w, e))
			return false;
		if (now_ms() >= until && !killed) {
			w->outcome->timed_out = !w->outcome->http_done;
			if (!kill_it(w, "KILL", e))
				return false;
			killed = true;
			until = now_ms() + 10 * FLUSH_MS;
		} else if (now_ms() >= until + 10 * FLUSH_MS) {
			return err_set(e, ERR_IO, "%s does not end a container",
				       engine_name(w->order->hosted->engine->kind));
		}
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
}

static bool watch(struct watch *w, enum engine_network network, struct err *e)
{
	struct engine_state state;
	CLEANUP_FD int fd = -1;
	if (w->probing && !find_server(w, network, &fd, e))
		return false;
	bool ok = follow(w, e) && await_end(w, &state, e);
	probe_close(&w->probe);
	if (!ok)
		return false;
	struct hosted_outcome *o = w->outcome;
	o->seconds = (double)(now_ms() - w->start_ms) / 1000;
	o->exit = state.exit;
	o->out_of_memory = state.out_of_memory;
	if (o->exit != 0 && !o->timed_out && !o->out_of_memory)
		o->says = run_exec_error(buf_str(&o->output.err), w->order->argv->p[0], w->arena);
	o->started = o->says.n == 0;
	if (!o->started)
		o->exit = -1;
	return true;
}

/* ---- One command ---- */

/* Some engines look at the program when they are attached to (Podman with crun), others when it is
 * started. */
static bool start(struct watch *w, enum engine_network network, struct err *e)
{
	const struct hosted *h = w->order->hosted;
	struct hosted_outcome *o = w->outcome;
	if (!hosted_container(w->order, network, o, w->arena, e))
		return false;
	if (o->says.n)
		return true;
	w->output = engine_attach(h->engine, o->container, &o->says, w->arena, e);
	if (!w->output)
		return o->says.n > 0;
	w->start_ms = now_ms();
	w->deadline_ms = w->start_ms + (h->setup->timeout_ms ? h->setup->timeout_ms
							     : DEFAULT_TIMEOUT_MS);
	return engine_start(h->engine, o->container, &o->says, w->arena, e);
}

bool hosted_command(const struct hosted_order *order, struct hosted_outcome *outcome,
		    struct arena *a, struct err *e)
{
	struct watch w = {.order = order, .outcome = outcome, .arena = a, .probe = {.fd = -1}};
	enum engine_network network = network_for(order);
	*outcome = (struct hosted_outcome){.exit = -1};
	frames_init(&outcome->output, LIMIT_TRIAL_OUTPUT_BYTES);
	if (order->http_port) {
		probe_init(&w.probe, order->http_port, order->http_path, a);
		w.probing = true;
	}
	bool ok = start(&w, network, e) && (outcome->says.n || watch(&w, network, e));
	engine_detach(&w.output);
	return ok;
}
