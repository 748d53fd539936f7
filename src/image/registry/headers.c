#include "image/registry/headers.h"

#include <strings.h>

#include "core/limits.h"

/* ---- The grammar's words (RFC 9110, 5.6) ---- */

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void skip_blanks(struct str *rest)
{
	while (rest->n && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		*rest = str_skip(*rest, 1);
}

static bool take_char(struct str *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = str_skip(*rest, 1);
	return true;
}

/* Empty where none stands there. */
static struct str take_token(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && is_token_char(rest->p[n]))
		n++;
	struct str token = str_slice(*rest, 0, n);
	*rest = str_skip(*rest, n);
	return token;
}

/* quoted-string: no control characters, "\" takes the next one as it is. */
static bool take_quoted(struct str *rest, struct str *value, struct arena *a)
{
	char *p = arena_alloc(a, rest->n + 1);
	size_t n = 0;
	if (!take_char(rest, '"'))
		return false;
	while (rest->n && rest->p[0] != '"') {
		if (rest->p[0] == '\\' && rest->n > 1)
			*rest = str_skip(*rest, 1);
		unsigned char c = (unsigned char)rest->p[0];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
		p[n++] = (char)c;
		*rest = str_skip(*rest, 1);
	}
	*value = (struct str){p, n};
	return take_char(rest, '"');
}

static bool take_value(struct str *rest, struct str *value, struct arena *a)
{
	if (rest->n && rest->p[0] == '"')
		return take_quoted(rest, value, a);
	*value = take_token(rest);
	return value->n > 0;
}

static bool is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static bool check_size(const char *name, struct str value, struct err *e)
{
	return value.n <= LIMIT_HTTP_HEADER_BYTES ||
	       err_set(e, ERR_INPUT, "the %s header has more than %u bytes", name,
	               LIMIT_HTTP_HEADER_BYTES);
}

/* ---- WWW-Authenticate ---- */

static bool bad_challenge(struct err *e)
{
	return err_set(e, ERR_INPUT, "the WWW-Authenticate header is damaged");
}

/* Saying it twice is refused: two readers could take two different ones. */
static bool set_once(struct str *field, struct str value, struct err *e)
{
	if (field->p)
		return bad_challenge(e);
	*field = value;
	return true;
}

static bool set_parameter(struct challenge *c, struct str name, struct str value, struct err *e)
{
	if (is_word(name, "realm"))
		return set_once(&c->realm, value, e);
	if (is_word(name, "service"))
		return set_once(&c->service, value, e);
	if (is_word(name, "scope"))
		return set_once(&c->scope, value, e);
	return true;
}

/* A comma parts parameters as well as challenges: a word with "=" behind it is a parameter. */
static bool take_parameter(struct challenge *c, struct str *rest, bool *taken, struct arena *a,
                           struct err *e)
{
	struct str ahead = *rest, value;
	struct str name = take_token(&ahead);
	skip_blanks(&ahead);
	*taken = name.n > 0 && take_char(&ahead, '=');
	if (!*taken)
		return true;
	skip_blanks(&ahead);
	if (!take_value(&ahead, &value, a))
		return bad_challenge(e);
	*rest = ahead;
	return set_parameter(c, name, value, e);
}

/* token68: what Negotiate and others put there instead of parameters. */
static void skip_token68(struct str *rest)
{
	struct str ahead = *rest;
	while (ahead.n && (is_token_char(ahead.p[0]) || ahead.p[0] == '/'))
		ahead = str_skip(ahead, 1);
	while (take_char(&ahead, '='))
		;
	skip_blanks(&ahead);
	if (ahead.n == 0 || ahead.p[0] == ',')
		*rest = ahead;
}

static bool skip_commas(struct str *rest)
{
	bool any = false;
	while (take_char(rest, ',')) {
		any = true;
		skip_blanks(rest);
	}
	return any;
}

