/* curl pushes what it receives; here it is pulled. Each request is an easy handle in a multi
 * handle of its own: it runs only while somebody waits for bytes, and is paused while more
 * lie here than were asked for. */
#include "os/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "core/limits.h"

enum { HELD_BYTES = 256 * 1024, RECEIVE_BYTES = 128 * 1024 };

struct http {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	struct http_times times;
	struct http_answer *answer; /* while its head is read */
	struct http_upload upload;  /* while it is sent */
	struct err upload_err;
	struct arena *arena;
	size_t head_bytes;
	bool under_way, head_done, paused, ended;
	CURLcode outcome;
	enum http_failure failure;
	uint64_t heard_ms; /* when something last came */
	uint64_t head_ms;  /* when the head began to come, or more was sent after that; 0: not yet */
	size_t at, n;      /* what is held lies at held + at, n bytes */
	char why[CURL_ERROR_SIZE];
	char held[HELD_BYTES];
};

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct http *http_new(struct http_times times)
{
	struct http *h = calloc(1, sizeof *h);
	if (!h)
		out_of_memory();
	h->times = times;
	h->easy = curl_easy_init(); /* first: it initialises the library */
	h->multi = curl_multi_init();
	if (!h->easy || !h->multi)
		out_of_memory();
	return h;
}

void http_rest(struct http *h)
{
	if (h->under_way)
		curl_multi_remove_handle(h->multi, h->easy);
	curl_slist_free_all(h->headers);
	h->headers = NULL;
	h->under_way = h->head_done = h->paused = h->ended = false;
	h->at = h->n = h->head_bytes = 0;
	h->head_ms = 0;
	h->outcome = CURLE_OK;
	h->failure = HTTP_FINE;
	h->upload_err.code = ERR_NONE;
	h->why[0] = '\0';
}

void http_free(struct http **http)
{
	struct http *h = *http;
	if (!h)
		return;
	http_rest(h);
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	free(h);
	*http = NULL;
}

enum http_failure http_failure(const struct http *h)
{
	return h->failure;
}

/* ---- What curl hands over ---- */

/* A line of the head. Those of an interim answer (1xx) are forgotten with the next status
 * line; trailers behind the body are left out. */
static size_t take_header(char *p, size_t size, size_t count, void *context)
{
	struct http *h = context;
	struct str line = str_trim((struct str){p, size * count});
	h->heard_ms = now_ms();
	h->head_ms = h->head_ms ? h->head_ms : h->heard_ms;
	h->head_bytes += size * count;
	if (h->head_bytes > LIMIT_HTTP_ANSWER_HEAD_BYTES)
		return 0;
	if (h->head_done)
		return size * count;
	if (str_starts(line, STR("HTTP/"))) {
		h->answer->headers.n = 0;
	} else if (line.n == 0) {
		long status = 0;
		curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
		h->answer->status = (unsigned)status;
		h->head_done = status >= 200;
	} else {
		size_t colon = str_index(line, ':');
		*vec_push(&h->answer->headers, h->arena) = (struct http_header){
			arena_str(h->arena, str_trim(str_slice(line, 0, colon))),
			arena_str(h->arena, str_trim(str_skip(line, colon + 1)))};
	}
	return size * count;
}

