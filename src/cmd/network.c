#include "cmd/network.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "os/file.h"

/* ---- A line of progress ---- */

struct progress_line {
	pthread_mutex_t lock;
	const char *verb;
	uint64_t began_ms, shown_ms;
	bool shown;
};

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void show(struct progress_line *p, uint64_t received, uint64_t awaited, uint64_t now)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	uint64_t elapsed = now - p->began_ms, rate = elapsed ? received * 1000 / elapsed : 0;
	uint64_t left = rate && awaited > received ? (awaited - received) / rate : 0;
	struct str done = text_bytes(received, &scratch), all = text_bytes(awaited, &scratch);
	struct str speed = text_bytes(rate, &scratch);
	fprintf(stderr, "\r\033[K%s %.*s of %.*s, %.*s/s, %llu s left", p->verb, STR_ARG(done),
	        STR_ARG(all), STR_ARG(speed), (unsigned long long)left);
	p->shown = true;
	p->shown_ms = now;
}

/* Threads come here with each piece: those that would have to wait go on. The line goes when
 * all is there, before anything else is said. */
static void tell(uint64_t received, uint64_t awaited, void *context)
{
	enum { EVERY_MS = 100, QUIET_MS = 300 };
	struct progress_line *p = context;
	bool ended = received >= awaited;
	if (ended)
		pthread_mutex_lock(&p->lock);
	else if (pthread_mutex_trylock(&p->lock) != 0)
		return;
	uint64_t now = now_ms();
	if (p->began_ms == 0)
		p->began_ms = p->shown_ms = now;
	if (ended) {
		if (p->shown)
			fputs("\r\033[K", stderr);
		p->shown = false;
		p->began_ms = 0;
	} else if (now - p->began_ms >= QUIET_MS && now - p->shown_ms >= EVERY_MS) {
		show(p, received, awaited, now);
	}
	pthread_mutex_unlock(&p->lock);
}

static void watch(struct network *n, struct session *s)
{
	if (s->quiet || session_flag(s, "no-progress") || !isatty(STDERR_FILENO))
		return;
	n->line = ARENA_NEW(s->arena, struct progress_line);
	pthread_mutex_init(&n->line->lock, NULL);
	n->line->verb = s->command->run == cmd_push ? "pushing" : "pulling";
	n->options.progress = tell;
	n->options.progress_context = n->line;
}

/* ---- Files of Docker and Podman ---- */

static void add_path(struct str_vec *paths, const char *folder, const char *below, struct arena *a)
{
	if (folder && *folder)
		*vec_push(paths, a) = arena_printf(a, "%s%s", folder, below);
}

/* containers-auth.json(5) and docker(1), "config.json". */
static void find_auth_files(struct registry_options *o, struct arena *a)
{
	const char *docker = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
	const char *config = getenv("XDG_CONFIG_HOME");
	add_path(&o->auth_files, getenv("REGISTRY_AUTH_FILE"), "", a);
	if (docker && *docker)
		add_path(&o->auth_files, docker, "/config.json", a);
	else
		add_path(&o->auth_files, home, "/.docker/config.json", a);
	add_path(&o->auth_files, getenv("XDG_RUNTIME_DIR"), "/containers/auth.json", a);
	if (config && *config)
		add_path(&o->auth_files, config, "/containers/auth.json", a);
	else
		add_path(&o->auth_files, home, "/.config/containers/auth.json", a);
}

/* containers-certs.d(5), and dockerd(8) for the second. */
static void find_ca_folders(struct registry_options *o, struct arena *a)
{
	const char *home = getenv("HOME");
	add_path(&o->ca_folders, home, "/.config/containers/certs.d", a);
	add_path(&o->ca_folders, "/etc/docker/certs.d", "", a);
	add_path(&o->ca_folders, "/etc/containers/certs.d", "", a);
}

/* ---- Engines ---- */

static struct str variable(const char *name)
{
	const char *value = getenv(name);
	return str_of(value ? value : "");
}

static void find_engines(struct network *n, struct session *s)
{
	struct str home = variable("HOME"), config = variable("DOCKER_CONFIG");
	if (!config.n && home.n)
		config = arena_printf(s->arena, "%.*s/.docker", STR_ARG(home));
	n->engine_options = (struct engine_options){
		.docker_host = variable("DOCKER_HOST"),
		.docker_context = variable("DOCKER_CONTEXT"),
		.docker_config = config,
		.container_host = variable("CONTAINER_HOST"),
		.runtime_dir = variable("XDG_RUNTIME_DIR"),
		.tls = variable("DOCKER_TLS_VERIFY").n > 0,
		.cert_path = variable("DOCKER_CERT_PATH"),
		.offline = n->options.offline,
		.silence_ms = n->options.patience.silence_ms,
	};
	n->engines = s->engines = engines_new(&n->engine_options);
}

/* ---- Options ---- */

static bool read_patience(struct session *s, struct patience *p, struct err *e)
{
	struct str text = session_value(s, "patience"), rest = text, word;
	unsigned *const fields[] = {&p->tries, &p->first_wait_ms, &p->silence_ms};
	size_t i = 0;
	*p = (struct patience)PATIENCE_USUAL;
	for (; str_next(&rest, ',', &word); i++) {
		uint64_t value;
		if (i == sizeof fields / sizeof *fields || !str_to_u64(word, &value) || value == 0 ||
		    value > 3600000)
			return err_set(e, ERR_USAGE,
			               "--patience wants TRIES[,WAIT[,SILENCE]], the times in "
			               "milliseconds: 5,500,30000");
		*fields[i] = (unsigned)value;
	}
	return true;
}

bool network_open(struct network *n, struct session *s, struct err *e)
{
	*n = (struct network){.options = {.offline = session_flag(s, "offline"),
	                                  .mirrors = *session_values(s, "mirror"),
	                                  .plain_http = *session_values(s, "plain-http")}};
	if (!read_patience(s, &n->options.patience, e))
		return false;
	find_auth_files(&n->options, s->arena);
	find_ca_folders(&n->options, s->arena);
	watch(n, s);
	find_engines(n, s);
	n->registry = s->registry = registry_open(&n->options, e);
	return n->registry != NULL;
}
