#include "image/image.h"

#include <limits.h>
#include <stdlib.h>

#include "core/limits.h"
#include "image/folder.h"
#include "image/opening.h"
#include "image/reading.h"

/* ---- One record of a folder or a file ---- */

static bool use_record(struct image *img, struct buf *record, struct arena *a, struct err *e)
{
	struct facts *facts = ARENA_NEW(a, struct facts);
	const struct facts **layers = arena_array(a, 1, sizeof *layers);
	if (!facts_open(facts, arena_str(a, buf_str(record)), a, e))
		return false;
	layers[0] = facts;
	img->layers = layers;
	img->layer_info = ARENA_NEW(a, struct image_layer);
	img->layer_count = 1;
	return true;
}

static bool open_folder(struct image *img, const struct located *l, const struct reference *ref,
                        struct arena *a, struct err *e)
{
	CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	char absolute[PATH_MAX];
	img->folder = realpath(ref->path.p, absolute) ? arena_str(a, str_of(absolute)) : ref->path;
	return folder_read(l->fd, &record, e) && use_record(img, &record, a, e);
}

static bool open_one_file(struct image *img, const struct located *l, const struct reference *ref,
                          struct arena *a, struct err *e)
{
	CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	img->single_file = true;
	return file_read_facts(l->fd, str_basename(ref->path), &record, e) &&
	       use_record(img, &record, a, e);
}

static void take_words(struct image *img, const struct located *l)
{
	img->config = l->config;
	img->base_name = l->base_name;
	img->base_digest = l->base_digest;
	img->digest = l->digest;
	img->index_digest = l->index_digest;
	img->tag = l->tag;
	img->engine = l->engine;
	img->engine_id = l->engine_id;
}

static bool open_located(struct image *img, const struct located *l, const struct reference *ref,
                         struct store *store, const struct image_options *options, struct arena *a,
                         struct err *e)
{
	take_words(img, l);
	switch (l->kind) {
	case LOCATED_SCRATCH:
		return true;
	case LOCATED_FOLDER:
		return open_folder(img, l, ref, a, e);
	case LOCATED_ONE_FILE:
		return open_one_file(img, l, ref, a, e);
	case LOCATED_LAYERS:
		return layers_open(img, l, ref, store, options->threads, a, e);
	}
	return true;
}

bool image_open_located(struct image *img, struct located *located, const struct reference *ref,
                        struct store *store, const struct image_options *options, struct arena *a,
                        struct err *e)
{
	*img = (struct image){.name = arena_str(a, ref->text)};
	if (locate(located, ref, options, a, e) &&
	    open_located(img, located, ref, store, options, a, e))
		return true;
	return err_wrap(e, "%.*s", STR_ARG(ref->text));
}

bool image_open(struct image *img, const struct reference *ref, struct store *store,
                const struct image_options *options, struct arena *a, struct err *e)
{
	CLEANUP_LOCATED struct located located = {.fd = -1};
	return image_open_located(img, &located, ref, store, options, a, e);
}

bool image_peek(struct image *img, const struct reference *ref,
                const struct image_options *options, struct arena *a, struct err *e)
{
	CLEANUP_LOCATED struct located l = {.fd = -1};
	*img = (struct image){.name = arena_str(a, ref->text)};
	if (!locate(&l, ref, options, a, e))
		return err_wrap(e, "%.*s", STR_ARG(ref->text));
	take_words(img, &l);
	struct image_layer *info = arena_array(a, l.layers.n, sizeof *info);
	for (size_t i = 0; i < l.layers.n; i++)
		info[i] = (struct image_layer){.digest = l.layers.p[i].digest,
		                               .diff_id = l.layers.p[i].diff_id,
		                               .media_type = l.layers.p[i].media_type,
		                               .packed_bytes = l.layers.p[i].source.size_bytes};
	img->layer_info = info;
	img->layer_count = l.layers.n;
	return true;
}

void image_fix(struct reference *ref, const struct image *img, struct arena *a)
{
	if (img->engine)
		*ref = (struct reference){
			.kind = img->engine->kind == ENGINE_DOCKER ? REFERENCE_DOCKER
		                                                   : REFERENCE_PODMAN,
			.text = arena_printf(a, "%s:%.*s",
		                             img->engine->kind == ENGINE_DOCKER ? "docker" : "podman",
		                             STR_ARG(img->engine_id))};
	else if (ref->kind == REFERENCE_NAME || ref->kind == REFERENCE_REGISTRY)
		ref->digest = img->digest;
}

bool image_merge(const struct image *img, struct str at, struct tree *t, struct err *e)
{
	for (size_t i = 0; i < img->layer_count; i++) {
		if (tree_add(t, img->layers[i], at, e))
			continue;
		if (img->layer_count > 1)
			err_wrap(e, "layer %zu of %zu", i + 1, img->layer_count);
		return err_wrap(e, "%.*s", STR_ARG(img->name));
	}
	return true;
}
