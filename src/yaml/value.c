/* What the value of `image:` means: a reference, a template, a path. */
#include "yaml/parts.h"

static bool is_no_text(const struct yaml_scalar *s)
{
	static const char *const words[] = {"~", "null", "Null", "NULL", "true", "false"};
	for (size_t i = 0; s->plain && i < sizeof words / sizeof *words; i++)
		if (str_eq(s->value, str_of(words[i])))
			return true;
	return s->value.n == 0;
}

static void say(struct yaml_image *image, enum yaml_image_state state, struct str reason)
{
	image->state = state;
	image->reason = reason;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '_')
			return false;
	return s.n > 0;
}

/* ${NAME:-reference} and ${NAME-reference}, with nothing around them (Compose specification,
 * "Interpolation"): the default is a reference of its own. */
static bool is_default(struct str value, struct str *inner)
{
	if (!str_starts(value, STR("${")) || !str_ends(value, STR("}")))
		return false;
	struct str body = str_slice(value, 2, value.n - 1);
	size_t dash = str_index(body, '-');
	struct str name = str_slice(body, 0, dash);
	if (str_ends(name, STR(":")))
		name.n--;
	*inner = str_skip(body, dash + 1);
	return is_name(name) && inner->n && str_index(*inner, '$') == inner->n &&
	       str_index(*inner, '}') == inner->n;
}

static bool is_path(struct str value)
{
	return value.p[0] == '.' || value.p[0] == '/' || str_contains(value, STR("://")) ||
	       str_eq(str_basename(value), STR("Dockerfile")) || str_ends(value, STR(".Dockerfile"));
}

static void name_image(struct yaml_image *image, const struct yaml_scalar *s, struct str value)
{
	if (!s->at.n) {
		say(image, YAML_IMAGE_UNKNOWN, STR("written with escapes or over several lines"));
		return;
	}
	image->at = (struct span){s->at.off + (size_t)(value.p - s->value.p), value.n};
	image->value = value;
	if (str_index(value, '$') < value.n)
		say(image, YAML_IMAGE_UNKNOWN, STR("put together from variables"));
	else if (is_path(value))
		say(image, YAML_IMAGE_OTHER, STR("a path or an address, no image"));
}

bool yaml_image_of(struct yaml_image *image, const struct yaml_scalar *s)
{
	struct str value = s->value, inner;
	*image = (struct yaml_image){.at = s->whole, .value = value};
	if (is_no_text(s) || str_eq(value, STR("scratch")))
		return false;
	if (str_contains(value, STR("{{")) || str_contains(value, STR("<%"))) {
		say(image, YAML_IMAGE_UNKNOWN, STR("a template: its value is not known here"));
		return true;
	}
	if (str_starts(value, STR("docker://")))
		value = str_skip(value, 9);
	if (is_default(value, &inner))
		value = inner;
	if (!value.n)
		return false;
	name_image(image, s, value);
	return true;
}
