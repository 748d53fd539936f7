/* OCI image layouts (image-spec image-layout.md, image-index.md, manifest.md) and what
 * Docker's tools put into them. */
#include "core/limits.h"
#include "image/json.h"
#include "image/locate.h"
#include "image/reference_name.h"

struct descriptor descriptor_of(const json_t *json, struct arena *a)
{
	const json_t *notes = json_object_get(json, "annotations");
	const json_t *platform = json_object_get(json, "platform");
	struct descriptor d = {
		.media_type = json_str(json, "mediaType", a),
		.digest = json_str(json, "digest", a),
		.size_bytes = json_u64(json, "size"),
		.has_platform = json_is_object(platform),
		.platform = {json_str(platform, "os", a), json_str(platform, "architecture", a),
	                     json_str(platform, "variant", a)},
		.name = json_str(notes, "org.opencontainers.image.ref.name", a),
		.full_name = json_str(notes, "io.containerd.image.name", a),
	};
	d.attestation = json_object_get(notes, "vnd.docker.reference.type") ||
	                str_eq(d.platform.os, STR("unknown"));
	return d;
}

/* ---- Blobs ---- */

bool locate_blob(struct located *l, const struct descriptor *d, const char *what, bool keep,
                 struct source *source, struct err *e)
{
	bool found;
	if (!digest_is_sound(d->digest))
		return err_set(e, ERR_INPUT, "the %s has no sound digest: \"%.*s\"", what,
		               STR_ARG(d->digest));
	if (l->kept_alone && !blobs_has(l->blobs, d->digest, d->size_bytes))
		return err_set(e, ERR_USAGE, "the %s %.*s is not kept here", what,
		               STR_ARG(d->digest));
	if (l->registry) {
		*source = registry_blob(l->registry, &l->remote, d->digest, d->size_bytes,
		                        l->arena);
		if (str_starts(d->digest, STR("sha256:")))
			*source = blobs_source(l->blobs, d->digest, *source, keep, l->arena);
		return true;
	}
	struct str hex = str_skip(d->digest, 7);
	struct str path = arena_printf(l->arena, "blobs/%.*s/%.*s", 6, d->digest.p, STR_ARG(hex));
	if (!container_get(&l->container, path, source, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_INPUT, "the %s %.*s is not in it", what, STR_ARG(d->digest));
	if (d->size_bytes != source->size_bytes)
		return err_set(e, ERR_INPUT, "the %s %.*s has %llu bytes, but should have %llu",
		               what, STR_ARG(d->digest), (unsigned long long)source->size_bytes,
		               (unsigned long long)d->size_bytes);
	return true;
}

static bool read_blob(struct located *l, const struct descriptor *d, const char *what,
                      struct str *bytes, struct err *e)
{
	struct source source;
	if (!locate_blob(l, d, what, true, &source, e))
		return false;
	if (!str_starts(d->digest, STR("sha256:")))
		return err_set(e, ERR_UNSUPPORTED,
		               "the %s %.*s: only sha256 digests can be checked", what,
		               STR_ARG(d->digest));
	if (!source_read_all(source, LIMIT_JSON_BYTES, l->arena, bytes, e))
		return err_wrap(e, "the %s %.*s", what, STR_ARG(d->digest));
	struct str digest = sha256_of(*bytes, l->arena);
	return str_eq(digest, d->digest) ||
	       err_set(e, ERR_INPUT,
	               "the %s should be %.*s, but is %.*s: damaged, or not what it says", what,
	               STR_ARG(d->digest), STR_ARG(digest));
}

/* ---- Manifests ---- */

bool manifest_is_index(struct str media_type, const json_t *json)
{
	if (media_type.n == 0)
		return json_object_get(json, "manifests") != NULL;
	return str_eq(media_type, STR("application/vnd.oci.image.index.v1+json")) ||
	       str_eq(media_type, STR("application/vnd.docker.distribution.manifest.list.v2+json"));
}

static bool is_manifest_type(struct str type)
{
	return str_starts(type, STR("application/vnd.oci.image.")) ||
	       str_starts(type, STR("application/vnd.docker.distribution.manifest."));
}

static bool check_config_type(struct str type, struct err *e)
{
	static const struct str images[] = {
		STR_INIT("application/vnd.oci.image.config.v1+json"),
		STR_INIT("application/vnd.docker.container.image.v1+json"),
	};
	if (type.n == 0)
		return true;
	for (size_t i = 0; i < sizeof images / sizeof *images; i++)
		if (str_eq(type, images[i]))
			return true;
	return err_set(e, ERR_UNSUPPORTED, "an artifact of type %.*s, no image", STR_ARG(type));
}

static bool add_layer(struct located *l, const struct descriptor *d, struct err *e)
{
	if (str_contains(d->media_type, STR("encrypted")))
		return err_set(e, ERR_UNSUPPORTED, "the layer %.*s is encrypted",
		               STR_ARG(d->digest));
	struct located_layer layer = {.digest = d->digest, .media_type = d->media_type};
	if (!locate_blob(l, d, "layer", l->keep != KEEP_FACTS, &layer.source, e))
		return false;
	if (!str_starts(d->digest, STR("sha256:")))
		return err_set(e, ERR_UNSUPPORTED,
		               "the layer %.*s: only sha256 digests can be checked",
		               STR_ARG(d->digest));
	*vec_push(&l->layers, l->arena) = layer;
	return true;
}

static bool use_manifest(struct located *l, const json_t *json, const struct selection *selection,
                         struct err *e)
{
	const json_t *layers = json_object_get(json, "layers");
	struct descriptor config = descriptor_of(json_object_get(json, "config"), l->arena);
	struct str bytes;
	if (json_u64(json, "schemaVersion") != 2 || !json_is_array(layers))
		return err_set(e, ERR_UNSUPPORTED, "a manifest of schema %llu, not 2",
		               (unsigned long long)json_u64(json, "schemaVersion"));
	if (json_array_size(layers) > LIMIT_LAYERS)
		return err_set(e, ERR_LIMIT, "more than %u layers", LIMIT_LAYERS);
	if (!check_config_type(config.media_type, e))
		return false;
	for (size_t i = 0; i < json_array_size(layers); i++) {
		struct descriptor d = descriptor_of(json_array_get(layers, i), l->arena);
		if (!add_layer(l, &d, e))
			return false;
	}
	locate_base_word(l, json_object_get(json, "annotations"));
	return read_blob(l, &config, "configuration", &bytes, e) &&
	       locate_config(l, bytes, selection, e);
}

/* ---- Indexes ---- */

struct descriptors {
	struct descriptor *p;
	size_t n, cap;
};

/* A name given is the image's name in this layout, or its tag, or its whole name. */
static bool has_name(const struct descriptor *d, struct str tag)
{
	struct str last = str_skip(d->name, str_rindex(d->name, ':') + 1);
	return str_eq(d->name, tag) || str_eq(d->full_name, tag) || (last.n && str_eq(last, tag));
}

static bool is_selected(const struct descriptor *d, const struct reference *ref)
{
	if (ref->digest.n)
		return str_eq(d->digest, ref->digest);
	return ref->tag.n == 0 || has_name(d, ref->tag);
}

static struct str list_names(const struct descriptors *all, struct arena *a)
{
	struct str text = STR("");
	for (size_t i = 0; i < all->n; i++) {
		const struct descriptor *d = &all->p[i];
		struct str name = d->name.n ? d->name : d->full_name.n ? d->full_name : d->digest;
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "", STR_ARG(name));
	}
	return text;
}

