/* Damaged and hostile objects: an error that says what and where, never more. */
#include "elf/compiled_test.h"

#include "elf/codec.h"
#include "elf/made_test.h"

/* Where the tags of a sound object stand, and their values. */
enum {
	STRTAB_VALUE = MADE_DYNAMIC + 8,
	SYMTAB_VALUE = MADE_DYNAMIC + 24,
	HASH_TAG = MADE_DYNAMIC + 32,
	HASH_VALUE = MADE_DYNAMIC + 40,
	NEEDED_TAG = MADE_DYNAMIC + 48,
	NEEDED_VALUE = MADE_DYNAMIC + 56
};

/* One undefined and one defined symbol, an interpreter, nothing wrong. */
static void make_sound(struct made *m)
{
	made_begin(m, 64, false, ELF_X86_64);
	made_phdr(m, 1, 4, 0, MADE_BYTES);
	made_phdr(m, 2, 4, MADE_DYNAMIC, 0x200);
	made_phdr(m, 3, 4, 0xf00, 8);
	memcpy(m->bytes + 0xf00, "/lib/ld", 8);
	made_symbol(m, "wanted", 0x12, 0, 0);
	made_symbol(m, "given", 0x12, 5, 0x200);
	made_put(m, MADE_HASH + 4, m->symbols, 4);
	made_tag(m, 5, MADE_VADDR + MADE_STRTAB);
	made_tag(m, 6, MADE_VADDR + MADE_SYMTAB);
	made_tag(m, 4, MADE_VADDR + MADE_HASH);
	made_tag(m, 1, made_string(m, "libneeded.so.1"));
}

/* Puts some numbers over a sound object; message is part of what must be said. */
static const struct damage {
	const char *what, *message;
	struct {
		size_t at;
		uint64_t value;
		unsigned width;
	} put[5];
} damages[] = {
	{"class", "ELF class 7 at offset 4", {{4, 7, 1}}},
	{"byte order", "ELF byte order 0 at offset 5", {{5, 0, 1}}},
	{"size of program headers", "program headers of 57 bytes each, not 56", {{54, 57, 2}}},
	{"place of program headers",
	 "program headers at offset 0xffffffffffffff00",
	 {{32, -256ull, 8}}},
	{"number of program headers", "the kernel takes 1170", {{56, 0xffff, 2}}},
	{"segment behind the file",
	 "the segment at offset 0x0, 0x2000 bytes long",
	 {{MADE_PHDR + 32, 0x2000, 8}}},
	{"segment that wraps",
	 "the segment at offset 0xfffffffffffff000",
	 {{MADE_PHDR + 8, -0x1000ull, 8}}},
	{"interpreter without NUL",
	 "the interpreter's name at offset 0xf00",
	 {{MADE_PHDR + 2 * 56 + 32, 7, 8}}},
	{"interpreter behind the file",
	 "the interpreter's name",
	 {{MADE_PHDR + 2 * 56 + 8, 0x1000, 8}}},
	{"dynamic segment unmapped",
	 "the dynamic segment at address 0x99999999",
	 {{MADE_PHDR + 56 + 16, 0x99999999, 8}}},
	{"string table unmapped",
	 "the string table at address 0x99999999",
	 {{STRTAB_VALUE, 0x99999999, 8}}},
	{"name behind the string table",
	 "string 0xfffff of the string table at offset 0x400",
	 {{NEEDED_VALUE, 0xfffff, 8}}},
	{"name that wraps", "string 0xfffffffffffffff0", {{NEEDED_VALUE, -16ull, 8}}},
	{"symbol table unmapped",
	 "DT_SYMTAB at address 0x99999999",
	 {{SYMTAB_VALUE, 0x99999999, 8}}},
	{"hash table unmapped", "DT_HASH at address 0x99999999", {{HASH_VALUE, 0x99999999, 8}}},
	{"hash table that lies",
	 "DT_SYMTAB at address 0x10500, 0x18000 bytes long",
	 {{MADE_HASH + 4, 4096, 4}}},
	{"hash table that lies more",
	 "4294967295 dynamic symbols",
	 {{MADE_HASH + 4, 0xffffffff, 4}}},
	{"symbol's name", "string 0xffff of the string table", {{MADE_SYMTAB + 24, 0xffff, 4}}},
	{"GNU hash table with too many buckets",
	 "DT_GNU_HASH at address",
	 {{HASH_TAG, 0x6ffffef5, 8}, {MADE_HASH, 0xffffffff, 4}}},
	{"GNU hash table with too large a filter",
	 "DT_GNU_HASH at address",
	 {{HASH_TAG, 0x6ffffef5, 8}, {MADE_HASH, 1, 4}, {MADE_HASH + 8, 0xffffffff, 4}}},
	{"GNU hash chain without end",
	 "the chain of symbol 2 in DT_GNU_HASH does not end",
	 {{HASH_TAG, 0x6ffffef5, 8},
	  {MADE_HASH, 1, 4},
	  {MADE_HASH + 4, 1, 4},
	  {MADE_HASH + 16, 2, 4},
	  {0xf00, 0x2e2e2e2e2e2e2e, 8}}},
	{"version need of another format",
	 "version 0 of the Verneed record at offset 0x700",
	 {{HASH_TAG, 0x6ffffffe, 8}, {MADE_HASH + 4, 0, 4}}},
	{"version need that leads behind the file",
	 "DT_VERNEED record at offset 0x100000ff",
	 {{HASH_TAG, 0x6ffffffe, 8}, {MADE_HASH, 1, 4}, {MADE_HASH + 12, 0x0ffff9ff, 4}}},
	{"version definition of another format",
	 "version 7 of the Verdef record at offset 0x700",
	 {{HASH_TAG, 0x6ffffffc, 8}, {MADE_HASH, 7, 4}}},
	{"version table unmapped",
	 "DT_VERSYM at address 0x99999999",
	 {{NEEDED_TAG, 0x6ffffff0, 8}, {NEEDED_VALUE, 0x99999999, 8}}},
	{"relocations unmapped",
	 "DT_RELA at address 0x10700, 0xffffff bytes long",
	 {{HASH_TAG, 7, 8}, {NEEDED_TAG, 8, 8}, {NEEDED_VALUE, 0xffffff, 8}}},
	{"relocation of a symbol far away",
	 "a relocation names symbol 2147483647",
	 {{HASH_TAG, 7, 8}, {NEEDED_TAG, 8, 8}, {NEEDED_VALUE, 24, 8}}},
};

