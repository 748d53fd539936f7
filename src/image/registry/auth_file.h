/* auth_file: what config.json (Docker) or auth.json (Podman, containers-auth.json(5)) says about
 * one image. Pure: text in, fields out. */
#pragma once

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

/* Who asks. All empty: nobody in particular. */
struct credential {
	struct str user, password;
	struct str identity_token; /* exchanged for tokens: OAuth 2's refresh token */
	struct str bearer;         /* a token as it is ("registrytoken") */
};

bool credential_is_empty(const struct credential *c);

struct auth_said {
	struct credential credential; /* what stands there itself */
	struct str helper; /* NAME of the program docker-credential-NAME to ask first; empty: none */
};

/* `host` as references name it ("docker.io", "localhost:5000"). Of several entries the longest
 * that names the host, or the host and the front of the repository, counts. ERR_INPUT where the
 * text is no such file, or the entry is damaged. */
MUST_USE bool auth_file_find(struct str text, struct str host, struct str repository,
                             struct auth_said *said, struct arena *a, struct err *e);

/* What a helper has answered (docker-credential-helpers: {"Username":…,"Secret":…}). */
MUST_USE bool helper_answer_parse(struct str text, struct credential *c, struct arena *a,
                                  struct err *e);

/* "Basic dXNlcjpwYXNz" (RFC 7617). */
struct str basic_authorization(const struct credential *c, struct arena *a);