static struct str list_platforms(const struct descriptors *all, struct arena *a)
{
	struct str text = STR("");
	for (size_t i = 0; i < all->n; i++) {
		struct str name = platform_str(&all->p[i].platform, a);
		text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i ? ", " : "", STR_ARG(name));
	}
	return text;
}

static bool no_platform(const struct located *l, const struct descriptors *all,
                        const struct selection *s, struct err *e)
{
	struct str wanted = platform_str(&s->platform, l->arena),
		   has = list_platforms(all, l->arena);
	return err_set(e, ERR_INPUT,
	               "no image for %.*s in it; it has %.*s (choose with --platform)",
	               STR_ARG(wanted), STR_ARG(has));
}

/* Of all that have the name, the one that fits the platform best. Several that fit equally
 * well and are not the same are a question that only the person can answer. */
static bool choose(const struct located *l, const struct descriptors *all,
                   const struct selection *s, struct descriptor *chosen, struct err *e)
{
	unsigned best = 0, equals = 0;
	bool alone = s->root_alone && all->n == 1; /* nothing to choose from: whatever it is for */
	for (size_t i = 0; i < all->n; i++) {
		const struct descriptor *d = &all->p[i];
		bool any = alone || !d->has_platform;
		unsigned fit = any ? 1 : platform_fits(&s->platform, &d->platform);
		if (fit > best) {
			best = fit;
			*chosen = *d;
			equals = 1;
		} else if (fit > 0 && fit == best && !str_eq(d->digest, chosen->digest)) {
			equals++;
		}
	}
	if (best == 0)
		return no_platform(l, all, s, e);
	if (equals > 1) {
		struct str names = list_names(all, l->arena);
		return err_set(e, ERR_USAGE,
		               "it holds several images: %.*s; name one behind a colon",
		               STR_ARG(names));
	}
	return true;
}

static bool candidates(const struct located *l, const json_t *index, const struct reference *ref,
                       struct descriptors *found, struct err *e)
{
	const json_t *manifests = json_object_get(index, "manifests");
	struct descriptors all = {0};
	for (size_t i = 0; i < json_array_size(manifests); i++) {
		struct descriptor d = descriptor_of(json_array_get(manifests, i), l->arena);
		if (d.attestation)
			continue;
		*vec_push(&all, l->arena) = d;
		if (!ref || is_selected(&d, ref))
			*vec_push(found, l->arena) = d;
	}
	if (all.n == 0)
		return err_set(e, ERR_INPUT, "no image in it");
	if (found->n == 0) {
		struct str names = list_names(&all, l->arena);
		struct str wanted = ref->digest.n ? ref->digest : ref->tag;
		return err_set(e, ERR_INPUT, "no image called %.*s in it; it has %.*s",
		               STR_ARG(wanted), STR_ARG(names));
	}
	return true;
}

