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
	bool legacy_hwcap;  /* needs processor features by the old scheme: never chosen here */
};

struct libc_cache {
	struct libc_cache_entry *entry; /* in file order */
	size_t count;
};

/* Strings point into `bytes`. ERR_INPUT where the file is damaged: ld.so then ignores it. */
MUST_USE bool libc_cache_parse(struct libc_cache *c, struct str bytes, struct arena *a,
                               struct err *e);
