/* packages: which packages a tree says that it has, and which files are theirs, by the records
 * of dpkg (also Distroless' status.d) and apk. */
#pragma once

#include "core/map.h"
#include "facts/tree.h"

/* Names, sorted, each once. */
struct str_vec packages_of(const struct tree *t, struct arena *a);

/* Calls `visit` with every file that a package among `names` (NULL: any) lists and the tree has;
 * links in the folders before it are followed, itself is not. */
void packages_files(const struct tree *t, const struct map *names, struct arena *a,
                    void (*visit)(const struct node *n, void *context), void *context);
