#include "image/engine/container.h"

#include <stdlib.h>

#include "core/limits.h"
#include "image/engine/client.h"

/* ---- Made ---- */

static json_t *strings(const struct str_vec *v)
{
	json_t *list = json_array();
	for (size_t i = 0; v && i < v->n; i++)
		json_array_append_new(list, json_stringn(v->p[i].p, v->p[i].n));
	return list;
}

static json_t *pairs(const struct str_vec *v)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	json_t *object = json_object();
	for (size_t i = 0; v && i < v->n; i++) {
		size_t at = str_index(v->p[i], '=');
		struct str value = str_skip(v->p[i], at + 1);
		json_object_set_new(object, arena_cstr(&scratch, str_slice(v->p[i], 0, at)),
		                    json_stringn(value.p ? value.p : "", value.n));
	}
	return object;
}

static json_t *text(struct str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* As the built-in runtime has it: no way to more rights, no devices to be made, no swap. Output is
 * read while it comes; the engine need not keep it. */
static json_t *host_config(const struct engine_container *c)
{
	static const char *const networks[] = {"none", "host", "bridge"};
	json_t *h = json_object();
	json_object_set_new(h, "NetworkMode", json_string(networks[c->network]));
	json_object_set_new(h, "Memory", json_integer((json_int_t)c->memory_bytes));
	json_object_set_new(h, "MemorySwap", json_integer((json_int_t)c->memory_bytes));
	json_object_set_new(h, "PidsLimit", json_integer(c->processes));
	json_object_set_new(h, "CapDrop", json_pack("[s]", "MKNOD"));
	json_object_set_new(h, "SecurityOpt", json_pack("[s]", "no-new-privileges"));
	json_object_set_new(h, "LogConfig", json_pack("{s:s}", "Type", "none"));
	return h;
}

static void publish(json_t *body, json_t *host, uint16_t port)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const char *name = arena_printf(&scratch, "%u/tcp", port).p;
	json_object_set_new(body, "ExposedPorts", json_pack("{s:{}}", name));
	json_object_set_new(host, "PortBindings",
	                    json_pack("{s:[{s:s,s:s}]}", name, "HostIp", "127.0.0.1", "HostPort", ""));
}

static struct str create_body(const struct engine_container *c, struct arena *a, struct err *e)
{
	json_auto_t *body = json_object();
	json_t *host = host_config(c);
	json_object_set_new(body, "Image", text(c->image));
	json_object_set_new(body, "Entrypoint", strings(c->argv));
	json_object_set_new(body, "Cmd", json_array());
	json_object_set_new(body, "Env", strings(c->env));
	json_object_set_new(body, "Labels", pairs(c->labels));
	json_object_set_new(body, "WorkingDir", text(c->working_dir));
	json_object_set_new(body, "User", text(c->user));
	json_object_set_new(body, "AttachStdout", json_true());
	json_object_set_new(body, "AttachStderr", json_true());
	json_object_set_new(body, "Healthcheck", json_pack("{s:[s]}", "Test", "NONE"));
	if (c->network != ENGINE_NETWORK_HOST)
		json_object_set_new(body, "Hostname", json_string("socle"));
	if (c->network == ENGINE_NETWORK_PUBLISHED)
		publish(body, host, c->port);
	json_object_set_new(body, "HostConfig", host);
	char *dump = json_dumps(body, JSON_COMPACT);
	if (!dump)
		err_set(e, ERR_INPUT, "an argument or variable that is no UTF-8");
	struct str made = arena_str(a, str_of(dump ? dump : ""));
	free(dump);
	return made;
}

