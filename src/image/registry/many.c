/* Many questions at once. A registry answers one in some tens of milliseconds, nearly all of it
 * the way there and back: a few threads, each with one question at a time, hide that. */
#include <pthread.h>
#include <stdatomic.h>

#include "image/registry/registry.h"

enum { ASKERS_MAX = 8 };

struct asking {
	struct registry *registry;
	struct registry_question *questions;
	size_t count;
	atomic_size_t next;
	struct arena *arena;
	pthread_mutex_t lock; /* of the arena */
};

static struct registry_manifest kept_manifest(const struct registry_manifest *m, struct arena *a)
{
	return (struct registry_manifest){.digest = arena_str(a, m->digest),
	                                  .media_type = arena_str(a, m->media_type),
	                                  .bytes = arena_str(a, m->bytes),
	                                  .absent = m->absent};
}

/* From the thread's own memory into that of who asks. */
static void keep(struct asking *s, struct registry_question *q)
{
	struct str_vec tags = q->tags;
	pthread_mutex_lock(&s->lock);
	q->manifest = kept_manifest(&q->manifest, s->arena);
	q->tags = (struct str_vec){0};
	for (size_t i = 0; i < tags.n; i++)
		*vec_push(&q->tags, s->arena) = arena_str(s->arena, tags.p[i]);
	pthread_mutex_unlock(&s->lock);
}

static bool ask_one(struct registry *r, struct registry_question *q, struct arena *a)
{
	switch (q->what) {
	case REGISTRY_DIGEST: return registry_digest(r, &q->name, &q->manifest, a, &q->err);
	case REGISTRY_MANIFEST: return registry_manifest(r, &q->name, &q->manifest, a, &q->err);
	case REGISTRY_TAGS: return registry_tags(r, &q->name, &q->tags, a, &q->err);
	}
	return false;
}

static void *asker(void *context)
{
	struct asking *s = context;
	for (size_t i; (i = atomic_fetch_add(&s->next, 1)) < s->count;) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct registry_question *q = &s->questions[i];
		q->answered = ask_one(s->registry, q, &scratch);
		keep(s, q);
	}
	return NULL;
}

void registry_ask(struct registry *r, struct registry_question *questions, size_t count,
                  struct arena *a)
{
	struct asking s = {.registry = r, .questions = questions, .count = count, .arena = a};
	pthread_t threads[ASKERS_MAX - 1];
	size_t started = 0;
	pthread_mutex_init(&s.lock, NULL);
	/* This thread is one of them: without any other the work is done all the same. */
	while (started + 1 < ASKERS_MAX && started + 1 < count &&
	       pthread_create(&threads[started], NULL, asker, &s) == 0)
		started++;
	asker(&s);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&s.lock);
}
