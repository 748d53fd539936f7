/* Who asks: the files of Docker and Podman, and the helpers that they name. */
#include "core/limits.h"
#include "image/registry/remote.h"
#include "os/ask.h"
#include "os/file.h"

enum { HELPER_MS = 60000 }; /* one may ask a person */

/* Helpers know Docker Hub by its oldest address. */
static struct str server_of(struct str host)
{
	return str_eq(host, STR("docker.io")) ? STR("https://index.docker.io/v1/") : host;
}

/* A helper that has nothing says so with its exit status (docker-credential-helpers,
 * credentials/error.go); then what stands in the file itself counts. */
static bool ask_helper(struct str helper, struct str host, struct credential *c, struct arena *a,
                       struct err *e)
{
	char *program = arena_cstr(a, arena_printf(a, "docker-credential-%.*s", STR_ARG(helper)));
	char get[] = "get";
	char *const argv[] = {program, get, NULL};
	struct str answer;
	int status;
	if (!ask_program(argv, server_of(host), LIMIT_AUTH_FILE_BYTES, HELPER_MS, &answer, &status, a,
	                 e))
		return false;
	if (status == 0)
		return helper_answer_parse(answer, c, a, e) || err_wrap(e, "%s", program);
	if (str_contains(answer, STR("credentials not found")))
		return true;
	return err_set(e, ERR_IO, "%s: %.*s", program, STR_ARG(str_slice(str_trim(answer), 0, 200)));
}

static bool look_into(const char *path, const struct endpoint *ep, struct str repository,
                      struct credential *c, struct arena *a, struct err *e)
{
	struct str text;
	struct auth_said said;
	if (!file_read(path, LIMIT_AUTH_FILE_BYTES, a, &text, e))
		return false;
	if (!auth_file_find(text, ep->host, repository, &said, a, e))
		return err_wrap(e, "%s", path);
	if (said.helper.n && !ask_helper(said.helper, ep->host, c, a, e))
		return err_wrap(e, "%s", path);
	if (credential_is_empty(c))
		*c = said.credential;
	return true;
}

bool credentials_find(struct registry *r, struct endpoint *ep, struct str repository,
                      struct credential *c, struct err *e)
{
	const struct str_vec *files = &r->options->auth_files;
	struct arena *a = &r->arena;
	struct credential *known = map_get(&ep->credentials, repository);
	*c = known ? *known : (struct credential){0};
	if (known)
		return true;
	for (size_t i = 0; i < files->n && credential_is_empty(c); i++) {
		const char *path = arena_cstr(a, files->p[i]);
		if (path_exists(path) && !look_into(path, ep, repository, c, a, e))
			return false;
	}
	known = ARENA_NEW(a, struct credential);
	*known = *c;
	*map_put(&ep->credentials, a, arena_str(a, repository), NULL) = (uintptr_t)known;
	return true;
}
