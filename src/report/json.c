#include "report/json.h"

#include "report/text.h"

json_t *json_of_str(struct str s)
{
	json_t *j = json_stringn(s.p ? s.p : "", s.n);
	if (j)
		return j;
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	char *p = arena_alloc(&scratch, s.n * 3 + 1);
	size_t n = 0;
	while (s.n) {
		size_t sequence = text_sequence(s);
		memcpy(p + n, sequence ? s.p : "\xef\xbf\xbd", sequence ? sequence : 3);
		n += sequence ? sequence : 3;
		s = str_skip(s, sequence ? sequence : 1);
	}
	return json_stringn(p, n);
}

json_t *json_of_number(uint64_t n, bool known)
{
	return known ? json_integer((json_int_t)n) : json_null();
}

json_t *json_of_strs(const struct str_vec *v)
{
	json_t *array = json_array();
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(array, json_of_str(v->p[i]));
	return array;
}

void json_set_str(json_t *object, const char *key, struct str value)
{
	json_object_set_new(object, key, json_of_str(value));
}

void json_set_str_if(json_t *object, const char *key, struct str value)
{
	if (value.n)
		json_set_str(object, key, value);
}

/* RFC 3629 backwards: the code point of a sequence. */
static uint32_t code_point(struct str s, size_t n)
{
	uint32_t c = (unsigned char)s.p[0] & (n == 1 ? 0x7f : n == 2 ? 0x1f : n == 3 ? 0x0f : 0x07);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

/* jansson escapes what JSON must have escaped (below U+0020). The rest of what speaks to a
 * terminal is escaped here: such bytes stand in strings alone. */
static int write_piece(const char *p, size_t size, void *file)
{
	struct str rest = {p, size};
	while (rest.n) {
		size_t plain = 0, n = 0;
		while (plain < rest.n) {
			struct str at = str_skip(rest, plain);
			n = text_sequence(at);
			if (n && (unsigned char)at.p[0] >= 0x7f && text_is_command(at, n))
				break;
			plain += n ? n : 1;
		}
		if (plain && fwrite(rest.p, 1, plain, file) != plain)
			return -1;
		rest = str_skip(rest, plain);
		if (rest.n && fprintf(file, "\\u%04x", (unsigned)code_point(rest, n)) < 0)
			return -1;
		rest = str_skip(rest, rest.n ? n : 0);
	}
	return 0;
}

bool json_write(json_t *document, FILE *file)
{
	bool ok = json_dump_callback(document, write_piece, file,
	                             JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 &&
	          fputc('\n', file) != EOF;
	json_decref(document);
	return ok && fflush(file) == 0;
}
