#include "image/reading.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/limits.h"
#include "image/layer.h"

/* Of a registry, however few cores there are: each waits for the network most of the time. */
enum { REMOTE_LAYERS = 4 };

/* A layer whose facts are not at hand. */
struct job {
	size_t index;
	struct layer_input input;
	bool bytes_alone;   /* its facts are at hand: it is read for being kept */
	struct arena arena; /* of its thread */
	struct buf record;
	struct str diff_id;
	bool ok;
	struct err err;
};

struct jobs {
	struct job *p;
	size_t n;
	struct job **by_size; /* the largest first: it takes longest, and is not to be the last */
	atomic_size_t next;
	atomic_bool failed; /* then no new one is begun */
};

static bool read_bytes(struct source source, struct err *e)
{
	enum { PIECE_BYTES = 256 * 1024 };
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_STREAM struct stream *s = stream_source(source);
	char *piece = arena_alloc(&scratch, PIECE_BYTES);
	size_t n = 1;
	while (n > 0)
		if (!s->read(s, piece, PIECE_BYTES, &n, e))
			return false;
	return true;
}

static void *work(void *context)
{
	struct jobs *jobs = context;
	for (;;) {
		size_t i = atomic_fetch_add(&jobs->next, 1);
		if (i >= jobs->n || atomic_load(&jobs->failed))
			return NULL;
		struct job *job = jobs->by_size[i];
		job->ok = job->bytes_alone ? read_bytes(job->input.source, &job->err)
		                           : layer_read(&job->input, &job->record, &job->diff_id,
		                                        &job->arena, &job->err);
		if (!job->ok)
			atomic_store(&jobs->failed, true);
	}
}

static int larger_first(const void *a, const void *b)
{
	const struct job *const *x = a, *const *y = b;
	uint64_t of_x = (*x)->input.source.size_bytes, of_y = (*y)->input.source.size_bytes;
	return of_x == of_y ? 0 : of_x < of_y ? 1 : -1;
}

static void sort_jobs(struct jobs *jobs, struct arena *a)
{
	jobs->by_size = arena_array(a, jobs->n, sizeof *jobs->by_size);
	for (size_t i = 0; i < jobs->n; i++)
		jobs->by_size[i] = &jobs->p[i];
	if (jobs->n)
		qsort(jobs->by_size, jobs->n, sizeof *jobs->by_size, larger_first);
}

/* This thread works as well; the others are a help, and may be missing. */
static void run(struct jobs *jobs, unsigned threads)
{
	enum { THREADS_MAX = 64 };
	pthread_t helper[THREADS_MAX];
	unsigned started = 0;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = threads ? threads : cores > 0 ? (size_t)cores : 1;
	if (wanted > jobs->n)
		wanted = jobs->n;
	while (started + 1 < wanted && started < THREADS_MAX &&
	       pthread_create(&helper[started], NULL, work, jobs) == 0)
		started++;
	work(jobs);
	for (unsigned i = 0; i < started; i++)
		pthread_join(helper[i], NULL);
}

/* ---- The store ---- */

/* Damaged records, and those that are another layer's, are thrown away. */
static const struct facts *from_store(struct store *store, struct str diff_id, struct arena *a)
{
	struct str record;
	struct err why = ERR_INIT;
	if (diff_id.n == 0 || !store_get(store, diff_id, &record))
		return NULL;
	struct facts *facts = ARENA_NEW(a, struct facts);
	if (facts_open(facts, record, a, &why) && str_eq(facts->diff_id, diff_id))
		return facts;
	store_drop(store, diff_id);
	return NULL;
}

struct opening {
	struct arena *a;
	struct store *store;
	const struct located *located;
	const struct facts **facts;
	struct image_layer *info;
	struct jobs jobs;
};

static void look_into_store(struct opening *o, const struct tar_memory *memory)
{
	for (size_t i = 0; i < o->located->layers.n; i++) {
		const struct located_layer *layer = &o->located->layers.p[i];
		struct str diff_id = o->located->plain_tar ? tar_memory_get(memory, o->store, o->a)
		                                           : layer->diff_id;
		o->info[i] = (struct image_layer){.digest = layer->digest,
		                                  .diff_id = diff_id,
		                                  .media_type = layer->media_type,
		                                  .packed_bytes = layer->source.size_bytes};
		o->facts[i] = from_store(o->store, diff_id, o->a);
		o->info[i].from_store = o->facts[i] != NULL;
		o->info[i].was_kept = located_is_kept(o->located, layer);
		bool fetch = o->located->registry && o->located->keep == KEEP_ALL &&
		             !o->info[i].was_kept;
		if (o->facts[i] && !fetch)
			continue;
		struct job *job = &o->jobs.p[o->jobs.n++];
		job->bytes_alone = o->facts[i] != NULL;
		job->index = i;
		job->input = (struct layer_input){layer->source, layer->digest, layer->diff_id};
		job->record = (struct buf)BUF_INIT(LIMIT_RECORD_BYTES);
	}
}

static bool take_job(struct opening *o, struct job *job, struct err *e)
{
	if (job->bytes_alone)
		return true;
	struct facts *facts = ARENA_NEW(o->a, struct facts);
	if (!facts_open(facts, arena_str(o->a, buf_str(&job->record)), o->a, e))
		return false;
	store_put(o->store, facts->diff_id, buf_str(&job->record));
	o->facts[job->index] = facts;
	o->info[job->index].diff_id = facts->diff_id;
	return true;
}

/* Of several that failed the lowest layer speaks. */
static bool take_jobs(struct opening *o, struct err *e)
{
	for (size_t i = 0; i < o->jobs.n; i++) {
		struct job *job = &o->jobs.p[i];
		if (job->err.code != ERR_NONE) {
			*e = job->err;
			if (o->located->layers.n > 1)
				err_wrap(e, "layer %zu of %zu", job->index + 1,
				         o->located->layers.n);
			return false;
		}
	}
	for (size_t i = 0; i < o->jobs.n; i++)
		if (!take_job(o, &o->jobs.p[i], e))
			return false;
	return true;
}

static void release_jobs(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++) {
		buf_release(&jobs->p[i].record);
		arena_release(&jobs->p[i].arena);
	}
}

bool layers_open(struct image *img, const struct located *l, const struct reference *ref,
                 struct store *store, unsigned threads, struct arena *a, struct err *e)
{
	struct opening o = {.a = a, .store = store, .located = l};
	struct tar_memory memory = {STR_NONE};
	o.facts = arena_array(a, l->layers.n, sizeof *o.facts);
	o.info = arena_array(a, l->layers.n, sizeof *o.info);
	o.jobs.p = arena_array(a, l->layers.n, sizeof *o.jobs.p);
	if (l->plain_tar)
		memory = tar_memory_of(l->fd, ref->path, a);

	look_into_store(&o, &memory);
	for (size_t i = 0; l->registry && i < o.jobs.n; i++)
		if (!o.info[o.jobs.p[i].index].was_kept)
			registry_await(l->registry, o.jobs.p[i].input.source.size_bytes);
	sort_jobs(&o.jobs, a);
	run(&o.jobs, threads ? threads : l->registry ? REMOTE_LAYERS : 0);
	if (l->registry)
		registry_settle(l->registry);
	bool ok = take_jobs(&o, e);
	if (ok && l->plain_tar && o.jobs.n)
		tar_memory_put(&memory, l->fd, ref->path, store, o.facts[0]->diff_id, a);
	release_jobs(&o.jobs);
	img->layers = o.facts;
	img->layer_info = o.info;
	img->layer_count = l->layers.n;
	return ok;
}