static bool take_challenge(struct challenge *c, struct str *rest, struct arena *a, struct err *e)
{
	struct str scheme = take_token(rest);
	bool parted = false; /* by a comma from what came before */
	if (scheme.n == 0 || (rest->n && rest->p[0] != ' ' && rest->p[0] != ','))
		return bad_challenge(e);
	*c = (struct challenge){.scheme = is_word(scheme, "bearer")  ? CHALLENGE_BEARER
	                                  : is_word(scheme, "basic") ? CHALLENGE_BASIC
	                                                             : CHALLENGE_OTHER};
	skip_blanks(rest);
	if (c->scheme == CHALLENGE_OTHER)
		skip_token68(rest);
	for (;;) {
		bool taken;
		if (!take_parameter(c, rest, &taken, a, e))
			return false;
		if (!taken && parted)
			return true; /* the next challenge begins here, or nothing does */
		skip_blanks(rest);
		parted = skip_commas(rest);
		if (!parted)
			return rest->n == 0 || bad_challenge(e);
	}
}

bool challenges_parse(struct str value, struct challenge out[CHALLENGES_MAX], size_t *count,
                      struct arena *a, struct err *e)
{
	*count = 0;
	if (!check_size("WWW-Authenticate", value, e))
		return false;
	skip_blanks(&value);
	skip_commas(&value);
	while (value.n > 0) {
		if (*count == CHALLENGES_MAX)
			return bad_challenge(e);
		if (!take_challenge(&out[(*count)++], &value, a, e))
			return false;
	}
	return true;
}

/* ---- Link ---- */

static bool has_relation(struct str relations, const char *wanted)
{
	struct str word;
	while (str_word(&relations, &word))
		if (is_word(word, wanted))
			return true;
	return false;
}

/* `*( OWS ";" OWS [ link-param ] )`; the first rel counts (RFC 8288, 3.3). */
static bool take_link_parameters(struct str *rest, bool *is_next, struct arena *a)
{
	bool said = false;
	*is_next = false;
	for (;;) {
		struct str value = STR_NONE;
		skip_blanks(rest);
		if (!take_char(rest, ';'))
			return true;
		skip_blanks(rest);
		struct str name = take_token(rest);
		skip_blanks(rest);
		if (take_char(rest, '=')) {
			skip_blanks(rest);
			if (name.n == 0 || !take_value(rest, &value, a))
				return false;
		}
		if (!said && is_word(name, "rel")) {
			said = true;
			*is_next = has_relation(value, "next");
		}
	}
}

bool link_next(struct str value, struct str *target, struct arena *a, struct err *e)
{
	struct str rest = value;
	*target = STR_NONE;
	if (!check_size("Link", value, e))
		return false;
	for (;;) {
		bool is_next;
		skip_blanks(&rest);
		if (rest.n == 0)
			return true;
		if (take_char(&rest, ','))
			continue;
		size_t end = str_index(rest, '>');
		struct str uri = str_slice(rest, 1, end);
		if (!take_char(&rest, '<') || end > rest.n)
			break;
		rest = str_skip(rest, end);
		if (!take_link_parameters(&rest, &is_next, a) || (rest.n && rest.p[0] != ','))
			break;
		if (is_next) {
			*target = uri;
			return true;
		}
	}
	return err_set(e, ERR_INPUT, "the Link header is damaged");
}

/* ---- Content-Range ---- */

bool content_range_parse(struct str value, uint64_t *first, uint64_t *total, struct err *e)
{
	uint64_t last = 0;
	struct str range = str_starts(value, STR("bytes ")) ? str_skip(value, 6) : STR("");
	size_t dash = str_index(range, '-'), slash = str_index(range, '/');
	if (dash < slash && str_to_u64(str_slice(range, 0, dash), first) &&
	    str_to_u64(str_slice(range, dash + 1, slash), &last) &&
	    str_to_u64(str_skip(range, slash + 1), total) && *first <= last && last < *total)
		return true;
	return err_set(e, ERR_INPUT, "the Content-Range header is damaged: \"%.*s\"",
	               STR_ARG(str_slice(value, 0, 100)));
}
