/* formats: the readers behind package.h, one a format. For src/package alone. */
#pragma once

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

bool is_python_record(const struct node *n);
void python_read(struct packages *p, const struct node *n, struct arena *a);

/* The modules of a Go program; none of any other file. */
void go_read(struct packages *p, const struct node *n, struct arena *a);

/* The crates of a Rust program that cargo-auditable has built; none of any other file. */
void cargo_read(struct packages *p, const struct node *n, struct arena *a);

void languages_read(struct packages *p, const struct tree *t, struct arena *a);
