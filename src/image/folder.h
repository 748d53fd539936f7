/* folder: a folder or one file of this machine as facts.
 *
 * Links are entries and are never followed; files that cannot be read are entries that
 * say so. Pseudo file systems (proc, sysfs, …) below the folder are left out. */
#pragma once

#include "facts/facts.h"

/* Facts of all below `dir_fd`, always in the same order. */
MUST_USE bool folder_read(int dir_fd, struct buf *record, struct err *e);

/* Facts of one file whose only entry is called `name`. */
MUST_USE bool file_read_facts(int fd, struct str name, struct buf *record, struct err *e);
