/* One-line C programs, one for each rule that a loader follows. */
#include "elf/compiled_test.h"

#include "elf/codec.h"

/* ---- How relocations use a symbol ---- */

static const struct use_case {
	const char *rule, *options, *source, *symbol;
	uint8_t use;
} use_cases[] = {
	{"a call goes through a slot", "-fPIE -pie -Wl,-z,lazy",
	 "int puts(const char *s); int main(void) { return puts(\"x\"); }", "puts", ELF_USE_LAZY},
	{"without a PLT it goes through the GOT, at once", "-fPIE -pie -fno-plt",
	 "int puts(const char *s); int main(void) { return puts(\"x\"); }", "puts", ELF_USE_EAGER},
	{"an address is needed at once", "-fPIC -shared",
	 "int wanted(void); int (*pointer)(void) = wanted;", "wanted", ELF_USE_EAGER},
	{"call and address together", "-fPIC -shared -Wl,-z,lazy",
	 "int wanted(void); int (*pointer)(void) = wanted; int f(void) { return wanted(); }",
	 "wanted", ELF_USE_LAZY | ELF_USE_EAGER},
	{"a variable of a known library is data", "-fPIC -shared @/libvars.so",
	 "extern int variable; int f(void) { return variable; }", "variable",
	 ELF_USE_EAGER | ELF_USE_DATA},
	{"a program copies it", "-fno-pie -no-pie @/libvars.so",
	 "extern int variable; int main(void) { return variable; }", "variable",
	 ELF_USE_EAGER | ELF_USE_DATA | ELF_USE_COPY},
	{"initial-exec TLS", "-fPIC -shared -ftls-model=initial-exec",
	 "extern __thread int wanted; int f(void) { return wanted; }", "wanted",
	 ELF_USE_EAGER | ELF_USE_TPOFF},
	{"general dynamic TLS", "-fPIC -shared",
	 "extern __thread int wanted; int f(void) { return wanted; }", "wanted", ELF_USE_EAGER},
};

static void relocations_tell_the_use(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "libvars.so", "-fPIC -shared -Wl,-soname,libvars.so", "int variable = 1;");
	for (size_t i = 0; i < sizeof use_cases / sizeof use_cases[0]; i++) {
		const struct use_case *c = &use_cases[i];
		struct elf_object o = built(&a, "use", c->options, c->source);
		const struct elf_import *import = import_of(&o, c->symbol);
		if (!import || import->use != c->use)
			fail_msg("%s: use %d, not %d", c->rule, import ? import->use : -1, c->use);
		assert_false(import->self_missed);
	}
}

static void static_tls_is_told_for_the_own_block(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o =
		built(&a, "tls", "-fPIC -shared -ftls-model=initial-exec",
	              "static __thread char block[64]; char *f(void) { return block; }");
	assert_true(o.static_tls_local);
	assert_int_equal(o.tls_size_bytes, 64);
	assert_true(o.dt_flags & 0x10); /* DF_STATIC_TLS */

	o = built(&a, "tls", "-fPIC -shared",
	          "static __thread char block[64]; char *f(void) { return block; }");
	assert_false(o.static_tls_local);
	o = built(&a, "tls", "-fPIC -shared -ftls-model=initial-exec",
	          "__thread int named; int *f(void) { return &named; }");
	assert_true(o.static_tls_local);
	assert_null(import_of(&o, "named"));
}

static void an_ifunc_of_its_own_is_an_import_for_musl(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const char *source = "static int one(void) { return 1; }"
			     "static int (*pick(void))(void) { return one; }"
			     "int chosen(void) __attribute__((ifunc(\"pick\")));"
			     "int f(void) { return chosen(); }";
	struct elf_object o = built(&a, "ifunc", "-fPIC -shared", source);
	const struct elf_import *import = import_of(&o, "chosen");
	assert_non_null(import);
	assert_true(import->self_missed);
	assert_int_equal(import->type, ELF_IFUNC);
	assert_int_equal(import->use, ELF_USE_LAZY);

	o = built(&a, "ifunc", "-fPIC -shared -fvisibility=hidden", source);
	assert_null(import_of(&o, "chosen"));
	assert_true(o.has_irelative);
}

