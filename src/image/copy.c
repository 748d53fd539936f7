#include "image/copy.h"

#include "core/limits.h"
#include "core/map.h"
#include "image/locate.h"

struct copying {
	struct located *l;
	const struct copy_taker *taker;
	struct arena *a;
	struct map handed_on; /* digests */
	size_t manifests;
};

static bool is_new(struct copying *c, struct str digest)
{
	bool added;
	map_put(&c->handed_on, c->a, digest, &added);
	return added;
}

static bool hand_on_blob(struct copying *c, struct str digest, struct source source, struct err *e)
{
	/* What is damaged is not sent to its end: nobody takes it for whole. */
	if (!source.checked && str_starts(digest, STR("sha256:")))
		source = blobs_source(NULL, digest, source, false, c->a);
	bool here = !c->l->registry || blobs_has(c->l->blobs, digest, source.size_bytes);
	struct copied_blob blob = {digest, source, here ? 0 : source.size_bytes};
	return !is_new(c, digest) || c->taker->blob(c->taker->context, &blob, e) ||
	       err_wrap(e, "%.*s", STR_ARG(digest));
}

static bool hand_on_manifest(struct copying *c, const struct descriptor *d, struct str bytes,
                             bool outermost, struct err *e)
{
	struct copied_manifest m = {d->digest, d->media_type, bytes, outermost};
	return c->taker->manifest(c->taker->context, &m, e) ||
	       err_wrap(e, "the manifest %.*s", STR_ARG(d->digest));
}

/* ---- What has manifests ---- */

static bool copy_blob(struct copying *c, const json_t *json, const char *what, struct err *e)
{
	struct descriptor d = descriptor_of(json, c->a);
	struct source source;
	return locate_blob(c->l, &d, what, false, &source, e) &&
	       hand_on_blob(c, d.digest, source, e);
}

static bool copy_image(struct copying *c, const json_t *manifest, struct err *e)
{
	const json_t *layers = json_object_get(manifest, "layers");
	if (json_array_size(layers) > LIMIT_LAYERS)
		return err_set(e, ERR_LIMIT, "more than %u layers", LIMIT_LAYERS);
	if (!copy_blob(c, json_object_get(manifest, "config"), "configuration", e))
		return false;
	for (size_t i = 0; i < json_array_size(layers); i++)
		if (!copy_blob(c, json_array_get(layers, i), "layer", e))
			return false;
	return true;
}

static bool copy_either(struct copying *c, const struct descriptor *d, unsigned depth,
                        struct err *e);

static bool copy_index(struct copying *c, const json_t *index, unsigned depth, struct err *e)
{
	const json_t *manifests = json_object_get(index, "manifests");
	if (depth >= LIMIT_INDEX_DEPTH)
		return err_set(e, ERR_LIMIT, "more than %u indexes in one another",
		               LIMIT_INDEX_DEPTH);
	for (size_t i = 0; i < json_array_size(manifests); i++) {
		struct descriptor d = descriptor_of(json_array_get(manifests, i), c->a);
		if (is_new(c, d.digest) && !copy_either(c, &d, depth + 1, e))
			return false;
	}
	return true;
}

/* RFC 6838, 4.2: restricted names around one slash. A registry gets it as a header. */
static bool check_media_type(struct str type, struct err *e)
{
	unsigned slashes = 0;
	bool sound = true;
	for (size_t i = 0; sound && i < type.n; i++) {
		slashes += type.p[i] == '/';
		sound = type.p[i] && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		                            "0123456789!#$&-^_.+/", type.p[i]);
	}
	return type.n == 0 || (sound && slashes == 1) ||
	       err_set(e, ERR_INPUT, "\"%.*s\" is no media type", STR_ARG(str_slice(type, 0, 100)));
}

static bool copy_either(struct copying *c, const struct descriptor *d, unsigned depth,
                        struct err *e)
{
	struct str bytes;
	if (++c->manifests > LIMIT_INDEX_MANIFESTS)
		return err_set(e, ERR_LIMIT, "more than %u manifests", LIMIT_INDEX_MANIFESTS);
	if (!check_media_type(d->media_type, e))
		return err_wrap(e, "the manifest %.*s", STR_ARG(d->digest));
	if (!locate_manifest_bytes(c->l, d, &bytes, e))
		return false;
	json_auto_t *json = json_read(bytes, e);
	if (!json)
		return err_wrap(e, "the manifest %.*s", STR_ARG(d->digest));
	/* Its own type where the descriptor has none. */
	struct descriptor typed = *d;
	struct str said = d->media_type.n ? d->media_type : json_str(json, "mediaType", c->a);
	bool index = manifest_is_index(said, json);
	typed.media_type = media_type_of(said, index);
	if (!check_media_type(typed.media_type, e))
		return err_wrap(e, "the manifest %.*s", STR_ARG(d->digest));
	bool ok = index ? copy_index(c, json, depth, e) : copy_image(c, json, e);
	return ok && hand_on_manifest(c, &typed, bytes, depth == 0, e);
}

