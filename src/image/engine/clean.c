/* Containers and images that are known by a label, removed. */
#include <stdlib.h>
#include <time.h>

#include "image/engine/client.h"
#include "image/engine/container.h"

/* {"label":["name=value"]} */
static struct str filter(struct str label, struct arena *a)
{
	json_auto_t *json = json_pack("{s:[s%]}", "label", label.p, label.n);
	char *dump = json_dumps(json, JSON_COMPACT);
	struct str text = http_escape(str_of(dump ? dump : "{}"), a);
	free(dump);
	return text;
}

/* With "name=value" every one; else those whose time is over. */
static bool is_meant(const json_t *entry, struct str label, uint64_t now, struct arena *a)
{
	uint64_t until;
	size_t equals = str_index(label, '=');
	const json_t *labels = json_object_get(entry, "Labels");
	struct str value = json_str(labels, arena_cstr(a, str_slice(label, 0, equals)), a);
	if (equals < label.n)
		return str_eq(value, str_skip(label, equals + 1));
	return str_to_u64(value, &until) && until < now;
}

static bool remove_one(const struct engine *engine, const char *kind, struct str id, struct arena *a,
                       struct err *e)
{
	struct engine_answer answer;
	bool image = strcmp(kind, "images") == 0;
	struct engine_call call = {
		.method = "DELETE",
		.path = arena_printf(a, "/%s/%.*s?force=true%s", kind, STR_ARG(http_escape(id, a)),
	                             image ? "&noprune=true" : "&v=true"),
		.patient = true};
	if (!engine_ask(engine, &call, &answer, a, e))
		return false;
	json_decref(answer.json);
	return answer.status < 400 || answer.status == 404 ||
	       engine_refused(engine, answer.message, e);
}

/* Podman's list fails where it meets an image that somebody is removing: it is asked again. */
static bool list(const struct engine *engine, const struct engine_call *call,
                 struct engine_answer *answer, struct arena *a, struct err *e)
{
	for (unsigned left = 5;; left--) {
		if (!engine_ask(engine, call, answer, a, e))
			return false;
		if (answer->status < 400)
			return true;
		json_decref(answer->json);
		if (answer->status < 500 || left == 0)
			return engine_refused(engine, answer->message, e);
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	}
}

/* One that cannot be removed does not spare the others. */
static bool remove_all(const struct engine *engine, const char *kind, struct str label, uint64_t now,
                       struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct arena *a = &scratch;
	struct engine_answer answer;
	struct engine_call call = {.method = "GET",
	                           .path = arena_printf(a, "/%s/json?all=true&filters=%.*s", kind,
	                                                STR_ARG(filter(label, a)))};
	bool ok = true;
	if (!list(engine, &call, &answer, a, e))
		return false;
	json_auto_t *json = answer.json;
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *entry = json_array_get(json, i);
		struct err why = ERR_INIT;
		struct str id = json_str(entry, "Id", a);
		if (id.n && is_meant(entry, label, now, a) && !remove_one(engine, kind, id, a, &why)) {
			*e = why;
			ok = false;
		}
	}
	return ok;
}

bool engine_clean(const struct engine *engine, struct str label, uint64_t now, struct err *e)
{
	enum { ROUNDS = 4 };
	if (!remove_all(engine, "containers", label, now, e))
		return false;
	/* An image that others stand on is refused until they are gone; one that goes may take those
	 * below along. */
	for (unsigned left = ROUNDS; left > 0; left--) {
		*e = (struct err)ERR_INIT;
		if (remove_all(engine, "images", label, now, e))
			return true;
	}
	return false;
}