static void damage_is_named_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		const struct damage *d = &damages[i];
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct elf_object o;
		struct made m;
		make_sound(&m);
		assert_true(elf_parse(&o, made_bytes(&m), &a, &e));
		made_put(&m, MADE_HASH + 12, 0x7fffffff, 4); /* r_info of a relocation there */
		for (size_t k = 0; k < 5 && d->put[k].width; k++)
			made_put(&m, d->put[k].at, d->put[k].value, d->put[k].width);
		if (elf_parse(&o, made_bytes(&m), &a, &e))
			fail_msg("%s: was taken", d->what);
		if (!strstr(e.message, d->message))
			fail_msg("%s: \"%s\" does not say \"%s\"", d->what, e.message, d->message);
		assert_true(e.code == ERR_INPUT || e.code == ERR_LIMIT);
	}
}

/* The last page of a file is filled with zeros; behind it nothing is mapped. */
static void a_segment_may_end_in_the_files_last_page(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	struct made m;
	make_sound(&m);
	struct str bytes = made_bytes(&m);
	assert_true(elf_parse(&o, str_slice(bytes, 0, 0xf08), &a, &e));
	assert_str(o.interp, "/lib/ld");
}

/* Records that lead back into one another are counted, not followed for ever. */
static void version_records_are_bounded(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	size_t size = 16u << 20;
	char *bytes = arena_alloc(&a, size);
	struct made m;
	make_sound(&m);
	made_put(&m, MADE_PHDR + 32, size, 8);
	made_put(&m, HASH_TAG, 0x6ffffffe, 8);
	made_put(&m, HASH_VALUE, MADE_VADDR + 0x1000, 8);
	memcpy(bytes, m.bytes, MADE_BYTES);
	for (size_t at = 0x1000; at + 16 <= size; at += 16) {
		bytes[at] = 1;
		bytes[at + 12] = 16;
	}
	assert_false(elf_parse(&o, (struct str){bytes, size}, &a, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void every_cut_of_a_real_program_ends_well(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "cut", "-fPIE -pie",
	      "#include <stdio.h>\nint main(void) { return puts(\"libx.so\"); }");
	struct str bytes = compiled_bytes(&a, "cut");
	for (size_t n = 0; n < bytes.n; n += n < 4096 ? 1 : 61) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct err e = ERR_INIT;
		struct elf_object o;
		char *exact = malloc(n ? n : 1); /* so that a sanitizer sees its end */
		assert_non_null(exact);
		memcpy(exact, bytes.p, n);
		if (!elf_parse(&o, (struct str){exact, n}, &scratch, &e))
			assert_true(e.code == ERR_INPUT && strlen(e.message) > 10);
		free(exact);
	}
}

static void damaged_facts_are_seen(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20);
	struct elf_object o =
		built(&a, "facts", "-fPIE -pie",
	              "#include <stdio.h>\nint main(void) { return puts(\"libx.so\"); }");
	assert_true(elf_encode(&o, &b, &e));
	for (size_t n = 0; n < b.n; n++) {
		assert_false(elf_decode(&o, str_slice(buf_str(&b), 0, n), &a, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
	for (size_t i = 0; i < b.n; i++) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		b.p[i] ^= 0xff;
		if (!elf_decode(&o, buf_str(&b), &scratch, &e))
			assert_int_equal(e.code, ERR_INPUT);
		b.p[i] ^= 0xff;
	}
	struct buf small = BUF_INIT(16);
	assert_true(elf_decode(&o, buf_str(&b), &a, &e));
	assert_false(elf_encode(&o, &small, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(small.n, 0);
	buf_release(&small);
}

static void what_is_no_elf_file(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	assert_false(elf_is(STR("#!/bin/sh\n")));
	assert_false(elf_parse(&o, STR("#!/bin/sh\n"), &a, &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_false(elf_parse(&o, STR("\177ELF\2\1"), &a, &e));
	assert_non_null(strstr(e.message, "offset 0x6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_is_named_with_its_place),
		cmocka_unit_test(a_segment_may_end_in_the_files_last_page),
		cmocka_unit_test(version_records_are_bounded),
		cmocka_unit_test(every_cut_of_a_real_program_ends_well),
		cmocka_unit_test(damaged_facts_are_seen),
		cmocka_unit_test(what_is_no_elf_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
