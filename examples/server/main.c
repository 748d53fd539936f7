#include "server.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
	"usage: server [--port N] [--database FILE] [--certificate PEM --key PEM]\n"
	"       server --selftest | --version\n"
	"\n"
	"Counts visits. GET /healthz answers ok; every other path tells how often it was asked for.\n";

/* Process 1 of a container has no default action for SIGTERM: without a handler `docker
 * stop` would wait ten seconds and kill. */
static void stop(int signal)
{
	(void)signal;
	_exit(0);
}

static int serve(struct server *s, unsigned short port)
{
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = stop}, NULL);
	sigaction(SIGINT, &(struct sigaction){.sa_handler = stop}, NULL);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	if (!http_listen(s, "0.0.0.0", port))
		return 1;
	printf("server: listening on port %u\n", s->port);
	fflush(stdout);
	for (;;)
		http_answer_one(s);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", required_argument, NULL, 'p'},        {"database", required_argument, NULL, 'd'},
		{"certificate", required_argument, NULL, 'c'}, {"key", required_argument, NULL, 'k'},
		{"selftest", no_argument, NULL, 't'},          {"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},              {0},
	};
	struct server s = {0};
	const char *database = ":memory:", *certificate = NULL, *key = NULL;
	unsigned long port = 8080;
	char *end;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (option) {
		case 'p':
			port = strtoul(optarg, &end, 10);
			if (*end || port > 65535) {
				fprintf(stderr, "server: %s is no port\n", optarg);
				return 2;
			}
			break;
		case 'd': database = optarg; break;
		case 'c': certificate = optarg; break;
		case 'k': key = optarg; break;
		case 't': return selftest();
		case 'v': printf("server %s, %s, SQLite %s\n", VERSION,
				 OpenSSL_version(OPENSSL_VERSION), sqlite3_libversion()); return 0;
		case 'h': fputs(usage, stdout); return 0;
		default: fputs(usage, stderr); return 2;
		}
	if (optind < argc || !certificate != !key) {
		fputs(usage, stderr);
		return 2;
	}
	if (certificate && !(s.tls = tls_server(certificate, key)))
		return 1;
	return visits_open(&s.visits, database) ? serve(&s, (unsigned short)port) : 1;
}
