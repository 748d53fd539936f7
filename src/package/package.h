/* package: what is installed, by the records that package managers leave in a tree.
 *
 * One reader for each format; what it cannot make out is told, never left out in silence. Knows
 * trees and their kept files alone: no advisories, no printing. Pure: no system calls.
 *
 * Formats: dpkg's status(5) and file lists (deb-control(5), dpkg-query(1)), the status.d that
 * Distroless images have in their place, apk's installed database (apk-tools,
 * doc/apk-v2.5.scd), RPM's database as SQLite, ndb or Berkeley DB file or the manifest in its place,
 * Python's dist-info and egg-info, package.json of Node, gemspecs of RubyGems, Composer's
 * installed.json, deps.json of .NET, conda-meta, the build information in Go programs, what
 * cargo-auditable leaves in Rust's, what Java archives say of themselves, and version markers in
 * well-known programs. Lock files tell what would be installed and prove nothing: they are no records. */
#pragma once

#include "core/map.h"
#include "facts/tree.h"

/* In the order in which they are listed. */
enum package_type {
	PACKAGE_DEB,
	PACKAGE_APK,
	PACKAGE_RPM,
	PACKAGE_PYPI,
	PACKAGE_GOLANG,
	PACKAGE_NPM,
	PACKAGE_CARGO,
	PACKAGE_MAVEN,
	PACKAGE_GEM,
	PACKAGE_COMPOSER,
	PACKAGE_NUGET,
	PACKAGE_CONDA,
	PACKAGE_GENERIC /* a well-known program that no record lists */
};

/* Strings are views of kept files, or live in the arena; empty where the record does not say. */
struct package {
	enum package_type type;
	struct str name;           /* never empty */
	struct str version;        /* as the record writes it, a Debian epoch included */
	struct str source;         /* the package that it was built from; its own name included */
	struct str source_version; /* where it differs from `version` */
	struct str architecture;   /* the package manager's word: "amd64", "x86_64", "all" */
	struct str license;        /* as the record writes it: mostly an SPDX expression */
	struct str module;         /* RPM: the modularity label, "nodejs:18:8080020230101:63b34585" */
	struct str goos, goarch;   /* Go: what the program was built for; empty: unsaid */
	struct str path;           /* of the record: "/var/lib/dpkg/status", or the program */
	uint32_t layer;            /* that the record comes from; 0 is the lowest */
	bool application;          /* npm: the application itself: what a registry has under that
	                              name may be another's */
	bool likely;               /* told by a version marker in the file's bytes or by the file's name,
	                              not by a record */
};

struct packages {
	VEC(struct package) list;            /* sorted by type, name, version, architecture, path */
	struct str system, system_version;   /* os-release(5): ID and VERSION_ID; empty: unsaid */
	struct str_vec unread;               /* paths of databases that are damaged, too large to be
	                                        kept, or not understood: not all of what they hold
	                                        is in the list */
	struct str_vec unplaced;             /* of an SBOM: "left-pad 1.3.0", packages without a URL
	                                        that tells what they are; not in the list */
};

/* All of them. Of a language's package that one of the distribution brought, the latter alone. */
void packages_read(struct packages *p, const struct tree *t, struct arena *a);

/* os-release(5): ID and VERSION_ID, views of the tree's facts; empty: unsaid. */
void packages_system(const struct tree *t, struct str *id, struct str *version);

/* Names of what the distribution's package manager installed, sorted, each once. */
struct str_vec packages_of(const struct tree *t, struct arena *a);

/* "deb", "apk", "cargo": the type's word in package URLs. */
const char *package_type_name(enum package_type type);
bool package_type_parse(struct str name, enum package_type *type);

/* Into the order of the list. */
void packages_sort(struct packages *p);

/* ---- Files ---- */

/* A file as a record lists it: neither folder nor name has a slash around it. */
struct package_file {
	enum package_type type;
	struct str package;
	struct str folder, name; /* "usr/bin", "env" */
};

/* Calls `visit` with all files that records list, whether the tree has them or not; false where
 * `visit` ended it with false. `names` (NULL: all) are the packages that matter. The strings are
 * good for the call alone. */
bool package_files(const struct tree *t, const struct map *names,
                   bool (*visit)(const struct package_file *f, void *context), void *context);

/* Calls `visit` with every file that a package among `names` (NULL: any) lists and the tree has;
 * links in the folders before it are followed, itself is not. */
void packages_files(const struct tree *t, const struct map *names, struct arena *a,
                    void (*visit)(const struct node *n, void *context), void *context);

/* The package that lists a file; false where none does. On a merged /usr a record may have either
 * name of it. */
bool package_owner(const struct tree *t, const struct node *file, struct package_file *owner,
                   struct arena *a);

/* ---- What no record covers ---- */

/* Of the tree's regular files, each once however many names it has. */
struct unowned {
	size_t files, all_files;
	uint64_t bytes, all_bytes;
};

/* How much lies there that no record tells of: neither the distribution's lists, nor a language's
 * package (by its RECORD or its folder), nor a program or archive that tells its own contents. The
 * databases themselves are covered. `p` is what packages_read() gave of this tree. */
struct unowned packages_unowned(const struct tree *t, const struct packages *p);

/* The same by inode: a bit for each of the tree. */
const uint8_t *packages_covered(const struct tree *t, const struct packages *p, struct arena *a);

static inline bool inode_is_covered(const uint8_t *covered, const struct node *n)
{
	return covered[n->inode / 8] & 1u << n->inode % 8;
}
