/* copy: a folder's contents into another, where no overlay can be laid. */
#pragma once

#include "os/file.h"

/* Files, folders, links and FIFOs with their modes and, where we may, owners; no extended
 * attributes. Devices and sockets are left out: a container gets its devices from the runtime.
 * What is there already is merged into (folders) or replaced (files), as COPY does. What we may
 * not read is left out and counted. */
MUST_USE bool copy_tree(int from, int to, uint32_t *unreadable, struct err *e);
