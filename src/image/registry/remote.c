/* One request, until it has an answer that means something:
 *
 *     tries: waits grow, Retry-After is honoured ──┐
 *       redirects: another server gets no token    │ 429, 5xx, cut
 *         401: a token is brought, once            │
 *           the request itself ────────────────────┘
 */
#include "image/registry/remote.h"

#include <stdlib.h>

#include "core/buf.h"
#include "core/limits.h"
#include "image/json.h"

static struct http *take_http(struct registry *r)
{
	const struct patience *p = &r->options->patience;
	struct http *http = NULL;
	pthread_mutex_lock(&r->lock);
	if (r->idle_count)
		http = r->idle[--r->idle_count];
	pthread_mutex_unlock(&r->lock);
	return http ? http : http_new((struct http_times){p->connect_ms, p->silence_ms});
}

static void give_http(struct registry *r, struct http **http)
{
	http_rest(*http);
	pthread_mutex_lock(&r->lock);
	if (r->idle_count < IDLE_MAX) {
		r->idle[r->idle_count++] = *http;
		*http = NULL;
	}
	pthread_mutex_unlock(&r->lock);
	http_free(http);
}

bool remote_open(struct remote *m, struct registry *r, const struct registry_name *name,
                 struct err *e)
{
	*m = (struct remote){.registry = r, .repository = name->repository};
	if (r->options->offline) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		return err_set(e, ERR_USAGE, "%.*s is not here and --offline was given",
		               STR_ARG(registry_name_str(name, &scratch)));
	}
	m->http = take_http(r);
	m->endpoint = endpoint_of(r, name->host, m->http, e);
	return m->endpoint != NULL;
}

void remote_close(struct remote *m)
{
	if (m->http)
		give_http(m->registry, &m->http);
	stream_close(&m->sending); /* the request that it was for is over */
}

/* ---- Tries ---- */

struct tries tries_of(const struct registry *r)
{
	return tries_new(&r->options->patience);
}

/* ---- What an answer means ---- */

static const char *status_words(unsigned status)
{
	switch (status) {
	case 400: return "bad request";
	case 401: return "unauthorized";
	case 403: return "forbidden";
	case 404: return "not found";
	case 416: return "range not satisfiable";
	case 429: return "too many requests";
	case 500: return "internal error";
	case 502: return "bad gateway";
	case 503: return "unavailable";
	case 504: return "time-out behind it";
	default: return "unexpected";
	}
}

/* distribution-spec, "Error Codes": {"errors":[{"code":…,"message":…}]}. */
static struct str own_words(struct remote *m, struct arena *a)
{
	enum { WORDS_BYTES = 4096 };
	struct err ignored = ERR_INIT;
	char *p = arena_alloc(a, WORDS_BYTES);
	size_t n = 0, got = 1;
	while (n < WORDS_BYTES && got > 0 && http_body(m->http, p + n, WORDS_BYTES - n, &got, &ignored))
		n += got;
	json_auto_t *json = json_read((struct str){p, n}, &ignored);
	const json_t *first = json_array_get(json_object_get(json, "errors"), 0);
	struct str message = json_str(first, "message", a);
	return str_slice(message.n ? message : json_str(first, "code", a), 0, 200);
}

bool remote_refused(struct remote *m, const struct http_answer *answer, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str words = own_words(m, &scratch);
	return err_set(e, ERR_IO, "%.*s answers %u, %s%s%.*s", STR_ARG(m->endpoint->host),
	               answer->status, status_words(answer->status), words.n ? ": " : "",
	               STR_ARG(words));
}

static bool is_passing(unsigned status)
{
	return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
	       status == 504;
}

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* ---- One attempt ---- */

enum outcome { ANSWERED, TRY_AGAIN, GIVE_UP };

struct attempt {
	struct remote *m;
	const struct remote_request *q;
	struct http_answer *answer;
	struct arena *arena;
	struct str url;           /* where the redirects have led */
	struct str authorization; /* sent to the registry itself alone */
	bool brought;             /* a token, in this attempt */
	uint64_t asked_ms;        /* to wait before the next one */
};

static bool is_at_home(const struct attempt *at)
{
	struct str origin, host;
	struct err ignored = ERR_INIT;
	return http_origin(at->url, &origin, &host, at->arena, &ignored) &&
	       str_eq(origin, at->m->endpoint->origin);
}

static enum outcome failed(struct remote *m, struct err *e)
{
	struct endpoint *ep = m->endpoint;
	enum http_failure failure = http_failure(m->http);
	if (failure == HTTP_UNREACHABLE && !atomic_load(&ep->answered)) {
		atomic_store(&ep->unreachable, true);
		err_wrap(e, "%.*s cannot be reached", STR_ARG(ep->host));
		return GIVE_UP;
	}
	err_wrap(e, "%.*s", STR_ARG(ep->host));
	return failure == HTTP_CUT || failure == HTTP_UNREACHABLE ? TRY_AGAIN : GIVE_UP;
}

static bool give_body(void *context, void *p, size_t cap, size_t *n, struct err *e)
{
	struct remote *m = context;
	if (!m->sending->read(m->sending, p, cap, n, e))
		return false;
	remote_progress(m->registry, *n);
	return true;
}

static void set_upload(struct attempt *at, struct http_request *r)
{
	const struct source *from = at->q->upload;
	stream_close(&at->m->sending);
	at->m->sending = stream_source(*from);
	r->upload = (struct http_upload){give_body, at->m, from->size_bytes};
}

