/* Images: asked about, and sent. */
#include <fcntl.h>
#include <stdlib.h>

#include "core/limits.h"
#include "image/engine/client.h"
#include "image/engine/engines.h"
#include "image/reference_name.h"
#include "image/registry/registry.h"
#include "os/temp.h"

/* ---- Asked about ---- */

/* The configuration after image-spec config.md, whose parts the engine tells under other names. */
static bool make_config(const json_t *answer, struct engine_image *image, struct arena *a,
                        struct err *e)
{
	static const struct {
		const char *from, *to;
	} parts[] = {{"Os", "os"}, {"Architecture", "architecture"}, {"Variant", "variant"},
	             {"Config", "config"}};
	json_auto_t *config = json_object();
	json_t *rootfs = json_object();
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		json_t *part = json_object_get(answer, parts[i].from);
		if (part)
			json_object_set(config, parts[i].to, part);
	}
	json_t *layers = json_object_get(json_object_get(answer, "RootFS"), "Layers");
	json_object_set_new(rootfs, "type", json_string("layers"));
	json_object_set_new(rootfs, "diff_ids", layers ? json_incref(layers) : json_array());
	json_object_set_new(config, "rootfs", rootfs);
	char *text = json_dumps(config, JSON_COMPACT);
	if (!text)
		return err_set(e, ERR_INPUT, "a configuration that is no JSON");
	image->config = arena_str(a, str_of(text));
	free(text);
	return true;
}

/* Podman tells IDs without "sha256:" in some places. */
static struct str whole_id(struct str id, struct arena *a)
{
	return str_index(id, ':') < id.n ? id : arena_printf(a, "sha256:%.*s", STR_ARG(id));
}

static bool check_diff_ids(const struct engine_image *image, struct err *e)
{
	if (image->diff_ids.n > LIMIT_LAYERS)
		return err_set(e, ERR_LIMIT, "more than %u layers", LIMIT_LAYERS);
	for (size_t i = 0; i < image->diff_ids.n; i++)
		if (!digest_is_sound(image->diff_ids.p[i]))
			return err_set(e, ERR_INPUT, "\"%.*s\" is no diff ID",
			               STR_ARG(str_slice(image->diff_ids.p[i], 0, 100)));
	return true;
}

bool engine_image_parse(struct str answer, struct engine_image *image, struct arena *a,
                        struct err *e)
{
	*image = (struct engine_image){0};
	json_auto_t *json = json_read(answer, e);
	if (!json)
		return false;
	image->id = whole_id(json_str(json, "Id", a), a);
	if (!digest_is_sound(image->id))
		return err_set(e, ERR_INPUT, "\"%.*s\" is no ID of an image",
		               STR_ARG(str_slice(image->id, 0, 100)));
	image->found = true;
	image->diff_ids = json_strs(json_object_get(json, "RootFS"), "Layers", a);
	image->repo_tags = json_strs(json, "RepoTags", a);
	image->repo_digests = json_strs(json, "RepoDigests", a);
	image->size_bytes = json_u64(json, "Size");
	return check_diff_ids(image, e) && make_config(json, image, a, e);
}

/* Podman leaves the health check out of the answer that is like Docker's; its own has it. */
static bool add_health_check(const struct engine *engine, struct str name, json_t *json,
                             struct arena *a, struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {
		.method = "GET", .path = arena_printf(a, "/libpod/images/%.*s/json", STR_ARG(name))};
	json_t *config = json_object_get(json, "Config");
	if (engine->kind != ENGINE_PODMAN || !json_is_object(config))
		return true;
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *own = answer.json;
	json_t *check = answer.status == 200 ? json_object_get(own, "Healthcheck") : NULL;
	if (check)
		json_object_set(config, "Healthcheck", check);
	return true;
}

bool engine_inspect(const struct engine *engine, struct str name, struct engine_image *image,
                    struct arena *a, struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {.method = "GET",
	                           .path = arena_printf(a, "/images/%.*s/json", STR_ARG(name))};
	*image = (struct engine_image){0};
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	if (answer.status == 404)
		return true;
	if (answer.status != 200)
		return engine_refused(engine, answer.message, e);
	if (!add_health_check(engine, name, json, a, e))
		return false;
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	bool ok = engine_image_parse(str_of(text), image, a, e) || engine_lost(engine, e);
	free(text);
	return ok;
}

