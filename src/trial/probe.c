#include "trial/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#define RETRY_MS 20u
#define TRY_MS 5000u /* a server that takes the connection and then says nothing */

void probe_init(struct probe *p, uint16_t port, struct str path, struct arena *a)
{
	*p = (struct probe){.port = port, .fd = -1, .network = -1, .ipv6 = true};
	p->request = arena_printf(a,
				  "GET %.*s HTTP/1.1\r\nHost: localhost:%u\r\n"
				  "User-Agent: socle\r\nAccept: */*\r\nConnection: close\r\n\r\n",
				  STR_ARG(path.n ? path : STR("/")), port);
}

void probe_close(struct probe *p)
{
	fd_close(&p->fd);
	p->fd = -1;
}

short probe_events(const struct probe *p)
{
	switch (p->state) {
	case PROBE_CONNECTING:
	case PROBE_SENDING:
		return POLLOUT;
	case PROBE_READING:
		return POLLIN;
	case PROBE_IDLE:
	case PROBE_DONE:
		break;
	}
	return 0;
}

static void try_later(struct probe *p, uint64_t now_ms)
{
	probe_close(p);
	p->state = PROBE_IDLE;
	p->next_ms = now_ms + RETRY_MS;
}

/* connect(2) to 127.0.0.1 or ::1. */
static int connect_to(int fd, uint16_t port, bool ipv6)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons(port),
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	return connect(fd, ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		       ipv6 ? sizeof v6 : sizeof v4);
}

bool probe_is_taken(uint16_t port)
{
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		CLEANUP_FD int fd =
			socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect_to(fd, port, ipv6) == 0)
			return true;
	}
	return false;
}

/* A socket belongs to the network namespace of who makes it (network_namespaces(7)); we come back
 * at once. */
static int open_socket(const struct probe *p)
{
	int family = p->ipv6 ? AF_INET6 : AF_INET;
	if (p->network < 0)
		return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CLEANUP_FD int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0 || setns(p->network, CLONE_NEWNET) < 0)
		return -1;
	CLEANUP_FD int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return setns(own, CLONE_NEWNET) == 0 ? fd_steal(&fd) : -1;
}

/* 127.0.0.1 and ::1 in turn: a server may have bound either alone. */
static void begin(struct probe *p, uint64_t now_ms)
{
	p->ipv6 = !p->ipv6;
	p->head_bytes = p->sent = 0;
	p->deadline_ms = now_ms + TRY_MS;
	p->fd = open_socket(p);
	if (p->fd < 0 || (connect_to(p->fd, p->port, p->ipv6) < 0 && errno != EINPROGRESS))
		try_later(p, now_ms);
	else
		p->state = PROBE_CONNECTING;
}

static bool is_connected(struct probe *p, uint64_t now_ms)
{
	struct pollfd ready = {.fd = p->fd, .events = POLLOUT};
	int problem = 0;
	socklen_t n = sizeof problem;
	if (poll(&ready, 1, 0) == 0)
		return false;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &problem, &n) < 0 || problem != 0) {
		try_later(p, now_ms);
		return false;
	}
	p->state = PROBE_SENDING;
	return true;
}

static void send_request(struct probe *p, uint64_t now_ms)
{
	ssize_t n = send(p->fd, p->request.p + p->sent, p->request.n - p->sent, MSG_NOSIGNAL);
	if (n >= 0)
		p->sent += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		try_later(p, now_ms);
	if (p->state == PROBE_SENDING && p->sent == p->request.n)
		p->state = PROBE_READING;
}

int probe_status(struct str head)
{
	for (;;) {
		struct str shape = STR("HTTP/1.");
		size_t compared = head.n < shape.n ? head.n : shape.n;
		if (memcmp(head.p ? head.p : "", shape.p, compared) != 0)
			return -1;
		if (head.n < sizeof "HTTP/1.1 200" - 1)
			return 0;
		const char *c = head.p + sizeof "HTTP/1.1 " - 1;
		if (c[-1] != ' ' || c[0] < '1' || c[0] > '9' || c[1] < '0' || c[1] > '9' ||
		    c[2] < '0' || c[2] > '9')
			return -1;
		int status = (c[0] - '0') * 100 + (c[1] - '0') * 10 + (c[2] - '0');
		if (status >= 200)
			return status;
		size_t end = str_find(head, STR("\r\n\r\n"));
		if (end == head.n)
			return 0;
		head = str_skip(head, end + 4);
	}
}

/* Gateways and servers say 502, 503, 504 while they come up: ask again. */
static bool is_starting_up(int status)
{
	return status == 502 || status == 503 || status == 504;
}

static void read_answer(struct probe *p, uint64_t now_ms)
{
	size_t room = sizeof p->head - p->head_bytes;
	ssize_t n = recv(p->fd, p->head + p->head_bytes, room, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		p->head_bytes += (size_t)n;
	int status = probe_status((struct str){p->head, p->head_bytes});
	if (status > 0) {
		p->status = status;
		if (is_starting_up(status)) {
			try_later(p, now_ms);
		} else {
			probe_close(p);
			p->state = PROBE_DONE;
		}
	} else if (status < 0 || n <= 0 || p->head_bytes == sizeof p->head) {
		p->answered_oddly |= p->head_bytes > 0;
		try_later(p, now_ms);
	}
}

void probe_step(struct probe *p, uint64_t now_ms)
{
	if (p->state == PROBE_IDLE && now_ms >= p->next_ms)
		begin(p, now_ms);
	if (p->state != PROBE_IDLE && p->state != PROBE_DONE && now_ms >= p->deadline_ms)
		try_later(p, now_ms);
	if (p->state == PROBE_CONNECTING && !is_connected(p, now_ms))
		return;
	if (p->state == PROBE_SENDING)
		send_request(p, now_ms);
	if (p->state == PROBE_READING)
		read_answer(p, now_ms);
}
