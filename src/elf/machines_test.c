/* Every machine, both classes and both byte orders, on objects made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "elf/made_test.h"

enum { GLOBAL_NOTYPE = 0x10, GLOBAL_OBJECT = 0x11, GLOBAL_FUNC = 0x12 };

/* From the processor supplements: what a linker writes for each purpose. */
static const struct machine_case {
	const char *architecture;
	uint16_t machine;
	uint8_t bits;
	bool big_endian, addends;
	uint16_t relative, irelative, copy, glob_dat, jump_slot, tpoff, dtpmod;
} machine_cases[] = {
	{"amd64", ELF_X86_64, 64, false, true, 8, 37, 5, 6, 7, 18, 16},
	{"386", ELF_386, 32, false, false, 8, 42, 5, 6, 7, 14, 35},
	{"arm64", ELF_AARCH64, 64, false, true, 1027, 1032, 1024, 1025, 1026, 1030, 1028},
	{"arm", ELF_ARM, 32, false, false, 23, 160, 20, 21, 22, 19, 17},
	{"riscv64", ELF_RISCV, 64, false, true, 3, 58, 4, 2, 5, 11, 7},
	{"unknown", ELF_RISCV, 32, false, true, 3, 58, 4, 1, 5, 10, 6},
	{"ppc64le", ELF_PPC64, 64, false, true, 22, 248, 19, 20, 21, 73, 68},
	{"unknown", ELF_PPC64, 64, true, true, 22, 248, 19, 20, 21, 73, 68},
	{"s390x", ELF_S390, 64, true, true, 12, 61, 9, 10, 11, 56, 54},
	{"unknown", ELF_S390, 32, true, true, 12, 61, 9, 10, 11, 56, 54},
	{"loong64", ELF_LOONGARCH, 64, false, true, 3, 12, 4, 2, 5, 11, 7},
};

static void make_hash(struct made *m)
{
	unsigned width = m->bytes[19] == ELF_S390 && m->word == 8 ? 8 : 4; /* big-endian there */
	made_put(m, MADE_HASH + width, m->symbols, width);
}

static void make(struct made *m, const struct machine_case *c)
{
	made_begin(m, c->bits, c->big_endian, c->machine);
	made_phdr(m, 1, 4, 0, MADE_BYTES);
	made_phdr(m, 2, 4, MADE_DYNAMIC, 0x200);
	made_phdr(m, 0x6474e551, 7, 0, 0);

	uint32_t copied = made_symbol(m, "copied", GLOBAL_OBJECT, 5, 0x100);
	uint32_t called = made_symbol(m, "called", GLOBAL_FUNC, 0, 0);
	uint32_t pointed = made_symbol(m, "pointed", GLOBAL_OBJECT, 0, 0);
	uint32_t threaded = made_symbol(m, "threaded", 0x16, 0, 0);
	uint32_t dynamic = made_symbol(m, "dynamic", 0x16, 0, 0);
	uint32_t passed = made_symbol(m, "passed", GLOBAL_NOTYPE, 0, 0);
	made_symbol(m, "given", GLOBAL_FUNC, 5, 0x200);

	const struct {
		uint32_t symbol, type;
	} relocs[] = {{passed, c->relative},  {0, c->irelative},    {copied, c->copy},
	              {pointed, c->glob_dat}, {threaded, c->tpoff}, {dynamic, c->dtpmod},
	              {0, c->tpoff}};
	size_t count = sizeof relocs / sizeof relocs[0], stride = (c->addends ? 3u : 2u) * m->word;
	for (size_t i = 0; i < count; i++)
		made_reloc(m, MADE_RELOCS, i, relocs[i].symbol, relocs[i].type, c->addends);
	made_reloc(m, MADE_JMPREL, 0, called, c->jump_slot, c->addends);
	make_hash(m);

	made_tag(m, 5, MADE_VADDR + MADE_STRTAB);
	made_tag(m, 6, MADE_VADDR + MADE_SYMTAB);
	made_tag(m, 4, MADE_VADDR + MADE_HASH);
	made_tag(m, c->addends ? 7 : 17, MADE_VADDR + MADE_RELOCS);
	made_tag(m, c->addends ? 8 : 18, count * stride);
	made_tag(m, 23, MADE_VADDR + MADE_JMPREL);
	made_tag(m, 2, stride);
	made_tag(m, 20, c->addends ? 7 : 17);
	made_tag(m, 1, made_string(m, "libneeded.so.1"));
}

static uint8_t use_of(const struct elf_object *o, const char *name)
{
	for (size_t i = 0; i < o->imports.n; i++)
		if (str_eq(o->imports.p[i].name, str_of(name)))
			return o->imports.p[i].use;
	fail_msg("no import %s", name);
	return 0;
}

