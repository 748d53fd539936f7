#include "core/limits.h"
#include "package/purl.h"
#include "package/version_parts.h"

static int hex(char c)
{
	return is_digit(c)            ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* False where a "%" has no two hexadecimal digits behind it, or means NUL. */
static bool decode(struct str *s, struct arena *a)
{
	if (str_index(*s, '%') == s->n)
		return true;
	char *p = arena_alloc(a, s->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++) {
		p[n] = s->p[i];
		if (s->p[i] == '%') {
			int high = i + 2 < s->n ? hex(s->p[i + 1]) : -1;
			int low = i + 2 < s->n ? hex(s->p[i + 2]) : -1;
			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return false;
			p[n] = (char)(high * 16 + low);
			i += 2;
		}
		n++;
	}
	*s = (struct str){p, n};
	return true;
}

/* A letter, then letters, digits, ".", "+" and "-". */
static bool take_type(struct purl *p, struct str *rest, struct arena *a)
{
	struct str type = str_slice(*rest, 0, str_index(*rest, '/')), at = type;
	*rest = str_skip(*rest, type.n + 1);
	if (!type.n || !is_letter(type.p[0]))
		return false;
	while (at.n && (is_letter(at.p[0]) || is_digit(at.p[0]) || strchr(".+-", at.p[0])))
		at = str_skip(at, 1);
	p->type = arena_lower(a, type).p;
	return !at.n;
}

static bool take_qualifiers(struct purl *p, struct str rest, struct arena *a)
{
	VEC(struct purl_qualifier) list = {0};
	struct str one;
	while (str_next(&rest, '&', &one)) {
		size_t equals = str_index(one, '=');
		struct str value = str_skip(one, equals + 1);
		if (!equals || !decode(&value, a))
			return false;
		if (value.n)
			*vec_push(&list, a) = (struct purl_qualifier){
				arena_lower(a, str_slice(one, 0, equals)).p, value};
	}
	p->qualifiers = list.p;
	p->qualifier_count = list.n;
	return true;
}

/* Segments are decoded one by one; empty ones say nothing. */
static bool take_space(struct purl *p, struct str rest, struct arena *a)
{
	char *space = arena_alloc(a, rest.n + 1), *to = space;
	struct str segment;
	while (str_next(&rest, '/', &segment)) {
		if (!decode(&segment, a))
			return false;
		if (!segment.n)
			continue;
		if (to > space)
			*to++ = '/';
		memcpy(to, segment.p, segment.n);
		to += segment.n;
	}
	p->space = (struct str){space, (size_t)(to - space)};
	return true;
}

bool purl_parse(struct purl *p, struct str text, struct arena *a)
{
	*p = (struct purl){.space = STR("")};
	if (text.n > LIMIT_PURL_BYTES || str_index(text, 0) < text.n ||
	    !take_small(&text, STR("pkg:")))
		return false;
	while (str_starts(text, STR("/")))
		text = str_skip(text, 1);
	text = str_slice(text, 0, str_index(text, '#'));
	size_t question = str_index(text, '?');
	struct str qualifiers = str_skip(text, question + 1);
	text = str_slice(text, 0, question);
	if (!take_type(p, &text, a) || !take_qualifiers(p, qualifiers, a))
		return false;
	while (str_ends(text, STR("/")))
		text.n--;
	/* An "@" that a namespace begins with should be encoded, and often is not. */
	struct str space = str_dirname(text), name = str_basename(text);
	size_t at = str_rindex(name, '@');
	p->version = str_skip(name, at + 1);
	p->name = str_slice(name, 0, at);
	return decode(&p->name, a) && decode(&p->version, a) && take_space(p, space, a) &&
	       p->name.n;
}

struct str purl_qualifier(const struct purl *p, const char *key)
{
	for (size_t i = 0; i < p->qualifier_count; i++)
		if (strcmp(p->qualifiers[i].key, key) == 0)
			return p->qualifiers[i].value;
	return STR("");
}

struct str purl_name(const struct purl *p, struct arena *a)
{
	bool system = strcmp(p->type, "deb") == 0 || strcmp(p->type, "apk") == 0 ||
		      strcmp(p->type, "rpm") == 0;
	if (system || !p->space.n)
		return p->name;
	return arena_printf(a, "%.*s%c%.*s", STR_ARG(p->space),
			    strcmp(p->type, "maven") == 0 ? ':' : '/', STR_ARG(p->name));
}
