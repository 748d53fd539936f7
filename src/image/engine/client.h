/* client: one question to an engine and its answer. Known to engine/ alone. */
#pragma once

#include "image/engine/engine.h"
#include "image/json.h"
#include "os/http.h"

struct engine_call {
	const char *method;
	struct str path; /* "/images/json?…", behind the version; what came from outside is escaped */
	struct str json; /* sent as the body; empty: none */
	struct http_upload upload; /* or this, a tar */
	bool bare;       /* the body, which is no JSON, is not read */
	bool patient;    /* the engine has to work before it answers */
	bool compiles;   /* and may say nothing for very long: somebody's build runs */
};

struct engine_answer {
	unsigned status;
	struct str builder; /* the header Builder-Version: "2" for BuildKit */
	json_t *json; /* NULL where the body is empty; the caller's: json_decref() */
	struct str message; /* of an answer of 400 and more: what the engine says; never empty then */
};

/* Asks and reads the answer whole. Any status is an answer; false: none came (ERR_IO), or none
 * that can be read. */
MUST_USE bool engine_ask(const struct engine *engine, const struct engine_call *call,
                         struct engine_answer *answer, struct arena *a, struct err *e);

/* Asks and leaves the body to be read from *http; a status of 400 and more is ERR_IO with what the
 * engine says. */
MUST_USE bool engine_open_stream(const struct engine *engine, const struct engine_call *call,
                                 struct http **http, struct arena *a, struct err *e);

/* Likewise; but then it is told in *refusal, which is empty else, and *http is NULL. */
MUST_USE bool engine_try_stream(const struct engine *engine, const struct engine_call *call,
                                struct http **http, struct str *refusal, struct arena *a,
                                struct err *e);

/* ERR_IO: "Docker (unix://…) says: …". */
bool engine_refused(const struct engine *engine, struct str message, struct err *e);

/* Wraps an error of the connection with who broke it off. */
bool engine_lost(const struct engine *engine, struct err *e);
