/* cache: what socle keeps on this machine, counted and thrown away.
 *
 * Whatever is in use elsewhere stays of use: an open file survives its name, and a root that a
 * trial runs on is locked (flock(2), shared by those who use it). Nothing outside of the cache
 * is touched, and nothing in it that is not socle's. */
#pragma once

#include "core/arena.h"
#include "core/err.h"

enum cache_kind {
	CACHE_FACTS,
	CACHE_BLOBS,
	CACHE_TAGS,
	CACHE_ROOTS,
	CACHE_LEARNED,
	CACHE_BASES,
	CACHE_ADVISORIES,
	CACHE_LEFT, /* halves of killed runs, facts of other versions */
	CACHE_KINDS
};

/* "blobs", and what that is. */
const char *cache_kind_name(enum cache_kind kind);
const char *cache_kind_words(enum cache_kind kind);

struct cache_use {
	uint64_t count; /* files; of roots, folders */
	uint64_t bytes;
};

struct cache_report {
	struct str folder;
	struct cache_use kinds[CACHE_KINDS]; /* what is there, or was removed */
	uint64_t in_use; /* roots that trials run on: they stayed */
};

/* What is there. An empty or missing cache is none of it. ERR_IO where there can be none. */
MUST_USE bool cache_measure(struct cache_report *r, struct arena *a, struct err *e);

/* Removes facts, blobs, tags and roots that were of no use for max_age_s, and what is left over;
 * with `all` everything of every kind. ERR_IO for what could not be removed, after the rest. */
MUST_USE bool cache_prune(struct cache_report *r, uint64_t max_age_s, bool all, struct arena *a,
                          struct err *e);

/* Removes what runs that were killed while they unpacked have left in the folder roots/. */
void cache_sweep_roots(const char *roots);

/* Keeps a folder of roots/ for this process until it ends, and notes its use. False: it is not
 * there (any more). */
bool cache_use_root(const char *path);
