/* socket: where an engine listens. Known to engine/ alone. */
#pragma once

#include "image/engine/engine.h"

/* The addresses that are worth a try, best first: "unix:///run/podman/podman.sock". ERR_USAGE for
 * a context that is not there, ERR_INPUT for files of Docker's that cannot be read. */
MUST_USE bool engine_addresses(const struct engine_options *o, enum engine_kind kind,
                               struct str_vec *addresses, struct arena *a, struct err *e);

/* Fills in socket, url (without a version) and address. ERR_UNSUPPORTED with what to do instead
 * (ssh, TLS), ERR_USAGE for what is no address. */
MUST_USE bool engine_address_parse(struct str address, bool tls, struct engine *engine,
                                   struct arena *a, struct err *e);
