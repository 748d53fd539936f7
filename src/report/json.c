#include "report/json.h"

json_t *json_of_str(struct str s)
{
	json_t *j = json_stringn(s.p ? s.p : "", s.n);
	if (j)
		return j;
	/* Not UTF-8: byte by byte, what is not ASCII becomes U+FFFD. */
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	char *p = arena_alloc(&scratch, s.n * 3 + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x80) {
			p[n++] = s.p[i];
		} else {
			memcpy(p + n, "\xef\xbf\xbd", 3);
			n += 3;
		}
	}
	return json_stringn(p, n);
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

bool json_write(json_t *document, FILE *file)
{
	bool ok = json_dumpf(document, file, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 && fputc('\n', file) != EOF;
	json_decref(document);
	return ok && fflush(file) == 0;
}
