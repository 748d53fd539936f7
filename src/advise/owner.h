/* owner: which package of a distribution a file belongs to, by its own records. */
#pragma once

#include "facts/tree.h"

/* "the Debian package libpq5", "the Alpine package libpq"; empty where no record names the file. */
struct str owner_of(const struct tree *t, const struct node *file, struct arena *a);
