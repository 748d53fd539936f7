/* The image's configuration (image-spec config.md; Docker's is the same where it matters). */
#include "image/json.h"
#include "image/locate.h"
#include "image/reference_name.h"

static struct str_vec keys(const json_t *object, struct arena *a)
{
	struct str_vec names = {0};
	for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)object, i))
		*vec_push(&names, a) = arena_str(a, str_of(json_object_iter_key(i)));
	return names;
}

static struct str_vec pairs(const json_t *object, struct arena *a)
{
	struct str_vec list = {0};
	for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)object, i)) {
		const char *value = json_string_value(json_object_iter_value(i));
		if (value)
			*vec_push(&list, a) = arena_printf(a, "%s=%s", json_object_iter_key(i), value);
	}
	return list;
}

static struct health_times health_times(const json_t *check)
{
	return (struct health_times){
		.interval_ns = json_u64(check, "Interval"),
		.timeout_ns = json_u64(check, "Timeout"),
		.start_period_ns = json_u64(check, "StartPeriod"),
		.start_interval_ns = json_u64(check, "StartInterval"),
		.retries = json_u64(check, "Retries"),
	};
}

static void read_config(struct image_config *c, const json_t *json, struct arena *a)
{
	const json_t *run = json_object_get(json, "config");
	*c = (struct image_config){
		.os = json_str(json, "os", a),
		.architecture = json_str(json, "architecture", a),
		.variant = json_str(json, "variant", a),
		.created = json_str(json, "created", a),
		.user = json_str(run, "User", a),
		.working_dir = json_str(run, "WorkingDir", a),
		.env = json_strs(run, "Env", a),
		.entrypoint = json_strs(run, "Entrypoint", a),
		.cmd = json_strs(run, "Cmd", a),
		.exposed_ports = keys(json_object_get(run, "ExposedPorts"), a),
		.volumes = keys(json_object_get(run, "Volumes"), a),
		.stop_signal = json_str(run, "StopSignal", a),
		.labels = pairs(json_object_get(run, "Labels"), a),
		.health_check = json_strs(json_object_get(run, "Healthcheck"), "Test", a),
		.health_times = health_times(json_object_get(run, "Healthcheck")),
		.has_config = true,
	};
}

void locate_base_word(struct located *l, const json_t *annotations)
{
	struct str name = json_str(annotations, "org.opencontainers.image.base.name", l->arena);
	struct str digest = json_str(annotations, "org.opencontainers.image.base.digest", l->arena);
	if (!l->base_name.n)
		l->base_name = name;
	if (!l->base_digest.n)
		l->base_digest = digest;
}

static bool set_diff_ids(struct located *l, const json_t *json, struct err *e)
{
	struct str_vec ids = json_strs(json_object_get(json, "rootfs"), "diff_ids", l->arena);
	if (ids.n != l->layers.n)
		return err_set(e, ERR_INPUT, "%zu layers, but its configuration names %zu",
		               l->layers.n, ids.n);
	for (size_t i = 0; i < ids.n; i++) {
		if (!digest_is_sound(ids.p[i]) || !str_starts(ids.p[i], STR("sha256:")))
			return err_set(e, ERR_INPUT, "\"%.*s\" is no diff ID", STR_ARG(ids.p[i]));
		l->layers.p[i].diff_id = ids.p[i];
	}
	return true;
}

/* Where there was nothing to choose from, the image may still not be what was asked for. */
static bool check_platform(const struct located *l, const struct selection *s, struct err *e)
{
	struct platform has = {l->config.os, l->config.architecture, l->config.variant};
	if (!s->platform_asked || platform_fits(&s->platform, &has))
		return true;
	struct str is = platform_str(&has, l->arena), wanted = platform_str(&s->platform, l->arena);
	return err_set(e, ERR_INPUT, "an image for %.*s, not for %.*s", STR_ARG(is),
	               STR_ARG(wanted));
}

bool locate_config(struct located *l, struct str bytes, const struct selection *selection,
                   struct err *e)
{
	json_auto_t *json = json_read(bytes, e);
	if (!json)
		return err_wrap(e, "the configuration");
	l->config_bytes = bytes;
	read_config(&l->config, json, l->arena);
	locate_base_word(l, json_object_get(json_object_get(json, "config"), "Labels"));
	if (l->config.os.n && !str_eq(l->config.os, STR("linux")))
		return err_set(e, ERR_UNSUPPORTED,
		               "an image for %.*s; socle knows those for Linux alone",
		               STR_ARG(l->config.os));
	return check_platform(l, selection, e) && set_diff_ids(l, json, e);
}