/* What the caller's own headers say of authorization (to a token server) is for the address that
 * it gave, and for no other. */
static bool send_one(struct attempt *at, struct err *e)
{
	struct http_request r = {.method = at->q->method,
	                         .url = at->url,
	                         .body = at->q->body,
	                         .ca_pem = at->m->endpoint->ca_pem};
	bool at_start = str_eq(at->url, at->q->url);
	for (size_t i = 0; i < at->q->headers.n; i++)
		if (at_start || !str_starts(at->q->headers.p[i], STR("Authorization:")))
			*vec_push(&r.headers, at->arena) = at->q->headers.p[i];
	if (!at->q->anonymous && at->authorization.n && is_at_home(at))
		*vec_push(&r.headers, at->arena) =
			arena_printf(at->arena, "Authorization: %.*s", STR_ARG(at->authorization));
	if (at->q->upload)
		set_upload(at, &r);
	if (!http_send(at->m->http, &r, at->answer, at->arena, e))
		return false;
	atomic_store(&at->m->endpoint->answered, true);
	return true;
}

static bool follow(struct attempt *at, struct err *e)
{
	struct str location = http_header(at->answer, STR("Location")), next;
	if (location.n == 0)
		return err_set(e, ERR_INPUT, "a redirect to nowhere");
	if (!http_resolve(at->url, location, &next, at->arena, e))
		return err_wrap(e, "a redirect");
	if (!str_starts(next, STR("https://")) && !endpoint_may_be_plain(at->m->registry, next))
		return err_set(e, ERR_INPUT, "a redirect to %.*s, which has no TLS",
		               STR_ARG(str_slice(next, 0, 200)));
	at->url = next;
	return true;
}

static bool bring_token(struct attempt *at, struct err *e)
{
	if (at->q->anonymous || at->brought || !is_at_home(at))
		return remote_refused(at->m, at->answer, e);
	at->brought = true;
	return token_bring(at->m, at->answer, at->authorization, &at->authorization, e);
}

static enum outcome attempt(struct attempt *at, struct err *e)
{
	struct remote *m = at->m;
	unsigned redirects = 0;
	for (;;) {
		if (!send_one(at, e))
			return failed(m, e);
		if (at->answer->status == 401) {
			if (!bring_token(at, e))
				return GIVE_UP;
		} else if (is_redirect(at->answer->status)) {
			if (redirects++ == LIMIT_HTTP_REDIRECTS) {
				err_set(e, ERR_INPUT, "%.*s: more than %u redirects",
				        STR_ARG(m->endpoint->host), LIMIT_HTTP_REDIRECTS);
				return GIVE_UP;
			}
			if (!follow(at, e)) {
				err_wrap(e, "%.*s", STR_ARG(m->endpoint->host));
				return GIVE_UP;
			}
		} else {
			break;
		}
	}
	if (!is_passing(at->answer->status))
		return ANSWERED;
	at->asked_ms = http_retry_after_ms(http_header(at->answer, STR("Retry-After")));
	remote_refused(m, at->answer, e);
	return TRY_AGAIN;
}

bool remote_send(struct remote *m, const struct remote_request *q, struct tries *tries,
                 struct http_answer *answer, struct arena *a, struct err *e)
{
	for (;;) {
		struct attempt at = {.m = m, .q = q, .answer = answer, .arena = a, .url = q->url};
		if (!q->anonymous)
			at.authorization = token_at_hand(m->registry, m->endpoint, m->repository);
		struct err why = ERR_INIT;
		enum outcome outcome = attempt(&at, &why);
		if (outcome == ANSWERED)
			return true;
		m->passing = outcome == TRY_AGAIN;
		if (!m->passing || !tries_again(tries, at.asked_ms)) {
			*e = why;
			return false;
		}
	}
}

/* ---- Whole answers ---- */

static bool read_body(struct remote *m, size_t max_bytes, struct buf *body, struct err *e)
{
	enum { PIECE_BYTES = 65536 };
	size_t got = 1;
	while (got > 0) {
		size_t room = max_bytes - body->n < PIECE_BYTES ? max_bytes - body->n : PIECE_BYTES;
		char one_more;
		if (room == 0) {
			if (!http_body(m->http, &one_more, 1, &got, e))
				return false;
			return got == 0 || err_set(e, ERR_LIMIT, "more than %zu bytes", max_bytes);
		}
		if (!buf_reserve(body, room, e) ||
		    !http_body(m->http, body->p + body->n, room, &got, e))
			return false;
		body->n += got;
	}
	return true;
}

bool remote_fetch(struct remote *m, const struct remote_request *q, size_t max_bytes,
                  struct http_answer *answer, struct str *body, struct arena *a, struct err *e)
{
	struct tries tries = tries_of(m->registry);
	*body = STR_NONE;
	for (;;) {
		CLEANUP_BUF struct buf bytes = BUF_INIT(max_bytes);
		struct err why = ERR_INIT;
		if (!remote_send(m, q, &tries, answer, a, e))
			return false;
		if (answer->status != 200)
			return true;
		if (read_body(m, max_bytes, &bytes, &why)) {
			*body = arena_str(a, buf_str(&bytes));
			return true;
		}
		if (http_failure(m->http) != HTTP_CUT || !tries_again(&tries, 0)) {
			*e = why;
			return err_wrap(e, "%.*s", STR_ARG(m->endpoint->host));
		}
	}
}
