/* reference: how an APP or BASE is named.
 *
 *   scratch
 *   dir:PATH | file:PATH                    a folder (root file system), a file
 *   oci-dir:PATH[:TAG] | oci:PATH[:TAG]     OCI image layout, unpacked
 *   oci-archive:PATH[:TAG]                  the same in a tar
 *   docker-archive:PATH[:REF]               `docker save`
 *   docker:REF | docker-daemon:REF          the Docker engine
 *   podman:REF | containers-storage:REF     Podman
 *   registry:REF | docker://REF             a registry
 *   PATH                                    a path that exists: its kind is looked at
 *   NAME[:TAG][@sha256:…]                   catalogue, store, engine, registry
 *
 * Image names follow the distribution grammar (distribution/reference). */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

enum reference_kind {
	REFERENCE_SCRATCH,
	REFERENCE_DIR,
	REFERENCE_FILE, /* one file, or a tar: told apart by its first bytes */
	REFERENCE_OCI_DIR,
	REFERENCE_OCI_ARCHIVE,
	REFERENCE_DOCKER_ARCHIVE,
	REFERENCE_DOCKER,
	REFERENCE_PODMAN,
	REFERENCE_REGISTRY,
	REFERENCE_PATH, /* bare path: folder, layout, archive, tar or one file; looked at */
	REFERENCE_NAME  /* bare: not a path; the catalogue is asked first */
};

struct reference {
	enum reference_kind kind;
	struct str text; /* as written */
	struct str path; /* local kinds; NUL-terminated */
	/* Names, and the tag of a layout. Empty where absent; nothing is filled in. */
	struct str registry, repository, tag, digest;
};

/* `exists` tells whether a local path is there (a test puts its own in); it decides only
 * whether bare text is a path. ERR_USAGE with what is wrong and how it should read. */
MUST_USE bool reference_parse(struct reference *r, struct str text, bool (*exists)(const char *path),
                              struct arena *a, struct err *e);
