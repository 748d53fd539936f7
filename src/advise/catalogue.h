/* catalogue: the bases that people choose among, as a readable file tells them.
 *
 * The file (data/catalogue.yaml, docs/catalogue.md describes it) is part of the
 * program; a person may give their own instead. What stands in it is
 * `documented`: its publisher's word, never a measurement. The catalogue reads
 * no image and knows no verdict. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/map.h"
#include "core/vec.h"

enum catalogue_libc {
	CATALOGUE_LIBC_UNSAID,
	CATALOGUE_LIBC_NONE, /* no dynamic loader: static programs alone */
	CATALOGUE_LIBC_GLIBC,
	CATALOGUE_LIBC_MUSL,
	CATALOGUE_LIBC_UCLIBC
};

struct catalogue_interpreter {
	struct str name;    /* "python" */
	struct str version; /* "3.12"; empty: not said */
};

/* Strings are empty and arrays without elements where the file says nothing. */
struct catalogue_base {
	struct str name;         /* "alpine:3.20", "distroless/cc-debian12": what people type */
	struct str repository;   /* to pull from: "docker.io/library/alpine"; empty: scratch */
	struct str_vec tags;     /* without the repository; the name's own is the first */
	struct str_vec aliases;  /* further repositories that carry it */
	struct str publisher, family; /* "alpine", "debian", "distroless", … */
	enum catalogue_libc libc;
	struct str libc_version;
	struct str shell;           /* "dash", "bash", "busybox", "none" */
	struct str package_manager; /* "apt", "apk", "microdnf", "none" */
	VEC(struct catalogue_interpreter) interpreters;
	struct str_vec architectures; /* as in OCI platforms: "amd64", "arm/v7" */
	struct str support_end;       /* "2028-06-30" or "2027-04": the last day, or month */
	struct str deprecated;        /* why its publisher advises against it */
	uint64_t size_bytes;          /* unpacked; 0: not said */
	struct str user;              /* that it starts as */
	struct str_vec env;           /* "NAME=value" of its configuration */
	struct str assemble; /* tools/assemble makes it under this name; empty: it cannot */
	struct str notes;
};

struct catalogue {
	struct catalogue_base *bases; /* in the order of the file */
	size_t n;
	struct map by_reference; /* "REPOSITORY:TAG" to the base's number + 1 */
};

/* The catalogue inside the program. It was checked when it was built. */
MUST_USE bool catalogue_load(struct catalogue *c, struct arena *a, struct err *e);

/* Another one, from a file. ERR_IO, or ERR_INPUT with the line. */
MUST_USE bool catalogue_load_file(struct catalogue *c, const char *path, struct arena *a,
                                  struct err *e);

/* Adds the bases of a document to those that are there; `origin` names it in errors. A base
 * that an earlier document named keeps what was said there and gains what was not. An
 * unknown key, a value of the wrong kind, a name that stands there twice and a reference
 * that means two bases are errors. */
MUST_USE bool catalogue_parse(struct catalogue *c, struct str yaml, const char *origin,
                              struct arena *a, struct err *e);

/* The base that `reference` names: its name, or one of its repositories with one of its
 * tags ("gcr.io/distroless/cc-debian12:nonroot", "docker.io/library/alpine:3.20.3",
 * "alpine"). Without a tag `latest` is meant. NULL: none. */
const struct catalogue_base *catalogue_find(const struct catalogue *c, struct str reference,
                                            struct arena *a);

/* "gcr.io/distroless/cc-debian12:latest": what an engine pulls; empty for scratch. */
struct str catalogue_reference(const struct catalogue_base *base, struct arena *a);

/* Whether `b` is a further variant (nonroot, debug) of a base that stands before it: the same
 * repository of the Distroless family. */
bool catalogue_is_variant(const struct catalogue *c, const struct catalogue_base *b);

/* Whether that user of an image's configuration is root, as where it names none. */
bool catalogue_is_root(struct str user);

/* The variant of a base that starts as root which is the same files and starts as another user
 * ("distroless/cc-debian12:nonroot"); NULL: none. */
const struct catalogue_base *catalogue_unprivileged(const struct catalogue *c,
                                                    const struct catalogue_base *b);

/* Whether the support end lies before `today` ("2026-11-24"); false where none is said. */
bool catalogue_is_over(const struct catalogue_base *base, struct str today);