static void add_names(const json_t *entry, struct map *names, struct arena *a)
{
	struct str_vec tags = json_strs(entry, "RepoTags", a);
	for (size_t i = 0; i < tags.n; i++) {
		struct reference ref = {.text = tags.p[i]};
		struct err ignored = ERR_INIT;
		if (!reference_name(&ref, tags.p[i], &ignored))
			continue;
		struct registry_name full = registry_name_of(&ref, a);
		map_put(names, a, registry_name_str(&full, a), NULL);
	}
}

bool engine_names(const struct engine *engine, struct map *names, struct arena *a, struct err *e)
{
	struct engine_answer answer;
	struct engine_call call = {.method = "GET", .path = STR("/images/json")};
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	if (answer.status != 200)
		return engine_refused(engine, answer.message.n ? answer.message : STR("no list"), e);
	for (size_t i = 0; i < json_array_size(json); i++)
		add_names(json_array_get(json, i), names, a);
	return true;
}

/* ---- Sent ---- */

/* What may come of an image: the engine's own word of its size, many times over where layers hide
 * one another or are packed, and room for the names of what has no bytes. */
static uint64_t most_bytes(const struct engine_image *image)
{
	uint64_t said = image->size_bytes < LIMIT_LAYER_BYTES ? image->size_bytes : LIMIT_LAYER_BYTES;
	return 4 * said + LIMIT_ENGINE_SLACK_BYTES;
}

static bool receive(const struct engine *engine, struct http *http, uint64_t most, int fd,
                    struct err *e)
{
	enum { PIECE_BYTES = 256 * 1024 };
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	char *piece = arena_alloc(&scratch, PIECE_BYTES);
	uint64_t total = 0;
	for (size_t n = 1; n > 0; total += n) {
		if (!http_body(http, piece, PIECE_BYTES, &n, e))
			return engine_lost(engine, e);
		if (n > most - total)
			return err_set(e, ERR_LIMIT, "%s sends more than %llu MiB of an image that it "
			               "says is far smaller",
			               engine_name(engine->kind), (unsigned long long)(most >> 20));
		if (n && !fd_write_all(fd, piece, n, e))
			return err_wrap(e, "keeping what %s sends", engine_name(engine->kind));
	}
	return true;
}

static int save(const struct engine *engine, const struct engine_image *image, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	CLEANUP_HTTP struct http *http = NULL;
	struct engine_call call = {
		.method = "GET",
		.path = arena_printf(&scratch, "/images/%.*s/get", STR_ARG(image->id)),
		.patient = true};
	if (!engine_open_stream(engine, &call, &http, &scratch, e))
		return -1;
	CLEANUP_FD int fd = temp_file(e);
	if (fd < 0 || !receive(engine, http, most_bytes(image), fd, e))
		return -1;
	return fd_steal(&fd);
}

static int dup_fd(int fd, struct err *e)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		err_errno(e, "a descriptor");
	return copy;
}

static int save_or_find(struct engines *all, const struct engine *engine,
                        const struct engine_image *image, struct err *e)
{
	for (size_t i = 0; i < ENGINES_SAVED; i++)
		if (all->saved[i].fd >= 0 && str_eq(all->saved[i].id, image->id))
			return dup_fd(all->saved[i].fd, e);
	int fd = save(engine, image, e);
	if (fd < 0)
		return -1;
	struct engine_saved *slot = &all->saved[all->next_saved++ % ENGINES_SAVED];
	fd_close(&slot->fd);
	*slot = (struct engine_saved){arena_str(&all->arena, image->id), fd};
	return dup_fd(fd, e);
}

int engines_save(struct engines *all, const struct engine *engine, const struct engine_image *image,
                 struct err *e)
{
	pthread_mutex_lock(&all->lock);
	int fd = save_or_find(all, engine, image, e);
	pthread_mutex_unlock(&all->lock);
	return fd;
}
