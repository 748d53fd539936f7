/* An engine takes layers plain or in gzip, and wants to know their sizes before they come: what is
 * packed otherwise, has no size yet or is a folder is made a plain tar in a file without a name. */
#include "image/engine/load.h"

#include <stdlib.h>

#include "core/limits.h"
#include "image/engine/client.h"
#include "image/engine/feed.h"
#include "image/engine/lines.h"
#include "image/opening.h"
#include "os/file.h"
#include "os/temp.h"

enum { CHUNK_BYTES = 256 * 1024 };

struct load {
	struct image image;
	struct located located;
	struct feed *feed;
	struct str_vec diff_ids;
	VEC(int) files; /* plain tars */
	struct arena *arena;
};

static void load_close(struct load *l)
{
	feed_free(&l->feed);
	located_close(&l->located);
	for (size_t i = 0; i < l->files.n; i++)
		close(l->files.p[i]);
}

/* ---- Layers ---- */

typedef bool reader(void *context, void *p, size_t cap, size_t *n, struct err *e);

static bool stream_reader(void *context, void *p, size_t cap, size_t *n, struct err *e)
{
	struct stream *s = context;
	return s->read(s, p, cap, n, e);
}

static bool to_file(struct load *l, reader *read, void *context, struct source *source,
                    struct str *diff_id, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_SHA256 struct sha256 *digest = sha256_new();
	CLEANUP_FD int fd = temp_file(e);
	char *chunk = arena_alloc(&scratch, CHUNK_BYTES);
	uint64_t size = 0;
	if (fd < 0)
		return false;
	for (size_t n = 1; n > 0; size += n) {
		if (!read(context, chunk, CHUNK_BYTES, &n, e))
			return false;
		if (n > LIMIT_LAYER_BYTES - size)
			return err_set(e, ERR_LIMIT, "a layer of more than %llu bytes",
			               (unsigned long long)LIMIT_LAYER_BYTES);
		sha256_update(digest, chunk, n);
		if (n && !fd_write_all(fd, chunk, n, e))
			return false;
	}
	*diff_id = sha256_final(digest, l->arena);
	*vec_push(&l->files, l->arena) = fd;
	*source = (struct source){fd_steal(&fd), 0, size};
	return true;
}

static bool read_packing(struct source source, enum packing *packing, struct err *e)
{
	char head[PACKING_MAGIC_BYTES];
	size_t n;
	CLEANUP_STREAM struct stream *s = stream_source(source);
	if (!stream_fill(s, head, sizeof head, &n, e))
		return false;
	*packing = packing_of((struct str){head, n});
	return true;
}

static void add_layer(struct load *l, struct source source, struct str diff_id)
{
	struct str name = arena_printf(l->arena, "%zu.tar", l->diff_ids.n);
	feed_add_source(l->feed, name, source);
	*vec_push(&l->diff_ids, l->arena) = diff_id;
}

static bool add_located(struct load *l, size_t index, struct err *e)
{
	struct source source = l->located.layers.p[index].source;
	struct str diff_id = l->image.layer_info[index].diff_id;
	enum packing packing;
	if (!read_packing(source, &packing, e))
		return false;
	bool taken = packing == PACKING_NONE || packing == PACKING_GZIP;
	if (!taken || source.size_bytes == 0) {
		CLEANUP_STREAM struct stream *s = stream_unpack(stream_source(source), packing, e);
		if (!s || !to_file(l, stream_reader, s, &source, &diff_id, e))
			return false;
	}
	add_layer(l, source, diff_id);
	return true;
}

static bool add_folder(struct load *l, struct err *e)
{
	CLEANUP_FEED struct feed *tar = feed_new();
	struct source source;
	struct str diff_id;
	if (!feed_add_path(tar, STR(""), arena_cstr(l->arena, l->image.folder), NULL, NULL, e) ||
	    !to_file(l, feed_read, tar, &source, &diff_id, e))
		return false;
	add_layer(l, source, diff_id);
	return true;
}

static bool add_layers(struct load *l, struct err *e)
{
	if (l->image.folder.n)
		return add_folder(l, e);
	for (size_t i = 0; i < l->located.layers.n; i++)
		if (!add_located(l, i, e))
			return err_wrap(e, "layer %zu of %zu", i + 1, l->located.layers.n);
	return true;
}

/* ---- What describes them ---- */

static json_t *strings(const struct str_vec *v)
{
	json_t *list = json_array();
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(list, json_stringn(v->p[i].p, v->p[i].n));
	return list;
}

