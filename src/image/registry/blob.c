/* A blob as a stream. Where it is cut, the next bytes are asked for by Range (RFC 9110, 14.2);
 * a server that knows no ranges sends all again, and what was had is passed over. */
#include <stdlib.h>

#include "image/registry/headers.h"
#include "image/registry/remote.h"

/* A connection that brings so much is no failure, however it ends. */
enum { GAIN_BYTES = 64 * 1024 };

struct blob {
	struct registry *registry;
	struct registry_name name;
	struct str digest;
	uint64_t size_bytes;
};

struct blob_stream {
	struct stream s;
	struct blob blob;
	struct remote remote;
	struct tries tries;
	struct arena arena;   /* of one request */
	uint64_t at;          /* bytes given so far */
	uint64_t pass_over;   /* of what comes next */
	uint64_t gained;      /* since the last try */
	bool opened, flowing; /* the registry; an answer */
};

static bool lies(const struct blob_stream *b, uint64_t has, struct err *e)
{
	return err_set(e, ERR_INPUT, "%.*s sends %llu bytes as %.*s, which should have %llu",
	               STR_ARG(b->blob.name.host), (unsigned long long)has, STR_ARG(b->blob.digest),
	               (unsigned long long)b->blob.size_bytes);
}

static bool check_whole(struct blob_stream *b, const struct http_answer *answer, struct err *e)
{
	uint64_t length;
	b->pass_over = b->at;
	struct str said = http_header(answer, STR("Content-Length"));
	return !str_to_u64(said, &length) || length == b->blob.size_bytes || lies(b, length, e);
}

static bool check_part(const struct blob_stream *b, const struct http_answer *answer, struct err *e)
{
	uint64_t first, total;
	struct str range = http_header(answer, STR("Content-Range"));
	if (!content_range_parse(range, &first, &total, e))
		return false;
	if (total != b->blob.size_bytes)
		return lies(b, total, e);
	return first == b->at ||
	       err_set(e, ERR_INPUT, "%.*s sends another part than was asked for: %.*s",
	               STR_ARG(b->blob.name.host), STR_ARG(str_slice(range, 0, 100)));
}

static bool send_request(struct blob_stream *b, struct err *e)
{
	struct remote_request q = {.method = "GET"};
	struct http_answer answer;
	arena_release(&b->arena);
	q.url = arena_printf(&b->arena, "%.*s/v2/%.*s/blobs/%.*s", STR_ARG(b->remote.endpoint->url),
	                     STR_ARG(b->blob.name.repository), STR_ARG(b->blob.digest));
	if (b->at > 0)
		*vec_push(&q.headers, &b->arena) = arena_printf(&b->arena, "Range: bytes=%llu-",
		                                                (unsigned long long)b->at);
	b->pass_over = b->gained = 0;
	if (!remote_send(&b->remote, &q, &b->tries, &answer, &b->arena, e))
		return false;
	b->flowing = true;
	if (answer.status == 200)
		return check_whole(b, &answer, e);
	if (answer.status == 206 && b->at > 0)
		return check_part(b, &answer, e);
	return remote_refused(&b->remote, &answer, e);
}

static bool begin(struct blob_stream *b, struct err *e)
{
	if (!b->opened) {
		if (!remote_open(&b->remote, b->blob.registry, &b->blob.name, e))
			return false;
		b->opened = true;
		b->tries = tries_of(b->blob.registry);
	}
	return b->flowing || send_request(b, e);
}

/* What comes too much at the end of a body without a length is not looked at: the digest holds
 * what was given. */
static size_t take(struct blob_stream *b, char *p, size_t got)
{
	size_t over = b->pass_over < got ? (size_t)b->pass_over : got;
	b->pass_over -= over;
	got -= over;
	if (got > b->blob.size_bytes - b->at)
		got = (size_t)(b->blob.size_bytes - b->at);
	memmove(p, p + over, got);
	b->at += got;
	b->gained += got;
	return got;
}

void remote_progress(struct registry *r, uint64_t more)
{
	uint64_t received = atomic_fetch_add(&r->received_bytes, more) + more;
	if (r->options->progress)
		r->options->progress(received, atomic_load(&r->awaited_bytes),
		                     r->options->progress_context);
}

/* Cut: is it worth another try? */
static bool take_up(struct blob_stream *b, const struct err *why, struct err *e)
{
	b->flowing = false;
	if (b->gained >= GAIN_BYTES)
		b->tries = tries_of(b->blob.registry);
	if (tries_again(&b->tries, 0))
		return true;
	*e = *why;
	return err_wrap(e, "%.*s: cut after %llu of %llu bytes", STR_ARG(b->blob.name.host),
	                (unsigned long long)b->at, (unsigned long long)b->blob.size_bytes);
}

static bool blob_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct blob_stream *b = (struct blob_stream *)s;
	*n = 0;
	while (*n == 0 && b->at < b->blob.size_bytes) {
		size_t got = 0;
		if (!begin(b, e))
			return false;
		struct err why = {ERR_IO, "the answer ended early"};
		bool ok = http_body(b->remote.http, p, cap, &got, &why);
		if (!ok && http_failure(b->remote.http) != HTTP_CUT) {
			*e = why;
			return err_wrap(e, "%.*s", STR_ARG(b->blob.name.host));
		}
		*n = take(b, p, got);
		if (got == 0 && !take_up(b, &why, e))
			return false;
	}
	if (*n > 0)
		remote_progress(b->blob.registry, *n);
	return true;
}

static void blob_close(struct stream *s)
{
	struct blob_stream *b = (struct blob_stream *)s;
	remote_close(&b->remote);
	arena_release(&b->arena);
	free(b);
}

static struct stream *open_stream(const void *context)
{
	struct blob_stream *b = calloc(1, sizeof *b);
	if (!b)
		out_of_memory();
	b->s = (struct stream){blob_read, blob_close};
	b->blob = *(const struct blob *)context;
	return &b->s;
}

struct source registry_blob(struct registry *r, const struct registry_name *name,
                            struct str digest, uint64_t size_bytes, struct arena *a)
{
	struct blob *blob = ARENA_NEW(a, struct blob);
	*blob = (struct blob){r, *name, digest, size_bytes};
	return (struct source){
		.fd = -1, .size_bytes = size_bytes, .open = open_stream, .context = blob};
}

void registry_await(struct registry *r, uint64_t bytes)
{
	atomic_fetch_add(&r->awaited_bytes, bytes);
}

void registry_settle(struct registry *r)
{
	uint64_t awaited = atomic_load(&r->awaited_bytes);
	if (awaited == 0)
		return;
	atomic_store(&r->received_bytes, awaited);
	remote_progress(r, 0);
	atomic_store(&r->awaited_bytes, 0);
	atomic_store(&r->received_bytes, 0);
}
