/* glibc: the parts of its loader, and what they share. Inside predict only. */
#pragma once

#include "predict/process.h"

/* ---- glibc_search.c: where a name is looked for ---- */

enum search {
	SEARCH_MISSED,
	SEARCH_FOUND,
	SEARCH_REFUSED, /* a file is there, and ends the start */
	SEARCH_BROKEN   /* a link that leads nowhere ends the list of folders */
};

struct hit {
	const struct node *node;
	struct str path, rule;
	const char *refused; /* SEARCH_REFUSED: why */
	bool other_class;    /* a file of another class was passed over */
};

/* _dl_map_object() for a name that is not loaded yet; fills p->searched. */
enum search glibc_search(struct process *p, struct object *asker, struct str name,
                         struct hit *hit);

/* open_verify(): whether the file is one that this loader takes for a library. */
enum search glibc_verify(const struct process *p, const struct node *n, struct hit *hit);

/* `text` with its dynamic string tokens replaced as for `o`. */
struct str glibc_expand(struct process *p, const struct object *o, struct str text);

/* ---- glibc.c ---- */

/* 36 for 2.36: the highest version that a libc.so.6 defines; 0 where it has none. */
unsigned glibc_minor(const struct elf_object *libc);

/* The same of the libc.so.6 in the loader's own folders. */
unsigned glibc_minor_beside(const struct tree *t, const struct elf_object *loader, struct arena *a);

/* ---- glibc_bind.c: versions, then symbols ---- */

void glibc_bind(struct process *p);

/* Of the objects that are new, in the order in which they are relocated. */
struct object_vec glibc_relocation_order(struct process *p);

/* ---- glibc_limits.c: what the processor, the stack and thread storage must allow ---- */

void glibc_check_isa(struct process *p, const struct object_vec *order);

/* False where a library that is opened now must not be mapped because of its stack. */
bool glibc_stack_fits(struct process *p, const struct object *o);

/* What is left of the static TLS block while a module is bound. */
struct static_tls {
	bool below;              /* of the thread pointer */
	uint64_t align_bytes;    /* of the whole: no module may want more */
	uint64_t used_bytes;
	uint64_t left_bytes;     /* surely there */
	uint64_t doubtful_bytes; /* and there on some kernels */
	struct object_vec placed;
};

struct static_tls glibc_static_tls(const struct process *p);

/* CHECK_STATIC_TLS(): `o` defines a symbol that a relocation of initial-exec TLS names. */
void glibc_place_tls(struct process *p, struct static_tls *tls, struct object *o);
