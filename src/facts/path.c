#include "core/limits.h"
#include "facts/facts.h"

static bool is_dot(struct str part)
{
	return part.n == 0 || (part.n == 1 && part.p[0] == '.');
}

static bool is_dot_dot(struct str part)
{
	return part.n == 2 && part.p[0] == '.' && part.p[1] == '.';
}

/* Taken apart and put together by text alone: the names of an archive lead through no links. */
bool facts_path(struct str name, struct arena *a, struct str *path, struct err *e)
{
	if (name.n >= LIMIT_PATH_BYTES)
		return err_set(e, ERR_INPUT, "a path of %zu bytes", name.n);
	if (str_index(name, '\0') < name.n)
		return err_set(e, ERR_INPUT, "a path with a NUL byte in it");

	char *out = arena_alloc(a, name.n + 1);
	struct str made = {out, 0}, rest = name, part;
	while (str_next(&rest, '/', &part)) {
		if (is_dot(part))
			continue;
		if (is_dot_dot(part)) {
			if (made.n == 0)
				return err_set(e, ERR_INPUT, "the path \"%.*s\" leaves the root",
				               STR_ARG(name));
			made = str_dirname(made);
			continue;
		}
		if (part.n > LIMIT_NAME_BYTES)
			return err_set(e, ERR_INPUT, "a file name of %zu bytes", part.n);
		if (made.n)
			out[made.n++] = '/';
		memcpy(out + made.n, part.p, part.n);
		made.n += part.n;
	}
	out[made.n] = '\0';
	*path = made;
	return true;
}
