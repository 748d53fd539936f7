#include "image/engine/client.h"

#include "core/buf.h"
#include "core/limits.h"

const char *engine_name(enum engine_kind kind)
{
	return kind == ENGINE_DOCKER ? "Docker" : "Podman";
}

bool engine_refused(const struct engine *engine, struct str message, struct err *e)
{
	return err_set(e, ERR_IO, "%s (%.*s) says: %.*s", engine_name(engine->kind),
	               STR_ARG(engine->address), STR_ARG(str_slice(message, 0, 700)));
}

bool engine_lost(const struct engine *engine, struct err *e)
{
	return err_wrap(e, "%s (%.*s) gave no whole answer", engine_name(engine->kind),
	                STR_ARG(engine->address));
}

static bool send_call(const struct engine *engine, const struct engine_call *call,
                      struct http **http, struct http_answer *answer, struct arena *a, struct err *e)
{
	struct http_times times = {.connect_ms = 5000,
	                           .silence_ms = engine->silence_ms * (call->compiles  ? 240
	                                                               : call->patient ? 10
	                                                                               : 1)};
	struct http_request r = {.method = call->method,
	                         .url = arena_printf(a, "%.*s%.*s", STR_ARG(engine->url),
	                                             STR_ARG(call->path)),
	                         .unix_socket = engine->socket,
	                         .ca_pem = engine->ca_pem,
	                         .client_cert = engine->cert,
	                         .client_key = engine->key,
	                         .body = call->json,
	                         .upload = call->upload};
	if (call->json.n)
		*vec_push(&r.headers, a) = STR("Content-Type: application/json");
	if (call->upload.read)
		*vec_push(&r.headers, a) = STR("Content-Type: application/x-tar");
	*http = http_new(times);
	if (http_send(*http, &r, answer, a, e))
		return true;
	bool ours = http_failure(*http) == HTTP_REFUSED;
	http_free(http);
	return ours ? false : engine_lost(engine, e);
}

static bool read_body(const struct engine *engine, struct http *http, size_t max_bytes,
                      struct str *body, struct arena *a, struct err *e)
{
	enum { PIECE_BYTES = 16384 };
	CLEANUP_BUF struct buf b = BUF_INIT(max_bytes);
	for (size_t n = 1; n > 0; b.n += n)
		if (!buf_reserve(&b, PIECE_BYTES, e) || !http_body(http, b.p + b.n, PIECE_BYTES, &n, e))
			return engine_lost(engine, e);
	*body = arena_str(a, buf_str(&b));
	return true;
}

/* {"message": "…"}; Podman adds "cause". */
static struct str message_of(const json_t *json, struct str body, unsigned status, struct arena *a)
{
	struct str message = str_trim(json_str(json, "message", a));
	if (!message.n)
		message = str_trim(str_slice(body, 0, 300));
	return message.n ? message : arena_printf(a, "status %u", status);
}

bool engine_ask(const struct engine *engine, const struct engine_call *call,
                struct engine_answer *answer, struct arena *a, struct err *e)
{
	CLEANUP_HTTP struct http *http = NULL;
	struct http_answer head;
	struct str body;
	struct err why = ERR_INIT;
	*answer = (struct engine_answer){0};
	if (!send_call(engine, call, &http, &head, a, e))
		return false;
	answer->status = head.status;
	answer->builder = http_header(&head, STR("Builder-Version"));
	if (call->bare)
		return true;
	if (!read_body(engine, http, LIMIT_ENGINE_ANSWER_BYTES, &body, a, e))
		return false;
	if (str_trim(body).n)
		answer->json = json_read(body, &why);
	if (answer->status >= 400) {
		answer->message = message_of(answer->json, body, answer->status, a);
		return true;
	}
	if (!str_trim(body).n || answer->json)
		return true;
	*e = why;
	return engine_lost(engine, e);
}

bool engine_try_stream(const struct engine *engine, const struct engine_call *call,
                       struct http **http, struct str *refusal, struct arena *a, struct err *e)
{
	struct http_answer head;
	struct str body;
	struct err ignored = ERR_INIT;
	*refusal = STR_NONE;
	if (!send_call(engine, call, http, &head, a, e))
		return false;
	if (head.status < 400)
		return true;
	bool whole = read_body(engine, *http, LIMIT_ENGINE_ANSWER_BYTES, &body, a, e);
	http_free(http);
	if (!whole)
		return false;
	json_auto_t *json = json_read(body, &ignored);
	*refusal = message_of(json, body, head.status, a);
	return true;
}

bool engine_open_stream(const struct engine *engine, const struct engine_call *call,
                        struct http **http, struct arena *a, struct err *e)
{
	struct str refusal;
	return engine_try_stream(engine, call, http, &refusal, a, e) &&
	       (!refusal.n || engine_refused(engine, refusal, e));
}
