/* json: JSON that came from outside, read with care. Strings are copied into an arena, so
 * that the document may go. Wrong types count as absent. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/vec.h"

/* NULL with ERR_INPUT (line, column and why) or ERR_LIMIT (size, nesting). The caller's to
 * release: json_auto_t. */
json_t *json_read(struct str text, struct err *e);

/* Empty where there is none, or it is no string. */
struct str json_str(const json_t *object, const char *key, struct arena *a);
struct str_vec json_strs(const json_t *object, const char *key, struct arena *a);

/* 0 where there is none, or it is negative or no whole number. */
uint64_t json_u64(const json_t *object, const char *key);
