/* progress: a line on the terminal that tells how much of what is awaited has come. */
#pragma once

#include "cmd/session.h"

/* Nothing is known of how much will come: tell that as awaited. */
#define PROGRESS_UNKNOWN UINT64_MAX

struct progress_line;

/* NULL where nobody watches: -q, --no-progress, no terminal. Lives as long as the session. */
struct progress_line *progress_open(struct session *s, const char *verb);

/* What is done from now on; the string must live as long. */
void progress_verb(struct progress_line *p, const char *verb);

/* Threads come here with each piece; `context` is the line. The line goes when as much is there as
 * was awaited, before anything else is said. */
void progress_tell(uint64_t received_bytes, uint64_t awaited_bytes, void *context);
