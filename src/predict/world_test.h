/* world: small images for tests of predict, written as text. For tests alone.
 *
 * One file a line; the words behind a path tell what a loader would see:
 *
 *     glibc 36 [arm]              the loader and libc.so.6 of 2.36
 *     musl 1.2.5                  musl
 *     elf PATH WORD…              program=glibc|musl, needed=, soname=, rpath=, runpath=, filter=,
 *                                 aux=, has=NAME[@VERSION], defs=VERSION, needs=FILE:VERSION,
 *                                 eager=, lazy=, weak=, copy=, tpoff= NAME[@VERSION:FILE],
 *                                 tls=BYTES, tlsalign=, isa=BITS, and the words fixed, now, nodeflib,
 *                                 noopen, relr, execstack, arm, 32bit, verneed
 *     text PATH CONTENT           "|" stands for a newline; a #! line makes it a script
 *     plain PATH                  a file without execute permission
 *     link PATH TARGET, dir PATH */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/vec.h"
#include "predict/predict.h"

struct world {
	struct arena *arena;
	struct facts_builder *builder;
	struct tree tree;
	struct str architecture; /* of the libc */
};

static inline struct str world_word(struct str *line)
{
	struct str w = STR_NONE;
	str_word(line, &w);
	return w;
}

/* Takes what stands before `sep`; the rest stays behind it. */
static inline struct str world_part(struct str *s, char sep)
{
	size_t at = str_index(*s, sep);
	struct str part = str_slice(*s, 0, at);
	*s = str_skip(*s, at + 1);
	return part;
}

static inline void world_file(struct world *w, struct entry entry, const struct elf_object *elf,
                              struct str content)
{
	struct err e = ERR_INIT;
	if (!entry.type)
		entry.type = ENTRY_FILE;
	entry.path = str_skip(entry.path, 1);
	entry.size_bytes = elf ? 4096 : content.n;
	if (str_starts(content, STR("#!")))
		entry.shebang = str_slice(content, 2, str_index(content, '\n'));
	if (!facts_builder_add(w->builder, &entry, elf, content.n ? &content : NULL, &e))
		fail_msg("%s", e.message);
}

static inline void world_import(struct elf_object *o, struct str text, unsigned use, bool weak,
                                struct arena *a)
{
	struct str rest = text, name = world_part(&rest, '@'), version = world_part(&rest, ':');
	*vec_push(&o->imports, a) = (struct elf_import){.name = name, .version = version,
		.file = rest, .type = ELF_NOTYPE, .use = (uint8_t)use, .weak = weak};
}

static inline void world_need(struct elf_object *o, struct str text, struct arena *a)
{
	struct str file = world_part(&text, ':');
	*vec_push(&o->version_needs, a) = (struct elf_version_need){.file = file, .name = text};
	o->has_verneed = o->has_versym = true;
}

static inline void world_export(struct elf_object *o, struct str text, struct arena *a)
{
	struct str name = world_part(&text, '@');
	struct elf_export new = {.name = name, .version = text, .type = ELF_FUNC}, *at;
	*vec_push(&o->exports, a) = new;
	for (at = &o->exports.p[o->exports.n - 1];
	     at > o->exports.p && str_cmp(at[-1].name, name) > 0; at--)
		at[0] = at[-1];
	*at = new;
}

static inline bool world_flag(struct elf_object *o, struct str word)
{
	if (str_eq(word, STR("fixed")))
		o->type = ELF_EXEC;
	else if (str_eq(word, STR("now")))
		o->bind_now = true;
	else if (str_eq(word, STR("nodeflib")))
		o->dt_flags_1 |= 0x800;
	else if (str_eq(word, STR("noopen")))
		o->dt_flags_1 |= 0x40;
	else if (str_eq(word, STR("relr")))
		o->has_relr = true;
	else if (str_eq(word, STR("execstack")))
		o->stack = ELF_STACK_EXECUTABLE;
	else if (str_eq(word, STR("arm")))
		o->machine = ELF_AARCH64;
	else if (str_eq(word, STR("32bit")))
		o->class_bits = 32;
	else if (str_eq(word, STR("verneed")))
		o->has_verneed = o->has_versym = true;
	else
		return false;
	return true;
}

static inline void world_value(struct elf_object *o, struct str key, struct str value,
                               struct arena *a)
{
	uint64_t number = 0;
	str_to_u64(value, &number);
	if (str_eq(key, STR("program"))) {
		o->has_interp = o->has_dt_debug = true;
		o->interp = str_eq(value, STR("glibc"))  ? STR("/lib64/ld-linux-x86-64.so.2")
		            : str_eq(value, STR("musl")) ? STR("/lib/ld-musl-x86_64.so.1")
		                                         : value;
	} else if (str_eq(key, STR("needed"))) {
		*vec_push(&o->needed, a) = value;
	} else if (str_eq(key, STR("filter"))) {
		*vec_push(&o->filters, a) = value;
	} else if (str_eq(key, STR("aux"))) {
		*vec_push(&o->auxiliaries, a) = value;
	} else if (str_eq(key, STR("soname"))) {
		o->soname = value;
	} else if (str_eq(key, STR("rpath"))) {
		o->rpath = value;
	} else if (str_eq(key, STR("runpath"))) {
		o->runpath = value;
	} else if (str_eq(key, STR("has"))) {
		world_export(o, value, a);
	} else if (str_eq(key, STR("defs"))) {
		*vec_push(&o->version_defs, a) = value;
		o->has_verdef = o->has_versym = true;
	} else if (str_eq(key, STR("needs"))) {
		world_need(o, value, a);
	} else if (str_eq(key, STR("eager"))) {
		world_import(o, value, ELF_USE_EAGER, false, a);
	} else if (str_eq(key, STR("lazy"))) {
		world_import(o, value, ELF_USE_LAZY, false, a);
	} else if (str_eq(key, STR("weak"))) {
		world_import(o, value, ELF_USE_EAGER, true, a);
	} else if (str_eq(key, STR("copy"))) {
		world_import(o, value, ELF_USE_EAGER | ELF_USE_COPY, false, a);
	} else if (str_eq(key, STR("tpoff"))) {
		world_import(o, value, ELF_USE_EAGER | ELF_USE_TPOFF, false, a);
	} else if (str_eq(key, STR("tls"))) {
		o->tls_size_bytes = number;
		if (!o->tls_align_bytes)
			o->tls_align_bytes = 8;
		o->static_tls_local = true;
	} else if (str_eq(key, STR("tlsalign"))) {
		o->tls_align_bytes = number;
	} else if (str_eq(key, STR("isa"))) {
		o->x86_isa_needed = (uint32_t)number;
	} else {
		fail_msg("%.*s", STR_ARG(key));
	}
}

