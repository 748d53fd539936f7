/* tar: the entries of a tar, in archive order, read from blocks that somebody hands in.
 *
 * libarchive reads the format (v7, ustar, pax, GNU, sparse); here its entries become
 * entries of facts with clean paths. A name that leaves the root ends the reading. */
#pragma once

#include "facts/facts.h"

struct tar;

/* The archive's bytes: the next block, empty at the end. A block stays valid until the
 * next call. */
struct tar_input {
	bool (*next)(void *context, struct str *block, struct err *e);
	/* Leaves out up to n of the bytes that would come next and tells how many; NULL where
	 * all must be read. */
	uint64_t (*skip)(void *context, uint64_t n);
	void *context;
};

/* Never NULL. Damage shows with the first entry. */
struct tar *tar_open(struct tar_input input);
void tar_close(struct tar **t);
#define CLEANUP_TAR __attribute__((cleanup(tar_close)))

/* The next entry, its strings in `a`; *more is false at the end. Types are those of the
 * tar: whiteouts are files still (tar_whiteout()). Errors name the entry's offset. */
MUST_USE bool tar_next(struct tar *t, struct arena *a, struct entry *entry, bool *more,
                       struct err *e);

/* The next piece of the entry's content and its offset; what no piece covers is zero.
 * *more is false at the end. Valid until the next call. */
MUST_USE bool tar_data(struct tar *t, struct str *piece, uint64_t *off, bool *more, struct err *e);

/* Where in the archive the entry's header stands; right after tar_next(), where its
 * content does. */
uint64_t tar_header_offset(const struct tar *t);
uint64_t tar_data_offset(const struct tar *t);
bool tar_is_sparse(const struct tar *t);

/* Turns a file called ".wh.NAME" or ".wh..wh..opq" into the whiteout that it stands for
 * (image-spec, layer.md). *skip is set for other names of aufs' own (".wh..wh.plnk").
 * ERR_INPUT for a whiteout of "", "." or "..". */
MUST_USE bool tar_whiteout(struct entry *entry, struct arena *a, bool *skip, struct err *e);