bool engine_create(const struct engine *engine, const struct engine_container *c, struct str *id,
                   struct str_vec *warnings, struct str *refusal, struct arena *a, struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {.method = "POST", .path = STR("/containers/create"),
	                           .json = create_body(c, a, e), .patient = true};
	*refusal = *id = STR_NONE;
	if (!call.json.n || !engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	if (answer.status >= 400) {
		*refusal = answer.message;
		return true;
	}
	*id = json_str(json, "Id", a);
	*warnings = json_strs(json, "Warnings", a);
	/* It stands in paths from here on. */
	for (size_t i = 0; i < id->n; i++)
		if (!memchr("0123456789abcdef", id->p[i], 16))
			id->n = 0;
	return id->n >= 12 || err_set(e, ERR_INPUT, "%s gave the container no ID",
	                              engine_name(engine->kind));
}

/* ---- Started, watched, ended ---- */

static bool tell(const struct engine *engine, const char *method, struct str path,
                 struct engine_answer *answer, struct arena *a, struct err *e)
{
	struct engine_call call = {.method = method, .path = path, .patient = true};
	if (!engine_ask(engine, &call, answer, a, e))
		return false;
	json_decref(answer->json);
	answer->json = NULL;
	return true;
}

bool engine_start(const struct engine *engine, struct str id, struct str *refusal, struct arena *a,
                  struct err *e)
{
	struct engine_answer answer;
	*refusal = STR_NONE;
	if (!tell(engine, "POST", arena_printf(a, "/containers/%.*s/start", STR_ARG(id)), &answer, a, e))
		return false;
	if (answer.status >= 400)
		*refusal = answer.message;
	return true;
}

/* NetworkSettings.Ports: {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "49153"}]}. */
static uint16_t published_port(const json_t *json, struct arena *a)
{
	json_t *ports = json_object_get(json_object_get(json, "NetworkSettings"), "Ports");
	uint64_t port = 0;
	void *first = json_object_iter(ports);
	const json_t *list = first ? json_object_iter_value(first) : NULL;
	struct str said = json_str(json_array_get(list, 0), "HostPort", a);
	return str_to_u64(said, &port) && port <= UINT16_MAX ? (uint16_t)port : 0;
}

bool engine_state(const struct engine *engine, struct str id, struct engine_state *state,
                  struct arena *a, struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {.method = "GET",
	                           .path = arena_printf(a, "/containers/%.*s/json", STR_ARG(id))};
	*state = (struct engine_state){0};
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	if (answer.status != 200)
		return engine_refused(engine, answer.message, e);
	const json_t *said = json_object_get(json, "State");
	if (!json_is_object(said))
		return err_set(e, ERR_INPUT, "%s tells no state of a container",
		               engine_name(engine->kind));
	state->running = json_is_true(json_object_get(said, "Running"));
	state->out_of_memory = json_is_true(json_object_get(said, "OOMKilled"));
	json_int_t code = json_integer_value(json_object_get(said, "ExitCode"));
	state->exit = code >= 0 && code <= 255 ? (int)code : -1;
	state->pid = json_integer_value(json_object_get(said, "Pid"));
	state->published_port = published_port(json, a);
	return true;
}

bool engine_kill(const struct engine *engine, struct str id, const char *signal, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_answer answer;
	struct str path = arena_printf(&scratch, "/containers/%.*s/kill?signal=%s", STR_ARG(id), signal);
	if (!tell(engine, "POST", path, &answer, &scratch, e))
		return false;
	/* 409: it has ended. */
	return answer.status < 400 || answer.status == 409 || answer.status == 404 ||
	       engine_refused(engine, answer.message, e);
}

/* v: with the volumes that its image declares. */
bool engine_remove(const struct engine *engine, struct str id, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_answer answer;
	struct str path = arena_printf(&scratch, "/containers/%.*s?force=true&v=true", STR_ARG(id));
	return tell(engine, "DELETE", path, &answer, &scratch, e) &&
	       (answer.status < 400 || answer.status == 404 ||
	        engine_refused(engine, answer.message, e));
}

/* squash: Podman 4 cannot commit twice upon an image whose history does not name all its layers;
 * Docker does not know the word. */
bool engine_commit(const struct engine *engine, struct str id, const struct str_vec *labels,
                   struct str *image, struct arena *a, struct err *e)
{
	struct engine_answer answer;
	json_auto_t *body = json_pack("{s:o}", "Labels", pairs(labels));
	char *dump = json_dumps(body, JSON_COMPACT);
	struct engine_call call = {.method = "POST",
	                           .path = arena_printf(a, "/commit?container=%.*s&pause=false&squash=true",
	                                                STR_ARG(id)),
	                           .json = arena_str(a, str_of(dump ? dump : "{}")),
	                           .patient = true};
	free(dump);
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	if (answer.status >= 400)
		return engine_refused(engine, answer.message, e);
	*image = json_str(json, "Id", a);
	return image->n > 0 || err_set(e, ERR_INPUT, "%s gave the image no ID",
	                               engine_name(engine->kind));
}

/* ---- Its outputs ---- */

struct engine_output {
	struct http *http;
	const struct engine *engine;
	char piece[65536];
};

struct engine_output *engine_attach(const struct engine *engine, struct str id, struct str *refusal,
                                    struct arena *a, struct err *e)
{
	struct engine_call call = {
		.method = "POST",
		.path = arena_printf(a, "/containers/%.*s/attach?stream=true&stdout=true&stderr=true",
	                             STR_ARG(id)),
		.patient = true};
	struct http *http = NULL;
	*refusal = STR_NONE;
	if (!engine_try_stream(engine, &call, &http, refusal, a, e) || refusal->n)
		return NULL;
	struct engine_output *o = calloc(1, sizeof *o);
	if (!o)
		out_of_memory();
	o->http = http;
	o->engine = engine;
	return o;
}

void engine_detach(struct engine_output **output)
{
	if (!*output)
		return;
	http_free(&(*output)->http);
	free(*output);
	*output = NULL;
}

bool engine_output_take(struct engine_output *o, unsigned wait_ms, struct frames *frames, bool *ended,
                        struct err *e)
{
	bool ready;
	size_t n = 1;
	*ended = false;
	if (!http_wait(o->http, wait_ms, &ready, e))
		return engine_lost(o->engine, e);
	if (!ready)
		return true;
	if (!http_body(o->http, o->piece, sizeof o->piece, &n, e))
		return engine_lost(o->engine, e);
	*ended = n == 0;
	return frames_take(frames, (struct str){o->piece, n}, e) || engine_lost(o->engine, e);
}

/* ---- Its files ---- */

static struct str archive_path(struct str id, struct str path, struct arena *a)
{
	return arena_printf(a, "/containers/%.*s/archive?path=%.*s", STR_ARG(id),
	                    STR_ARG(http_escape(path, a)));
}

bool engine_put(const struct engine *engine, struct str id, struct str folder, struct feed *feed,
                struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_answer answer;
	struct engine_call call = {.method = "PUT", .path = archive_path(id, folder, &scratch),
	                           .upload = feed_upload(feed), .patient = true};
	if (!engine_ask(engine, &call, &answer, &scratch, e))
		return false;
	json_decref(answer.json);
	return answer.status < 400 || engine_refused(engine, answer.message, e);
}

bool engine_has_file(const struct engine *engine, struct str id, struct str path, bool *found,
                     struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_answer answer;
	if (!tell(engine, "HEAD", archive_path(id, path, &scratch), &answer, &scratch, e))
		return false;
	*found = answer.status < 400;
	return answer.status < 400 || answer.status == 404 ||
	       engine_refused(engine, answer.message, e);
}

struct file_stream {
	struct stream s;
	struct http *http;
	const struct engine *engine;
};

static bool file_read_more(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct file_stream *f = (struct file_stream *)s;
	return http_body(f->http, p, cap, n, e) || engine_lost(f->engine, e);
}

static void file_close(struct stream *s)
{
	struct file_stream *f = (struct file_stream *)s;
	http_free(&f->http);
	free(f);
}

struct stream *engine_files(const struct engine *engine, struct str id, struct str path, bool *found,
                            struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct engine_call call = {.method = "GET", .path = archive_path(id, path, &scratch),
	                           .patient = true};
	struct http *http = NULL;
	if (!engine_has_file(engine, id, path, found, e) || !*found ||
	    !engine_open_stream(engine, &call, &http, &scratch, e))
		return NULL;
	struct file_stream *f = calloc(1, sizeof *f);
	if (!f)
		out_of_memory();
	*f = (struct file_stream){{file_read_more, file_close}, http, engine};
	return &f->s;
}
