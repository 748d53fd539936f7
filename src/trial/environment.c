#include "trial/environment.h"

static struct str name_of(struct str variable)
{
	return str_slice(variable, 0, str_index(variable, '='));
}

void environment_set(struct str_vec *env, struct arena *a, struct str variable)
{
	for (size_t i = 0; i < env->n; i++)
		if (str_eq(name_of(env->p[i]), name_of(variable))) {
			env->p[i] = variable;
			return;
		}
	*vec_push(env, a) = variable;
}

struct str environment_get(const struct str_vec *env, struct str name)
{
	for (size_t i = 0; i < env->n; i++)
		if (str_eq(name_of(env->p[i]), name))
			return str_skip(env->p[i], name.n + 1);
	return STR_NONE;
}

static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

/* The name behind a "$" at the beginning of `text`; *length is all that it takes, 0: none. */
static struct str name_behind(struct str text, size_t *length)
{
	size_t end = 0;
	if (str_starts(text, STR("{"))) {
		end = str_index(text, '}');
		*length = end < text.n ? end + 1 : 0;
		return str_slice(text, 1, end);
	}
	while (end < text.n && is_name_byte(text.p[end]))
		end++;
	*length = end;
	return str_slice(text, 0, end);
}

struct str environment_expand(const struct str_vec *env, struct str text, struct arena *a)
{
	struct str out = str_slice(text, 0, str_index(text, '$'));
	text = str_skip(text, out.n);
	while (text.n > 0) { /* at a "$" */
		size_t length;
		struct str name = name_behind(str_skip(text, 1), &length);
		struct str value = length ? environment_get(env, name) : STR("$");
		text = str_skip(text, 1 + length);
		struct str plain = str_slice(text, 0, str_index(text, '$'));
		text = str_skip(text, plain.n);
		out = arena_printf(a, "%.*s%.*s%.*s", STR_ARG(out), STR_ARG(value), STR_ARG(plain));
	}
	return out;
}

struct str environment_expanded(const struct str_vec *env, const struct trial_test *test,
				struct str text, struct arena *a)
{
	return test->expands ? environment_expand(env, text, a) : text;
}

void environment_begin(struct str_vec *env, struct arena *a)
{
	environment_set(env, a,
			STR("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
}

void environment_add(struct str_vec *env, const struct trial_setup *setup,
		     const struct trial_test *test, struct arena *a)
{
	for (size_t i = 0; i < setup->env.n; i++)
		environment_set(env, a, setup->env.p[i]);
	for (size_t i = 0; i < test->env.n; i++)
		environment_set(env, a, environment_expanded(env, test, test->env.p[i], a));
}