static size_t take_body(char *p, size_t size, size_t count, void *context)
{
	struct http *h = context;
	size_t n = size * count;
	h->heard_ms = now_ms();
	if (h->at > 0) {
		memmove(h->held, h->held + h->at, h->n);
		h->at = 0;
	}
	if (n > HELD_BYTES - h->n) {
		h->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	memcpy(h->held + h->n, p, n);
	h->n += n;
	return n;
}

/* ---- Sending ---- */

/* RFC 9110, 5.5: CR, LF and NUL are dangerous in a field, other controls invalid; curl sends them
 * as they are, and what stands behind a line break would be a header or request of its own. */
static bool is_one_line(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool add_header(struct http *h, struct str line, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	if (!is_one_line(line)) {
		h->failure = HTTP_REFUSED;
		return err_set(e, ERR_INPUT, "the header %.*s to be sent holds control characters",
		               STR_ARG(str_slice(line, 0, str_index(line, ':'))));
	}
	struct curl_slist *longer = curl_slist_append(h->headers, arena_cstr(&scratch, line));
	if (!longer)
		out_of_memory();
	h->headers = longer;
	return true;
}

static size_t give_body(char *p, size_t size, size_t count, void *context)
{
	struct http *h = context;
	size_t n = 0;
	h->heard_ms = now_ms();
	h->head_ms = h->head_ms ? h->heard_ms : 0;
	if (!h->upload.read(h->upload.context, p, size * count, &n, &h->upload_err))
		return CURL_READFUNC_ABORT;
	return n;
}

/* "Expect: 100-continue" would cost a second with servers that do not know it. */
static bool set_upload(struct http *h, const struct http_request *r, struct err *e)
{
	bool known = r->upload.size_bytes != HTTP_SIZE_UNKNOWN;
	h->upload = r->upload;
	curl_easy_setopt(h->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, r->method);
	curl_easy_setopt(h->easy, CURLOPT_INFILESIZE_LARGE,
	                 known ? (curl_off_t)r->upload.size_bytes : (curl_off_t)-1);
	curl_easy_setopt(h->easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)RECEIVE_BYTES);
	curl_easy_setopt(h->easy, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(h->easy, CURLOPT_READDATA, h);
	return add_header(h, STR("Expect:"), e);
}

static bool set_method(struct http *h, const struct http_request *r, struct err *e)
{
	if (r->upload.read)
		return set_upload(h, r, e);
	if (strcmp(r->method, "HEAD") == 0) {
		curl_easy_setopt(h->easy, CURLOPT_NOBODY, 1L);
	} else if (strcmp(r->method, "POST") == 0) {
		curl_easy_setopt(h->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		curl_easy_setopt(h->easy, CURLOPT_COPYPOSTFIELDS, r->body.p ? r->body.p : "");
	} else if (strcmp(r->method, "GET") != 0) {
		curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, r->method);
	}
	return true;
}

static void set_trust(struct http *h, struct str pem)
{
	struct curl_blob blob = {(void *)(uintptr_t)pem.p, pem.n, CURL_BLOB_COPY};
	if (pem.n)
		curl_easy_setopt(h->easy, CURLOPT_CAINFO_BLOB, &blob);
}

static void set_client(struct http *h, const struct http_request *r, struct arena *scratch)
{
	if (r->client_cert.n) {
		curl_easy_setopt(h->easy, CURLOPT_SSLCERT, arena_cstr(scratch, r->client_cert));
		curl_easy_setopt(h->easy, CURLOPT_SSLKEY, arena_cstr(scratch, r->client_key));
	}
}

static bool prepare(struct http *h, const struct http_request *r, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str origin, host;
	if (!http_origin(r->url, &origin, &host, &scratch, e)) {
		h->failure = HTTP_REFUSED;
		return false;
	}
	for (size_t i = 0; i < r->headers.n; i++)
		if (!add_header(h, r->headers.p[i], e))
			return false;
	curl_easy_reset(h->easy);
	curl_easy_setopt(h->easy, CURLOPT_URL, arena_cstr(&scratch, r->url));
	curl_easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->easy, CURLOPT_USERAGENT, "socle/" SOCLE_VERSION);
	curl_easy_setopt(h->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h->easy, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->why);
	curl_easy_setopt(h->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	curl_easy_setopt(h->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(h->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)h->times.connect_ms);
	if (r->unix_socket.n)
		curl_easy_setopt(h->easy, CURLOPT_UNIX_SOCKET_PATH,
		                 arena_cstr(&scratch, r->unix_socket));
	if (r->unix_socket.n || http_is_loopback(host))
		curl_easy_setopt(h->easy, CURLOPT_PROXY, "");
	if (!set_method(h, r, e))
		return false;
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers);
	set_trust(h, r->ca_pem);
	set_client(h, r, &scratch);
	return true;
}

/* ---- Running ---- */

static bool was_connected(struct http *h)
{
	curl_off_t us = 0;
	curl_easy_getinfo(h->easy, CURLINFO_PRETRANSFER_TIME_T, &us);
	return us > 0;
}

static enum http_failure failure_of(struct http *h, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return HTTP_FINE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
		return HTTP_UNREACHABLE;
	case CURLE_OPERATION_TIMEDOUT:
		return was_connected(h) ? HTTP_CUT : HTTP_UNREACHABLE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CERTPROBLEM:
		return HTTP_UNTRUSTED;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_WRITE_ERROR:
		return HTTP_REFUSED;
	default:
		return HTTP_CUT;
	}
}

static bool fail(struct http *h, struct err *e)
{
	h->failure = failure_of(h, h->outcome);
	if (h->upload_err.code != ERR_NONE) {
		h->failure = HTTP_REFUSED;
		*e = h->upload_err;
		return false;
	}
	if (h->head_bytes > LIMIT_HTTP_ANSWER_HEAD_BYTES)
		return err_set(e, ERR_LIMIT, "the head of the answer is larger than %u bytes",
		               LIMIT_HTTP_ANSWER_HEAD_BYTES);
	return err_set(e, ERR_IO, "%s", h->why[0] ? h->why : curl_easy_strerror(h->outcome));
}

