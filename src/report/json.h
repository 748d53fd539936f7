/* json: small helpers over jansson for the renderers.
 *
 * Keys keep the order in which they were set. Bytes that are not UTF-8 (a file
 * name may hold any) are written as U+FFFD, and what a terminal could take for a
 * command (text.h) as \uNNNN: JSON is looked at there, too. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "core/arena.h"
#include "core/vec.h"

json_t *json_of_str(struct str s);
json_t *json_of_strs(const struct str_vec *v);
/* A size or count; null where it is not known: 0 would be the smallest of all. */
json_t *json_of_number(uint64_t n, bool known);
void json_set_str(json_t *object, const char *key, struct str value);
/* Left out where the value is empty. */
void json_set_str_if(json_t *object, const char *key, struct str value);

/* Writes the document with a newline at its end and frees it; false where that failed. */
bool json_write(json_t *document, FILE *file);