static bool follow(struct located *l, const struct descriptor *d, const struct selection *s,
                   unsigned depth, struct err *e);

/* `ref` picks by name in the outermost index alone. */
static bool use_index(struct located *l, const json_t *index, const struct reference *ref,
                      const struct selection *s, unsigned depth, struct err *e)
{
	struct descriptors found = {0};
	struct descriptor d = {0};
	if (depth >= LIMIT_INDEX_DEPTH)
		return err_set(e, ERR_LIMIT, "more than %u indexes in one another",
		               LIMIT_INDEX_DEPTH);
	if (!candidates(l, index, ref, &found, e) || !choose(l, &found, s, &d, e))
		return false;
	if (d.name.n)
		l->tag = d.name;
	return follow(l, &d, s, depth + 1, e);
}

/* OCI's documents need not say what they are. */
struct str media_type_of(struct str said, bool index)
{
	if (said.n)
		return said;
	return index ? STR("application/vnd.oci.image.index.v1+json")
	             : STR("application/vnd.oci.image.manifest.v1+json");
}

/* What `d` describes: an index or a manifest. */
static bool use_either(struct located *l, const struct descriptor *d, struct str bytes,
                       const struct selection *s, unsigned depth, struct err *e)
{
	json_auto_t *json = json_read(bytes, e);
	if (!json)
		return err_wrap(e, "the manifest %.*s", STR_ARG(d->digest));
	/* One text that is both, read differently by two programs: CVE-2021-41190. */
	if (json_object_get(json, "manifests") && json_object_get(json, "layers"))
		return err_set(e, ERR_INPUT, "the manifest %.*s is an index as well",
		               STR_ARG(d->digest));
	struct str type = json_str(json, "mediaType", l->arena);
	if (type.n && d->media_type.n && !str_eq(type, d->media_type))
		return err_set(e, ERR_INPUT,
		               "the manifest %.*s says that it is %.*s, but its descriptor "
		               "%.*s",
		               STR_ARG(d->digest), STR_ARG(type), STR_ARG(d->media_type));
	l->digest = d->digest;
	bool index = manifest_is_index(d->media_type.n ? d->media_type : type, json);
	struct descriptor this = *d;
	this.media_type = media_type_of(d->media_type.n ? d->media_type : type, index);
	if (l->root.digest.n == 0)
		l->root = this;
	if (!index)
		l->manifest = this;
	if (s->root_alone)
		return true;
	if (index && l->index_digest.n == 0)
		l->index_digest = d->digest;
	return index ? use_index(l, json, NULL, s, depth, e) : use_manifest(l, json, s, e);
}

bool locate_manifest_bytes(struct located *l, const struct descriptor *d, struct str *bytes,
                           struct err *e)
{
	struct registry_name name = l->remote;
	struct registry_manifest m;
	if (!l->registry)
		return read_blob(l, d, "manifest", bytes, e);
	name.reference = d->digest;
	name.by_digest = true;
	if (!digest_is_sound(d->digest))
		return err_set(e, ERR_INPUT, "the manifest has no sound digest: \"%.*s\"",
		               STR_ARG(d->digest));
	if (!locate_manifest(l, &name, &m, e))
		return false;
	*bytes = m.bytes;
	return m.bytes.n == d->size_bytes ||
	       err_set(e, ERR_INPUT, "the manifest %.*s has %zu bytes, but should have %llu",
	               STR_ARG(d->digest), m.bytes.n, (unsigned long long)d->size_bytes);
}

static bool follow(struct located *l, const struct descriptor *d, const struct selection *s,
                   unsigned depth, struct err *e)
{
	struct str bytes;
	return locate_manifest_bytes(l, d, &bytes, e) && use_either(l, d, bytes, s, depth, e);
}

bool locate_from_manifest(struct located *l, const struct registry_manifest *m,
                          const struct selection *selection, struct err *e)
{
	struct descriptor d = {.digest = m->digest, .size_bytes = m->bytes.n};
	l->kind = LOCATED_LAYERS;
	/* Some registries call everything application/json or text/plain. */
	if (is_manifest_type(m->media_type))
		d.media_type = m->media_type;
	return use_either(l, &d, m->bytes, selection, 0, e);
}

bool locate_in_layout(struct located *l, const struct selection *selection, struct err *e)
{
	struct str bytes;
	bool found;
	if (!container_read(&l->container, STR("index.json"), LIMIT_JSON_BYTES, &bytes, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_INPUT, "no index.json in it: not an OCI image layout");
	json_auto_t *json = json_read(bytes, e);
	if (!json)
		return err_wrap(e, "index.json");
	return use_index(l, json, selection->ref, selection, 0, e);
}
