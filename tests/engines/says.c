/* What the tests start in containers. Each argument is an order, done in turn. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int port, in_addr_t address)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port),
	                         .sin_addr.s_addr = htonl(address)};
	int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 4) < 0)
		exit(9);
	for (;;) {
		static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n";
		char request[1000];
		int one = accept(fd, NULL, NULL);
		if (read(one, request, sizeof request) > 0 && write(one, answer, sizeof answer - 1) < 0)
			exit(9);
		close(one);
	}
}

static void order(const char *what, const char *value)
{
	FILE *f;
	if (!strcmp(what, "out"))
		puts(value);
	else if (!strcmp(what, "err"))
		fprintf(stderr, "%s\n", value);
	else if (!strcmp(what, "exit"))
		exit(atoi(value));
	else if (!strcmp(what, "sleep"))
		sleep((unsigned)atoi(value));
	else if (!strcmp(what, "signal"))
		raise(atoi(value));
	else if (!strcmp(what, "env"))
		puts(getenv(value) ? getenv(value) : "none");
	else if (!strcmp(what, "id"))
		printf("%u:%u\n", getuid(), getgid());
	else if (!strcmp(what, "cwd"))
		puts(getcwd((char[4096]){0}, 4096));
	else if (!strcmp(what, "serve"))
		serve(atoi(value), INADDR_LOOPBACK);
	else if (!strcmp(what, "flood"))
		for (long n = atol(value); n > 0; n--)
			putchar('x');
	else if (!strcmp(what, "eat")) {
		size_t n = strtoul(value, NULL, 10) << 20;
		volatile char *all = malloc(n);
		for (size_t i = 0; i < n; i += 4096)
			all[i] = 1;
	} else if (!strcmp(what, "write")) {
		f = fopen(value, "w");
		if (!f || fputs("written\n", f) < 0 || fclose(f) != 0)
			exit(8);
	} else if (!strcmp(what, "cat")) {
		f = fopen(value, "r");
		if (!f)
			exit(7);
		for (int c; (c = fgetc(f)) != EOF;)
			putchar(c);
		fclose(f);
	} else
		exit(100);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (strstr(argv[0], "server"))
		serve(8099, strstr(argv[0], "open-") ? INADDR_ANY : INADDR_LOOPBACK);
	for (int i = 1; i + 1 < argc; i += 2)
		order(argv[i], argv[i + 1]);
	return 0;
}
