#include "cmd/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct progress_line {
	pthread_mutex_t lock;
	const char *verb;
	uint64_t began_ms, shown_ms;
	bool shown;
};

struct progress_line *progress_open(struct session *s, const char *verb)
{
	if (s->quiet || session_flag(s, "no-progress") || !isatty(STDERR_FILENO))
		return NULL;
	struct progress_line *p = ARENA_NEW(s->arena, struct progress_line);
	pthread_mutex_init(&p->lock, NULL);
	p->verb = verb;
	return p;
}

void progress_verb(struct progress_line *p, const char *verb)
{
	pthread_mutex_lock(&p->lock);
	p->verb = verb;
	pthread_mutex_unlock(&p->lock);
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void show(struct progress_line *p, uint64_t received, uint64_t awaited, uint64_t now)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	uint64_t elapsed = now - p->began_ms, rate = elapsed ? received * 1000 / elapsed : 0;
	uint64_t left = rate && awaited > received ? (awaited - received) / rate : 0;
	struct str done = text_bytes(received, &scratch), all = text_bytes(awaited, &scratch);
	struct str speed = text_bytes(rate, &scratch);
	if (awaited == PROGRESS_UNKNOWN)
		fprintf(stderr, "\r\033[K%s %.*s, %.*s/s", p->verb, STR_ARG(done), STR_ARG(speed));
	else
		fprintf(stderr, "\r\033[K%s %.*s of %.*s, %.*s/s, %llu s left", p->verb,
		        STR_ARG(done), STR_ARG(all), STR_ARG(speed), (unsigned long long)left);
	p->shown = true;
	p->shown_ms = now;
}

/* Those that would have to wait go on. */
void progress_tell(uint64_t received, uint64_t awaited, void *context)
{
	enum { EVERY_MS = 100, QUIET_MS = 300 };
	struct progress_line *p = context;
	bool ended = received >= awaited;
	if (ended)
		pthread_mutex_lock(&p->lock);
	else if (pthread_mutex_trylock(&p->lock) != 0)
		return;
	uint64_t now = now_ms();
	if (p->began_ms == 0)
		p->began_ms = p->shown_ms = now;
	if (ended) {
		if (p->shown)
			fputs("\r\033[K", stderr);
		p->shown = false;
		p->began_ms = 0;
	} else if (now - p->began_ms >= QUIET_MS && now - p->shown_ms >= EVERY_MS) {
		show(p, received, awaited, now);
	}
	pthread_mutex_unlock(&p->lock);
}
