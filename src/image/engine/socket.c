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

/* contexts/meta/<SHA-256 of the name>/meta.json, and certificates beside it in
 * contexts/tls/<…>/docker (docker/cli, context/store). */
static bool context_address(const struct engine_options *o, struct str name,
                            struct engine_address *address, struct arena *a, struct err *e)
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
	address->text = json_str(docker, "Host", a);
	if (!address->text.n)
		return err_set(e, ERR_INPUT, "%.*s names no host", STR_ARG(path));
	if (json_is_true(json_object_get(docker, "SkipTLSVerify")))
		return err_set(e, ERR_UNSUPPORTED, "%.*s: the engine's certificate would not be "
		               "verified (SkipTLSVerify), and it always is here",
		               STR_ARG(path));
	struct str tls = arena_printf(a, "%.*s/contexts/tls/%.*s/docker", STR_ARG(o->docker_config),
	                              STR_ARG(id));
	if (path_exists(tls.p))
		address->tls_folder = tls;
	return true;
}

static void add_socket(struct engine_address_vec *addresses, struct str folder, const char *below,
                       struct arena *a)
{
	if (folder.n)
		vec_push(addresses, a)->text = arena_printf(a, "unix://%.*s%s", STR_ARG(folder),
		                                            below);
}

static bool docker_addresses(const struct engine_options *o, struct engine_address_vec *addresses,
                             struct arena *a, struct err *e)
{
	struct str context;
	if (o->docker_host.n) {
		*vec_push(addresses, a) = (struct engine_address){
			o->docker_host,
			!o->tls ? STR_NONE : o->cert_path.n ? o->cert_path : o->docker_config};
		return true;
	}
	if (!current_context(o, &context, a, e))
		return false;
	if (context.n && !str_eq(context, STR("default")))
		return context_address(o, context, vec_push(addresses, a), a, e);
	add_socket(addresses, o->docker_socket.n ? o->docker_socket : STR("/var/run/docker.sock"),
	           "", a);
	add_socket(addresses, o->runtime_dir, "/docker.sock", a);
	return true;
}

bool engine_addresses(const struct engine_options *o, enum engine_kind kind,
                      struct engine_address_vec *addresses, struct arena *a, struct err *e)
{
	if (kind == ENGINE_DOCKER)
		return docker_addresses(o, addresses, a, e);
	if (o->container_host.n) {
		vec_push(addresses, a)->text = o->container_host;
		return true;
	}
	add_socket(addresses, o->runtime_dir, "/podman/podman.sock", a);
	add_socket(addresses,
	           o->podman_socket.n ? o->podman_socket : STR("/run/podman/podman.sock"), "", a);
	return true;
}

/* ---- One address ---- */

/* docker(1), "DOCKER_CERT_PATH". */
static bool read_certificates(struct str folder, struct engine *engine, struct arena *a,
                              struct err *e)
{
	struct str ca = arena_printf(a, "%.*s/ca.pem", STR_ARG(folder));
	engine->cert = arena_printf(a, "%.*s/cert.pem", STR_ARG(folder));
	engine->key = arena_printf(a, "%.*s/key.pem", STR_ARG(folder));
	if (!path_exists(engine->cert.p))
		engine->cert = engine->key = STR_NONE;
	return !path_exists(ca.p) ||
	       file_read(ca.p, LIMIT_CERTIFICATES_BYTES, a, &engine->ca_pem, e);
}

static bool parse_tcp(struct str rest, bool tls, struct str folder, struct engine *engine,
                      struct arena *a, struct err *e)
{
	struct str origin, host;
	while (str_ends(rest, STR("/")))
		rest = str_slice(rest, 0, rest.n - 1);
	engine->url = arena_printf(a, "http%s://%.*s", tls ? "s" : "", STR_ARG(rest));
	return http_origin(engine->url, &origin, &host, a, e) &&
	       (!folder.n || read_certificates(folder, engine, a, e));
}

bool engine_address_parse(const struct engine_address *from, struct engine *engine,
                          struct arena *a, struct err *e)
{
	struct str address = from->text, rest = str_skip(address, str_find(address, STR("//")) + 2);
	engine->address = address;
	if (str_starts(address, STR("unix://"))) {
		engine->socket = rest;
		engine->url = STR("http://engine");
		if (rest.n == 0 || rest.p[0] != '/')
			return err_set(e, ERR_USAGE, "%.*s is no absolute path of a socket",
			               STR_ARG(address));
		/* unix(7): sun_path, with its NUL. */
		return rest.n < 108 ||
		       err_set(e, ERR_USAGE, "%.*s: the path of a socket has at most 107 bytes",
		               STR_ARG(address));
	}
	if (str_starts(address, STR("https://")))
		return parse_tcp(rest, true, from->tls_folder, engine, a, e);
	if (str_starts(address, STR("tcp://")) || str_starts(address, STR("http://")))
		return parse_tcp(rest, from->tls_folder.n > 0, from->tls_folder, engine, a, e);
	if (str_starts(address, STR("ssh://")))
		return err_set(e, ERR_UNSUPPORTED,
		               "%.*s cannot be asked; forward its socket: ssh -NL "
		               "/tmp/docker.sock:/var/run/docker.sock HOST, then "
		               "DOCKER_HOST=unix:///tmp/docker.sock",
		               STR_ARG(address));
	return err_set(e, ERR_USAGE, "%.*s is no address of an engine: unix:///PATH, tcp://HOST:PORT",
	               STR_ARG(address));
}