static void weak_and_unused_imports(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o =
		built(&a, "weak", "-fPIC -shared",
	              "extern int maybe(void) __attribute__((weak)); int surely(void);"
	              "int f(void) { return maybe ? maybe() : surely(); }");
	assert_true(import_of(&o, "maybe")->weak);
	assert_false(import_of(&o, "surely")->weak);
}

/* The first name that is missing is the one that a loader's message names. */
static void imports_keep_the_relocations_order(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o = built(&a, "order", "-fPIC -shared -nostdlib -Wl,-z,lazy",
	                            "void b(void); void a(void); extern int d; extern int c;"
	                            "int f(void) { b(); a(); return d + c; }");
	assert_int_equal(o.imports.n, 4);
	for (size_t i = 1; i < o.imports.n; i++)
		assert_true((o.imports.p[i - 1].use & ELF_USE_EAGER) ||
		            (o.imports.p[i].use & ELF_USE_LAZY));
}

/* ---- Exports and versions ---- */

static void exports_carry_versions(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	assert_true(compiled_run(&a, "printf 'OLD { global: f; g; };"
	                             " NEW { global: f; local: *; } OLD;' > @/map"));
	struct elf_object o =
		built(&a, "libversions.so",
	              "-fPIC -shared -Wl,-soname,libversions.so -Wl,--version-script,@/map",
	              "__asm__(\".symver old_f,f@OLD\"); __asm__(\".symver new_f,f@@NEW\");"
	              "int old_f(void) { return 1; } int new_f(void) { return 2; }"
	              "int g(void) { return 3; } int inner(void) { return 4; }");
	assert_list(&o.version_defs, "OLD NEW");
	assert_true(elf_defines_version(&o, STR("NEW")));
	assert_false(elf_defines_version(&o, STR("libversions.so")));

	size_t count;
	const struct elf_export *f = elf_exports_find(&o, STR("f"), &count);
	assert_int_equal(count, 2);
	assert_str(f[0].version, "NEW");
	assert_false(f[0].hidden);
	assert_str(f[1].version, "OLD");
	assert_true(f[1].hidden);
	assert_int_equal(f[0].type, ELF_FUNC);
	assert_null(elf_exports_find(&o, STR("inner"), &count));
	assert_int_equal(count, 0);

	o = built(&a, "user", "-fPIC -shared @/libversions.so",
	          "int f(void); int g(void); int h(void) { return f() + g(); }");
	assert_str(import_of(&o, "f")->version, "NEW");
	assert_str(import_of(&o, "f")->file, "libversions.so");
	assert_str(import_of(&o, "g")->version, "OLD");
	assert_int_equal(o.version_needs.n, 2);
}

static void only_what_others_may_bind_to_is_exported(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o =
		built(&a, "visible", "-fPIC -shared -nostdlib",
	              "int shown; int shown_weak __attribute__((weak)) = 1; static int own; int *p "
	              "= &own;"
	              "int hidden __attribute__((visibility(\"hidden\")));"
	              "int protected __attribute__((visibility(\"protected\"))); __thread int t;"
	              "__asm__(\".globl absolute; .set absolute, 0\");");
	size_t count;
	assert_non_null(elf_exports_find(&o, STR("shown"), &count));
	assert_true(elf_exports_find(&o, STR("shown_weak"), &count)->weak);
	assert_non_null(elf_exports_find(&o, STR("protected"), &count));
	assert_int_equal(elf_exports_find(&o, STR("t"), &count)->type, ELF_TLS);
	assert_non_null(elf_exports_find(&o, STR("absolute"), &count));
	assert_null(elf_exports_find(&o, STR("hidden"), &count));
	assert_null(elf_exports_find(&o, STR("own"), &count));
}

static struct str encoded(struct arena *a, const struct elf_object *o)
{
	struct err e = ERR_INIT;
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20);
	assert_true(elf_encode(o, &b, &e));
	return arena_str(a, buf_str(&b));
}