static inline struct elf_object world_elf(struct str words, struct arena *a)
{
	struct elf_object o = {.class_bits = 64, .machine = ELF_X86_64, .type = ELF_DYN, .has_load = true,
	                       .has_dynamic = true, .stack = ELF_STACK_PLAIN, .min_load_align = 4096};
	struct str word;
	while (str_word(&words, &word)) {
		struct str value = word, key = world_part(&value, '=');
		if (!world_flag(&o, word))
			world_value(&o, key, value, a);
	}
	return o;
}

static inline void world_glibc(struct world *w, struct str minor, struct str words)
{
	bool arm = str_eq(words, STR("arm"));
	const char *folder = arm ? "/lib/aarch64-linux-gnu" : "/lib/x86_64-linux-gnu";
	const char *path = arm ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
	struct elf_object loader = world_elf(arena_printf(w->arena, "soname=%s %.*s",
		strrchr(path, '/') + 1, STR_ARG(words)), w->arena);
	loader.is_glibc_loader = true;
	*vec_push(&loader.system_dirs, w->arena) = str_of(folder);
	*vec_push(&loader.system_dirs, w->arena) = STR("/usr/lib");
	world_file(w, (struct entry){.path = str_of(path), .mode = 0755}, &loader, STR(""));
	struct elf_object libc = world_elf(arena_printf(w->arena, "soname=libc.so.6 needed=%s defs=GLIBC_2.2.5"
		" defs=GLIBC_2.%.*s has=puts@GLIBC_2.2.5 %.*s", strrchr(path, '/') + 1, STR_ARG(minor),
		STR_ARG(words)), w->arena);
	world_file(w, (struct entry){.path = arena_printf(w->arena, "%s/libc.so.6", folder), .mode = 0755},
	           &libc, STR(""));
	w->architecture = arm ? STR("arm64") : STR("amd64");
}

static inline void world_musl(struct world *w, struct str version)
{
	struct elf_object musl = world_elf(STR("has=puts has=stdin has=__libc_start_main has=open"), w->arena);
	musl.is_musl = true;
	musl.libc_banner = version;
	world_file(w, (struct entry){.path = STR("/lib/ld-musl-x86_64.so.1"), .mode = 0755}, &musl, STR(""));
}

static inline struct str world_lines(struct str text, struct arena *a)
{
	char *p = arena_cstr(a, text);
	for (size_t i = 0; i < text.n; i++)
		if (p[i] == '|')
			p[i] = '\n';
	return (struct str){p, text.n};
}

static inline void world_line(struct world *w, struct str line)
{
	struct str what = world_word(&line), path = world_word(&line);
	struct entry entry = {.path = path, .mode = 0755};
	line = str_trim(line);
	if (str_eq(what, STR("glibc"))) {
		world_glibc(w, path, line);
	} else if (str_eq(what, STR("musl"))) {
		world_musl(w, path);
	} else if (str_eq(what, STR("elf"))) {
		struct elf_object o = world_elf(line, w->arena);
		world_file(w, entry, &o, STR(""));
	} else if (str_eq(what, STR("text"))) {
		world_file(w, entry, NULL, world_lines(line, w->arena));
	} else if (str_eq(what, STR("plain"))) {
		entry.mode = 0644;
		world_file(w, entry, NULL, STR("nothing"));
	} else if (str_eq(what, STR("link"))) {
		entry.type = ENTRY_SYMLINK;
		entry.link = line;
		world_file(w, entry, NULL, STR(""));
	} else if (str_eq(what, STR("dir"))) {
		entry.type = ENTRY_DIR;
		world_file(w, entry, NULL, STR(""));
	} else {
		fail_msg("%.*s", STR_ARG(what));
	}
}

static inline struct world world_of(const char *text, struct arena *a)
{
	struct err e = ERR_INIT;
	struct world w = {.arena = a, .builder = facts_builder_new(a), .architecture = STR("amd64")};
	struct str rest = str_of(text), line;
	while (str_next(&rest, '\n', &line))
		if (str_trim(line).n)
			world_line(&w, line);
	struct buf record = BUF_INIT(16 << 20);
	struct facts *facts = ARENA_NEW(a, struct facts);
	if (!facts_builder_encode(w.builder, STR(""), 0, &record, &e))
		fail_msg("%s", e.message);
	facts_builder_release(w.builder);
	struct str kept = arena_str(a, buf_str(&record));
	buf_release(&record);
	tree_init(&w.tree, a);
	if (!facts_open(facts, kept, a, &e) || !tree_add(&w.tree, facts, STR(""), &e))
		fail_msg("%s", e.message);
	return w;
}
