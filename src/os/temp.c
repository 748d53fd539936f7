#include "os/temp.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/arena.h"

/* O_TMPFILE where the file system has it (open(2)); a name that goes at once where not. */
static int make_in(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/socle.XXXXXX", folder);
	if (n < 0 || (size_t)n >= sizeof path)
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* /var/tmp comes before /tmp, which may lie in memory. */
int temp_file(struct err *e)
{
	const char *own = getenv("TMPDIR");
	const char *const folders[] = {own && *own ? own : "/var/tmp", "/var/tmp", "/tmp"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		int fd = make_in(folders[i]);
		if (fd >= 0)
			return fd;
	}
	err_errno(e, "%s: no temporary file can be made", folders[0]);
	return -1;
}

bool mapping_open(struct mapping *m, int fd, size_t n, struct err *e)
{
	*m = (struct mapping){NULL, 0};
	if (n == 0)
		return true;
	void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "mapping %zu bytes", n);
	*m = (struct mapping){p, n};
	return true;
}

void mapping_close(struct mapping *m)
{
	if (m->p)
		munmap(m->p, m->n);
	*m = (struct mapping){NULL, 0};
}

/* ---- Trimming ---- */

enum { TRIM_NS = 1000 * 1000 };

struct trimmer {
	struct mapping m;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
};

static bool wait_or_stop(struct trimmer *t)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TRIM_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&t->stopped, &t->lock, &until);
	return t->stop;
}

/* MADV_DONTNEED on a private mapping that nobody writes to only forgets: madvise(2). */
static void *trim(void *context)
{
	struct trimmer *t = context;
	pthread_mutex_lock(&t->lock);
	while (!wait_or_stop(t))
		madvise(t->m.p, t->m.n, MADV_DONTNEED);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct trimmer *trimmer_start(const struct mapping *m)
{
	struct trimmer *t = calloc(1, sizeof *t);
	if (!t)
		out_of_memory();
	t->m = *m;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->stopped, NULL);
	if (pthread_create(&t->thread, NULL, trim, t) != 0)
		t->stop = true; /* no thread to be had: it goes without */
	return t;
}

void trimmer_stop(struct trimmer **trimmer)
{
	struct trimmer *t = *trimmer;
	if (!t)
		return;
	if (!t->stop) {
		pthread_mutex_lock(&t->lock);
		t->stop = true;
		pthread_cond_signal(&t->stopped);
		pthread_mutex_unlock(&t->lock);
		pthread_join(t->thread, NULL);
	}
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->stopped);
	free(t);
	*trimmer = NULL;
}