static void each_hash_table_gives_the_same_symbols(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	static const char *const styles[] = {"both", "sysv", "gnu"};
	const char *source =
		"int a1, a2, a3; int puts(const char *s); int f(void) { return puts(\"\"); }";
	for (size_t i = 0; i < 3; i++) {
		struct elf_object o = built(
			&a, "hash",
			arena_printf(&a, "-fPIC -shared -nostdlib -Wl,--hash-style=%s", styles[i])
				.p,
			source);
		assert_int_equal(o.has_sysv_hash, i < 2);
		assert_int_equal(o.has_gnu_hash, i != 1);
		assert_int_equal(o.exports.n, 4);
		assert_non_null(import_of(&o, "puts"));
	}
	/* Nothing exported: ld writes a GNU table that covers no symbol. */
	struct elf_object o =
		built(&a, "hash", "-fPIE -pie -Wl,--hash-style=gnu",
	              "int puts(const char *s); int main(void) { return puts(\"\"); }");
	assert_non_null(import_of(&o, "puts"));
	assert_non_null(import_of(&o, "__libc_start_main"));
}

/* ---- The dynamic segment ---- */

static void dynamic_tags(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "libdep.so", "-fPIC -shared -Wl,-soname,libdep.so.1", "int dep;");
	struct elf_object o = built(&a, "tags",
	                            "-fPIC -shared -nostdlib -Wl,--no-as-needed @/libdep.so"
	                            " -Wl,-soname,libtags.so.2 -Wl,--disable-new-dtags,-rpath,/a:/b"
	                            " -Wl,-z,now -Wl,-Bsymbolic -Wl,-z,nodefaultlib",
	                            "int x;");
	assert_str(o.soname, "libtags.so.2");
	assert_list(&o.needed, "libdep.so.1");
	assert_str(o.rpath, "/a:/b");
	assert_null(o.runpath.p);
	assert_true(o.bind_now);
	assert_true(o.symbolic);
	assert_true(o.dt_flags_1 & 0x800); /* DF_1_NODEFLIB */
	assert_false(o.has_versym);

	o = built(&a, "tags", "-fPIC -shared -nostdlib -Wl,--enable-new-dtags,-rpath,'$ORIGIN'",
	          "int x;");
	assert_str(o.runpath, "$ORIGIN");
	assert_null(o.rpath.p);
	assert_null(o.soname.p);
	assert_false(o.bind_now);

	o = built(&a, "tags", "-fPIC -shared -nostdlib -Wl,-F,libreal.so -Wl,-f,libhelp.so",
	          "int x;");
	assert_list(&o.filters, "libreal.so");
	assert_list(&o.auxiliaries, "libhelp.so");
}

static void relative_relocations_may_be_packed(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!compile(&a, "cc", "relr", "-fPIE -pie -Wl,-z,pack-relative-relocs",
	             "int x; int *p = &x; int main(void) { return *p; }"))
		return; /* a linker from before 2.38 */
	struct elf_object o = compiled_object(&a, "relr");
	assert_true(o.has_relr);
	bool asked = false;
	for (size_t i = 0; i < o.version_needs.n; i++)
		asked |= str_eq(o.version_needs.p[i].name, STR("GLIBC_ABI_DT_RELR"));
	assert_true(asked);
}

static void stack_and_code(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const char *source = "int x;";
	struct elf_object o = built(&a, "stack", "-fPIC -shared -nostdlib -z execstack", source);
	assert_int_equal(o.stack, ELF_STACK_EXECUTABLE);
	o = built(&a, "stack", "-fPIC -shared -nostdlib -z noexecstack", source);
	assert_int_equal(o.stack, ELF_STACK_PLAIN);
	assert_false(o.writable_code);
	assert_true(o.min_load_align >= 4096);
	o = built(&a, "stack", "-fPIC -shared -nostdlib -Wl,-z,max-page-size=0x1000,-N",
	          "int x = 1; int f(void) { return x; }");
	assert_true(o.writable_code);
}

/* ---- What it is ---- */

