#include "image/registry/auth_file.h"

#include <openssl/evp.h>

#include "core/limits.h"
#include "image/json.h"

bool credential_is_empty(const struct credential *c)
{
	return c->user.n == 0 && c->password.n == 0 && c->identity_token.n == 0 &&
	       c->bearer.n == 0;
}

/* ---- Base64 (RFC 4648, 4) ---- */

static struct str encode(struct str s, struct arena *a)
{
	unsigned char *p = arena_alloc(a, 4 * ((s.n + 2) / 3) + 1);
	int n = EVP_EncodeBlock(p, (const unsigned char *)s.p, (int)s.n);
	return (struct str){(char *)p, (size_t)n};
}

/* EVP_DecodeBlock() counts padding as bytes. */
static bool decode(struct str s, struct str *out, struct arena *a)
{
	size_t padding = str_ends(s, STR("==")) ? 2 : str_ends(s, STR("=")) ? 1 : 0;
	unsigned char *p = arena_alloc(a, s.n + 1);
	if (s.n == 0 || s.n % 4 || s.n > LIMIT_AUTH_FILE_BYTES)
		return false;
	int n = EVP_DecodeBlock(p, (const unsigned char *)s.p, (int)s.n);
	if (n < (int)padding)
		return false;
	*out = (struct str){(char *)p, (size_t)n - padding};
	return true;
}

struct str basic_authorization(const struct credential *c, struct arena *a)
{
	struct str pair =
		arena_printf(a, "%.*s:%.*s", STR_ARG(c->user), STR_ARG(c->password));
	return arena_printf(a, "Basic %.*s", STR_ARG(encode(pair, a)));
}

/* ---- Which entry ---- */

/* "https://index.docker.io/v1/" is what Docker has always called Docker Hub. */
static struct str host_of_key(struct str key)
{
	struct str host = str_slice(key, 0, str_index(key, '/'));
	if (str_eq(host, STR("index.docker.io")) || str_eq(host, STR("registry-1.docker.io")))
		return STR("docker.io");
	return host;
}

/* 0: another's; else the longer, the closer. */
static size_t closeness(struct str key, struct str host, struct str repository)
{
	if (str_starts(key, STR("https://")))
		key = str_skip(key, 8);
	else if (str_starts(key, STR("http://")))
		key = str_skip(key, 7);
	struct str path = str_skip(key, str_index(key, '/') + 1);
	if (!str_eq(host_of_key(key), host))
		return 0;
	if (path.n == 0 || str_eq(path, STR("v1/")) || str_eq(path, STR("v1")) ||
	    str_eq(path, STR("v2/")) || str_eq(path, STR("v2")))
		return 1;
	bool front = str_starts(repository, path) &&
	             (repository.n == path.n || repository.p[path.n] == '/');
	return front ? 1 + path.n : 0;
}

static const json_t *closest(const json_t *entries, struct str host, struct str repository)
{
	const json_t *best = NULL;
	size_t best_closeness = 0;
	json_t *object = (json_t *)(uintptr_t)entries;
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		size_t n = closeness(str_of(json_object_iter_key(i)), host, repository);
		if (n > best_closeness) {
			best = json_object_iter_value(i);
			best_closeness = n;
		}
	}
	return best;
}

/* ---- What it says ---- */

static bool read_entry(const json_t *entry, struct credential *c, struct arena *a, struct err *e)
{
	struct str packed = json_str(entry, "auth", a), pair;
	*c = (struct credential){.user = json_str(entry, "username", a),
	                         .password = json_str(entry, "password", a),
	                         .identity_token = json_str(entry, "identitytoken", a),
	                         .bearer = json_str(entry, "registrytoken", a)};
	if (packed.n == 0)
		return true;
	if (!decode(packed, &pair, a))
		return err_set(e, ERR_INPUT, "\"auth\" is no base64 text");
	size_t colon = str_index(pair, ':');
	if (colon == pair.n)
		return err_set(e, ERR_INPUT, "\"auth\" holds no user and password");
	c->user = str_slice(pair, 0, colon);
	c->password = str_skip(pair, colon + 1);
	/* Some tools pad the password with NUL; so does Docker take it off. */
	while (c->password.n && c->password.p[c->password.n - 1] == '\0')
		c->password.n--;
	return true;
}

/* The name becomes a part of a program's: nothing in it may lead elsewhere. */
static bool is_helper_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] && strchr("-_.", s.p[i])))
			return false;
	return s.n > 0 && s.n <= 100;
}

static bool read_helper(const json_t *json, struct str host, struct str repository,
                        struct str *helper, struct arena *a, struct err *e)
{
	const json_t *own = closest(json_object_get(json, "credHelpers"), host, repository);
	*helper = json_is_string(own)
	                  ? arena_str(a, (struct str){json_string_value(own),
	                                              json_string_length(own)})
	                  : json_str(json, "credsStore", a);
	return helper->n == 0 || is_helper_name(*helper) ||
	       err_set(e, ERR_INPUT, "\"%.*s\" is no name of a credential helper",
	               STR_ARG(*helper));
}

bool auth_file_find(struct str text, struct str host, struct str repository,
                    struct auth_said *said, struct arena *a, struct err *e)
{
	*said = (struct auth_said){0};
	json_auto_t *json = json_read(text, e);
	if (!json)
		return false;
	const json_t *entry = closest(json_object_get(json, "auths"), host, repository);
	return read_helper(json, host, repository, &said->helper, a, e) &&
	       (!entry || read_entry(entry, &said->credential, a, e));
}

bool helper_answer_parse(struct str text, struct credential *c, struct arena *a, struct err *e)
{
	*c = (struct credential){0};
	json_auto_t *json = json_read(text, e);
	if (!json)
		return false;
	c->user = json_str(json, "Username", a);
	c->password = json_str(json, "Secret", a);
	if (!str_eq(c->user, STR("<token>")))
		return true;
	c->identity_token = c->password;
	c->user = c->password = STR_NONE;
	return true;
}
