/* probe: asks a server over loopback until it answers.
 *
 * A state machine that never waits: the loop that drives it has a container to
 * watch. HTTP/1.1, RFC 9112: only the status line of the answer is read. */
#pragma once

#include <netinet/in.h>

#include "os/file.h"

enum probe_state { PROBE_IDLE, PROBE_CONNECTING, PROBE_SENDING, PROBE_READING, PROBE_DONE };

struct probe {
	uint16_t port;
	struct str request; /* what is sent */
	enum probe_state state;
	int fd;
	int network; /* network namespace whose loopback is asked; -1: our own */
	bool ipv6; /* this try goes to ::1 */
	size_t sent;
	char head[2048]; /* the answer's beginning */
	size_t head_bytes;
	uint64_t next_ms, deadline_ms; /* of the next try, of this one */
	int status;                    /* of the last answer; 0: none */
	bool answered_oddly;           /* something answered that is not HTTP */
};

/* The request lives in `a`. */
void probe_init(struct probe *p, uint16_t port, struct str path, struct arena *a);
void probe_close(struct probe *p);

/* What poll(2) should wait for on p->fd (-1: nothing). */
short probe_events(const struct probe *p);

/* Goes on as far as it can at now_ms. PROBE_DONE: p->status is the answer. */
void probe_step(struct probe *p, uint64_t now_ms);

/* Does somebody listen on that port of loopback now? */
bool probe_is_taken(uint16_t port);

/* The code of "HTTP/1.x CODE …", informational (1xx) answers passed over. 0: more is needed;
 * -1: this is no HTTP/1 answer. Pure. */
int probe_status(struct str head);
