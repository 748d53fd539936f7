/* temp: files without a name, and mappings, with their cleanup. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/str.h"

/* A new file for reading and writing in $TMPDIR, /var/tmp or /tmp that has no name: it is
 * gone with its descriptor, however the program ends. -1 with the error set. */
int temp_file(struct err *e);

struct mapping {
	void *p;
	size_t n;
};

/* Maps the first n bytes of fd for reading; n may be 0. */
MUST_USE bool mapping_open(struct mapping *m, int fd, size_t n, struct err *e);
void mapping_close(struct mapping *m);

static inline struct str mapping_str(const struct mapping *m)
{
	return (struct str){m->p, m->n};
}

#define CLEANUP_MAPPING __attribute__((cleanup(mapping_close)))

/* While it lives, what has been read of a mapping is given back every millisecond, in a
 * thread of its own: a file of any size is walked through without ever being in memory as a
 * whole. The pages come again from the file where they are needed. The mapping must stay
 * until the trimmer has stopped. */
struct trimmer;
struct trimmer *trimmer_start(const struct mapping *m);
void trimmer_stop(struct trimmer **t);
#define CLEANUP_TRIMMER __attribute__((cleanup(trimmer_stop), unused)) /* unused: clang does not count the cleanup */
