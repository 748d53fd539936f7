#include "image/engine/lines.h"

#include "core/limits.h"
#include "image/engine/trace.h"

static void take_object(struct engine_lines *l, const json_t *json)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str text = json_str(json, "stream", &scratch);
	struct str id = json_str(json_object_get(json, "aux"), "ID", l->arena);
	struct str error = json_str(json_object_get(json, "errorDetail"), "message", l->arena);
	if (!error.n)
		error = json_str(json, "error", l->arena);
	if (id.n)
		l->id = id;
	if (error.n && !l->error.n)
		l->error = error;
	if (text.n && l->log)
		l->log(text, l->log_context);
	if (l->log && str_eq(json_str(json, "id", &scratch), STR("moby.buildkit.trace")))
		trace_read(json_str(json, "aux", &scratch), l->log, l->log_context);
}

static bool take_line(struct engine_lines *l, struct str line, struct err *e)
{
	line = str_trim(line);
	if (!line.n)
		return true;
	json_auto_t *json = json_read(line, e);
	if (json)
		take_object(l, json);
	return json != NULL;
}

bool engine_lines_take(struct engine_lines *l, struct str piece, struct err *e)
{
	l->rest.max_bytes = LIMIT_ENGINE_ANSWER_BYTES;
	while (piece.n > 0) {
		size_t end = str_index(piece, '\n');
		if (!buf_append(&l->rest, piece.p, end, e))
			return false;
		if (end == piece.n)
			return true;
		bool ok = take_line(l, buf_str(&l->rest), e);
		l->rest.n = 0;
		if (!ok)
			return false;
		piece = str_skip(piece, end + 1);
	}
	return true;
}

bool engine_lines_end(struct engine_lines *l, struct err *e)
{
	return take_line(l, buf_str(&l->rest), e);
}

void engine_lines_release(struct engine_lines *l)
{
	buf_release(&l->rest);
}

static bool follow(struct http *http, struct engine_lines *l, struct err *e)
{
	enum { PIECE_BYTES = 16384 };
	char piece[PIECE_BYTES];
	for (size_t n = 1; n > 0;)
		if (!http_body(http, piece, sizeof piece, &n, e) ||
		    !engine_lines_take(l, (struct str){piece, n}, e))
			return false;
	return engine_lines_end(l, e);
}

bool engine_follow_quietly(const struct engine *engine, const struct engine_call *call,
                           struct engine_lines *l, struct str *refusal, struct err *e)
{
	CLEANUP_HTTP struct http *http = NULL;
	if (!engine_try_stream(engine, call, &http, refusal, l->arena, e))
		return false;
	bool ok = refusal->n || follow(http, l, e) || engine_lost(engine, e);
	engine_lines_release(l);
	if (l->error.n)
		*refusal = l->error;
	return ok;
}

bool engine_follow(const struct engine *engine, const struct engine_call *call,
                   struct engine_lines *l, struct err *e)
{
	struct str refusal;
	return engine_follow_quietly(engine, call, l, &refusal, e) &&
	       (!refusal.n || engine_refused(engine, refusal, e));
}
