/* What stands behind "Authorization:". A registry that answers 401 says how it wants to be
 * asked: with name and password (RFC 7617), or with a token that another server gives for one
 * repository (distribution's token specification). */
#include "core/limits.h"
#include "image/json.h"
#include "image/registry/headers.h"
#include "image/registry/remote.h"

struct str token_at_hand(struct registry *r, struct endpoint *ep, struct str repository)
{
	pthread_mutex_lock(&r->lock);
	const struct str *known = map_get(&ep->tokens, repository);
	struct str authorization = known ? *known : STR_NONE;
	pthread_mutex_unlock(&r->lock);
	return authorization;
}

static void remember(struct registry *r, struct endpoint *ep, struct str repository,
                     struct str authorization)
{
	struct str *room = ARENA_NEW(&r->arena, struct str);
	*room = arena_str(&r->arena, authorization);
	*map_put(&ep->tokens, &r->arena, arena_str(&r->arena, repository), NULL) = (uintptr_t)room;
}

/* ---- The challenge ---- */

/* Of several, Bearer before Basic: it shows the password to fewer. */
static bool read_challenge(const struct http_answer *answer, struct challenge *chosen,
                           struct arena *a, struct err *e)
{
	struct challenge all[CHALLENGES_MAX];
	size_t count;
	*chosen = (struct challenge){0};
	for (size_t i = 0; i < answer->headers.n; i++) {
		const struct http_header *h = &answer->headers.p[i];
		struct http_answer one = {.headers = {.p = (struct http_header *)(uintptr_t)h, .n = 1}};
		struct str value = http_header(&one, STR("WWW-Authenticate"));
		if (!challenges_parse(value, all, &count, a, e))
			return false;
		for (size_t k = 0; k < count; k++)
			if (all[k].scheme > chosen->scheme)
				*chosen = all[k];
	}
	return true;
}

/* ---- The token server ---- */

static struct str scope_of(const struct challenge *c, struct str repository, struct arena *a)
{
	return c->scope.n ? c->scope : arena_printf(a, "repository:%.*s:pull", STR_ARG(repository));
}

/* Who has an identity token exchanges it with POST (OAuth 2, RFC 6749, 6); all others ask with
 * GET, with name and password where they have them. */
static struct remote_request token_request(const struct challenge *ch, const struct credential *c,
                                           struct str repository, struct arena *a)
{
	struct str scope = http_escape(scope_of(ch, repository, a), a);
	struct str service = http_escape(ch->service, a);
	struct str query =
		arena_printf(a, "service=%.*s&scope=%.*s", STR_ARG(service), STR_ARG(scope));
	struct remote_request q = {.method = "GET", .url = ch->realm, .anonymous = true};
	if (c->identity_token.n) {
		q.method = "POST";
		q.body = arena_printf(a, "grant_type=refresh_token&client_id=socle&%.*s&refresh_token=%.*s",
		                      STR_ARG(query), STR_ARG(http_escape(c->identity_token, a)));
		return q;
	}
	q.url = arena_printf(a, "%.*s%s%.*s", STR_ARG(ch->realm),
	                     str_contains(ch->realm, STR("?")) ? "&" : "?", STR_ARG(query));
	if (c->user.n)
		*vec_push(&q.headers, a) =
			arena_printf(a, "Authorization: %.*s", STR_ARG(basic_authorization(c, a)));
	return q;
}

/* It goes into a header: letters that could end one are refused. */
static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= 65536;
}

static bool read_token(struct str body, struct str *token, struct arena *a, struct err *e)
{
	json_auto_t *json = json_read(body, e);
	if (!json)
		return false;
	*token = json_str(json, "token", a);
	if (token->n == 0)
		*token = json_str(json, "access_token", a);
	return is_token(*token) || err_set(e, ERR_INPUT, "its answer holds no token");
}

static bool fetch_token(struct remote *m, const struct challenge *ch, const struct credential *c,
                        struct str *token, struct arena *a, struct err *e)
{
	struct remote_request q = token_request(ch, c, m->repository, a);
	struct http_answer answer;
	struct str body;
	if (!str_starts(ch->realm, STR("https://")) && !endpoint_may_be_plain(m->registry, ch->realm))
		return err_set(e, ERR_INPUT, "no address that may be asked");
	if (!remote_fetch(m, &q, LIMIT_TOKEN_BYTES, &answer, &body, a, e))
		return false;
	if (answer.status != 200)
		return remote_refused(m, &answer, e);
	return read_token(body, token, a, e);
}

/* ---- One way or the other ---- */

static bool no_login(const struct remote *m, const char *why, struct err *e)
{
	return err_set(e, ERR_IO, "%.*s wants a login for %.*s, %s", STR_ARG(m->endpoint->host),
	               STR_ARG(m->repository), why);
}

static bool make_authorization(struct remote *m, const struct http_answer *answer,
                               struct str *authorization, struct arena *a, struct err *e)
{
	struct challenge ch;
	struct credential c;
	struct str token = STR_NONE;
	if (!read_challenge(answer, &ch, a, e) ||
	    !credentials_find(m->registry, m->endpoint, m->repository, &c, e))
		return false;
	if (c.bearer.n && is_token(c.bearer)) {
		*authorization = arena_printf(a, "Bearer %.*s", STR_ARG(c.bearer));
		return true;
	}
	if (ch.scheme == CHALLENGE_BASIC) {
		*authorization = basic_authorization(&c, a);
		return c.user.n > 0 || no_login(m, "and none is known: docker login stores one", e);
	}
	if (ch.scheme != CHALLENGE_BEARER)
		return no_login(m, "of no kind that socle knows", e);
	if (!fetch_token(m, &ch, &c, &token, a, e))
		return err_wrap(e, "%.*s's token server %.*s", STR_ARG(m->endpoint->host),
		                STR_ARG(str_slice(ch.realm, 0, 200)));
	*authorization = arena_printf(a, "Bearer %.*s", STR_ARG(token));
	return true;
}

/* Others wait for the lock meanwhile, and find the token that was brought. */
bool token_bring(struct remote *m, const struct http_answer *answer, struct str refused,
                 struct str *authorization, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct registry *r = m->registry;
	pthread_mutex_lock(&r->lock);
	const struct str *known = map_get(&m->endpoint->tokens, m->repository);
	bool ok = known && !str_eq(*known, refused);
	if (!ok) {
		ok = make_authorization(m, answer, authorization, &scratch, e);
		if (ok)
			remember(r, m->endpoint, m->repository, *authorization);
	}
	if (ok)
		*authorization = *(const struct str *)map_get(&m->endpoint->tokens, m->repository);
	pthread_mutex_unlock(&r->lock);
	return ok;
}
