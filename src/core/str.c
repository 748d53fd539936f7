#include "core/str.h"

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	if (c)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

bool str_contains(struct str s, struct str part)
{
	return part.n == 0 || str_find(s, part) < s.n;
}

size_t str_index(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : s.n;
}

size_t str_rindex(struct str s, char c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
	return at ? (size_t)(at - s.p) : s.n;
}

size_t str_find(struct str s, struct str part)
{
	if (part.n == 0)
		return 0;
	const char *at = s.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
	return at ? (size_t)(at - s.p) : s.n;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){s.p ? s.p + from : NULL, to - from};
}

struct str str_skip(struct str s, size_t count)
{
	return str_slice(s, count, s.n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str str_trim(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_skip(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_next(struct str *rest, char sep, struct str *part)
{
	if (rest->n == 0)
		return false;
	size_t at = str_index(*rest, sep);
	*part = str_slice(*rest, 0, at);
	*rest = str_skip(*rest, at + 1);
	return true;
}

bool str_word(struct str *rest, struct str *word)
{
	while (rest->n && is_blank(rest->p[0]))
		*rest = str_skip(*rest, 1);
	size_t end = 0;
	while (end < rest->n && !is_blank(rest->p[end]))
		end++;
	*word = str_slice(*rest, 0, end);
	*rest = str_skip(*rest, end);
	return end > 0;
}

struct str str_basename(struct str path)
{
	size_t at = str_rindex(path, '/');
	return at == path.n ? path : str_skip(path, at + 1);
}

struct str str_dirname(struct str path)
{
	size_t at = str_rindex(path, '/');
	return at == path.n ? str_slice(path, 0, 0) : str_slice(path, 0, at);
}

bool str_to_u64(struct str s, uint64_t *value)
{
	uint64_t v = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*value = v;
	return true;
}

/* FNV-1a with a final mix: names are short. */
uint64_t str_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}
