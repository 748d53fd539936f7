/* Each file is synced before it takes the place of the old one, and a sync waits for the disk:
 * several at a time wait together. */
#include <pthread.h>
#include <stdatomic.h>

#include "os/file.h"

enum { EDITORS_MAX = 8 };

struct editing {
	struct file_change *changes;
	size_t count;
	atomic_size_t next;
};

static void *editor(void *context)
{
	struct editing *s = context;
	for (size_t i; (i = atomic_fetch_add(&s->next, 1)) < s->count;) {
		struct file_change *c = &s->changes[i];
		c->done = file_edit(c->path, c->old, c->with, &c->err);
	}
	return NULL;
}

void file_edit_many(struct file_change *changes, size_t count)
{
	struct editing s = {.changes = changes, .count = count};
	pthread_t threads[EDITORS_MAX - 1];
	size_t started = 0;
	while (started + 1 < EDITORS_MAX && started + 1 < count &&
	       pthread_create(&threads[started], NULL, editor, &s) == 0)
		started++;
	editor(&s);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}
