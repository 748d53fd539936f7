/* server: the example application that `./run` finds a base image for.
 *
 * A small web service as people write them: it counts visits in SQLite and
 * answers over HTTP, or HTTPS where it is given a certificate. What it wants of
 * its base image is typical: a dynamic loader, libc, OpenSSL, certificates. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>
#include <sqlite3.h>

struct server {
	sqlite3 *visits;
	SSL_CTX *tls; /* NULL: plain HTTP */
	int listener;
	unsigned short port;
};

/* --- visits.c: the database */

/* Opens it and makes its table; false with the reason on standard error. */
bool visits_open(sqlite3 **db, const char *path);

/* Counts one more visit of `path`; the count so far, or -1. */
long long visits_add(sqlite3 *db, const char *path);

/* --- tls.c */

/* For a server with its certificate and key (PEM files); NULL with the reason on
 * standard error. */
SSL_CTX *tls_server(const char *certificate, const char *key);

/* For a client that trusts the certificates of the machine; NULL where it has none. */
SSL_CTX *tls_client(void);

/* --- http.c */

/* Listens on `address` ("0.0.0.0", "127.0.0.1"); port 0 takes any, and s->port tells. */
bool http_listen(struct server *s, const char *address, unsigned short port);

/* Accepts one connection and answers its request. */
void http_answer_one(struct server *s);

/* --- selftest.c: everything that the program needs, tried once. Exit status. */
int selftest(void);