static const struct kind_case {
	const char *options, *source;
	bool program, has_dynamic, has_interp;
} kind_cases[] = {
	{"-fno-pie -no-pie", "int main(void) { return 0; }", true, true, true},
	{"-fPIE -pie", "int main(void) { return 0; }", true, true, true},
	{"-static", "int main(void) { return 0; }", true, false, false},
	{"-static-pie", "int main(void) { return 0; }", true, true, false},
	{"-fPIC -shared", "int x;", false, true, false},
	{"-fPIC -shared -nostdlib", "int x;", false, true, false},
	{"-fPIC -shared -Wl,-soname,libx.so",
	 "const char interp[] __attribute__((section(\".interp\"))) = \"/lib64/ld.so\"; int x;",
         false, true, true},
	{"-c", "int x;", false, false, false},
};

static void programs_and_libraries_are_told_apart(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof kind_cases / sizeof kind_cases[0]; i++) {
		const struct kind_case *c = &kind_cases[i];
		struct elf_object o = built(&a, "kind", c->options, c->source);
		if (elf_is_program(&o) != c->program || o.has_dynamic != c->has_dynamic ||
		    o.has_interp != c->has_interp)
			fail_msg("%s: program %d, dynamic %d, interpreter %d", c->options,
			         elf_is_program(&o), o.has_dynamic, o.has_interp);
	}
}

static void other_machines(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	if (!compile(&a, "aarch64-linux-gnu-gcc", "arm64", "-fPIE -pie -Wl,-z,lazy",
	             "int puts(const char *s); extern char **environ;"
	             "int main(void) { return puts(*environ); }"))
		return; /* no cross compiler */
	struct elf_object o = compiled_object(&a, "arm64");
	assert_string_equal(elf_architecture(&o), "arm64");
	assert_str(o.interp, "/lib/ld-linux-aarch64.so.1");
	assert_int_equal(import_of(&o, "puts")->use, ELF_USE_LAZY);
	assert_true(import_of(&o, "environ")->use & ELF_USE_DATA);

	/* The lazy stub would spoil the vector registers that such a call passes. */
	assert_true(compile(&a, "aarch64-linux-gnu-gcc", "variant", "-fPIC -shared -Wl,-z,lazy",
	                    "__attribute__((aarch64_vector_pcs)) void fast(void); void slow(void);"
	                    "void f(void) { fast(); slow(); }"));
	o = compiled_object(&a, "variant");
	assert_int_equal(import_of(&o, "fast")->use, ELF_USE_EAGER);
	assert_int_equal(import_of(&o, "slow")->use, ELF_USE_LAZY);
}

/* ---- Section headers decide nothing ---- */

static void without_section_headers_all_is_the_same(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o = built(&a, "whole", "-fPIE -pie",
	                            "#include <stdio.h>\nint main(void) { return puts(\"x\"); }");
	struct str bytes = arena_str(&a, compiled_bytes(&a, "whole")), before = encoded(&a, &o);
	char *header = arena_cstr(&a, bytes);
	memset(header + 40, 0, 8); /* e_shoff */
	memset(header + 58, 0, 6); /* e_shentsize, e_shnum, e_shstrndx */
	assert_true(elf_parse(&o, (struct str){header, bytes.n}, &a, &e));
	assert_true(str_eq(encoded(&a, &o), before));
}

static void debug_data_alone_is_no_error(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "whole", "-g -fPIE -pie", "int main(void) { return 0; }");
	if (!compiled_run(&a, "objcopy --only-keep-debug @/whole @/whole.debug"))
		return; /* no binutils */
	struct elf_object o = compiled_object(&a, "whole.debug");
	assert_false(o.has_interp);
	assert_int_equal(o.needed.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relocations_tell_the_use),
		cmocka_unit_test(static_tls_is_told_for_the_own_block),
		cmocka_unit_test(an_ifunc_of_its_own_is_an_import_for_musl),
		cmocka_unit_test(weak_and_unused_imports),
		cmocka_unit_test(imports_keep_the_relocations_order),
		cmocka_unit_test(exports_carry_versions),
		cmocka_unit_test(only_what_others_may_bind_to_is_exported),
		cmocka_unit_test(each_hash_table_gives_the_same_symbols),
		cmocka_unit_test(dynamic_tags),
		cmocka_unit_test(relative_relocations_may_be_packed),
		cmocka_unit_test(stack_and_code),
		cmocka_unit_test(programs_and_libraries_are_told_apart),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(without_section_headers_all_is_the_same),
		cmocka_unit_test(debug_data_alone_is_no_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
