/* Where a registry is asked: mirrors, Docker Hub's other name, plain HTTP, certificates. */
#include <glob.h>

#include "core/limits.h"
#include "image/registry/remote.h"
#include "os/file.h"

/* ---- Mirrors ---- */

static bool split_mirror(struct str mirror, struct str *host, struct str *url)
{
	size_t equals = str_index(mirror, '=');
	*host = str_slice(mirror, 0, equals);
	*url = str_skip(mirror, equals + 1);
	while (str_ends(*url, STR("/")))
		url->n--;
	return host->n > 0 && url->n > 0;
}

bool mirrors_check(const struct str_vec *mirrors, struct err *e)
{
	for (size_t i = 0; i < mirrors->n; i++) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct str host, url, origin, name;
		struct err ignored = ERR_INIT;
		if (!split_mirror(mirrors->p[i], &host, &url) ||
		    !http_origin(url, &origin, &name, &scratch, &ignored) ||
		    str_contains(url, STR("?")) || str_contains(url, STR("#")))
			return err_set(e, ERR_USAGE,
			               "--mirror %.*s: it reads docker.io=http://127.0.0.1:5000",
			               STR_ARG(mirrors->p[i]));
	}
	return true;
}

bool registry_mirror(const struct registry *r, struct str host, struct str *url)
{
	const struct str_vec *mirrors = &r->options->mirrors;
	for (size_t i = 0; i < mirrors->n; i++) {
		struct str mirrored;
		if (split_mirror(mirrors->p[i], &mirrored, url) && str_eq(mirrored, host))
			return true;
	}
	return false;
}

/* ---- Plain HTTP ---- */

static bool is_named_plain(const struct registry *r, struct str host)
{
	for (size_t i = 0; i < r->options->plain_http.n; i++)
		if (str_eq(r->options->plain_http.p[i], host))
			return true;
	return false;
}

static struct str without_port(struct str host)
{
	size_t bracket = str_rindex(host, ']');
	if (bracket < host.n)
		return str_slice(host, 0, bracket + 1);
	return str_slice(host, 0, str_index(host, ':'));
}

bool endpoint_may_be_plain(const struct registry *r, struct str url)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct err ignored = ERR_INIT;
	struct str origin, host;
	if (!http_origin(url, &origin, &host, &scratch, &ignored))
		return false;
	struct str with_port = str_skip(origin, 7); /* "http://" */
	return http_is_loopback(host) || is_named_plain(r, host) || is_named_plain(r, with_port);
}

/* A registry on this machine speaks plain HTTP or TLS; nothing but asking tells. One with TLS
 * answers a plain request with 400 or not in HTTP at all. Nothing secret is in the question. */
static bool speaks_plain(struct registry *r, struct str url, struct http *http, bool *plain,
                         struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct http_request q = {.method = "GET",
	                         .url = arena_printf(&scratch, "%.*s/v2/", STR_ARG(url))};
	struct tries tries = tries_of(r);
	struct http_answer answer;
	do {
		struct err why = ERR_INIT;
		if (http_send(http, &q, &answer, &scratch, &why)) {
			*plain = answer.status != 400;
			return true;
		}
		if (http_failure(http) == HTTP_UNREACHABLE) {
			*e = why;
			return false;
		}
		*plain = false;
	} while (http_failure(http) == HTTP_CUT && tries_again(&tries, 0));
	return true;
}

/* ---- Certificates ---- */

static bool append_file(struct buf *pem, const char *path, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str text;
	return file_read(path, LIMIT_CERTIFICATES_BYTES, &scratch, &text, e) &&
	       buf_append(pem, text.p, text.n, e) && buf_append(pem, "\n", 1, e);
}

static bool append_folder(struct buf *pem, struct str folder, struct str host, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str pattern =
		arena_printf(&scratch, "%.*s/%.*s/*.crt", STR_ARG(folder), STR_ARG(host));
	glob_t found;
	bool ok = true;
	/* "[::1]" is a host, not a class of characters. */
	if (str_contains(host, STR("[")) || glob(pattern.p, 0, NULL, &found) != 0)
		return true;
	for (size_t i = 0; ok && i < found.gl_pathc; i++)
		ok = append_file(pem, found.gl_pathv[i], e);
	globfree(&found);
	return ok;
}

/* The system's stay trusted: curl takes one set of certificates, so both are in it. */
static bool gather_certificates(struct registry *r, struct endpoint *ep, struct err *e)
{
	CLEANUP_BUF struct buf pem = BUF_INIT(LIMIT_CERTIFICATES_BYTES);
	struct str system = http_system_certificates();
	for (size_t i = 0; i < r->options->ca_folders.n; i++)
		if (!append_folder(&pem, r->options->ca_folders.p[i], ep->host, e))
			return false;
	if (pem.n == 0)
		return true;
	if (system.n && path_exists(system.p) && !append_file(&pem, system.p, e))
		return false;
	ep->ca_pem = arena_str(&r->arena, buf_str(&pem));
	return true;
}

/* ---- All of it ---- */

static bool find_url(struct registry *r, struct endpoint *ep, struct http *http, struct err *e)
{
	struct arena *a = &r->arena;
	struct str host = str_eq(ep->host, STR("docker.io")) ? STR("registry-1.docker.io") : ep->host;
	bool plain = is_named_plain(r, host);
	if (registry_mirror(r, ep->host, &ep->url))
		return true;
	ep->url = arena_printf(a, "http://%.*s", STR_ARG(host));
	if (!plain && http_is_loopback(without_port(host)) &&
	    !speaks_plain(r, ep->url, http, &plain, e)) {
		ep->unreachable = true;
		return err_wrap(e, "%.*s cannot be reached", STR_ARG(ep->host));
	}
	if (!plain)
		ep->url = arena_printf(a, "https://%.*s", STR_ARG(host));
	return true;
}

static bool set_up(struct registry *r, struct endpoint *ep, struct http *http, struct err *e)
{
	struct str name;
	return gather_certificates(r, ep, e) && find_url(r, ep, http, e) &&
	       http_origin(ep->url, &ep->origin, &name, &r->arena, e);
}

static struct endpoint *find_or_make(struct registry *r, struct str host, struct http *http,
                                     struct err *e)
{
	struct endpoint *ep = map_get(&r->endpoints, host);
	if (!ep) {
		ep = ARENA_NEW(&r->arena, struct endpoint);
		ep->host = arena_str(&r->arena, host);
		*map_put(&r->endpoints, &r->arena, ep->host, NULL) = (uintptr_t)ep;
	}
	if (ep->unreachable) {
		err_set(e, ERR_IO, "%.*s cannot be reached", STR_ARG(host));
		return NULL;
	}
	return ep->origin.n || set_up(r, ep, http, e) ? ep : NULL;
}

struct endpoint *endpoint_of(struct registry *r, struct str host, struct http *http,
                             struct err *e)
{
	pthread_mutex_lock(&r->lock);
	struct endpoint *ep = find_or_make(r, host, http, e);
	pthread_mutex_unlock(&r->lock);
	return ep;
}
