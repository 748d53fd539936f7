/* lines: what an engine tells while it works, one JSON object after another (moby,
 * pkg/jsonmessage): {"stream": "Step 1/3 …"}, {"status": …}, {"aux": {"ID": …}}, {"error": …}.
 * Known to engine/ alone. */
#pragma once

#include "core/buf.h"
#include "image/engine/client.h"

struct engine_lines {
	struct arena *arena;
	/* Told each piece of text as it comes; may be NULL. */
	void (*log)(struct str text, void *context);
	void *log_context;
	struct str id;    /* of what was made, as the last "aux" says; empty: none */
	struct str error; /* the engine's word of what went wrong; empty: nothing */
	struct buf rest;  /* a line that has not ended */
};

/* Takes a piece of any size; whole lines are read. ERR_INPUT for what is no JSON, ERR_LIMIT for a
 * line without an end. Pure. */
MUST_USE bool engine_lines_take(struct engine_lines *l, struct str piece, struct err *e);

/* What is left when no more comes. */
MUST_USE bool engine_lines_end(struct engine_lines *l, struct err *e);
void engine_lines_release(struct engine_lines *l);

/* Asks, and reads the whole answer so; ERR_IO with the engine's words where it failed. */
MUST_USE bool engine_follow(const struct engine *engine, const struct engine_call *call,
                            struct engine_lines *l, struct err *e);

/* Likewise; but then the engine's words are *refusal, which is empty else. */
MUST_USE bool engine_follow_quietly(const struct engine *engine, const struct engine_call *call,
                                    struct engine_lines *l, struct str *refusal, struct err *e);
