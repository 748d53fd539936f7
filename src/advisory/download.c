#include "advisory/download.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/limits.h"
#include "image/registry/headers.h"
#include "os/file.h"

/* A connection that brings so much is no failure, however it ends. */
enum { GAIN_BYTES = 64 * 1024 };

/* One download under way. */
struct job {
	struct download *d;
	const struct downloader *with;
	struct arena *arena;   /* of the run */
	struct arena *scratch; /* of one try */
	int fd;                /* NAME.part */
	uint64_t at;           /* bytes of it that are d->state */
	struct str validator;  /* what the rest of that state is asked by; empty: by nothing */
	struct str of;         /* path of NAME.part-of */
	uint64_t asked_ms;     /* to wait before the next try, by Retry-After */
	bool again;            /* another try may help */
};

/* ---- What lies there ---- */

static struct str of_path(const struct download *d, struct arena *a)
{
	return arena_printf(a, "%.*s/%.*s.part-of", STR_ARG(d->folder), STR_ARG(d->name));
}

/* What a range may be asked by: a strong ETag, or where there is none at all a date, unless the
 * file may have changed twice in the second that the server answered in (RFC 9110, 13.1.5). */
static struct str range_validator(const struct download_state *s, struct str date)
{
	if (s->etag.n)
		return str_starts(s->etag, STR("W/")) ? STR("") : s->etag;
	return date.n && !str_eq(date, s->last_modified) ? s->last_modified : STR("");
}

/* Four lines: address, ETag, Last-Modified, and which of them ranges are asked by. Whatever is
 * wrong with them, or with the file, only costs what has come. */
static void read_part(struct job *j)
{
	struct err ignored = ERR_INIT;
	struct str text, url, validator;
	struct download_state state;
	struct stat st;
	if (fstat(j->fd, &st) != 0 || st.st_size <= 0 ||
	    !file_read(j->of.p, LIMIT_HTTP_ANSWER_HEAD_BYTES, j->arena, &text, &ignored) ||
	    !str_next(&text, '\n', &url) || !str_next(&text, '\n', &state.etag) ||
	    !str_next(&text, '\n', &state.last_modified) || !str_next(&text, '\n', &validator) ||
	    !str_eq(url, j->d->url) || !validator.n || (uint64_t)st.st_size > j->d->max_bytes)
		return;
	j->d->state = state;
	j->validator = validator;
	j->at = (uint64_t)st.st_size;
}

/* The file is empty before it is said to be of another state. */
static bool begin_part(struct job *j, const struct http_answer *answer, struct err *e)
{
	struct download_state *s = &j->d->state;
	j->at = 0;
	s->etag = arena_str(j->arena, http_header(answer, STR("ETag")));
	s->last_modified = arena_str(j->arena, http_header(answer, STR("Last-Modified")));
	if (ftruncate(j->fd, 0) != 0)
		return err_errno(e, "%.*s", STR_ARG(j->d->path));
	j->validator = range_validator(s, http_header(answer, STR("Date")));
	struct str text = arena_printf(j->scratch, "%.*s\n%.*s\n%.*s\n%.*s\n", STR_ARG(j->d->url),
				       STR_ARG(s->etag), STR_ARG(s->last_modified),
				       STR_ARG(j->validator));
	return file_replace(j->of.p, text, 0644, e);
}

