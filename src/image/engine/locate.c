/* An image in an engine. The engine says which layers it has, by diff ID; only where facts of one
 * are missing, or its bytes are wanted, is the image sent: once, for all layers. */
#include <pthread.h>
#include <stdlib.h>

#include "image/engine/engine.h"
#include "image/locate.h"
#include "image/registry/registry.h"

struct engine_save {
	struct engines *engines;
	const struct engine *engine;
	const struct engine_image *image;
	pthread_mutex_t lock;
	struct arena arena;     /* of what follows: several threads come here */
	bool tried, ok;
	struct err why;         /* it failed */
	struct located archive; /* what was sent */
};

/* ---- Sent when it is needed ---- */

static bool open_archive(struct engine_save *s, struct err *e)
{
	struct reference any = {.kind = REFERENCE_DOCKER_ARCHIVE};
	struct selection selection = {.ref = &any, .diff_ids = &s->image->diff_ids};
	struct located *l = &s->archive;
	*l = (struct located){.arena = &s->arena, .fd = -1};
	l->fd = engines_save(s->engines, s->engine, s->image, e);
	if (l->fd < 0)
		return false;
	l->has_container = true;
	if (!container_open_tar(&l->container, l->fd, &s->arena, e) ||
	    !locate_in_docker_archive(l, &selection, e))
		return err_wrap(e, "what %s sends", engine_name(s->engine->kind));
	return l->layers.n == s->image->diff_ids.n ||
	       err_set(e, ERR_INPUT, "%s sends %zu layers of an image that has %zu",
	               engine_name(s->engine->kind), l->layers.n, s->image->diff_ids.n);
}

static bool fetch(struct engine_save *s, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	if (!s->tried)
		s->ok = open_archive(s, &s->why);
	s->tried = true;
	bool ok = s->ok;
	if (!ok)
		*e = s->why;
	pthread_mutex_unlock(&s->lock);
	return ok;
}

bool engine_save_archive(struct engine_save *s, struct located **archive, struct err *e)
{
	*archive = &s->archive;
	return fetch(s, e);
}

void engine_save_close(struct engine_save **save)
{
	struct engine_save *s = *save;
	if (!s)
		return;
	if (s->tried)
		located_close(&s->archive);
	pthread_mutex_destroy(&s->lock);
	arena_release(&s->arena);
	free(s);
	*save = NULL;
}

/* ---- A layer as a stream ---- */

struct engine_layer {
	struct engine_save *save;
	size_t index;
};

struct layer_stream {
	struct stream s;
	struct engine_layer layer;
	struct stream *below; /* once the image is here */
};

static bool layer_stream_read(struct stream *s, void *p, size_t cap, size_t *n, struct err *e)
{
	struct layer_stream *l = (struct layer_stream *)s;
	if (!l->below) {
		if (!fetch(l->layer.save, e))
			return false;
		l->below = stream_source(l->layer.save->archive.layers.p[l->layer.index].source);
	}
	return l->below->read(l->below, p, cap, n, e);
}

static void layer_stream_close(struct stream *s)
{
	struct layer_stream *l = (struct layer_stream *)s;
	stream_close(&l->below);
	free(l);
}

static struct stream *open_layer(const void *context)
{
	struct layer_stream *l = calloc(1, sizeof *l);
	if (!l)
		out_of_memory();
	l->s = (struct stream){layer_stream_read, layer_stream_close};
	l->layer = *(const struct engine_layer *)context;
	return &l->s;
}

static void add_layers(struct located *l)
{
	for (size_t i = 0; i < l->save->image->diff_ids.n; i++) {
		struct engine_layer *layer = ARENA_NEW(l->arena, struct engine_layer);
		*layer = (struct engine_layer){l->save, i};
		struct source source = {.fd = -1, .open = open_layer, .context = layer};
		*vec_push(&l->layers, l->arena) = (struct located_layer){.source = source};
	}
}

/* ---- By name ---- */

/* "docker:REF", "docker-daemon:REF", "containers-storage:REF", or REF alone. */
static struct str name_in_engine(const struct reference *ref)
{
	if (ref->kind == REFERENCE_NAME)
		return ref->text;
	return str_skip(ref->text, str_index(ref->text, ':') + 1);
}

static bool not_found(const struct engine *engine, struct str name, struct err *e)
{
	const char *tool = engine->kind == ENGINE_DOCKER ? "docker" : "podman";
	return err_set(e, ERR_INPUT,
	               "no such image in %s (%.*s): %s pull %.*s fetches it, or name docker://%.*s to "
	               "have socle ask its registry",
	               engine_name(engine->kind), STR_ARG(engine->address), tool, STR_ARG(name),
	               STR_ARG(name));
}

/* The digest under which the image was pulled by that name: of its index, where it has one. */
static struct str pulled_digest(const struct engine_image *image, const struct reference *ref,
                                struct arena *a)
{
	struct registry_name wanted = registry_name_of(ref, a);
	for (size_t i = 0; i < image->repo_digests.n; i++) {
		struct reference one;
		struct err ignored = ERR_INIT;
		struct str text = arena_printf(a, "docker:%.*s", STR_ARG(image->repo_digests.p[i]));
		if (!reference_parse(&one, text, NULL, a, &ignored))
			continue;
		struct registry_name has = registry_name_of(&one, a);
		if (str_eq(has.host, wanted.host) && str_eq(has.repository, wanted.repository))
			return one.digest;
	}
	return STR_NONE;
}

bool locate_in_engine(struct located *l, const struct selection *selection,
                      const struct engine *engine, struct engines *engines, struct err *e)
{
	struct str name = name_in_engine(selection->ref);
	struct engine_image *image = ARENA_NEW(l->arena, struct engine_image);
	if (!engine_inspect(engine, name, image, l->arena, e))
		return false;
	if (!image->found)
		return not_found(engine, name, e);
	l->kind = LOCATED_LAYERS;
	l->save = calloc(1, sizeof *l->save);
	if (!l->save)
		out_of_memory();
	l->save->engines = engines;
	l->save->engine = engine;
	l->save->image = image;
	pthread_mutex_init(&l->save->lock, NULL);
	l->engine = engine;
	l->engine_id = image->id;
	l->index_digest = pulled_digest(image, selection->ref, l->arena);
	l->tag = image->repo_tags.n ? image->repo_tags.p[0] : STR_NONE;
	add_layers(l);
	return locate_config(l, image->config, selection, e) ||
	       err_wrap(e, "what %s says of it", engine_name(engine->kind));
}
