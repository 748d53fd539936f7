#include "advise/ignore.h"

bool ignore_read(struct str comment, struct ignore *out)
{
	struct str rest = str_skip(comment, 1), word;
	*out = (struct ignore){0};
	if (!str_word(&rest, &word))
		return false;
	out->hadolint = str_eq(word, STR("hadolint"));
	if ((!out->hadolint && !str_eq(word, STR("socle"))) || !str_word(&rest, &word))
		return false;
	out->global = str_eq(word, STR("global"));
	if (out->global && !str_word(&rest, &word))
		return false;
	if (!str_starts(word, STR("ignore=")))
		return false;
	out->names = str_skip(word, 7);
	out->reason = str_trim(rest);
	/* hadolint takes blanks behind the commas. */
	while (out->hadolint && str_ends(out->names, STR(",")) && str_word(&rest, &word)) {
		out->names.n = (size_t)(word.p + word.n - out->names.p);
		out->reason = str_trim(rest);
	}
	return true;
}

bool ignore_names(const struct ignore *i, struct str name)
{
	struct str rest = i->names, one;
	while (!i->hadolint && str_next(&rest, ',', &one))
		if (str_eq(str_trim(one), name))
			return true;
	return false;
}
