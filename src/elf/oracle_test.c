/* Real programs and libraries of this machine, against what readelf says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf/codec.h"
#include "os/file.h"

/* ---- Asking readelf ---- */

static struct str_vec lines_of(struct arena *a, const char *options, const char *path)
{
	struct str_vec lines = {0};
	char line[8192];
	FILE *f = popen(arena_printf(a, "LC_ALL=C readelf -W %s '%s' 2>/dev/null", options, path).p,
	                "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		*vec_push(&lines, a) = arena_str(a, str_trim(str_of(line)));
	pclose(f);
	return lines;
}

static struct str word(struct str line, size_t index)
{
	struct str w = STR_NONE;
	for (size_t i = 0; i <= index; i++)
		if (!str_word(&line, &w))
			return STR_NONE;
	return w;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void sort(struct str_vec *v)
{
	if (v->n)
		qsort(v->p, v->n, sizeof *v->p, by_bytes);
}

static void assert_same(const char *path, const char *what, struct str_vec ours,
                        struct str_vec theirs)
{
	sort(&ours);
	sort(&theirs);
	for (size_t i = 0; i < ours.n || i < theirs.n; i++) {
		struct str x = i < ours.n ? ours.p[i] : STR_NONE;
		struct str y = i < theirs.n ? theirs.p[i] : STR_NONE;
		if (!str_eq(x, y))
			fail_msg("%s: %s: ours \"%.*s\", readelf \"%.*s\"", path, what, STR_ARG(x),
			         STR_ARG(y));
	}
}

/* ---- Symbols: "   1: 000 0 FUNC GLOBAL DEFAULT UND puts@GLIBC_2.2.5 (3)" ---- */

struct symbol_line {
	struct str type, binding, visibility, section, name;
};

/* The last column: names of Go have blanks in them. What stands behind a name that is not
 * defined here, " (3)", is the number of its version. */
static struct str symbol_name(struct str line, size_t column)
{
	struct str first = word(line, column);
	if (!first.n)
		return first;
	struct str name = str_trim(str_skip(line, (size_t)(first.p - line.p)));
	size_t at = name.n > 1 && str_ends(name, STR(")")) ? name.n - 2 : 0;
	while (at > 1 && strchr("0123456789", name.p[at]))
		at--;
	return at > 1 && name.p[at] == '(' && name.p[at - 1] == ' ' ? str_slice(name, 0, at - 1) : name;
}

static bool symbol_line(struct str line, struct symbol_line *s)
{
	struct str number = word(line, 0);
	if (number.n < 2 || !str_ends(number, STR(":")) || !strchr("0123456789", number.p[0]))
		return false;
	/* A unique symbol in a file that does not call itself GNU's is "<OS specific>: 10". */
	size_t more = str_contains(line, STR("<OS specific>: 10")) ? 2 : 0;
	size_t visibility = 5 + more, section = visibility + 1;
	/* What a processor adds in st_other: "[VARIANT_PCS]", "[<localentry>: 8]". */
	if (str_starts(word(line, section), STR("[")))
		while (word(line, section).n && !str_ends(word(line, section++), STR("]")))
			;
	*s = (struct symbol_line){word(line, 3), word(line, 4), word(line, visibility),
	                          word(line, section), symbol_name(line, section + 1)};
	return s->name.n > 0;
}

static const char *const type_names[] = {"NOTYPE", "OBJECT", "FUNC", "SECTION", "FILE", "COMMON",
                                         "TLS",    "7",      "8",    "9",       "IFUNC"};

static struct str_vec their_imports(struct arena *a, struct str_vec lines)
{
	struct str_vec out = {0};
	struct symbol_line s;
	for (size_t i = 0; i < lines.n; i++)
		if (symbol_line(lines.p[i], &s) && str_eq(s.section, STR("UND")))
			*vec_push(&out, a) =
				arena_printf(a, "%.*s %.*s %s", STR_ARG(s.name), STR_ARG(s.type),
			                     str_eq(s.binding, STR("WEAK")) ? "weak" : "strong");
	return out;
}

static struct str_vec our_imports(struct arena *a, const struct elf_object *o)
{
	struct str_vec out = {0};
	for (size_t i = 0; i < o->imports.n; i++) {
		const struct elf_import *s = &o->imports.p[i];
		if (!s->self_missed && !(s->use & ELF_USE_COPY))
			*vec_push(&out, a) =
				arena_printf(a, "%.*s%s%.*s %s %s", STR_ARG(s->name),
			                     s->version.n ? "@" : "", STR_ARG(s->version),
			                     type_names[s->type], s->weak ? "weak" : "strong");
	}
	return out;
}

static struct str_vec their_exports(struct arena *a, struct str_vec lines)
{
	struct str_vec out = {0};
	struct symbol_line s;
	for (size_t i = 0; i < lines.n; i++) {
		if (!symbol_line(lines.p[i], &s) || str_eq(s.section, STR("UND")) ||
		    str_eq(s.binding, STR("LOCAL")) || str_eq(s.type, STR("SECTION")))
			continue;
		bool zero = str_eq(s.section, STR("ABS")) || str_eq(s.type, STR("TLS"));
		uint64_t value = strtoull(word(lines.p[i], 1).p, NULL, 16);
		if ((value == 0 && !zero) || str_eq(s.visibility, STR("HIDDEN")))
			continue;
		*vec_push(&out, a) =
			arena_printf(a, "%.*s %.*s %s", STR_ARG(s.name), STR_ARG(s.type),
		                     str_eq(s.binding, STR("WEAK")) ? "weak" : "strong");
	}
	return out;
}

/* The symbol of a version itself, "GLIBC_2.2.5", readelf shows without one. */
static struct str_vec our_exports(struct arena *a, const struct elf_object *o)
{
	struct str_vec out = {0};
	for (size_t i = 0; i < o->exports.n; i++) {
		const struct elf_export *s = &o->exports.p[i];
		struct str version = str_eq(s->name, s->version) ? STR_NONE : s->version;
		bool copied = !elf_defines_version(o, version); /* named by a version need */
		const char *at = !version.n ? "" : s->hidden || copied ? "@" : "@@";
		*vec_push(&out, a) =
			arena_printf(a, "%.*s%s%.*s %s %s", STR_ARG(s->name), at, STR_ARG(version),
		                     type_names[s->type], s->weak ? "weak" : "strong");
	}
	return out;
}

/* ---- Relocations: "000 000500000007 R_X86_64_JUMP_SLOT 0000 puts@GLIBC_2.2.5 + 0" ---- */

static const char *reloc_use(struct str type)
{
	if (str_contains(type, STR("JUMP_SLO")) || str_contains(type, STR("JMP_SLO")))
		return "lazy";
	if (str_contains(type, STR("_TPOFF")) || str_contains(type, STR("_TPREL")))
		return "tpoff"; /* and not DTPOFF */
	return str_contains(type, STR("_COPY")) ? "copy" : "eager";
}

static struct str_vec unique(struct arena *a, struct str_vec v)
{
	struct str_vec out = {0};
	sort(&v);
	for (size_t i = 0; i < v.n; i++)
		if (i == 0 || !str_eq(v.p[i - 1], v.p[i]))
			*vec_push(&out, a) = v.p[i];
	return out;
}

static bool is_import_of(const struct elf_object *o, struct str name)
{
	struct str bare = str_slice(name, 0, str_index(name, '@'));
	for (size_t i = 0; i < o->imports.n; i++)
		if (str_eq(o->imports.p[i].name, bare) && !o->imports.p[i].self_missed)
			return true;
	return false;
}

static bool has(struct str_vec v, struct str s)
{
	for (size_t i = 0; i < v.n; i++)
		if (str_eq(v.p[i], s))
			return true;
	return false;
}

/* COPY and TPOFF imply eager: beside them our word for it is not told. */
static struct str_vec without_implied(struct arena *a, struct str_vec v)
{
	struct str_vec out = {0};
	for (size_t i = 0; i < v.n; i++) {
		struct str name = word(v.p[i], 0);
		if (!str_eq(word(v.p[i], 1), STR("eager")) ||
		    (!has(v, arena_printf(a, "%.*s copy", STR_ARG(name))) &&
		     !has(v, arena_printf(a, "%.*s tpoff", STR_ARG(name)))))
			*vec_push(&out, a) = v.p[i];
	}
	return out;
}

static struct str_vec their_uses(struct arena *a, struct str_vec lines, const struct elf_object *o)
{
	struct str_vec out = {0};
	for (size_t i = 0; i < lines.n; i++) {
		struct str type = word(lines.p[i], 2), name = word(lines.p[i], 4);
		if (str_starts(type, STR("R_")) && name.n &&
		    (str_contains(type, STR("_COPY")) || is_import_of(o, name)))
			*vec_push(&out, a) =
				arena_printf(a, "%.*s %s", STR_ARG(name), reloc_use(type));
	}
	return without_implied(a, unique(a, out));
}

static struct str_vec our_uses(struct arena *a, const struct elf_object *o)
{
	static const struct {
		uint8_t use, without;
		const char *name;
	} uses[] = {{ELF_USE_LAZY, 0, "lazy"},
	            {ELF_USE_COPY, 0, "copy"},
	            {ELF_USE_TPOFF, 0, "tpoff"},
	            {ELF_USE_EAGER, ELF_USE_COPY | ELF_USE_TPOFF, "eager"}};
	struct str_vec out = {0};
	for (size_t i = 0; i < o->imports.n; i++) {
		const struct elf_import *s = &o->imports.p[i];
		for (size_t u = 0; u < sizeof uses / sizeof uses[0]; u++)
			if (!s->self_missed && (s->use & uses[u].use) && !(s->use & uses[u].without))
				*vec_push(&out, a) = arena_printf(
					a, "%.*s%s%.*s %s", STR_ARG(s->name),
					s->version.n ? "@" : "", STR_ARG(s->version), uses[u].name);
	}
	return unique(a, out);
}

/* ---- Dynamic tags: "0x001 (NEEDED) Shared library: [libc.so.6]" ---- */

static struct str_vec bracketed(struct arena *a, struct str_vec lines, struct str tag)
{
	struct str_vec out = {0};
	for (size_t i = 0; i < lines.n; i++) {
		struct str line = lines.p[i];
		size_t open = str_index(line, '['), close = str_rindex(line, ']');
		if (str_eq(word(line, 1), tag) && open < close)
			*vec_push(&out, a) = str_slice(line, open + 1, close);
	}
	return out;
}

static struct str_vec one(struct arena *a, struct str s)
{
	struct str_vec v = {0};
	if (s.p)
		*vec_push(&v, a) = s;
	return v;
}

/* "0x0010: Name: GLIBC_2.34 Flags: none Version: 5" below "… File: libc.so.6" */
static struct str_vec their_version_needs(struct arena *a, struct str_vec lines)
{
	struct str_vec out = {0};
	struct str file = STR_NONE;
	bool in_needs = false;
	for (size_t i = 0; i < lines.n; i++) {
		struct str line = lines.p[i];
		size_t at_file = str_find(line, STR("File: ")),
		       at_name = str_find(line, STR("Name: "));
		if (str_starts(line, STR("Version ")))
			in_needs = str_starts(line, STR("Version needs"));
		else if (in_needs && at_file < line.n)
			file = word(str_skip(line, at_file), 1);
		else if (in_needs && at_name < line.n)
			*vec_push(&out, a) =
				arena_printf(a, "%.*s %.*s%s", STR_ARG(file),
			                     STR_ARG(word(str_skip(line, at_name), 1)),
			                     str_contains(line, STR("WEAK")) ? " weak" : "");
	}
	return out;
}

static struct str_vec our_version_needs(struct arena *a, const struct elf_object *o)
{
	struct str_vec out = {0};
	for (size_t i = 0; i < o->version_needs.n; i++) {
		const struct elf_version_need *n = &o->version_needs.p[i];
		*vec_push(&out, a) = arena_printf(a, "%.*s %.*s%s", STR_ARG(n->file),
		                                  STR_ARG(n->name), n->weak ? " weak" : "");
	}
	return out;
}

static struct str_vec their_version_defs(struct arena *a, struct str_vec lines)
{
	struct str_vec out = {0};
	bool in_defs = false;
	for (size_t i = 0; i < lines.n; i++) {
		struct str line = lines.p[i];
		size_t at_name = str_find(line, STR("Name: "));
		if (str_starts(line, STR("Version ")))
			in_defs = str_starts(line, STR("Version definition"));
		else if (in_defs && at_name < line.n && !str_contains(line, STR("Flags: BASE")))
			*vec_push(&out, a) = word(str_skip(line, at_name), 1);
	}
	return out;
}

static struct str_vec their_interp(struct arena *a, struct str_vec lines)
{
	struct str_vec out = {0};
	const struct str intro = STR("[Requesting program interpreter: ");
	for (size_t i = 0; i < lines.n; i++)
		if (str_starts(lines.p[i], intro))
			*vec_push(&out, a) = str_slice(lines.p[i], intro.n, lines.p[i].n - 1);
	return out;
}

/* ---- One object ---- */

static void assert_survives_codec(const struct elf_object *o, struct arena *a)
{
	struct err e = ERR_INIT;
	struct elf_object copy, decoded;
	CLEANUP_BUF struct buf first = BUF_INIT(64 << 20), second = BUF_INIT(64 << 20);
	elf_copy(&copy, o, a);
	assert_true(elf_encode(o, &first, &e));
	assert_true(elf_decode(&decoded, buf_str(&first), a, &e));
	assert_true(elf_encode(&decoded, &second, &e));
	assert_true(str_eq(buf_str(&first), buf_str(&second)));
	second.n = 0;
	assert_true(elf_encode(&copy, &second, &e));
	assert_true(str_eq(buf_str(&first), buf_str(&second)));
	assert_same("codec", "exports", our_exports(a, &decoded), our_exports(a, o));
	assert_same("codec", "imports", our_imports(a, &decoded), our_imports(a, o));
}

static void ask_about_symbols(const char *path, const struct elf_object *o, struct arena *a)
{
	struct str_vec symbols = lines_of(a, "--dyn-syms", path);
	assert_same(path, "imports", our_imports(a, o), their_imports(a, symbols));
	assert_same(path, "exports", our_exports(a, o), their_exports(a, symbols));
	assert_same(path, "uses", our_uses(a, o), their_uses(a, lines_of(a, "-r", path), o));
}

static void ask_about(const char *path)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct str bytes;
	struct elf_object o;
	assert_true(file_read(path, 1 << 30, &a, &bytes, &e));
	if (!elf_is(bytes))
		return; /* a linker script */
	if (!elf_parse(&o, bytes, &a, &e))
		fail_msg("%s: %s", path, e.message);

