/* remote: asking one registry: which address, who asks, and how often. Known to the registry
 * folder alone. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "core/map.h"
#include "image/registry/auth_file.h"
#include "image/registry/registry.h"
#include "os/http.h"

/* What is known of one registry. Guarded by the lock of the registry, but for the flags. */
struct endpoint {
	struct str host;   /* as references name it */
	struct str url;    /* "https://registry-1.docker.io" */
	struct str origin; /* of that address */
	struct str ca_pem;
	atomic_bool answered;     /* once, at least */
	atomic_bool unreachable;  /* never answered, and will not be asked again */
	struct map credentials; /* by repository, once they have been looked for */
	struct map tokens;      /* by repository: what stands behind "Authorization: " */
};

enum { IDLE_MAX = 8 };

struct registry {
	const struct registry_options *options;
	struct arena arena; /* of endpoints; guarded by the lock */
	pthread_mutex_t lock;
	struct map endpoints;
	struct http *idle[IDLE_MAX]; /* with their connections: the next question need not open one */
	size_t idle_count;           /* guarded by the lock */
	atomic_uint_fast64_t received_bytes, awaited_bytes;
};

/* One thread's way to one repository. */
struct remote {
	struct registry *registry;
	struct endpoint *endpoint;
	struct str repository;
	struct http *http;
	struct stream *sending; /* the body under way; as long as curl may ask for more of it */
	bool passing;           /* after remote_send() failed: asking again may help */
};

/* ERR_USAGE where there may be no network; ERR_IO where the host is known to be out of reach. */
MUST_USE bool remote_open(struct remote *m, struct registry *r, const struct registry_name *name,
                          struct err *e);
void remote_close(struct remote *m);
#define CLEANUP_REMOTE __attribute__((cleanup(remote_close)))

/* ---- Tries ---- */

struct tries tries_of(const struct registry *r);

/* ---- Requests ---- */

struct remote_request {
	const char *method;
	struct str url; /* whole */
	struct str_vec headers;
	struct str body;
	const struct source *upload; /* sent as the body, from its start with each try; NULL: `body` */
	bool anonymous; /* never with the registry's token: the token server is asked */
};

/* Sends it, follows redirects, brings a token where one is wanted, and tries again where that may
 * help. Gives the head of an answer below 500 that is neither a redirect nor 401 or 429; its
 * body is http_body()'s on m->http. */
MUST_USE bool remote_send(struct remote *m, const struct remote_request *q, struct tries *tries,
                          struct http_answer *answer, struct arena *a, struct err *e);

/* Likewise, with the body of a 200, of at most max_bytes; other answers' bodies stay unread. */
MUST_USE bool remote_fetch(struct remote *m, const struct remote_request *q, size_t max_bytes,
                           struct http_answer *answer, struct str *body, struct arena *a,
                           struct err *e);

/* ERR_IO: what the registry says with an answer that is not what was hoped for, its own words
 * included. */
bool remote_refused(struct remote *m, const struct http_answer *answer, struct err *e);

/* For `progress`: so many bytes of blobs have come or gone. */
void remote_progress(struct registry *r, uint64_t more_bytes);

/* ---- Parts ---- */

/* endpoint.c */
struct endpoint *endpoint_of(struct registry *r, struct str host, struct http *http,
                             struct err *e);
/* May a host be asked without TLS? */
bool endpoint_may_be_plain(const struct registry *r, struct str url);
MUST_USE bool mirrors_check(const struct str_vec *mirrors, struct err *e);

/* credentials.c: who asks for this repository; files and helpers are asked once. */
MUST_USE bool credentials_find(struct registry *r, struct endpoint *ep, struct str repository,
                               struct credential *c, struct err *e);

/* token.c: what is known already; empty: nothing. */
struct str token_at_hand(struct registry *r, struct endpoint *ep, struct str repository);

/* A new one, after an answer of 401 to a request that was sent with `refused`. */
MUST_USE bool token_bring(struct remote *m, const struct http_answer *answer, struct str refused,
                          struct str *authorization, struct err *e);
