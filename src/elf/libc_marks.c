/* What the loaders and C libraries say about themselves.
 *
 * No tag holds a libc's version or the folders that its loader searches by
 * itself, but both stand in its read-only data as text. Only objects that look
 * like one by their soname and symbols are searched. */
#include "elf/parse.h"

enum { DIRS_MAX = 16, TEXT_MAX_BYTES = 256 };

static bool exports(const struct elf_object *o, struct str name)
{
	size_t count;
	return elf_exports_find(o, name, &count) != NULL;
}

/* The text at `at` up to its NUL, where what stands before it is no text: a whole string. */
static bool whole_string(struct str bytes, size_t at, struct str *s)
{
	if (at > 0 && bytes.p[at - 1] >= 0x20 && bytes.p[at - 1] < 0x7f)
		return false;
	*s = str_slice(bytes, at, at + TEXT_MAX_BYTES);
	size_t n = str_index(*s, '\0');
	if (n == s->n)
		return false;
	s->n = n;
	return true;
}

/* ---- glibc's loader ----
 *
 * elf/dl-load.c keeps `system_dirs`, made by gen-trusted-dirs.awk from the
 * configured folders: "/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0…".
 * It is the longest run of strings that each are an absolute folder with a
 * slash behind it; distributions differ only in the folders. */

static bool is_folder(struct str s)
{
	if (s.n < 3 || s.p[0] != '/' || s.p[s.n - 1] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || (s.p[i] == '/' && i && s.p[i - 1] == '/'))
			return false;
	return str_contains(s, STR("/lib"));
}

static size_t folders_at(struct str bytes, size_t at, struct str dirs[DIRS_MAX])
{
	size_t n = 0;
	struct str s;
	while (n < DIRS_MAX && whole_string(bytes, at, &s) && is_folder(s)) {
		dirs[n++] = str_slice(s, 0, s.n - 1);
		at += s.n + 1;
	}
	return n;
}

static void find_glibc_dirs(struct parser *p)
{
	struct str best[DIRS_MAX], dirs[DIRS_MAX], bytes = {(const char *)p->b.p, p->b.n};
	size_t best_count = 0;
	for (size_t at = 0; at < bytes.n; at++) {
		at += str_index(str_skip(bytes, at), '/');
		size_t n = folders_at(bytes, at, dirs);
		if (n > best_count) {
			best_count = n;
			memcpy(best, dirs, n * sizeof *dirs);
		}
	}
	for (size_t i = 0; i < best_count; i++)
		*vec_push(&p->o->system_dirs, p->arena) = best[i];
}

static bool is_glibc_loader(const struct elf_object *o)
{
	struct str name = o->soname;
	return (str_starts(name, STR("ld-linux")) || str_starts(name, STR("ld64.so.")) ||
	        str_starts(name, STR("ld.so.")) || str_starts(name, STR("ld-2."))) &&
	       elf_defines_version(o, STR("GLIBC_PRIVATE"));
}

static void find_glibc_banner(struct parser *p)
{
	struct str bytes = {(const char *)p->b.p, p->b.n};
	struct str text = str_skip(bytes, str_find(bytes, STR("GNU C Library (")));
	size_t n = str_index(str_slice(text, 0, TEXT_MAX_BYTES), '\n');
	if (n < text.n && n < TEXT_MAX_BYTES)
		p->o->libc_banner = str_slice(text, 0, n);
}

/* ---- musl: libc and loader in one ---- */

/* ^1\.[0-9]+\.[0-9]+(_git[0-9]+)?$ */
static bool is_musl_version(struct str s)
{
	struct str rest = s, part;
	uint64_t number;
	if (!str_next(&rest, '.', &part) || !str_eq(part, STR("1")) ||
	    !str_next(&rest, '.', &part) || !str_to_u64(part, &number))
		return false;
	size_t git = str_find(rest, STR("_git"));
	return str_to_u64(str_slice(rest, 0, git), &number) &&
	       (git == rest.n || str_to_u64(str_skip(rest, git + 4), &number));
}

static void find_musl_version(struct parser *p)
{
	struct str bytes = {(const char *)p->b.p, p->b.n}, s;
	for (size_t at = 0; at < bytes.n; at++) {
		at += str_find(str_skip(bytes, at), STR("1."));
		if (at < bytes.n && whole_string(bytes, at, &s) && is_musl_version(s)) {
			p->o->libc_banner = s;
			return;
		}
	}
}

/* ldso/dynlink.c: sys_path = "/lib:/usr/local/lib:/usr/lib" where no path file is there. */
static void find_musl_dirs(struct parser *p)
{
	struct str bytes = {(const char *)p->b.p, p->b.n}, s, dir;
	for (size_t at = 0; at < bytes.n; at++) {
		at += str_find(str_skip(bytes, at), STR("/lib:"));
		if (at >= bytes.n || !whole_string(bytes, at, &s))
			continue;
		while (str_next(&s, ':', &dir))
			*vec_push(&p->o->system_dirs, p->arena) = dir;
		return;
	}
}

/* Only the shared libc holds its loader, with the name of its path file. A static program
 * with musl inside does not. */
static bool is_musl(struct parser *p)
{
	const struct elf_object *o = p->o;
	if (o->type != ELF_DYN || o->needed.n || !exports(o, STR("__libc_start_main")) ||
	    !exports(o, STR("dlopen")))
		return false;
	if (o->soname.n && !str_starts(o->soname, STR("libc.musl-")) &&
	    !str_eq(o->soname, STR("libc.so")))
		return false;
	return str_contains((struct str){(const char *)p->b.p, p->b.n}, STR("/etc/ld-musl-"));
}

void find_libc_marks(struct parser *p)
{
	struct elf_object *o = p->o;
	if (is_glibc_loader(o)) {
		o->is_glibc_loader = true;
		find_glibc_dirs(p);
	} else if (str_starts(o->soname, STR("libc.so.6"))) {
		find_glibc_banner(p);
	} else if (is_musl(p)) {
		o->is_musl = true;
		find_musl_version(p);
		find_musl_dirs(p);
	}
}
