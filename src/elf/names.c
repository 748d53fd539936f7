/* Strings that look like a library's name: what a program may open by name.
 * ".so" is rare, and only around a hit is anything looked at. */

#include "elf/block.h"
#include "elf/parse.h"

enum { NAME_MAX_BYTES = 64, NAMES_MAX = 256 };

/* The next ".so" at or behind `at`, or bytes.n. */
static size_t find_dot_so(struct str bytes, size_t at)
{
	for (; at + sizeof(block) + 2 <= bytes.n; at += sizeof(block)) {
		const char *p = bytes.p + at;
		if (block_any(block_is(block_load(p), '.') & block_is(block_load(p + 1), 's') &
		              block_is(block_load(p + 2), 'o')))
			break;
	}
	return at + str_find(str_skip(bytes, at), STR(".so"));
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '+' || c == '-' || c == '/';
}

/* The NUL-terminated string around `at`, where all of it may stand in a library's name. */
static bool string_around(struct str bytes, size_t at, struct str *s)
{
	size_t start = at, end = at;
	while (start > 0 && is_name_char(bytes.p[start - 1]) && at - start < NAME_MAX_BYTES)
		start--;
	while (end < bytes.n && is_name_char(bytes.p[end]) && end - at < NAME_MAX_BYTES)
		end++;
	if (end >= bytes.n || bytes.p[end] != '\0' || end - start > NAME_MAX_BYTES)
		return false;
	if (start > 0 && bytes.p[start - 1] >= 0x20 && bytes.p[start - 1] < 0x7f)
		return false; /* the end of a longer text */
	*s = str_slice(bytes, start, end);
	return true;
}

/* "", ".1", ".1.2.3" */
static bool is_version_suffix(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '.' ? i + 1 == s.n || s.p[i + 1] == '.'
		                  : s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == 0 || s.p[0] == '.';
}

/* Alone or behind an absolute folder. "/libjvm.so" and "/../lib/libc++.so" are put behind
 * some folder before they are opened; they name nothing by themselves. */
static bool names_no_folder_or_all_of_it(struct str s)
{
	struct str folder = str_dirname(s);
	return str_basename(s).n == s.n ||
	       (folder.n > 1 && folder.p[0] == '/' && !str_contains(folder, STR("/..")));
}

/* libNAME.so[.VERSION] */
static bool is_library_name(struct str s)
{
	struct str base = str_basename(s);
	size_t so = str_find(base, STR(".so"));
	return names_no_folder_or_all_of_it(s) && str_starts(base, STR("lib")) && so > 3 &&
	       so < base.n && is_version_suffix(str_skip(base, so + 3));
}

static bool is_known(const struct elf_object *o, struct str name)
{
	if (str_eq(name, o->soname))
		return true;
	for (size_t i = 0; i < o->needed.n; i++)
		if (str_eq(o->needed.p[i], name))
			return true;
	for (size_t i = 0; i < o->version_needs.n; i++)
		if (str_eq(o->version_needs.p[i].file, name))
			return true;
	for (size_t i = 0; i < o->name_strings.n; i++)
		if (str_eq(o->name_strings.p[i], name))
			return true;
	return false;
}

static void find_names_in(struct parser *p, struct str bytes)
{
	struct str name;
	for (size_t at = find_dot_so(bytes, 0); at < bytes.n; at = find_dot_so(bytes, at + 3)) {
		if (p->o->name_strings.n == NAMES_MAX)
			return;
		if (string_around(bytes, at, &name) && is_library_name(name) &&
		    !is_known(p->o, name))
			*vec_push(&p->o->name_strings, p->arena) = name;
	}
}

bool next_data(const struct parser *p, struct data_walk *w, struct str *bytes)
{
	while (w->segment < p->segment_count) {
		const struct segment *s = &p->segments[w->segment++];
		struct str all = segment_bytes(p, s);
		uint64_t end = s->off.at + all.n;
		if (s->type != SEGMENT_LOAD || end <= w->done)
			continue;
		*bytes = str_skip(all, w->done > s->off.at ? (size_t)(w->done - s->off.at) : 0);
		w->done = end;
		return true;
	}
	return false;
}

void find_names(struct parser *p)
{
	struct elf_object *o = p->o;
	struct str bytes;
	for (struct data_walk w = {0}; next_data(p, &w, &bytes);)
		find_names_in(p, bytes);
	str_vec_sort(&o->name_strings);
}