static void each_machine_has_its_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof machine_cases / sizeof machine_cases[0]; i++) {
		const struct machine_case *c = &machine_cases[i];
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct elf_object o;
		struct made m;
		make(&m, c);
		if (!elf_parse(&o, made_bytes(&m), &a, &e))
			fail_msg("machine %u, %u bit: %s", c->machine, c->bits, e.message);
		assert_string_equal(elf_architecture(&o), c->architecture);
		assert_int_equal(o.class_bits, c->bits);
		assert_int_equal(o.big_endian, c->big_endian);
		assert_int_equal(o.stack, ELF_STACK_EXECUTABLE);
		assert_int_equal(o.needed.n, 1);
		assert_true(str_eq(o.needed.p[0], STR("libneeded.so.1")));

		assert_int_equal(use_of(&o, "called"), ELF_USE_LAZY);
		assert_int_equal(use_of(&o, "pointed"), ELF_USE_EAGER | ELF_USE_DATA);
		assert_int_equal(use_of(&o, "copied"), ELF_USE_EAGER | ELF_USE_DATA | ELF_USE_COPY);
		assert_int_equal(use_of(&o, "threaded"), ELF_USE_EAGER | ELF_USE_TPOFF);
		assert_int_equal(use_of(&o, "dynamic"), ELF_USE_EAGER);
		assert_int_equal(use_of(&o, "passed"), 0); /* RELATIVE looks nothing up */
		assert_true(o.static_tls_local);
		assert_true(o.has_irelative);
		assert_int_equal(o.exports.n, 2); /* copied, given */
		assert_true(str_eq(o.exports.p[1].name, STR("given")));
	}
}

/* Without a hash table, relocations alone tell how many symbols matter. */
static void symbols_without_a_hash_table(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	struct made m;
	make(&m, &machine_cases[0]);
	made_put(&m, MADE_DYNAMIC + 2 * 16, 0x6ffffffa, 8); /* DT_HASH becomes another tag */
	assert_true(elf_parse(&o, made_bytes(&m), &a, &e));
	assert_int_equal(use_of(&o, "called"), ELF_USE_LAZY);
	assert_int_equal(use_of(&o, "dynamic"), ELF_USE_EAGER);
}

/* What a linker that nobody told us about writes: slots are lazy, the rest is not. */
static void an_unknown_machine_still_has_symbols(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	struct made m;
	struct machine_case c = machine_cases[0];
	c.machine = 0x4321;
	make(&m, &c);
	assert_true(elf_parse(&o, made_bytes(&m), &a, &e));
	assert_string_equal(elf_architecture(&o), "unknown");
	assert_int_equal(use_of(&o, "called"), ELF_USE_LAZY);
	assert_int_equal(use_of(&o, "pointed"), ELF_USE_EAGER | ELF_USE_DATA);
}

/* Some linkers count DT_JMPREL's relocations in DT_RELASZ too: they stay lazy. */
static void slots_counted_twice_stay_lazy(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	struct made m;
	make(&m, &machine_cases[0]);
	made_put(&m, MADE_DYNAMIC + 4 * 16 + 8, MADE_JMPREL + 24 - MADE_RELOCS, 8);
	assert_true(elf_parse(&o, made_bytes(&m), &a, &e));
	assert_int_equal(use_of(&o, "called"), ELF_USE_LAZY);
}

/* Where lld places thread storage, local symbols stay behind in .dynsym. */
static void static_tls_by_a_local_symbol(void **state)
{
	(void)state;
	const size_t own_tpoff = MADE_RELOCS + 6 * 24 + 8, threaded = MADE_SYMTAB + 4 * 24;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o;
	struct made m;
	make(&m, &machine_cases[0]);
	made_put(&m, own_tpoff, 0, 8); /* R_X86_64_NONE */
	assert_true(elf_parse(&o, made_bytes(&m), &a, &e));
	assert_false(o.static_tls_local);

	made_put(&m, threaded + 4, 0x06, 1); /* STB_LOCAL, STT_TLS */
	made_put(&m, threaded + 6, 5, 2);
	assert_true(elf_parse(&o, made_bytes(&m), &a, &e));
	assert_true(o.static_tls_local);
	for (size_t i = 0; i < o.imports.n; i++)
		assert_false(str_eq(o.imports.p[i].name, STR("threaded")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_machine_has_its_numbers),
		cmocka_unit_test(symbols_without_a_hash_table),
		cmocka_unit_test(an_unknown_machine_still_has_symbols),
		cmocka_unit_test(slots_counted_twice_stay_lazy),
		cmocka_unit_test(static_tls_by_a_local_symbol),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