static struct str dumped(json_t *json, struct arena *a)
{
	char *dump = json_dumps(json, JSON_COMPACT);
	struct str text = arena_str(a, str_of(dump ? dump : "{}"));
	free(dump);
	json_decref(json);
	return text;
}

static json_t *labels_of(const struct str_vec *labels, struct arena *a)
{
	json_t *object = json_object();
	for (size_t i = 0; i < labels->n; i++) {
		size_t at = str_index(labels->p[i], '=');
		struct str value = str_skip(labels->p[i], at + 1);
		json_object_set_new(object, arena_cstr(a, str_slice(labels->p[i], 0, at)),
		                    json_stringn(value.p, value.n));
	}
	return object;
}

/* image-spec config.md. */
static struct str config_of(const struct load *l, const struct str_vec *labels)
{
	const struct image_config *c = &l->image.config;
	struct platform here;
	struct err ignored = ERR_INIT;
	struct str architecture = c->architecture;
	if (!architecture.n && platform_parse(&here, STR(""), &ignored))
		architecture = here.architecture;
	json_t *run = json_pack("{s:o,s:o,s:s%,s:s%}", "Env", strings(&c->env), "Labels",
	                        labels_of(labels, l->arena), "User", c->user.n ? c->user.p : "",
	                        c->user.n, "WorkingDir", c->working_dir.n ? c->working_dir.p : "",
	                        c->working_dir.n);
	json_t *history = json_array();
	for (size_t i = 0; i < l->diff_ids.n; i++)
		json_array_append_new(history, json_pack("{s:s}", "created_by", "socle"));
	return dumped(json_pack("{s:s,s:s%,s:o,s:o,s:{s:s,s:o}}", "os", "linux", "architecture",
	                        architecture.n ? architecture.p : "amd64",
	                        architecture.n ? architecture.n : (size_t)5, "config", run,
	                        "history", history, "rootfs", "type", "layers", "diff_ids",
	                        strings(&l->diff_ids)),
	              l->arena);
}

/* moby, image/tarexport: manifest.json is a list of images. */
static struct str manifest_of(const struct load *l, struct str name)
{
	json_t *layers = json_array();
	for (size_t i = 0; i < l->diff_ids.n; i++)
		json_array_append_new(layers, json_string(arena_printf(l->arena, "%zu.tar", i).p));
	return dumped(json_pack("[{s:s,s:[s%],s:o}]", "Config", "config.json", "RepoTags", name.p,
	                        name.n, "Layers", layers),
	              l->arena);
}

/* ---- Sent ---- */

static bool is_as_sent(const struct load *l, const struct engine_image *has)
{
	bool same = has->found && has->diff_ids.n == l->diff_ids.n;
	for (size_t i = 0; same && i < has->diff_ids.n; i++)
		same = str_eq(has->diff_ids.p[i], l->diff_ids.p[i]);
	return same;
}

static bool send(const struct engine *engine, struct load *l, struct str name, struct str *id,
                 struct err *e)
{
	struct engine_image has;
	struct engine_call call = {.method = "POST", .path = STR("/images/load?quiet=true"),
	                           .upload = feed_upload(l->feed), .patient = true};
	struct engine_lines lines = {.arena = l->arena};
	if (!engine_follow(engine, &call, &lines, e) ||
	    !engine_inspect(engine, name, &has, l->arena, e))
		return false;
	*id = has.id;
	return is_as_sent(l, &has) || err_set(e, ERR_INPUT, "%s has not taken the image as it was sent",
	                                      engine_name(engine->kind));
}

bool engine_load(const struct engine *engine, const struct reference *ref, struct store *store,
                 const struct image_options *options, struct str name, const struct str_vec *labels,
                 struct str *id, struct arena *a, struct err *e)
{
	__attribute__((cleanup(load_close))) struct load l = {
		.located = {.fd = -1}, .arena = a, .feed = feed_new()};
	if (!image_open_located(&l.image, &l.located, ref, store, options, a, e))
		return false;
	if (!add_layers(&l, e))
		return err_wrap(e, "%.*s", STR_ARG(ref->text));
	feed_add_bytes(l.feed, STR("config.json"), config_of(&l, labels));
	feed_add_bytes(l.feed, STR("manifest.json"), manifest_of(&l, name));
	return send(engine, &l, name, id, e) ||
	       err_wrap(e, "bringing %.*s into %s", STR_ARG(ref->text), engine_name(engine->kind));
}
