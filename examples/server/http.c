#include "server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST_REQUEST_BYTES 8192
#define SECONDS_TO_ASK 5

bool http_listen(struct server *s, const char *address, unsigned short port)
{
	struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t n = sizeof where;
	if (inet_pton(AF_INET, address, &where.sin_addr) != 1) {
		fprintf(stderr, "server: %s is no IPv4 address\n", address);
		return false;
	}
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->listener >= 0)
		setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&where, sizeof where) ||
	    listen(s->listener, SOMAXCONN) ||
	    getsockname(s->listener, (struct sockaddr *)&where, &n)) {
		perror("server: listen");
		return false;
	}
	s->port = ntohs(where.sin_port);
	return true;
}

/* A connection, encrypted or not. */
struct peer {
	int fd;
	SSL *tls;
};

static ssize_t peer_read(struct peer *p, char *into, size_t n)
{
	return p->tls ? SSL_read(p->tls, into, (int)n) : read(p->fd, into, n);
}

static void peer_write(struct peer *p, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t written = p->tls ? SSL_write(p->tls, text, (int)n) : send(p->fd, text, n, MSG_NOSIGNAL);
		if (written <= 0)
			return;
		text += written;
		n -= (size_t)written;
	}
}

/* The path of "GET /path HTTP/1.1…", cut out in place; NULL: no such request. */
static const char *read_path(struct peer *p, char request[static LONGEST_REQUEST_BYTES])
{
	size_t n = 0;
	do {
		ssize_t got = peer_read(p, request + n, LONGEST_REQUEST_BYTES - 1 - n);
		if (got <= 0)
			return NULL;
		n += (size_t)got;
		request[n] = 0;
	} while (!strstr(request, "\r\n\r\n") && n < LONGEST_REQUEST_BYTES - 1);
	if (strncmp(request, "GET /", 5) != 0)
		return NULL;
	char *path = request + 4;
	path[strcspn(path, " ?\r\n")] = 0;
	return path;
}

static void answer(struct server *s, struct peer *p)
{
	char request[LONGEST_REQUEST_BYTES], body[256], head[256];
	const char *status = "200 OK";
	const char *path = read_path(p, request);
	if (!path) {
		status = "400 Bad Request";
		snprintf(body, sizeof body, "only GET\n");
	} else if (strcmp(path, "/healthz") == 0) {
		snprintf(body, sizeof body, "ok\n");
	} else {
		long long count = visits_add(s->visits, path);
		if (count < 0)
			status = "500 Internal Server Error";
		snprintf(body, sizeof body, "visit %lld of %.128s\n", count, path);
	}
	int n = snprintf(head, sizeof head,
			 "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			 status, strlen(body));
	peer_write(p, head, (size_t)n);
	peer_write(p, body, strlen(body));
}

void http_answer_one(struct server *s)
{
	struct peer p = {.fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC)};
	if (p.fd < 0)
		return;
	/* A silent client must not keep the others waiting for ever. */
	struct timeval patience = {.tv_sec = SECONDS_TO_ASK};
	setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(p.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (s->tls) {
		p.tls = SSL_new(s->tls);
		if (!p.tls || SSL_set_fd(p.tls, p.fd) != 1 || SSL_accept(p.tls) != 1) {
			SSL_free(p.tls);
			close(p.fd);
			return;
		}
	}
	answer(s, &p);
	if (p.tls)
		SSL_shutdown(p.tls);
	SSL_free(p.tls);
	close(p.fd);
}
