/* The grammar of distribution/reference (reference.go):
 *
 *   reference  := name [ ":" tag ] [ "@" digest ]
 *   name       := [ domain "/" ] component [ "/" component ]*
 *   domain     := host [ ":" port ]        host: letters, digits, "-", "."; or "[" IPv6 "]"
 *   component  := alnum+ [ separator alnum+ ]*    separator: "." "_" "__" or dashes
 *   tag        := word character, then up to 127 of them, "." or "-"
 *
 * The first component is a domain where it holds "." or ":", is "localhost",
 * or has a capital letter, which no repository may have. */
#include "image/reference_name.h"

enum { TAG_MAX = 128, NAME_MAX_BYTES = 255 };

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
	return is_lower(c) || is_upper(c) || is_digit(c);
}

static bool is_hex(struct str s, size_t digits)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n == digits;
}

bool digest_is_sound(struct str digest)
{
	if (str_starts(digest, STR("sha256:")))
		return is_hex(str_skip(digest, 7), 64);
	return str_starts(digest, STR("sha512:")) && is_hex(str_skip(digest, 7), 128);
}

/* One separator at the front of s: ".", "_", "__" or any run of dashes; 0 where none. */
static size_t separator(struct str s)
{
	size_t n = 0;
	if (str_starts(s, STR("__")))
		return 2;
	if (s.n && (s.p[0] == '.' || s.p[0] == '_'))
		return 1;
	while (n < s.n && s.p[n] == '-')
		n++;
	return n;
}

static bool is_component(struct str s)
{
	for (;;) {
		size_t run = 0;
		while (run < s.n && (is_lower(s.p[run]) || is_digit(s.p[run])))
			run++;
		if (run == 0)
			return false;
		s = str_skip(s, run);
		if (s.n == 0)
			return true;
		size_t between = separator(s);
		if (between == 0)
			return false;
		s = str_skip(s, between);
	}
}

