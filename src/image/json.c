#include "image/json.h"

#include "core/limits.h"

/* The parser calls itself once a level: levels are counted before it is let loose. */
static bool check_depth(struct str text, struct err *e)
{
	unsigned depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > LIMIT_JSON_DEPTH)
				return err_set(e, ERR_LIMIT, "JSON nested more than %u levels deep",
				               LIMIT_JSON_DEPTH);
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return true;
}

json_t *json_read(struct str text, struct err *e)
{
	json_error_t why;
	if (text.n > LIMIT_JSON_BYTES) {
		err_set(e, ERR_LIMIT, "JSON of more than %u bytes", LIMIT_JSON_BYTES);
		return NULL;
	}
	if (!check_depth(text, e))
		return NULL;
	json_t *json = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
	if (!json)
		err_set(e, ERR_INPUT, "not JSON: line %d, column %d: %s", why.line, why.column,
		        why.text);
	return json;
}

static struct str copy(const json_t *string, struct arena *a)
{
	return arena_str(a, (struct str){json_string_value(string), json_string_length(string)});
}

struct str json_str(const json_t *object, const char *key, struct arena *a)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? copy(value, a) : STR_NONE;
}

struct str_vec json_strs(const json_t *object, const char *key, struct arena *a)
{
	struct str_vec strs = {0};
	const json_t *array = json_object_get(object, key);
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *value = json_array_get(array, i);
		if (json_is_string(value))
			*vec_push(&strs, a) = copy(value, a);
	}
	return strs;
}

uint64_t json_u64(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_integer(value) && json_integer_value(value) > 0
	               ? (uint64_t)json_integer_value(value)
	               : 0;
}
