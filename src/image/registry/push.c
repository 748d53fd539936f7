/* Pushing (distribution-spec, "Push"): a blob is asked for, mounted or sent, a manifest put when
 * all that it names is there. */
#include "image/registry/remote.h"

/* ---- Blobs ---- */

struct upload {
	struct remote *m;
	struct registry_name to;
	struct str digest, from;
	struct source source;
	struct arena *arena; /* of one try */
};

static bool is_there(struct upload *u, bool *there, struct err *e)
{
	struct remote_request q = {.method = "HEAD"};
	struct tries tries = tries_of(u->m->registry);
	struct http_answer answer;
	q.url = arena_printf(u->arena, "%.*s/v2/%.*s/blobs/%.*s", STR_ARG(u->m->endpoint->url),
	                     STR_ARG(u->to.repository), STR_ARG(u->digest));
	if (!remote_send(u->m, &q, &tries, &answer, u->arena, e))
		return false;
	*there = answer.status == 200;
	return *there || answer.status == 404 || remote_refused(u->m, &answer, e);
}

/* "Location" may be whole or not, on this server or another one that has TLS as well. */
static bool read_location(struct upload *u, struct str url, const struct http_answer *answer,
                          struct str *location, struct err *e)
{
	struct str said = http_header(answer, STR("Location"));
	if (said.n == 0)
		return err_set(e, ERR_INPUT, "%.*s says nowhere where to send to",
		               STR_ARG(u->to.host));
	if (!http_resolve(url, said, location, u->arena, e))
		return err_wrap(e, "%.*s", STR_ARG(u->to.host));
	return str_starts(*location, STR("https://")) ||
	       endpoint_may_be_plain(u->m->registry, *location) ||
	       err_set(e, ERR_INPUT, "%.*s wants it sent to %.*s, which has no TLS",
	               STR_ARG(u->to.host), STR_ARG(str_slice(*location, 0, 200)));
}

/* A registry that cannot mount opens an upload instead. */
static bool begin(struct upload *u, struct str *location, bool *mounted, struct err *e)
{
	struct remote_request q = {.method = "POST"};
	struct tries tries = tries_of(u->m->registry);
	struct http_answer answer;
	q.url = arena_printf(u->arena, "%.*s/v2/%.*s/blobs/uploads/", STR_ARG(u->m->endpoint->url),
	                     STR_ARG(u->to.repository));
	if (u->from.n)
		q.url = arena_printf(u->arena, "%.*s?mount=%.*s&from=%.*s", STR_ARG(q.url),
		                     STR_ARG(http_escape(u->digest, u->arena)),
		                     STR_ARG(http_escape(u->from, u->arena)));
	if (!remote_send(u->m, &q, &tries, &answer, u->arena, e))
		return false;
	*mounted = answer.status == 201;
	if (*mounted)
		return true;
	return answer.status == 202 ? read_location(u, q.url, &answer, location, e)
	                            : remote_refused(u->m, &answer, e);
}

/* Sent once: what a registry makes of the rest of an upload that was cut differs, a new one is
 * as good. */
static bool send_all(struct upload *u, struct str location, struct err *e)
{
	struct remote_request q = {.method = "PUT", .upload = &u->source};
	struct tries once = {&u->m->registry->options->patience, 1, 0};
	struct http_answer answer;
	q.url = arena_printf(u->arena, "%.*s%sdigest=%.*s", STR_ARG(location),
	                     str_contains(location, STR("?")) ? "&" : "?",
	                     STR_ARG(http_escape(u->digest, u->arena)));
	*vec_push(&q.headers, u->arena) = STR("Content-Type: application/octet-stream");
	if (!remote_send(u->m, &q, &once, &answer, u->arena, e))
		return false;
	/* distribution-spec: 404 BLOB_UPLOAD_UNKNOWN, when the registry has lost it. */
	u->m->passing = answer.status == 404;
	return answer.status == 201 || remote_refused(u->m, &answer, e);
}

static bool push_once(struct upload *u, enum registry_push *how, struct err *e)
{
	struct str location = STR_NONE;
	bool there, mounted;
	u->m->passing = false;
	if (!is_there(u, &there, e))
		return false;
	*how = REGISTRY_THERE;
	if (there)
		return true;
	if (!begin(u, &location, &mounted, e)) {
		u->m->passing = false; /* it has been tried already */
		return false;
	}
	*how = mounted ? REGISTRY_MOUNTED : REGISTRY_SENT;
	return mounted || send_all(u, location, e);
}

bool registry_push_blob(struct registry *r, const struct registry_name *to, struct str digest,
                        struct source source, struct str from, enum registry_push *how,
                        struct err *e)
{
	CLEANUP_REMOTE struct remote remote = {0};
	struct tries tries = tries_of(r);
	if (!remote_open(&remote, r, to, e))
		return false;
	for (;;) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct upload u = {&remote, *to, digest, from, source, &scratch};
		struct err why = ERR_INIT;
		if (push_once(&u, how, &why))
			return true;
		if (!remote.passing || !tries_again(&tries, 0)) {
			*e = why;
			return false;
		}
	}
}

/* ---- Manifests ---- */

bool registry_push_manifest(struct registry *r, const struct registry_name *to,
                            const struct registry_manifest *m, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_REMOTE struct remote remote = {0};
	struct remote_request q = {.method = "PUT"};
	struct source bytes = source_bytes(m->bytes, &scratch);
	struct tries tries = tries_of(r);
	struct http_answer answer;
	if (!remote_open(&remote, r, to, e))
		return false;
	q.url = arena_printf(&scratch, "%.*s/v2/%.*s/manifests/%.*s", STR_ARG(remote.endpoint->url),
	                     STR_ARG(to->repository), STR_ARG(to->reference));
	q.upload = &bytes;
	*vec_push(&q.headers, &scratch) =
		arena_printf(&scratch, "Content-Type: %.*s", STR_ARG(m->media_type));
	if (!remote_send(&remote, &q, &tries, &answer, &scratch, e))
		return false;
	if (answer.status != 201 && answer.status != 200)
		return remote_refused(&remote, &answer, e);
	struct str said = http_header(&answer, STR("Docker-Content-Digest"));
	return !str_starts(said, STR("sha256:")) || str_eq(said, m->digest) ||
	       err_set(e, ERR_INPUT, "%.*s keeps it as %.*s, but it is %.*s", STR_ARG(to->host),
	               STR_ARG(said), STR_ARG(m->digest));
}