/* ---- Archives of docker's ---- */

/* Layers lie there unpacked as a rule, and then their digest is the diff ID; what is packed is
 * counted. */
static bool layer_digest(const struct located_layer *layer, struct str *digest,
                         const char **media_type, struct arena *a, struct err *e)
{
	static const char plain[] = "application/vnd.oci.image.layer.v1.tar";
	static const char gzip[] = "application/vnd.oci.image.layer.v1.tar+gzip";
	static const char zstd[] = "application/vnd.oci.image.layer.v1.tar+zstd";
	enum { PIECE_BYTES = 256 * 1024 };
	CLEANUP_STREAM struct stream *s = stream_source(layer->source);
	CLEANUP_SHA256 struct sha256 *h = sha256_new();
	char *piece = arena_alloc(a, PIECE_BYTES);
	size_t n;
	if (!stream_fill(s, piece, PIECE_BYTES, &n, e))
		return false;
	enum packing packing = packing_of((struct str){piece, n});
	*media_type = packing == PACKING_GZIP ? gzip : packing == PACKING_ZSTD ? zstd : plain;
	*digest = layer->diff_id;
	if (packing == PACKING_NONE)
		return true;
	if (packing != PACKING_GZIP && packing != PACKING_ZSTD)
		return err_set(e, ERR_UNSUPPORTED, "a layer packed with %s", packing_name(packing));
	while (n > 0) {
		sha256_update(h, piece, n);
		if (!stream_fill(s, piece, PIECE_BYTES, &n, e))
			return false;
	}
	*digest = sha256_final(h, a);
	return true;
}

/* The manifest that OCI's image-spec (manifest.md) describes, always the same bytes for the same
 * archive. */
static bool copy_without_manifest(struct copying *c, struct err *e)
{
	struct located *l = c->l;
	struct str config = sha256_of(l->config_bytes, c->a), layers = STR("");
	for (size_t i = 0; i < l->layers.n; i++) {
		const struct located_layer *layer = &l->layers.p[i];
		const char *media_type;
		struct str digest;
		if (!layer_digest(layer, &digest, &media_type, c->a, e) ||
		    !hand_on_blob(c, digest, layer->source, e))
			return err_wrap(e, "layer %zu of %zu", i + 1, l->layers.n);
		layers = arena_printf(c->a, "%.*s%s{\"mediaType\":\"%s\",\"digest\":\"%.*s\",\"size\":%llu}",
		                      STR_ARG(layers), i ? "," : "", media_type, STR_ARG(digest),
		                      (unsigned long long)layer->source.size_bytes);
	}
	struct str bytes = arena_printf(
		c->a,
		"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
		"\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
		"\"digest\":\"%.*s\",\"size\":%zu},\"layers\":[%.*s]}",
		STR_ARG(config), l->config_bytes.n, STR_ARG(layers));
	struct descriptor d = {.digest = sha256_of(bytes, c->a),
	                       .media_type = STR("application/vnd.oci.image.manifest.v1+json")};
	return hand_on_blob(c, config, source_bytes(l->config_bytes, c->a), e) &&
	       hand_on_manifest(c, &d, bytes, true, e);
}

bool image_copy(const struct reference *ref, const struct image_options *options,
                const struct copy_taker *taker, struct arena *a, struct err *e)
{
	CLEANUP_LOCATED struct located l = {.fd = -1};
	struct copying c = {.l = &l, .taker = taker, .a = a};
	bool one = options->platform.n > 0;
	bool ok = one ? locate(&l, ref, options, a, e) : locate_root(&l, ref, options, a, e);
	if (ok && (l.kind != LOCATED_LAYERS || l.plain_tar))
		ok = err_set(e, ERR_UNSUPPORTED, "no image, but files: pack it into one first");
	else if (ok && l.root.digest.n == 0)
		ok = (!l.save || engine_save_archive(l.save, &c.l, e)) && copy_without_manifest(&c, e);
	else if (ok)
		ok = copy_either(&c, one ? &l.manifest : &l.root, 0, e);
	return ok || err_wrap(e, "%.*s", STR_ARG(ref->text));
}
