/* Addresses, taken apart by the same code that will ask them: libcurl's own parser, so that no
 * two readings of one address can differ. */
#include <curl/curl.h>
#include <strings.h>

#include "os/http.h"

static void url_free(CURLU **u)
{
	curl_url_cleanup(*u);
}
#define CLEANUP_URL __attribute__((cleanup(url_free)))

static bool wrong(struct str url, struct err *e)
{
	return err_set(e, ERR_INPUT, "\"%.*s\" is no address of a server", STR_ARG(url));
}

static CURLU *parse(struct str url, struct arena *a)
{
	CURLU *u = curl_url();
	if (!u)
		out_of_memory();
	if (!memchr(url.p ? url.p : "", '\0', url.n) &&
	    curl_url_set(u, CURLUPART_URL, arena_cstr(a, url), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		return u;
	curl_url_cleanup(u);
	return NULL;
}

/* Empty where the address has no such part. */
static struct str part(CURLU *u, CURLUPart which, unsigned flags, struct arena *a)
{
	char *text = NULL;
	if (curl_url_get(u, which, &text, flags) != CURLUE_OK)
		return STR_NONE;
	struct str copy = arena_str(a, str_of(text));
	curl_free(text);
	return copy;
}

static bool is_web(struct str scheme)
{
	return str_eq(scheme, STR("http")) || str_eq(scheme, STR("https"));
}

bool http_resolve(struct str base, struct str reference, struct str *url, struct arena *a,
                  struct err *e)
{
	CLEANUP_URL CURLU *u = parse(base, a);
	if (!u || memchr(reference.p ? reference.p : "", '\0', reference.n) ||
	    curl_url_set(u, CURLUPART_URL, arena_cstr(a, reference), CURLU_NON_SUPPORT_SCHEME) !=
		    CURLUE_OK ||
	    !is_web(part(u, CURLUPART_SCHEME, 0, a)))
		return wrong(reference, e);
	/* A name and a password in an address are nobody's here. */
	curl_url_set(u, CURLUPART_USER, NULL, 0);
	curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	*url = part(u, CURLUPART_URL, 0, a);
	return url->n > 0 || wrong(reference, e);
}

bool http_origin(struct str url, struct str *origin, struct str *host, struct arena *a,
                 struct err *e)
{
	CLEANUP_URL CURLU *u = parse(url, a);
	struct str scheme = u ? part(u, CURLUPART_SCHEME, 0, a) : STR_NONE;
	if (!is_web(scheme))
		return wrong(url, e);
	*host = arena_lower(a, part(u, CURLUPART_HOST, 0, a));
	struct str port = part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, a);
	*origin = arena_printf(a, "%.*s://%.*s:%.*s", STR_ARG(scheme), STR_ARG(*host),
	                       STR_ARG(port));
	return host->n > 0 || wrong(url, e);
}

/* "127.1.2.3": four numbers, the first of them 127. */
static bool is_loopback_ipv4(struct str host)
{
	struct str number;
	uint64_t value;
	unsigned count = 0;
	if (!str_starts(host, STR("127.")) || str_ends(host, STR(".")))
		return false;
	while (str_next(&host, '.', &number)) {
		if (number.n > 3 || !str_to_u64(number, &value) || value > 255)
			return false;
		count++;
	}
	return count == 4;
}

bool http_is_loopback(struct str host)
{
	return str_eq(host, STR("localhost")) || str_eq(host, STR("[::1]")) ||
	       is_loopback_ipv4(host);
}

struct str http_escape(struct str text, struct arena *a)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = arena_alloc(a, 3 * text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		            (c >= '0' && c <= '9') || (c && strchr("-._~", c));
		if (kept) {
			p[n++] = (char)c;
			continue;
		}
		p[n++] = '%';
		p[n++] = digits[c >> 4];
		p[n++] = digits[c & 15];
	}
	return (struct str){p, n};
}
