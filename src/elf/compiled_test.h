/* compiled: one-line C programs for tests, compiled on the spot and parsed.
 *
 * For tests alone. Each source is written to a temporary folder that goes with
 * the process; "@" in the options stands for that folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf/elf.h"
#include "os/file.h"

static char compiled_folder[] = "/tmp/socle-elf-XXXXXX";

static inline void compiled_remove(void)
{
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", compiled_folder);
	if (system(command))
		fprintf(stderr, "could not remove %s\n", compiled_folder);
}

static inline void compiled_begin(void)
{
	if (strchr(compiled_folder, 'X') && mkdtemp(compiled_folder))
		atexit(compiled_remove);
}

/* Every '@' replaced by the folder. */
static inline char *compiled_expand(struct arena *a, const char *text)
{
	struct str out = STR(""), rest = str_of(text), part;
	for (bool first = true; str_next(&rest, '@', &part); first = false)
		out = arena_printf(a, "%.*s%s%.*s", STR_ARG(out), first ? "" : compiled_folder,
		                   STR_ARG(part));
	return arena_cstr(a, out);
}

/* Runs a shell command in which '@' is the folder; true where it gave 0. */
static inline bool compiled_run(struct arena *a, const char *command)
{
	compiled_begin();
	return system(compiled_expand(a, command)) == 0;
}

/* `compiler options source.c -o @/name`, its output kept quiet. */
static inline bool compile(struct arena *a, const char *compiler, const char *name,
                           const char *options, const char *source)
{
	struct err e = ERR_INIT;
	compiled_begin();
	char *path = compiled_expand(a, arena_printf(a, "@/%s.c", name).p);
	if (!file_replace(path, str_of(source), 0600, &e))
		fail_msg("%s", e.message);
	return compiled_run(a, arena_printf(a, "%s -x c @/%s.c -x none -o @/%s %s >@/log 2>&1",
	                                    compiler, name, name, options)
	                               .p);
}

static inline struct str compiled_bytes(struct arena *a, const char *name)
{
	struct err e = ERR_INIT;
	struct str bytes;
	if (!file_read(compiled_expand(a, arena_printf(a, "@/%s", name).p), 64 << 20, a, &bytes,
	               &e))
		fail_msg("%s", e.message);
	return bytes;
}

static inline struct elf_object compiled_object(struct arena *a, const char *name)
{
	struct err e = ERR_INIT;
	struct elf_object o;
	if (!elf_parse(&o, compiled_bytes(a, name), a, &e))
		fail_msg("%s: %s", name, e.message);
	return o;
}

/* Compiles for this machine and parses; the compiler must take it. */
static inline struct elf_object built(struct arena *a, const char *name, const char *options,
                                      const char *source)
{
	if (!compile(a, "cc", name, options, source))
		fail_msg("cc %s: %.*s", options, STR_ARG(compiled_bytes(a, "log")));
	return compiled_object(a, name);
}

static inline const struct elf_import *import_of(const struct elf_object *o, const char *name)
{
	for (size_t i = 0; i < o->imports.n; i++)
		if (str_eq(o->imports.p[i].name, str_of(name)))
			return &o->imports.p[i];
	return NULL;
}

static inline void assert_str(struct str s, const char *expected)
{
	if (!str_eq(s, str_of(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(s), expected);
}

/* The strings joined by blanks. */
static inline void assert_list(const struct str_vec *v, const char *expected)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct str joined = STR("");
	for (size_t i = 0; i < v->n; i++)
		joined = arena_printf(&a, "%.*s%s%.*s", STR_ARG(joined), i ? " " : "",
		                      STR_ARG(v->p[i]));
	assert_str(joined, expected);
}