static void look_for_end(struct http *h)
{
	int left;
	for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &left)) != NULL;)
		if (m->msg == CURLMSG_DONE) {
			h->ended = true;
			h->outcome = m->data.result;
		}
}

/* Lets curl work once; whether anything came of it. */
static bool work(struct http *h)
{
	int running = 0;
	size_t held = h->n;
	bool head_done = h->head_done;
	if (h->paused) {
		h->paused = false;
		curl_easy_pause(h->easy, CURLPAUSE_CONT);
	}
	if (curl_multi_perform(h->multi, &running) != CURLM_OK)
		out_of_memory();
	look_for_end(h);
	return h->ended || h->n != held || h->head_done != head_done;
}

/* … and waits for the network where nothing did. */
static bool step(struct http *h, struct err *e)
{
	if (work(h))
		return true;
	uint64_t silent = now_ms() - h->heard_ms;
	if (silent >= h->times.silence_ms && was_connected(h)) {
		h->failure = HTTP_CUT;
		return err_set(e, ERR_IO, "nothing came for %u ms", h->times.silence_ms);
	}
	unsigned wait = h->times.silence_ms > silent ? h->times.silence_ms - (unsigned)silent : 0;
	curl_multi_poll(h->multi, NULL, 0, wait < 1000 ? (int)wait + 1 : 1000, NULL);
	return true;
}

/* Line by line, a head could come for ever without a silence. */
static bool check_head(struct http *h, struct err *e)
{
	uint64_t most_ms = 10 * (uint64_t)h->times.silence_ms;
	if (h->head_done || h->ended || !h->head_ms || now_ms() - h->head_ms <= most_ms)
		return true;
	h->failure = HTTP_CUT;
	return err_set(e, ERR_IO, "the head of the answer is not whole after %llu ms",
	               (unsigned long long)most_ms);
}

bool http_send(struct http *h, const struct http_request *r, struct http_answer *answer,
               struct arena *a, struct err *e)
{
	http_rest(h);
	*answer = (struct http_answer){0};
	h->answer = answer;
	h->arena = a;
	if (!prepare(h, r, e))
		return false;
	curl_multi_add_handle(h->multi, h->easy);
	h->under_way = true;
	h->heard_ms = now_ms();
	while (!h->head_done && !h->ended)
		if (!step(h, e) || !check_head(h, e))
			return false;
	return h->head_done || fail(h, e);
}

bool http_body(struct http *h, void *p, size_t cap, size_t *n, struct err *e)
{
	*n = 0;
	h->heard_ms = now_ms();
	while (h->n == 0 && !h->ended)
		if (!step(h, e))
			return false;
	if (h->n == 0)
		return h->outcome == CURLE_OK || fail(h, e);
	*n = cap < h->n ? cap : h->n;
	memcpy(p, h->held + h->at, *n);
	h->at += *n;
	h->n -= *n;
	return true;
}

bool http_wait(struct http *h, unsigned wait_ms, bool *ready, struct err *e)
{
	uint64_t deadline = now_ms() + wait_ms;
	for (;;) {
		*ready = h->n > 0 || h->ended || work(h);
		uint64_t now = now_ms();
		if (*ready || now >= deadline)
			return true;
		if (curl_multi_poll(h->multi, NULL, 0, (int)(deadline - now), NULL) != CURLM_OK)
			return err_set(e, ERR_IO, "waiting for an answer");
	}
}

struct str http_header(const struct http_answer *answer, struct str name)
{
	for (size_t i = 0; i < answer->headers.n; i++) {
		const struct http_header *header = &answer->headers.p[i];
		if (header->name.n == name.n && strncasecmp(header->name.p, name.p, name.n) == 0)
			return header->value;
	}
	return STR_NONE;
}

uint64_t http_retry_after_ms(struct str value)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	uint64_t seconds;
	if (str_to_u64(value, &seconds))
		return seconds < UINT32_MAX ? seconds * 1000 : UINT64_MAX;
	time_t then = value.n ? curl_getdate(arena_cstr(&scratch, value), NULL) : -1;
	time_t now = time(NULL);
	return then > now ? (uint64_t)(then - now) * 1000 : 0;
}

struct str http_system_certificates(void)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	return v->age >= CURLVERSION_SEVENTH && v->cainfo ? str_of(v->cainfo) : STR_NONE;
}
