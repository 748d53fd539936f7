#include "cmd/network.h"

#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/progress.h"
#include "os/file.h"

/* ---- Progress ---- */

static void watch(struct network *n, struct session *s)
{
	n->line = progress_open(s, s->command->run == cmd_push ? "pushing" : "pulling");
	if (!n->line)
		return;
	n->options.progress = progress_tell;
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

bool network_patience(struct session *s, struct patience *p, struct err *e)
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
	if (!network_patience(s, &n->options.patience, e))
		return false;
	find_auth_files(&n->options, s->arena);
	find_ca_folders(&n->options, s->arena);
	watch(n, s);
	find_engines(n, s);
	n->registry = s->registry = registry_open(&n->options, e);
	return n->registry != NULL;
}
