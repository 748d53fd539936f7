/* What `docker save` writes: manifest.json lists images, each with its configuration and its
 * layers' plain tars (moby, image/tarexport). Older ones name layers `ID/layer.tar`, with
 * links among them; newer ones are OCI layouts as well. */
#include "core/limits.h"
#include "image/json.h"
#include "image/locate.h"
#include "image/reference_name.h"

static bool has_tag(const json_t *image, const struct reference *wanted, struct arena *a)
{
	struct str_vec tags = json_strs(image, "RepoTags", a);
	for (size_t i = 0; i < tags.n; i++) {
		struct reference tag = {.text = tags.p[i]};
		struct err ignored = ERR_INIT;
		if (str_eq(tags.p[i], wanted->text))
			return true;
		if (reference_name(&tag, tags.p[i], &ignored) && reference_same_name(&tag, wanted))
			return true;
	}
	return false;
}

static struct str list_tags(const json_t *images, struct arena *a)
{
	struct str text = STR("");
	for (size_t i = 0; i < json_array_size(images); i++) {
		struct str_vec tags = json_strs(json_array_get(images, i), "RepoTags", a);
		struct str name =
			tags.n ? tags.p[0] : json_str(json_array_get(images, i), "Config", a);
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "", STR_ARG(name));
	}
	return text;
}

static bool read_config(struct located *l, const json_t *image, struct str *bytes, struct err *e)
{
	struct str name = json_str(image, "Config", l->arena), path;
	bool found;
	if (!facts_path(name, l->arena, &path, e) ||
	    !container_read(&l->container, path, LIMIT_JSON_BYTES, bytes, &found, e))
		return false;
	return found ||
	       err_set(e, ERR_INPUT, "the configuration %.*s is not in it", STR_ARG(name));
}

static bool has_layers(struct located *l, const json_t *image, const struct str_vec *wanted)
{
	struct str bytes;
	struct err ignored = ERR_INIT;
	if (!read_config(l, image, &bytes, &ignored))
		return false;
	json_auto_t *config = json_read(bytes, &ignored);
	struct str_vec ids = json_strs(json_object_get(config, "rootfs"), "diff_ids", l->arena);
	bool same = ids.n == wanted->n;
	for (size_t i = 0; same && i < ids.n; i++)
		same = str_eq(ids.p[i], wanted->p[i]);
	return same;
}

/* An engine may send an image for every platform that it has. */
static const json_t *choose_by_layers(struct located *l, const json_t *images,
                                      const struct str_vec *wanted)
{
	for (size_t i = 0; i < json_array_size(images) && i < LIMIT_LAYERS; i++)
		if (has_layers(l, json_array_get(images, i), wanted))
			return json_array_get(images, i);
	return NULL;
}

static const json_t *choose(struct located *l, const json_t *images,
                            const struct selection *selection, struct err *e)
{
	size_t count = json_array_size(images);
	const struct reference *ref = selection->ref;
	if (ref->repository.n == 0 && count == 1)
		return json_array_get(images, 0);
	const json_t *same = selection->diff_ids
		? choose_by_layers(l, images, selection->diff_ids)
		: NULL;
	if (same)
		return same;
	for (size_t i = 0; ref->repository.n && i < count; i++)
		if (has_tag(json_array_get(images, i), ref, l->arena))
			return json_array_get(images, i);
	struct str tags = list_tags(images, l->arena);
	if (count == 0)
		err_set(e, ERR_INPUT, "no image in it");
	else if (ref->repository.n)
		err_set(e, ERR_INPUT, "no image called %.*s%s%.*s in it; it has %.*s",
		        STR_ARG(ref->repository), ref->tag.n ? ":" : "", STR_ARG(ref->tag),
		        STR_ARG(tags));
	else
		err_set(e, ERR_USAGE,
		        "it holds several images: %.*s; name one: docker-archive:PATH:NAME",
		        STR_ARG(tags));
	return NULL;
}

/* A blob's file name is its digest; those of older archives say nothing. */
static struct str digest_in_name(struct str path, struct arena *a)
{
	struct str digest = arena_printf(a, "sha256:%.*s", STR_ARG(str_basename(path)));
	return str_starts(path, STR("blobs/sha256/")) && digest_is_sound(digest) ? digest
	                                                                         : STR_NONE;
}

static bool add_layer(struct located *l, struct str name, struct err *e)
{
	struct located_layer layer = {.digest = digest_in_name(name, l->arena)};
	struct str path;
	bool found;
	if (!facts_path(name, l->arena, &path, e) ||
	    !container_get(&l->container, path, &layer.source, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_INPUT, "the layer %.*s is not in it", STR_ARG(name));
	*vec_push(&l->layers, l->arena) = layer;
	return true;
}

static bool use_image(struct located *l, const json_t *image, const struct selection *selection,
                      struct err *e)
{
	struct str_vec layers = json_strs(image, "Layers", l->arena);
	struct str bytes;
	struct str_vec tags = json_strs(image, "RepoTags", l->arena);
	if (tags.n)
		l->tag = tags.p[0];
	if (layers.n > LIMIT_LAYERS)
		return err_set(e, ERR_LIMIT, "more than %u layers", LIMIT_LAYERS);
	for (size_t i = 0; i < layers.n; i++)
		if (!add_layer(l, layers.p[i], e))
			return false;
	return read_config(l, image, &bytes, e) && locate_config(l, bytes, selection, e);
}

bool locate_in_docker_archive(struct located *l, const struct selection *selection, struct err *e)
{
	struct str bytes;
	bool found;
	if (!container_read(&l->container, STR("manifest.json"), LIMIT_JSON_BYTES, &bytes, &found,
	                    e))
		return false;
	if (!found)
		return err_set(e, ERR_INPUT, "no manifest.json in it: not written by docker save");
	json_auto_t *images = json_read(bytes, e);
	if (!images)
		return err_wrap(e, "manifest.json");
	if (!json_is_array(images))
		return err_set(e, ERR_INPUT, "manifest.json is no list of images");
	const json_t *image = choose(l, images, selection, e);
	return image && use_image(l, image, selection, e);
}
