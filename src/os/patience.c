#include "os/patience.h"

#include <sys/random.h>
#include <time.h>

struct tries tries_new(const struct patience *p)
{
	return (struct tries){p, p->tries, p->first_wait_ms};
}

/* Between half of it and all of it: many who failed together do not come back together. */
static uint64_t with_chance(uint64_t ms)
{
	uint32_t chance = 0;
	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != sizeof chance)
		chance = UINT32_MAX / 2;
	return ms / 2 + ms * (chance >> 16) / 131072;
}

bool tries_again(struct tries *t, uint64_t asked_ms)
{
	uint64_t longest = t->patience->longest_wait_ms, wait = with_chance(t->wait_ms);
	if (t->left <= 1 || asked_ms > longest)
		return false;
	t->left--;
	t->wait_ms = t->wait_ms * 2 < longest ? t->wait_ms * 2 : longest;
	if (wait < asked_ms)
		wait = asked_ms;
	struct timespec pause = {(time_t)(wait / 1000), (long)(wait % 1000) * 1000000};
	nanosleep(&pause, NULL);
	return true;
}
