/* Strings that look like a library's name: what a program may open by name.
 *
 * Every byte of every object in a layer passes here, so the search runs over
 * 16 bytes at once: ".so" is rare, and only around a hit is anything looked at. */
#include <stdlib.h>

#include "elf/parse.h"

enum { NAME_MAX_BYTES = 64, NAMES_MAX = 256 };

typedef uint8_t block __attribute__((vector_size(16)));

static block load(const char *p)
{
	block b;
	memcpy(&b, p, sizeof b);
	return b;
}

static bool any(block b)
{
	uint64_t halves[2];
	memcpy(halves, &b, sizeof halves);
	return halves[0] | halves[1];
}

/* The next ".so" at or behind `at`, or bytes.n. */
static size_t find_dot_so(struct str bytes, size_t at)
{
	const block dot = (block){0} + '.', s = (block){0} + 's', o = (block){0} + 'o';
	for (; at + sizeof(block) + 2 <= bytes.n; at += sizeof(block)) {
		const char *p = bytes.p + at;
		if (any((block)((load(p) == dot) & (load(p + 1) == s) & (load(p + 2) == o))))
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

static int name_cmp(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Loaders and C libraries name what they open by rules of their own, which the prediction
 * knows; an unpacked program's strings say nothing about a packed one. */
void find_names(struct parser *p)
{
	struct elf_object *o = p->o;
	uint64_t done = 0; /* segments may overlap in a hostile file: each byte is read once */
	if (o->is_glibc_loader || o->is_musl || o->libc_banner.n || o->packer.n)
		return;
	for (size_t i = 0; i < p->segment_count; i++) {
		const struct segment *s = &p->segments[i];
		struct str bytes = segment_bytes(p, s);
		if (s->type != SEGMENT_LOAD || s->off.at + bytes.n <= done)
			continue;
		find_names_in(p,
		              str_skip(bytes, done > s->off.at ? (size_t)(done - s->off.at) : 0));
		done = s->off.at + bytes.n;
	}
	if (o->name_strings.n)
		qsort(o->name_strings.p, o->name_strings.n, sizeof *o->name_strings.p, name_cmp);
}
