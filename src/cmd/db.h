/* db: what the parts of socle db share. */
#pragma once

#include "cmd/session.h"

int db_update(struct session *s);

/* One writer at a time; freed with the descriptor, however the process ends. Makes the folder, and
 * sweeps away what killed runs have left. ERR_IO where another run holds it. */
MUST_USE bool db_lock(struct str folder, int *fd, struct arena *a, struct err *e);

/* Renders the sources named, or where none are all that are there; gives the exit status. */
int db_show(struct session *s, struct str folder, const struct str_vec *names);
