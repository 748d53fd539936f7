/* socket: where an engine listens. Known to engine/ alone. */
#pragma once

#include "image/engine/engine.h"

struct engine_address {
	struct str text;       /* "unix:///run/podman/podman.sock" */
	struct str tls_folder; /* of ca.pem, cert.pem and key.pem; empty: no TLS */
};

struct engine_address_vec {
	struct engine_address *p;
	size_t n, cap;
};

/* The addresses that are worth a try, best first. ERR_USAGE for a context that is not there,
 * ERR_INPUT for files of Docker's that cannot be read. */
MUST_USE bool engine_addresses(const struct engine_options *o, enum engine_kind kind,
                               struct engine_address_vec *addresses, struct arena *a, struct err *e);

/* Fills in socket, url (without a version), address, and for TLS the certificates. ERR_UNSUPPORTED
 * with what to do instead (ssh), ERR_USAGE for what is no address, ERR_IO for certificates that
 * cannot be read. */
MUST_USE bool engine_address_parse(const struct engine_address *address, struct engine *engine,
                                   struct arena *a, struct err *e);
