/* Docker's own rules (docker(1), "docker context"): DOCKER_HOST over DOCKER_CONTEXT over
 * currentContext in config.json; the context "default" is the usual socket. Podman's:
 * podman-system-service(1), "CONTAINER_HOST" of podman(1). */
#include "image/engine/socket.h"

#include "core/limits.h"
#include "image/json.h"
#include "os/file.h"
#include "os/http.h"

static json_t *read_json(const char *path, struct arena *a, struct err *e)
{
	struct str text;
	if (!file_read(path, LIMIT_AUTH_FILE_BYTES, a, &text, e))
		return NULL;
	json_t *json = json_read(text, e);
	if (!json)
		err_wrap(e, "%s", path);
	return json;
}

static bool current_context(const struct engine_options *o, struct str *name, struct arena *a,
                            struct err *e)
{
	*name = o->docker_context;
	struct str path = arena_printf(a, "%.*s/config.json", STR_ARG(o->docker_config));
	if (name->n || !o->docker_config.n || !path_exists(path.p))
		return true;
	json_auto_t *json = read_json(path.p, a, e);
	if (json)
		*name = json_str(json, "currentContext", a);
	return json != NULL;
}

/* contexts/meta/<SHA-256 of the name>/meta.json (docker/cli, context/store). */
static bool context_host(const struct engine_options *o, struct str name, struct str *host,
                         struct arena *a, struct err *e)
{
	struct str id = str_skip(sha256_of(name, a), 7);
	struct str path = arena_printf(a, "%.*s/contexts/meta/%.*s/meta.json",
	                               STR_ARG(o->docker_config), STR_ARG(id));
	if (!path_exists(path.p))
		return err_set(e, ERR_USAGE,
		               "Docker's context \"%.*s\" is not there (%.*s); docker context ls "
		               "lists those that are",
		               STR_ARG(name), STR_ARG(path));
	json_auto_t *json = read_json(path.p, a, e);
	if (!json)
		return false;
	const json_t *docker = json_object_get(json_object_get(json, "Endpoints"), "docker");
	*host = json_str(docker, "Host", a);
	return host->n || err_set(e, ERR_INPUT, "%.*s names no host", STR_ARG(path));
}

static void add_socket(struct str_vec *addresses, struct str folder, const char *below,
                       struct arena *a)
{
	if (folder.n)
		*vec_push(addresses, a) = arena_printf(a, "unix://%.*s%s", STR_ARG(folder), below);
}

static bool docker_addresses(const struct engine_options *o, struct str_vec *addresses,
                             struct arena *a, struct err *e)
{
	struct str context, host;
	if (o->docker_host.n) {
		*vec_push(addresses, a) = o->docker_host;
		return true;
	}
	if (!current_context(o, &context, a, e))
		return false;
	if (context.n && !str_eq(context, STR("default"))) {
		if (!context_host(o, context, &host, a, e))
			return false;
		*vec_push(addresses, a) = host;
		return true;
	}
	add_socket(addresses, o->docker_socket.n ? o->docker_socket : STR("/var/run/docker.sock"),
	           "", a);
	add_socket(addresses, o->runtime_dir, "/docker.sock", a);
	return true;
}

bool engine_addresses(const struct engine_options *o, enum engine_kind kind,
                      struct str_vec *addresses, struct arena *a, struct err *e)
{
	if (kind == ENGINE_DOCKER)
		return docker_addresses(o, addresses, a, e);
	if (o->container_host.n) {
		*vec_push(addresses, a) = o->container_host;
		return true;
	}
	add_socket(addresses, o->runtime_dir, "/podman/podman.sock", a);
	add_socket(addresses,
	           o->podman_socket.n ? o->podman_socket : STR("/run/podman/podman.sock"), "", a);
	return true;
}

/* ---- One address ---- */

static bool parse_tcp(struct str rest, bool tls, struct engine *engine, struct arena *a,
                      struct err *e)
{
	struct str origin, host;
	while (str_ends(rest, STR("/")))
		rest = str_slice(rest, 0, rest.n - 1);
	if (tls)
		return err_set(e, ERR_UNSUPPORTED,
		               "an engine behind TLS cannot be asked by this version; forward its "
		               "socket: ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST, then "
		               "DOCKER_HOST=unix:///tmp/docker.sock");
	engine->url = arena_printf(a, "http://%.*s", STR_ARG(rest));
	return http_origin(engine->url, &origin, &host, a, e);
}

bool engine_address_parse(struct str address, bool tls, struct engine *engine, struct arena *a,
                          struct err *e)
{
	engine->address = address;
	if (str_starts(address, STR("unix://"))) {
		engine->socket = str_skip(address, 7);
		engine->url = STR("http://engine");
		/* unix(7): sun_path, with its NUL. */
		if (engine->socket.n == 0 || engine->socket.p[0] != '/')
			return err_set(e, ERR_USAGE, "%.*s is no absolute path of a socket",
			               STR_ARG(address));
		return engine->socket.n < 108 ||
		       err_set(e, ERR_USAGE, "%.*s: the path of a socket has at most 107 bytes",
		               STR_ARG(address));
	}
	if (str_starts(address, STR("tcp://")) || str_starts(address, STR("http://")))
		return parse_tcp(str_skip(address, str_find(address, STR("//")) + 2), tls, engine, a, e);
	if (str_starts(address, STR("https://")))
		return parse_tcp(str_skip(address, 8), true, engine, a, e);
	if (str_starts(address, STR("ssh://")))
		return err_set(e, ERR_UNSUPPORTED,
		               "%.*s cannot be asked; forward its socket: ssh -NL "
		               "/tmp/docker.sock:/var/run/docker.sock HOST, then "
		               "DOCKER_HOST=unix:///tmp/docker.sock",
		               STR_ARG(address));
	return err_set(e, ERR_USAGE, "%.*s is no address of an engine: unix:///PATH, tcp://HOST:PORT",
	               STR_ARG(address));
}
