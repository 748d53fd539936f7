/* purl: package URLs (the purl specification, ECMA-427), in their canonical form. */
#pragma once

#include "package/package.h"

struct purl_qualifier {
	const char *key; /* lower case; keys come in byte order */
	struct str value;
};

/* Parts as they are meant, not encoded; a NULL or empty one is left out. `name` never is. */
struct purl {
	const char *type; /* "deb", lower case */
	struct str space; /* the namespace, its segments divided by "/" */
	struct str name, version;
	const struct purl_qualifier *qualifiers;
	size_t qualifier_count;
};

struct str purl_str(const struct purl *p, struct arena *a);

/* Reads one as it is written, canonical or not ("How to parse a purl string"): type and keys in
 * lower case, percent-encoding resolved, a subpath left out. Views of `text` or in the arena. False
 * where it is none. */
bool purl_parse(struct purl *p, struct str text, struct arena *a);

/* The value of a qualifier; empty where it is not there. */
struct str purl_qualifier(const struct purl *p, const char *key);

/* The name that the package manager knows: namespace and name as its type joins them
 * ("org.apache:x", "@scope/x", "golang.org/x/net"). */
struct str purl_name(const struct purl *p, struct arena *a);

/* Of a package in the system that `in` was read from:
 * "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc".
 * `upstream` is the source package where it has another name, or another version, which then
 * stands behind an "@". A system that does not say what it is called counts as what its package
 * manager was made for. Python's names are normalised (PEP 503); a Go module's path is namespace
 * and name in one. */
struct str purl_of_package(const struct package *p, const struct packages *in, struct arena *a);

/* PEP 503: in lower case, runs of "-", "_" and "." are one "-". */
struct str python_normalised(struct str name, struct arena *a);
