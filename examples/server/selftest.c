#include "server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool try_database(void)
{
	sqlite3 *db;
	if (!visits_open(&db, ":memory:"))
		return false;
	bool counted = visits_add(db, "/") == 1 && visits_add(db, "/") == 2;
	sqlite3_close(db);
	return counted;
}

static bool try_tls(void)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_free(tls);
	return tls != NULL;
}

/* Whoever calls other services needs certificates to trust. */
static bool try_certificates(void)
{
	SSL_CTX *tls = tls_client();
	SSL_CTX_free(tls);
	return tls != NULL;
}

/* One request to itself. The kernel completes the connection and keeps what was sent until
 * it is accepted, so that one thread can play both sides. */
static bool try_request(void)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct server s = {0};
	char answer[512] = "";
	if (!visits_open(&s.visits, ":memory:") || !http_listen(&s, "127.0.0.1", 0))
		return false;
	struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(s.port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int client = socket(AF_INET, SOCK_STREAM, 0);
	if (client >= 0 && connect(client, (struct sockaddr *)&there, sizeof there) == 0 &&
	    write(client, request, sizeof request - 1) == (ssize_t)sizeof request - 1) {
		http_answer_one(&s);
		size_t n = 0;
		ssize_t got;
		while ((got = read(client, answer + n, sizeof answer - 1 - n)) > 0)
			n += (size_t)got;
	}
	close(client);
	close(s.listener);
	sqlite3_close(s.visits);
	return strstr(answer, "200 OK") && strstr(answer, "\r\n\r\nok\n");
}

/* libc's name services: it loads them by name, from files of its own. */
static bool try_name_lookup(void)
{
	struct addrinfo *found = NULL;
	int result = getaddrinfo("127.0.0.1", "80", NULL, &found);
	if (result == 0)
		freeaddrinfo(found);
	return result == 0;
}

int selftest(void)
{
	static const struct {
		const char *what;
		bool (*holds)(void);
	} tests[] = {
		{"database", try_database},         {"TLS", try_tls},
		{"certificates", try_certificates}, {"name lookup", try_name_lookup},
		{"request", try_request},
	};
	int failed = 0;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		bool holds = tests[i].holds();
		printf("%-12s %s\n", tests[i].what, holds ? "ok" : "FAILED");
		failed += !holds;
	}
	return failed ? 1 : 0;
}
