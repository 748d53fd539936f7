/* http: requests over HTTP and HTTPS, also through Unix sockets, by libcurl; each answered as a
 * stream.
 *
 * One `struct http` belongs to one thread, sends one request at a time and keeps its
 * connections. It follows no redirect, repeats nothing and knows no credentials: who asks
 * decides that. Certificates are always verified. Proxies are taken from the environment
 * (http_proxy, https_proxy, no_proxy), for hosts of this machine never. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"
#include "core/vec.h"

struct http_times {
	unsigned connect_ms; /* until a connection stands, TLS included */
	unsigned silence_ms; /* without a byte, while one is waited for; a head may take ten times that */
};

/* A body that is made while it is sent. */
struct http_upload {
	/* Up to cap (above 0) bytes into p; *n is 0 at the end alone. An error ends the request, and
	 * is what http_send() then says. NULL: there is no such body. */
	bool (*read)(void *context, void *p, size_t cap, size_t *n, struct err *e);
	void *context;
	uint64_t size_bytes; /* of all of it; HTTP_SIZE_UNKNOWN: it is sent in chunks */
};
#define HTTP_SIZE_UNKNOWN UINT64_MAX

struct http_request {
	const char *method; /* "GET", "HEAD", "POST", "PUT", "DELETE" … */
	struct str url;
	struct str unix_socket; /* path of the socket that is asked; empty: url's host is */
	struct str_vec headers; /* "Accept: …"; one with control characters is ERR_INPUT */
	struct str body;        /* of a POST */
	struct http_upload upload; /* in its place, whatever the method */
	struct str client_cert, client_key; /* PEM files that say who asks; empty: nobody */
	struct str ca_pem;      /* certificates trusted besides the system's; empty: none */
};

struct http_header {
	struct str name, value;
};

struct http_answer {
	unsigned status;
	VEC(struct http_header) headers;
};

/* Why nothing, or not all, came. */
enum http_failure {
	HTTP_FINE,
	HTTP_UNREACHABLE, /* no connection */
	HTTP_UNTRUSTED,   /* the certificate does not hold */
	HTTP_CUT,         /* broken off, or silent for too long: worth another try */
	HTTP_REFUSED      /* by us: no address, a header of two lines, too large a head */
};

struct http;
struct http *http_new(struct http_times times);
void http_free(struct http **h);

/* Ends the request under way; connections stay, for the next one. */
void http_rest(struct http *h);
#define CLEANUP_HTTP __attribute__((cleanup(http_free)))

/* Sends a request and waits for the head of its answer, whose strings come to lie in `a`. A
 * request before it is ended. ERR_IO; http_failure() tells of which kind. */
MUST_USE bool http_send(struct http *h, const struct http_request *r, struct http_answer *answer,
                        struct arena *a, struct err *e);

/* The next bytes of the body, up to cap (above 0); *n is 0 at the end alone. A body shorter
 * than its Content-Length is HTTP_CUT. */
MUST_USE bool http_body(struct http *h, void *p, size_t cap, size_t *n, struct err *e);

/* Waits up to wait_ms; *ready: http_body() would not wait. Silence is no failure here. */
MUST_USE bool http_wait(struct http *h, unsigned wait_ms, bool *ready, struct err *e);

enum http_failure http_failure(const struct http *h);

/* The value of the first header of that name, letters' case aside; empty where there is none. */
struct str http_header(const struct http_answer *answer, struct str name);

/* ---- Addresses ---- */

/* `reference` as it reads from the page `base` (RFC 3986); only http and https. ERR_INPUT. */
MUST_USE bool http_resolve(struct str base, struct str reference, struct str *url, struct arena *a,
                           struct err *e);

/* "https://host:443", in lower case, always with the port: two addresses with the same one are
 * the same server (RFC 6454). *host is the name alone. ERR_INPUT where it is no such address. */
MUST_USE bool http_origin(struct str url, struct str *origin, struct str *host, struct arena *a,
                          struct err *e);

/* A name or address of this machine itself: localhost, 127.0.0.0/8, ::1. */
bool http_is_loopback(struct str host);

/* The text as it may stand in a query (RFC 3986, unreserved characters kept). */
struct str http_escape(struct str text, struct arena *a);

/* Retry-After (RFC 9110, 10.2.3): seconds, or a date; 0 where it says nothing of use. */
uint64_t http_retry_after_ms(struct str value);

/* Where this machine's trusted certificates lie as one file; empty where it is not known. */
struct str http_system_certificates(void);
