/* formats: the readers behind package.h, one a format. For src/package alone. */
#pragma once

#include "core/jnode.h"
#include "package/package.h"

typedef bool package_visitor(const struct package_file *f, void *context);

/* One more package, whose record is the file `n` at `path`. */
struct package *packages_add(struct packages *p, enum package_type type, const struct node *n,
                             struct str path, struct arena *a);

void dpkg_read(struct packages *p, const struct tree *t, struct arena *a);
bool dpkg_files(const struct tree *t, const struct map *names, package_visitor *visit,
                void *context);

void apk_read(struct packages *p, const struct tree *t, struct arena *a);
bool apk_files(const struct tree *t, const struct map *names, package_visitor *visit,
               void *context);

void rpm_read(struct packages *p, const struct tree *t, struct arena *a);
bool rpm_files(const struct tree *t, const struct map *names, package_visitor *visit,
               void *context);

/* Records of languages' packages: whether a file is one, and its packages. A record that cannot be
 * read stands in p->unread afterwards. */
bool is_python_record(const struct node *n);
void python_read(struct packages *p, const struct node *n, struct arena *a);
bool is_npm_record(const struct node *n);
void npm_read(struct packages *p, const struct node *n, struct arena *a);
bool is_gem_record(const struct node *n);
void gem_read(struct packages *p, const struct node *n, struct arena *a);
bool is_composer_record(const struct node *n);
void composer_read(struct packages *p, const struct node *n, struct arena *a);
bool is_nuget_record(const struct node *n);
void nuget_read(struct packages *p, const struct node *n, struct arena *a);
bool is_conda_record(const struct node *n);
void conda_read(struct packages *p, const struct node *n, struct arena *a);

/* What the record of a language's package covers besides itself is told to a cover (unowned.c):
 * the file or folder `n` with all that it holds; or what lies at `path`, seen from `levels` above
 * the record, if that is anything, and not a folder around the record. */
struct cover;
void cover_whole(struct cover *c, const struct node *n);
const struct node *cover_find(const struct cover *c, const struct node *record, unsigned levels,
                              struct str path); /* NULL: nothing there */
void cover_path(struct cover *c, const struct node *record, unsigned levels, struct str path);
void python_cover(struct cover *c, const struct node *record);
void npm_cover(struct cover *c, const struct node *record);
void gem_cover(struct cover *c, const struct node *record);
void composer_cover(struct cover *c, const struct node *record);
void nuget_cover(struct cover *c, const struct node *record);
void conda_cover(struct cover *c, const struct node *record);

/* The name of the folder `levels` above; empty above the root. */
struct str folder_above(const struct node *n, unsigned levels);

/* "Name: value" as mail and deb822(5) have it: names are the same in any case. */
bool record_field(struct str line, const char *name, struct str *value);

/* The JSON that a record holds, its nodes in `scratch`; NULL where it holds none. */
const struct jnode *record_json(const struct node *n, struct arena *scratch);

/* "MIT", {"type": "MIT"}, or an array of those, which becomes "MIT OR …". */
enum { LICENSES_MAX = 32 }; /* of one package */
struct str license_of(const struct jnode *value, struct arena *a);

/* The modules of a Go program; none of any other file. */
void go_read(struct packages *p, const struct node *n, struct arena *a);

/* The crates of a Rust program that cargo-auditable has built; none of any other file. */
void cargo_read(struct packages *p, const struct node *n, struct arena *a);

/* Java archives, and what is packed in them. */
bool is_java_archive(const struct node *n);
void java_read(struct packages *p, const struct node *n, struct arena *a);

/* java_groups.c: the group that publishes an artifact whose archives do not say so, by its name and,
 * where it has moved, its version; empty: not known. */
struct str java_known_group(struct str artifact, struct str version);
/* The artifact of an archive whose file has another name ("catalina"); empty: not known. */
struct str java_known_artifact(struct str stem);

/* Well-known programs that no record lists. */
bool is_known_program(const struct node *n);
void program_read(struct packages *p, const struct node *n, struct arena *a);

/* The licences of a package by the gist of its copyright file, as an expression of SPDX where all
 * names have identifiers. */
struct str license_of_debian(struct str gist, struct arena *a);
/* SPDX's identifier of Debian's short name; the name itself where it has none. */
struct str license_spdx(struct str name);

void languages_read(struct packages *p, const struct tree *t, struct arena *a);
