/* Which engines are there. Each is looked for once, when it is first asked. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/limits.h"
#include "image/engine/client.h"
#include "image/engine/engines.h"
#include "image/engine/socket.h"
#include "image/reference_name.h"
#include "image/registry/registry.h"

struct engines *engines_new(const struct engine_options *options)
{
	struct engines *all = calloc(1, sizeof *all);
	if (!all)
		out_of_memory();
	all->options = options;
	pthread_mutex_init(&all->lock, NULL);
	for (size_t i = 0; i < ENGINES_SAVED; i++)
		all->saved[i].fd = -1;
	return all;
}

void engines_free(struct engines **engines)
{
	struct engines *all = *engines;
	if (!all)
		return;
	for (size_t i = 0; i < ENGINES_SAVED; i++)
		fd_close(&all->saved[i].fd);
	pthread_mutex_destroy(&all->lock);
	arena_release(&all->arena);
	free(all);
	*engines = NULL;
}

/* ---- Does somebody listen? ---- */

/* 0, or errno. */
static int connect_to(struct str path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, path.p, path.n);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return errno;
	return 0;
}

static const char *why_not(int problem)
{
	return problem == ENOENT         ? "not there"
	       : problem == ECONNREFUSED ? "nobody listens"
	                                 : strerror(problem);
}

static const char *how_to_start(enum engine_kind kind)
{
	return kind == ENGINE_DOCKER
	               ? "start it (systemctl start docker), or say where it is with DOCKER_HOST"
	               : "start it (systemctl --user start podman.socket, or podman system service), "
	                 "or say where it is with CONTAINER_HOST";
}

static bool not_reached(enum engine_kind kind, struct str tried, bool forbidden, struct err *e)
{
	err_set(e, ERR_USAGE, "no %s engine answers (%.*s): %s", engine_name(kind), STR_ARG(tried),
	        !forbidden                 ? how_to_start(kind)
	        : kind == ENGINE_DOCKER ? "only root and the group docker may ask it (usermod -aG "
	                                  "docker USER, then log in again)"
	                                : "only its own user may ask it");
	return false;
}

/* The first address where somebody listens; one over TCP is taken at its word. */
static bool choose(struct engines *all, enum engine_kind kind, struct engine *chosen, struct err *e)
{
	struct arena *a = &all->arena;
	struct engine_address_vec addresses = {0};
	struct str tried = STR("");
	bool forbidden = false;
	if (!engine_addresses(all->options, kind, &addresses, a, e))
		return false;
	for (size_t i = 0; i < addresses.n; i++) {
		struct engine one = {.kind = kind, .silence_ms = all->options->silence_ms};
		struct str origin, host;
		if (!engine_address_parse(&addresses.p[i], &one, a, e))
			return err_wrap(e, "the %s engine", engine_name(kind));
		int problem = one.socket.n ? connect_to(one.socket) : 0;
		if (!one.socket.n && all->options->offline &&
		    http_origin(one.url, &origin, &host, a, e) && !http_is_loopback(host))
			return err_set(e, ERR_USAGE, "%.*s is not asked (--offline)",
			               STR_ARG(one.address));
		if (problem == 0) {
			*chosen = one;
			return true;
		}
		forbidden |= problem == EACCES;
		tried = arena_printf(a, "%.*s%s%.*s: %s", STR_ARG(tried), tried.n ? "; " : "",
		                     STR_ARG(addresses.p[i].text), why_not(problem));
	}
	return not_reached(kind, tried, forbidden, e);
}

/* ---- Which version does it speak? ---- */

/* Every engine since Docker 20.10 and Podman 3 answers this version, or a later one that is the
 * same for what is asked here; Docker 29 takes none below 1.44. */
enum { API_NEWEST = 44 };

static bool version_parse(struct str text, unsigned *minor)
{
	uint64_t n;
	if (!str_starts(text, STR("1.")) || !str_to_u64(str_skip(text, 2), &n) || n > 1000)
		return false;
	*minor = n < API_NEWEST ? (unsigned)n : API_NEWEST;
	return true;
}

static bool agree(struct engine *engine, struct arena *a, struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {.method = "GET", .path = STR("/version")};
	unsigned minor;
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	if (answer.status != 200)
		return engine_refused(engine, answer.message.n ? answer.message : STR("no version"), e);
	struct str version = json_str(json, "ApiVersion", a);
	if (!version_parse(version, &minor))
		return err_set(e, ERR_INPUT, "%.*s: no container engine answers there (its API has "
		               "version \"%.*s\")",
		               STR_ARG(engine->address), STR_ARG(str_slice(version, 0, 40)));
	engine->url = arena_printf(a, "%.*s/v1.%u", STR_ARG(engine->url), minor);
	return true;
}

static const struct engine *get(struct engines *all, enum engine_kind kind, struct err *e)
{
	struct engine_slot *slot = &all->slot[kind];
	if (!slot->looked_for)
		slot->there = choose(all, kind, &slot->engine, &slot->why) &&
		              agree(&slot->engine, &all->arena, &slot->why);
	slot->looked_for = true;
	if (slot->there)
		return &slot->engine;
	*e = slot->why;
	return NULL;
}

const struct engine *engines_get(struct engines *all, enum engine_kind kind, struct err *e)
{
	pthread_mutex_lock(&all->lock);
	const struct engine *engine = get(all, kind, e);
	pthread_mutex_unlock(&all->lock);
	return engine;
}

/* ---- Which has an image of that name? ---- */

/* Whoever goes through a catalogue asks for hundreds of names: the list is asked for once. */
static bool lists(struct engines *all, enum engine_kind kind, const struct reference *ref)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_slot *slot = &all->slot[kind];
	struct err ignored = ERR_INIT;
	struct registry_name name = registry_name_of(ref, &scratch), own = name;
	if (!slot->listed && !engine_names(&slot->engine, &slot->names, &all->arena, &ignored))
		return false;
	slot->listed = true;
	if (map_find(&slot->names, registry_name_str(&name, &scratch)))
		return true;
	/* What Podman builds as "x" it calls "localhost/x", and finds by either name. */
	own.host = STR("localhost");
	own.repository = ref->repository;
	return kind == ENGINE_PODMAN && ref->registry.n == 0 &&
	       map_find(&slot->names, registry_name_str(&own, &scratch));
}

static bool has(const struct engine *engine, struct str name)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_image image;
	struct err ignored = ERR_INIT;
	return engine_inspect(engine, name, &image, &scratch, &ignored) && image.found;
}

/* Twelve digits may be the beginning of an ID. */
static bool may_be_id(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!memchr("0123456789abcdef", name.p[i], 16))
			return false;
	return name.n >= 12;
}

const struct engine *engines_find(struct engines *all, struct str name)
{
	struct reference ref = {.text = name};
	struct err ignored = ERR_INIT;
	const struct engine *found = NULL;
	if (!reference_name(&ref, name, &ignored))
		return NULL;
	bool ask = ref.digest.n || may_be_id(name) || str_starts(name, STR("sha256:"));
	pthread_mutex_lock(&all->lock);
	for (int kind = ENGINE_DOCKER; kind <= ENGINE_PODMAN && !found; kind++) {
		const struct engine *engine = get(all, (enum engine_kind)kind, &ignored);
		if (engine && (lists(all, (enum engine_kind)kind, &ref) || (ask && has(engine, name))))
			found = engine;
	}
	pthread_mutex_unlock(&all->lock);
	return found;
}