static bool is_host_part(struct str s)
{
	if (s.n == 0 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_ipv6(struct str s)
{
	if (s.n < 4 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	for (size_t i = 1; i < s.n - 1; i++)
		if (!is_digit(s.p[i]) && s.p[i] != ':' && !(s.p[i] >= 'a' && s.p[i] <= 'f') &&
		    !(s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return true;
}

static bool is_domain(struct str s)
{
	size_t bracket = str_rindex(s, ']');
	size_t colon = bracket < s.n ? bracket + 1 : str_index(s, ':');
	struct str host = str_slice(s, 0, colon), port = str_skip(s, colon), part;
	uint64_t number;
	if (port.n &&
	    (port.p[0] != ':' || !str_to_u64(str_skip(port, 1), &number) || number > 65535))
		return false;
	if (is_ipv6(host))
		return true;
	if (host.n == 0 || host.p[host.n - 1] == '.')
		return false;
	while (str_next(&host, '.', &part))
		if (!is_host_part(part))
			return false;
	return true;
}

static bool means_domain(struct str first)
{
	if (str_contains(first, STR(".")) || str_contains(first, STR(":")) ||
	    str_eq(first, STR("localhost")))
		return true;
	for (size_t i = 0; i < first.n; i++)
		if (is_upper(first.p[i]))
			return true;
	return false;
}

static bool is_tag(struct str s)
{
	if (s.n == 0 || s.n > TAG_MAX || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return true;
}

bool reference_digest(struct reference *r, struct str text, struct err *e)
{
	if (!digest_is_sound(text))
		return err_set(e, ERR_USAGE,
		               "%.*s: \"%.*s\" is no digest; one reads sha256: and 64 hexadecimal "
		               "digits in lower case",
		               STR_ARG(r->text), STR_ARG(text));
	r->digest = text;
	return true;
}

static bool check_repository(const struct reference *r, struct err *e)
{
	struct str rest = r->repository, part;
	if (rest.n == 0 || str_ends(rest, STR("/")))
		return err_set(e, ERR_USAGE, "%.*s: no image name", STR_ARG(r->text));
	if (rest.n > NAME_MAX_BYTES)
		return err_set(e, ERR_USAGE, "%.*s: an image name of more than %d bytes",
		               STR_ARG(r->text), NAME_MAX_BYTES);
	while (str_next(&rest, '/', &part))
		if (!is_component(part))
			return err_set(e, ERR_USAGE,
			               "%.*s: neither a path that is there nor an image name: "
			               "\"%.*s\" may hold only lower-case letters and digits, with "
			               "single \".\", \"_\", \"__\" or dashes between them",
			               STR_ARG(r->text), STR_ARG(part));
	return true;
}

static bool split_domain(struct reference *r, struct str name, struct err *e)
{
	size_t slash = str_index(name, '/');
	struct str first = str_slice(name, 0, slash);
	r->repository = name;
	if (slash == name.n || !means_domain(first))
		return true;
	if (!is_domain(first))
		return err_set(e, ERR_USAGE, "%.*s: \"%.*s\" is no registry's host and port",
		               STR_ARG(r->text), STR_ARG(first));
	r->registry = first;
	r->repository = str_skip(name, slash + 1);
	return true;
}

bool reference_name(struct reference *r, struct str text, struct err *e)
{
	if (str_contains(text, STR("://")))
		return err_set(e, ERR_USAGE,
		               "%.*s: not a kind of image; write docker://%.*s for one "
		               "in a registry",
		               STR_ARG(r->text),
		               STR_ARG(str_skip(text, str_find(text, STR("://")) + 3)));
	size_t at = str_index(text, '@');
	if (at < text.n && !reference_digest(r, str_skip(text, at + 1), e))
		return false;

	struct str name = str_slice(text, 0, at);
	size_t colon = str_rindex(name, ':'), slash = str_rindex(name, '/');
	bool tagged = colon < name.n && (slash == name.n || colon > slash);
	if (tagged) {
		r->tag = str_skip(name, colon + 1);
		name = str_slice(name, 0, colon);
		if (!is_tag(r->tag))
			return err_set(e, ERR_USAGE,
			               "%.*s: \"%.*s\" is no tag: up to %d letters, digits, \"_\", "
			               "\".\" and \"-\"",
			               STR_ARG(r->text), STR_ARG(r->tag), TAG_MAX);
	}
	return split_domain(r, name, e) && check_repository(r, e);
}

/* Alphanumeric runs with single [-._:@+] or "--" between them, in parts cut by "/". */
static bool is_layout_tag(struct str s)
{
	bool run = false; /* a run has begun */
	for (size_t i = 0; i < s.n; i++) {
		if (is_letter_or_digit(s.p[i])) {
			run = true;
			continue;
		}
		if (!run || !memchr("-._:@+/", s.p[i], 7))
			return false;
		if (s.p[i] == '-' && i + 1 < s.n && s.p[i + 1] == '-')
			i++;
		run = false;
	}
	return run;
}

bool reference_layout_tag(struct reference *r, struct str text, struct err *e)
{
	if (!is_layout_tag(text))
		return err_set(e, ERR_USAGE, "%.*s: \"%.*s\" is no name of an image in a layout",
		               STR_ARG(r->text), STR_ARG(text));
	r->tag = text;
	return true;
}

static struct str filled_registry(const struct reference *r)
{
	if (r->registry.n == 0 || str_eq(r->registry, STR("index.docker.io")))
		return STR("docker.io");
	return r->registry;
}

static struct str filled_repository(const struct reference *r)
{
	if (str_eq(filled_registry(r), STR("docker.io")) &&
	    str_starts(r->repository, STR("library/")))
		return str_skip(r->repository, 8);
	return r->repository;
}

static struct str filled_tag(const struct reference *r)
{
	return r->tag.n ? r->tag : STR("latest");
}

bool reference_same_name(const struct reference *a, const struct reference *b)
{
	return str_eq(filled_registry(a), filled_registry(b)) &&
	       str_eq(filled_repository(a), filled_repository(b)) &&
	       str_eq(filled_tag(a), filled_tag(b));
}
