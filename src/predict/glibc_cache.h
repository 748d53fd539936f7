/* glibc_cache: /etc/ld.so.cache, as ld.so reads it.
 *
 * Layout: glibc sysdeps/generic/dl-cache.h (struct cache_file_new, behind an
 * optional struct cache_file of the old format); which entry wins:
 * elf/dl-cache.c, search_cache(). */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

struct libc_cache_entry {
	struct str name, path;
	uint32_t flags;     /* library type and architecture */
	struct str hwcap;   /* glibc-hwcaps folder, "x86-64-v3"; empty: none */
	bool unusable;      /* needs processor features by the old scheme, or of a folder without name */
};

struct libc_cache {
	struct libc_cache_entry *entry; /* in file order */
	size_t count;
};

/* The path of the library called `name`, for a loader of `machine` (enum elf_machine) on a
 * processor of x86-64-v`x86_level` (search_cache()); 0: the loader knows of no levels. False
 * where there is none. */
bool libc_cache_find(const struct libc_cache *c, struct str name, uint16_t machine,
                     unsigned x86_level, struct str *path);

/* Strings point into `bytes`. ERR_INPUT where the file is damaged: ld.so then ignores it. */
MUST_USE bool libc_cache_parse(struct libc_cache *c, struct str bytes, struct arena *a,
                               struct err *e);
