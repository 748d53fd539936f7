/* base: a candidate, with what is known of it and where that comes from.
 *
 * A name of the catalogue is looked for, best first: pulled or assembled on this machine or in
 * an engine (its bytes are at hand, a trial can run), learned before, shipped inside the
 * program, or only described; what is only described may be asked of its registry. Anything
 * else is opened as an image. */
#pragma once

#include "advise/catalogue.h"
#include "facts/tree.h"
#include "image/image.h"
#include "predict/predict.h"

struct base {
	struct str name; /* as the person wrote it, or the catalogue's */
	const struct catalogue_base *entry; /* NULL: not in the catalogue */
	enum provenance provenance;
	struct str source;       /* of the facts: a path, "shipped 2026-11-24: …"; empty: none */
	bool has_facts;          /* false: documented alone */
	bool at_hand;            /* the bytes are here: `reference` can be unpacked */
	struct reference reference;
	struct str how_to_get;   /* not at hand: what would bring it */
	struct image image;      /* layers, configuration; without layers for scratch */
	struct str architecture; /* "amd64"; of the image itself where it says or shows one */
	enum catalogue_libc libc; /* of its loader in the tree; the catalogue's word without facts */
	uint64_t size_bytes;     /* unpacked; the catalogue's word where there are no facts */
	size_t file_count, package_count;
};

/* Whether size_bytes is anything but a zero for want of better. */
static inline bool base_is_sized(const struct base *b)
{
	return b->has_facts || b->size_bytes;
}

struct base_context {
	const struct catalogue *catalogue;
	struct store *store;
	const struct image_options *image_options;
	struct str cache; /* folder; empty: none */
	struct arena *arena;
	bool pull; /* catalogue names that are only described are asked of their registry */
	/* Told what a person should know and what stops nothing; may be NULL. */
	void (*remark)(struct str text, void *context);
	void *remark_context;
};

/* Opens a candidate. ERR_USAGE for a name that is neither a path nor known; what image_open()
 * says otherwise. */
MUST_USE bool base_open(struct base *b, struct str text, const struct base_context *c,
                        struct err *e);

/* The architecture of the first ELF object in the tree whose machine has a name; empty: none. */
struct str tree_architecture(const struct tree *t, struct arena *a);

/* Folders, programs and libraries in the tree that could not be read (a folder of this machine may
 * hold such): nothing is known of what is in them. */
struct str_vec tree_unread(const struct tree *t, struct arena *a);

/* "NAME: /closed cannot be read (and 2 more): what is in it is not known". */
struct str unread_text(struct str name, const struct str_vec *unread, struct arena *a);

/* Whether this machine's kernel can start programs of that architecture. */
bool machine_runs(struct str architecture);

/* The tree of the base alone. */
MUST_USE bool base_tree(const struct base *b, struct tree *t, struct arena *a, struct err *e);

/* Where the cache (which there must be) keeps a base: CACHE/<folder>/<architecture>/<name, ":" as
 * "/"><suffix>;
 * "bases" and ".tar" for assembled root file systems (tools/assemble), "learned" and ".facts"
 * for measured facts. */
struct str base_cache_file(const struct base_context *c, const char *folder,
                           struct str architecture, struct str name, const char *suffix);

const char *provenance_name(enum provenance p);

/* Shipped facts (data/facts): NULL where there are none for that name and architecture. */
struct shipped_facts {
	struct str architecture, name; /* catalogue name */
	enum provenance provenance;
	struct str date, source;       /* when and from what they were made */
	const char *record, *record_end;
};
/* The base that shipped facts describe, whatever is at hand. */
MUST_USE bool base_open_shipped(struct base *b, const struct shipped_facts *s,
                                const struct base_context *c, struct err *e);

const struct shipped_facts *shipped_find(struct str name, struct str architecture);
const struct shipped_facts *shipped_list(size_t *count);
