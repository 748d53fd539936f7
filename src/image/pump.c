/* The pump: one thread reads a stream into a ring of buffers, another takes them out. No
 * buffer is copied: the reader's stays its own until it asks for the next. */
#include <pthread.h>
#include <stdlib.h>

#include "image/stream.h"

enum { BUFFERS = 4, BUFFER_BYTES = 256 * 1024 };

struct pump {
	struct stream *below;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint8_t *buffer[BUFFERS];
	size_t n[BUFFERS];
	unsigned filled; /* buffers that hold something, the one handed out included */
	unsigned first;  /* the oldest of them */
	bool threaded, handed_out, ended, stop, failed;
	struct err err; /* of the thread, where it failed */
};

/* Waits for a free buffer; -1 where the reader wants no more. */
static int wait_for_free(struct pump *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->filled == BUFFERS && !p->stop)
		pthread_cond_wait(&p->changed, &p->lock);
	int i = p->stop ? -1 : (int)((p->first + p->filled) % BUFFERS);
	pthread_mutex_unlock(&p->lock);
	return i;
}

static bool hand_on(struct pump *p, int i, size_t n, bool ok, const struct err *e)
{
	pthread_mutex_lock(&p->lock);
	if (!ok) {
		p->failed = true;
		p->err = *e;
	} else if (n == 0) {
		p->ended = true;
	} else {
		p->n[i] = n;
		p->filled++;
	}
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->lock);
	return ok && n > 0;
}

static void *run(void *context)
{
	struct pump *p = context;
	for (;;) {
		int i = wait_for_free(p);
		if (i < 0)
			return NULL;
		struct err e = ERR_INIT;
		size_t n = 0;
		bool ok = stream_fill(p->below, p->buffer[i], BUFFER_BYTES, &n, &e);
		if (!hand_on(p, i, n, ok, &e))
			return NULL;
	}
}

struct pump *pump_start(struct stream *below)
{
	struct pump *p = calloc(1, sizeof *p);
	if (!p)
		out_of_memory();
	p->below = below;
	for (unsigned i = 0; i < BUFFERS; i++)
		if (!(p->buffer[i] = malloc(BUFFER_BYTES)))
			out_of_memory();
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->threaded = pthread_create(&p->thread, NULL, run, p) == 0;
	return p;
}

/* Where the system gives no thread (RLIMIT_NPROC), the reader does the work itself. */
static bool next_unthreaded(struct pump *p, struct str *block, struct err *e)
{
	size_t n = 0;
	bool ok = p->ended || stream_fill(p->below, p->buffer[0], BUFFER_BYTES, &n, e);
	p->ended = n == 0;
	*block = (struct str){(char *)p->buffer[0], n};
	return ok;
}

bool pump_next(struct pump *p, struct str *block, struct err *e)
{
	*block = STR_NONE;
	if (!p->threaded)
		return next_unthreaded(p, block, e);
	pthread_mutex_lock(&p->lock);
	if (p->handed_out) {
		p->handed_out = false;
		p->first = (p->first + 1) % BUFFERS;
		p->filled--;
		pthread_cond_signal(&p->changed);
	}
	while (p->filled == 0 && !p->ended && !p->failed)
		pthread_cond_wait(&p->changed, &p->lock);
	bool ok = true;
	if (p->filled > 0) {
		*block = (struct str){(char *)p->buffer[p->first], p->n[p->first]};
		p->handed_out = true;
	} else if (p->failed) {
		*e = p->err;
		ok = false;
	}
	pthread_mutex_unlock(&p->lock);
	return ok;
}

void pump_close(struct pump **pump)
{
	struct pump *p = *pump;
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->lock);
	if (p->threaded)
		pthread_join(p->thread, NULL);
	stream_close(&p->below);
	for (unsigned i = 0; i < BUFFERS; i++)
		free(p->buffer[i]);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->changed);
	free(p);
	*pump = NULL;
}

/* ---- As a stream ---- */

struct ahead_stream {
	struct stream s;
	struct pump *pump;
	struct str left; /* of the buffer that was taken last */
};

static bool ahead_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct ahead_stream *a = (struct ahead_stream *)s;
	*n = 0;
	if (a->left.n == 0 && !pump_next(a->pump, &a->left, e))
		return false;
	*n = cap < a->left.n ? cap : a->left.n;
	if (*n)
		memcpy(p, a->left.p, *n);
	a->left = str_skip(a->left, *n);
	return true;
}

static void ahead_close(struct stream *s)
{
	pump_close(&((struct ahead_stream *)s)->pump);
	free(s);
}

struct stream *stream_ahead(struct stream *below)
{
	struct ahead_stream *a = calloc(1, sizeof *a);
	if (!a)
		out_of_memory();
	a->s = (struct stream){ahead_read, ahead_close};
	a->pump = pump_start(below);
	return &a->s;
}
