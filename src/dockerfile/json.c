/* JSON arrays of strings: the exec form. Strict, as encoding/json is, since an array with a
 * mistake in it is a shell command to BuildKit. */
#include "core/limits.h"
#include "dockerfile/parts.h"

struct json {
	struct str s;
	size_t pos;
	struct arena *arena;
	bool strings_only;
};

static void skip_space(struct json *j)
{
	while (j->pos < j->s.n && memchr(" \t\r\n", j->s.p[j->pos], 4))
		j->pos++;
}

static bool take(struct json *j, char c)
{
	if (j->pos >= j->s.n || j->s.p[j->pos] != c)
		return false;
	j->pos++;
	return true;
}

static bool hex4(struct json *j, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, j->pos++) {
		if (j->pos >= j->s.n)
			return false;
		char c = j->s.p[j->pos];
		uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
		                 : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (uint32_t)((c | 0x20) - 'a' + 10) : 99;
		if (digit == 99)
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static size_t put_utf8(char *p, uint32_t c)
{
	if (c < 0x80)
		return p[0] = (char)c, 1;
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* \uXXXX, a surrogate pair as one; a lone surrogate is U+FFFD. */
static bool unicode(struct json *j, uint32_t *c)
{
	uint32_t low;
	if (!hex4(j, c))
		return false;
	if (*c < 0xd800 || *c > 0xdfff)
		return true;
	size_t back = j->pos;
	bool pair = *c < 0xdc00 && take(j, '\\') && take(j, 'u') && hex4(j, &low) && low >= 0xdc00 &&
	            low <= 0xdfff;
	if (!pair)
		j->pos = back;
	*c = pair ? 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
	return true;
}

static bool escaped(struct json *j, char *p, size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t c;
	if (j->pos >= j->s.n)
		return false;
	char ch = j->s.p[j->pos++];
	const char *found = memchr(from, ch, sizeof from - 1);
	if (found) {
		p[(*n)++] = to[found - from];
		return true;
	}
	if (ch != 'u' || !unicode(j, &c))
		return false;
	*n += put_utf8(p + *n, c);
	return true;
}

/* `raw` is what stands between the quotes. */
static bool string(struct json *j, struct token *t)
{
	if (!take(j, '"'))
		return false;
	size_t start = j->pos, end = start;
	while (end < j->s.n && j->s.p[end] != '"')
		end += j->s.p[end] == '\\' ? 2 : 1;
	if (end >= j->s.n)
		return false;
	t->raw = t->value = str_slice(j->s, start, end);
	bool plain = str_index(t->raw, '\\') == t->raw.n;
	char *p = plain ? NULL : arena_alloc(j->arena, t->raw.n + 1);
	size_t n = 0;
	while (j->pos < end) {
		char c = j->s.p[j->pos++];
		if ((unsigned char)c < 0x20)
			return false;
		if (c == '\\' && !escaped(j, p, &n))
			return false;
		if (c != '\\' && !plain)
			p[n++] = c;
	}
	if (!plain)
		t->value = (struct str){p, n};
	return j->pos == end && take(j, '"');
}

static bool number(struct json *j)
{
	take(j, '-');
	size_t start = j->pos;
	while (j->pos < j->s.n && memchr("0123456789.eE+-", j->s.p[j->pos], 15))
		j->pos++;
	return j->pos > start && j->s.p[start] >= '0' && j->s.p[start] <= '9';
}

static bool value(struct json *j, unsigned depth);

/* What stands between brackets or braces; the opening one is taken. */
static bool items(struct json *j, char end, unsigned depth)
{
	struct token t;
	skip_space(j);
	if (take(j, end))
		return true;
	do {
		skip_space(j);
		if (end == '}' && (!string(j, &t) || (skip_space(j), !take(j, ':'))))
			return false;
		if (!value(j, depth))
			return false;
		skip_space(j);
	} while (take(j, ','));
	return take(j, end);
}

static bool value(struct json *j, unsigned depth)
{
	static const struct str words[] = {STR_INIT("true"), STR_INIT("false"), STR_INIT("null")};
	struct token t;
	skip_space(j);
	if (j->pos >= j->s.n || !depth)
		return false;
	if (j->s.p[j->pos] == '"')
		return string(j, &t);
	if (take(j, '['))
		return items(j, ']', depth - 1);
	if (take(j, '{'))
		return items(j, '}', depth - 1);
	for (size_t i = 0; i < 3; i++) {
		if (str_starts(str_skip(j->s, j->pos), words[i])) {
			j->pos += words[i].n;
			return true;
		}
	}
	return number(j);
}

static bool element(struct json *j, struct token_vec *tokens)
{
	struct token t;
	skip_space(j);
	if (j->pos < j->s.n && j->s.p[j->pos] == '"') {
		if (!string(j, &t))
			return false;
		*vec_push(tokens, j->arena) = t;
		return true;
	}
	j->strings_only = false;
	return value(j, LIMIT_DOCKERFILE_NESTING);
}

enum json_kind json_strings(struct str s, struct arena *a, struct token_vec *tokens)
{
	struct json j = {.s = s, .arena = a, .strings_only = true};
	if (!take(&j, '['))
		return JSON_NONE;
	skip_space(&j);
	if (!take(&j, ']')) {
		do {
			if (!element(&j, tokens))
				return JSON_NONE;
			skip_space(&j);
		} while (take(&j, ','));
		if (!take(&j, ']'))
			return JSON_NONE;
	}
	skip_space(&j);
	if (j.pos < s.n)
		return JSON_NONE;
	return j.strings_only ? JSON_STRINGS : JSON_OTHER;
}