	ask_about_symbols(path, &o, &a);
	struct str_vec dynamic = lines_of(&a, "-d", path);
	assert_same(path, "needed", o.needed, bracketed(&a, dynamic, STR("(NEEDED)")));
	assert_same(path, "soname", one(&a, o.soname), bracketed(&a, dynamic, STR("(SONAME)")));
	assert_same(path, "rpath", one(&a, o.rpath), bracketed(&a, dynamic, STR("(RPATH)")));
	assert_same(path, "runpath", one(&a, o.runpath), bracketed(&a, dynamic, STR("(RUNPATH)")));

	struct str_vec versions = lines_of(&a, "-V", path);
	assert_same(path, "needs", our_version_needs(&a, &o), their_version_needs(&a, versions));
	assert_same(path, "definitions", o.version_defs, their_version_defs(&a, versions));
	assert_same(path, "interp", one(&a, o.interp), their_interp(&a, lines_of(&a, "-l", path)));
	assert_survives_codec(&o, &a);
}

/* Every nth match: enough for every shape, and soon done. */
static size_t ask_about_each(const char *pattern, size_t at_most)
{
	glob_t found;
	if (glob(pattern, 0, NULL, &found))
		return 0;
	size_t step = found.gl_pathc / at_most + 1, asked = 0;
	for (size_t i = 0; i < found.gl_pathc; i += step, asked++)
		ask_about(found.gl_pathv[i]);
	globfree(&found);
	return asked;
}

static void objects_of_this_machine(void **state)
{
	(void)state;
	size_t asked = ask_about_each("/usr/lib/*-linux-gnu/*.so.[0-9]*", 40);
	asked += ask_about_each("/usr/bin/*[a-z0-9]", 30);
	asked += ask_about_each("/usr/lib/*-linux-gnu/libc.so.6", 1);
	asked += ask_about_each("/usr/lib/*-linux-gnu/libstdc++.so.6", 1);
	asked += ask_about_each("/usr/lib/*-linux-gnu/ld-linux-*.so.*", 1);
	assert_true(asked > 20);
}

/* Where cross compilers are installed: their libraries. */
static void objects_of_other_machines(void **state)
{
	(void)state;
	ask_about_each("/usr/aarch64-linux-gnu/lib/*.so.*", 12);
	ask_about_each("/usr/*-linux-gnu*/lib/lib*.so.6", 10);
	ask_about_each("/usr/*-linux-gnu*/lib/ld*.so.[0-9]", 10);
	ask_about_each("/lib32/*.so.*", 12);
	ask_about_each("/usr/lib/*-linux-musl/libc.so", 1);
}

int main(void)
{
	if (system("readelf --version >/dev/null 2>&1")) {
		puts("skipped: no readelf (binutils) to ask");
		return 77;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_of_this_machine),
		cmocka_unit_test(objects_of_other_machines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