static bool open_part(struct job *j, struct err *e)
{
	j->fd = open(j->d->path.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (j->fd < 0)
		return err_errno(e, "%.*s", STR_ARG(j->d->path));
	read_part(j);
	return true;
}

void download_remove(const struct download *d, struct arena *a)
{
	unlink(arena_printf(a, "%.*s/%.*s.part", STR_ARG(d->folder), STR_ARG(d->name)).p);
	unlink(of_path(d, a).p);
}

/* ---- Asking ---- */

static void add_header(struct job *j, struct http_request *r, const char *name, struct str value)
{
	if (value.n)
		*vec_push(&r->headers, j->scratch) =
			arena_printf(j->scratch, "%s: %.*s", name, STR_ARG(value));
}

static struct http_request make_request(struct job *j)
{
	struct http_request r = {.method = "GET", .url = j->d->url};
	add_header(j, &r, "If-None-Match", j->d->had.etag);
	add_header(j, &r, "If-Modified-Since", j->d->had.last_modified);
	if (j->at) {
		add_header(j, &r, "Range",
			   arena_printf(j->scratch, "bytes=%llu-", (unsigned long long)j->at));
		add_header(j, &r, "If-Range", j->validator);
	}
	return r;
}

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool follow(struct job *j, struct http_request *r, struct str location, struct err *e)
{
	struct str to;
	if (!location.n)
		return err_set(e, ERR_IO, "a redirect without an address");
	if (!http_resolve(r->url, location, &to, j->scratch, e))
		return false;
	if (str_starts(r->url, STR("https:")) && !str_starts(to, STR("https:")))
		return err_set(e, ERR_IO, "a redirect away from https, to %.*s", STR_ARG(to));
	r->url = to;
	return true;
}

static bool failed(struct job *j)
{
	enum http_failure why = http_failure(j->with->http);
	j->again = why == HTTP_CUT || why == HTTP_UNREACHABLE;
	j->d->unreachable = why == HTTP_UNREACHABLE;
	return false;
}

static bool send_request(struct job *j, struct http_answer *answer, struct err *e)
{
	struct http_request r = make_request(j);
	for (unsigned i = 0; i <= LIMIT_HTTP_REDIRECTS; i++) {
		if (!http_send(j->with->http, &r, answer, j->scratch, e))
			return failed(j);
		if (!is_redirect(answer->status))
			return true;
		if (!follow(j, &r, http_header(answer, STR("Location")), e))
			return false;
	}
	return err_set(e, ERR_IO, "more than %u redirects", LIMIT_HTTP_REDIRECTS);
}

/* ---- The body ---- */

static void tell(const struct job *j, uint64_t awaited)
{
	if (j->with->progress)
		j->with->progress(j->at, awaited, j->with->progress_context);
}

static bool too_large(const struct job *j, struct err *e)
{
	return err_set(e, ERR_LIMIT, "larger than %llu bytes",
		       (unsigned long long)j->d->max_bytes);
}

static bool take_body(struct job *j, uint64_t awaited, struct err *e)
{
	enum { BLOCK = 65536 };
	char *block = arena_alloc(j->scratch, BLOCK);
	size_t n;
	if (awaited != UINT64_MAX && awaited > j->d->max_bytes)
		return too_large(j, e);
	if (lseek(j->fd, (off_t)j->at, SEEK_SET) < 0)
		return err_errno(e, "%.*s", STR_ARG(j->d->path));
	for (;;) {
		if (!http_body(j->with->http, block, BLOCK, &n, e))
			return failed(j);
		if (n == 0)
			break;
		if (n > j->d->max_bytes - j->at)
			return too_large(j, e);
		if (!fd_write_all(j->fd, block, n, e))
			return err_wrap(e, "%.*s", STR_ARG(j->d->path));
		j->at += n;
		tell(j, awaited);
	}
	if (awaited == UINT64_MAX || j->at == awaited)
		return true;
	j->again = true;
	return err_set(e, ERR_IO, "%llu bytes came instead of %llu", (unsigned long long)j->at,
		       (unsigned long long)awaited);
}

/* ---- Answers ---- */

static bool whole(struct job *j, const struct http_answer *answer, struct err *e)
{
	uint64_t length;
	if (!str_to_u64(http_header(answer, STR("Content-Length")), &length))
		length = UINT64_MAX;
	return begin_part(j, answer, e) && take_body(j, length, e);
}

/* What has come is of no use: all of it anew, without a Range. */
static bool anew(struct job *j, struct err *e)
{
	j->again = j->at > 0;
	j->at = 0;
	return err_set(e, ERR_IO, "the server sends another part than was asked for");
}

/* Some servers know Range and do not know If-Range: they send the rest of another state. */
static bool is_same_state(const struct job *j, const struct http_answer *answer)
{
	const struct download_state *s = &j->d->state;
	struct str etag = http_header(answer, STR("ETag"));
	struct str modified = http_header(answer, STR("Last-Modified"));
	return (!etag.n || str_eq(etag, s->etag)) &&
	       (etag.n || !modified.n || str_eq(modified, s->last_modified));
}

static bool rest(struct job *j, const struct http_answer *answer, struct err *e)
{
	uint64_t first, total;
	if (!content_range_parse(http_header(answer, STR("Content-Range")), &first, &total, e) ||
	    first != j->at || first == 0 || !is_same_state(j, answer))
		return anew(j, e);
	return take_body(j, total, e);
}

/* Nothing is behind what has come: a run was ended between the last byte and the use of it. */
static bool nothing_left(struct job *j, const struct http_answer *answer, struct err *e)
{
	struct str range = http_header(answer, STR("Content-Range"));
	struct str all = arena_printf(j->scratch, "bytes */%llu", (unsigned long long)j->at);
	bool same = str_eq(http_header(answer, STR("ETag")), j->d->state.etag);
	return (j->at && same && str_eq(range, all)) || anew(j, e);
}

static bool refused(struct job *j, const struct http_answer *answer, struct err *e)
{
	unsigned status = answer->status;
	j->again = status == 408 || status == 429 || status >= 500;
	j->asked_ms = http_retry_after_ms(http_header(answer, STR("Retry-After")));
	return err_set(e, ERR_IO, "the server answers %u%s", status,
		       status == 401 || status == 403 ? ", it wants to know who asks" : "");
}

static bool ask(struct job *j, struct err *e)
{
	struct http_answer answer;
	j->again = j->d->unreachable = false;
	j->asked_ms = 0;
	if (!send_request(j, &answer, e))
		return false;
	j->d->outcome = DOWNLOAD_WHOLE;
	switch (answer.status) {
	case 200:
		return whole(j, &answer, e);
	case 206:
		return rest(j, &answer, e);
	case 304:
		j->d->outcome = DOWNLOAD_UNCHANGED;
		return j->d->had.etag.n || j->d->had.last_modified.n || refused(j, &answer, e);
	case 404:
	case 410:
		j->d->outcome = DOWNLOAD_MISSING;
		return true;
	case 416:
		return nothing_left(j, &answer, e);
	default:
		return refused(j, &answer, e);
	}
}

/* ---- Tries ---- */

static bool try_once(struct job *j, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	j->scratch = &scratch;
	if (!j->validator.n)
		j->at = 0;
	bool ok = ask(j, e);
	tell(j, j->at);
	http_rest(j->with->http);
	return ok;
}

/* A gain is what was never there before: else a server could send the same for ever. */
static bool run(struct job *j, struct err *e)
{
	struct tries tries = tries_new(j->with->patience);
	uint64_t most = j->at;
	for (;;) {
		if (try_once(j, e))
			return true;
		if (j->at >= most + GAIN_BYTES) {
			tries = tries_new(j->with->patience);
			most = j->at;
		}
		if (!j->again || !tries_again(&tries, j->asked_ms))
			return false;
	}
}

bool download_run(struct download *d, const struct downloader *with, struct arena *a, struct err *e)
{
	CLEANUP_FD int fd = -1;
	d->path = arena_printf(a, "%.*s/%.*s.part", STR_ARG(d->folder), STR_ARG(d->name));
	d->state = (struct download_state){0};
	struct job j = {.d = d, .with = with, .arena = a, .fd = -1, .of = of_path(d, a)};
	if (!open_part(&j, e))
		return false;
	fd = j.fd;
	bool ok = run(&j, e);
	if (ok ? d->outcome == DOWNLOAD_UNCHANGED : e->code == ERR_LIMIT)
		download_remove(d, a);
	return ok || err_wrap(e, "%.*s", STR_ARG(d->url));
}
