/* The gist of a package's copyright file in Debian's form: the licences that it names, each once, a
 * line each.
 *
 *     license	EXPRESSION      as machine-readable files have it ("License: GPL-2+ or MIT"; copyright-
 *                              format 1.0, section 7.2)
 *     common	NAME            of another file, what it refers to in /usr/share/common-licenses, with
 *                              a "+" where it speaks of any later version (Policy, 12.5)
 */
#include "core/map.h"
#include "image/gist.h"

bool gist_is_copyright_name(struct str path)
{
	return str_starts(path, STR("usr/share/doc/")) && str_ends(path, STR("/copyright")) &&
	       str_index(str_skip(path, 14), '/') + 14 + 10 == path.n;
}

struct naming {
	struct map told;
	struct arena *arena;
	struct buf *text;
};

static bool put_once(struct naming *n, const char *kind, struct str name, struct err *e)
{
	bool added;
	const struct str fields[] = {str_of(kind), name};
	map_put(&n->told, n->arena, name, &added);
	return !added || !name.n || gist_line(n->text, fields, 2, e);
}

static bool is_format(struct str whole)
{
	struct str head = str_slice(whole, 0, 512);
	return str_starts(head, STR("Format:")) || str_contains(head, STR("\nFormat:")) ||
	       str_starts(head, STR("Format-Specification:"));
}

/* The first line of each field is a short name or an expression of such; the text follows. */
static bool put_fields(struct naming *n, struct str whole, struct err *e)
{
	static const struct str field = STR_INIT("\nLicense:");
	for (size_t at = 0; at < whole.n;) {
		at += str_find(str_skip(whole, at), field);
		struct str rest = str_skip(whole, at + field.n);
		if (!put_once(n, "license", str_trim(str_slice(rest, 0, str_index(rest, '\n'))), e))
			return false;
		at += field.n;
	}
	return true;
}

/* "any later version", in one line or across two. */
static bool speaks_of_later(struct str whole)
{
	for (size_t at = 0; at < whole.n; at++) {
		at += str_find(str_skip(whole, at), STR("later"));
		struct str word, rest = str_skip(whole, at + 5);
		if (at < whole.n && str_word(&rest, &word) && str_starts(word, STR("version")))
			return true;
	}
	return false;
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.';
}

static bool put_references(struct naming *n, struct str whole, struct err *e)
{
	static const struct str folder = STR_INIT("/usr/share/common-licenses/");
	bool later = speaks_of_later(whole);
	for (size_t at = 0; at < whole.n;) {
		at += str_find(str_skip(whole, at), folder) + folder.n;
		struct str rest = str_skip(whole, at);
		size_t k = 0;
		while (k < rest.n && is_of_name(rest.p[k]))
			k++;
		struct str name = str_slice(rest, 0, k);
		while (name.n && (name.p[name.n - 1] == '.' || name.p[name.n - 1] == '-'))
			name.n--;
		bool gnu = str_contains(name, STR("GPL")) || str_starts(name, STR("GFDL"));
		if (name.n && gnu && later)
			name = arena_printf(n->arena, "%.*s+", STR_ARG(name));
		if (!put_once(n, "common", name, e))
			return false;
	}
	return true;
}

bool gist_copyright(struct str whole, struct buf *text, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct naming n = {.arena = &scratch, .text = text};
	return is_format(whole) ? put_fields(&n, whole, e) : put_references(&n, whole, e);
}
