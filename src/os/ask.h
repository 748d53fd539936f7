/* ask: a program of this machine that is asked one thing and answers on its standard output. */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

/* Starts `argv` (found in PATH), gives it `input` (at most PIPE_BUF bytes) and takes what it
 * writes, up to max_bytes. Its standard error is ours. *status is its exit status, 128 + n for
 * signal n. ERR_MISSING_TOOL where it is not installed; ERR_IO; ERR_LIMIT. A program that takes
 * longer than timeout_ms is ended. */
MUST_USE bool ask_program(char *const *argv, struct str input, size_t max_bytes,
                          unsigned timeout_ms, struct str *output, int *status, struct arena *a,
                          struct err *e);
