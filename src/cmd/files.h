/* files: which files a command reads that takes files, folders and "-". */
#pragma once

#include "cmd/session.h"

/* Whether a file found in a folder is wanted: its path, and its name alone. */
typedef bool files_wanted(const char *path, struct str name);

/* The arguments; folders stand for the wanted files below them, by name, without .git and
 * node_modules, and links are not followed. */
MUST_USE bool files_list(struct session *s, files_wanted *wanted, struct str_vec *files,
                         struct err *e);

/* "-" is standard input. */
MUST_USE bool files_read(struct str name, size_t max_bytes, struct str *text, struct arena *a,
                         struct err *e);

/* Dockerfile, Dockerfile.dev, api.Dockerfile, api.dockerfile, Containerfile … */
bool files_is_dockerfile(struct str name);
