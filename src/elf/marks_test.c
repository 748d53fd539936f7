/* Notes, build marks, names in the data, and what a libc says about itself. */
#include "elf/compiled_test.h"

/* ---- Notes ---- */

static void notes_for_loaders_and_people(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o =
		built(&a, "note", "-fPIC -shared -nostdlib -Wl,--build-id=0x00ff10", "int x;");
	assert_int_equal(o.build_id.n, 3);
	assert_memory_equal(o.build_id.p, "\x00\xff\x10", 3);
#ifdef __x86_64__
	assert_int_equal(o.x86_isa_needed, 0);
	o = built(&a, "note", "-fPIC -shared -nostdlib -Wl,-z,x86-64-v3", "int x;");
	assert_int_equal(o.x86_isa_needed & 4, 4);
#endif
}

#define DLOPEN_NOTE                                                                                \
	"__asm__(\".pushsection .note.dlopen, \\\"a\\\", %note; .balign 4;\""                      \
	"\".4byte 4; .4byte 2f-1f; .4byte 0x407c0c0a; .asciz \\\"FDO\\\";\""                       \
	"\"1: .asciz \\\"[{\\\\\\\"soname\\\\\\\":[\\\\\\\"liblz4.so.1\\\\\\\"]}]\\\"; 2: "        \
	".balign 4;"                                                                               \
	".popsection\");"

static void what_may_be_opened_is_declared(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o = built(&a, "dlopen", "-fPIC -shared -nostdlib", DLOPEN_NOTE " int x;");
	assert_list(&o.dlopen, "[{\"soname\":[\"liblz4.so.1\"]}]");
}

/* ---- Build marks ---- */

static const struct mark_case {
	const char *what, *source;
	size_t go_bytes, cargo_bytes;
} mark_cases[] = {
	{"Go, strings inline",
	 "__attribute__((aligned(16))) char info[] ="
	 " \"\\xff Go buildinf:\\x08\\x02\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\""
	 "\"\\x06go1.22\\x03mod rest\";",
	 32 + 7 + 4, 0},
	/* As Debian links Go programs: what stands before it moves the segment's start. */
	{"Go, in a segment that begins between two multiples of 16",
	 "__attribute__((section(\".init_array\"), used)) void (*hook)(void) = (void (*)(void))1;"
	 "__attribute__((aligned(16))) char info[] ="
	 " \"\\xff Go buildinf:\\x08\\x02\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\""
	 "\"\\x06go1.22\\x03mod rest\";",
	 32 + 7 + 4, 0},
	{"Go, strings behind pointers",
	 "struct string { const char *p; long n; } version = {\"go1.12\", 6}, module = {\"mod\", "
	 "3};"
	 "__attribute__((aligned(16))) struct { char magic[14]; char size, flags;"
	 " struct string *version, *module; } info = {\"\\xff Go buildinf:\", sizeof(long), 0,"
	 " &version, &module};",
	 32 + 7 + 4, 0},
	{"a program that mentions it, unaligned",
	 "__attribute__((aligned(16))) char info[] = \"x\\xff Go buildinf:\\x08\\x02 "
	 "1234567890123456\";",
	 0, 0},
	{"Go, cut off",
	 "__attribute__((aligned(16))) char info[64] = \"\\xff Go "
	 "buildinf:\\x08\\x02\\0\\0\\0\\0\\0\\0"
	 "\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\xff\\xff\\xff\\x7f\";",
	 0, 0},
	{"cargo-auditable",
	 "__attribute__((section(\".dep-v0\"), used)) static const char audit[] = \"deflated\";"
	 "const char *f(void) { return audit; }",
	 0, 9},
};

static void build_tools_leave_marks(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof mark_cases / sizeof mark_cases[0]; i++) {
		const struct mark_case *c = &mark_cases[i];
		/* Not relocatable: pointers stand in the file, as Go's linker writes them. */
		struct elf_object o =
			built(&a, "mark", "-fno-pie -no-pie -nostdlib -Wl,-e,0", c->source);
		if (o.go_build_info.n != c->go_bytes || o.cargo_audit.n != c->cargo_bytes)
			fail_msg("%s: Go %zu bytes, cargo %zu", c->what, o.go_build_info.n,
			         o.cargo_audit.n);
		if (!c->go_bytes)
			continue;
		assert_int_equal(o.go_build_info.p[15], 2); /* both forms end as the newer */
		assert_memory_equal(o.go_build_info.p + 32, "\x06go1.", 5);
		assert_memory_equal(o.go_build_info.p + 39, "\x03mod", 4);
	}
}

static void only_a_packed_program_is_packed(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o = built(&a, "mention", "-static -nostdlib -Wl,-e,0 -Wl,--build-id=none",
	                            "char text[] = \"UPX!UPX!UPX!\";");
	assert_int_equal(o.packer.n, 0);

	/* As UPX writes it: program headers, checksum, "UPX!", and nothing else told. */
	struct str bytes = compiled_bytes(&a, "mention");
	uint16_t count = (uint16_t)(unsigned char)bytes.p[56];
	char *packed = arena_cstr(&a, bytes);
	memcpy(packed + 64 + 56 * count + 4, "UPX!", 4);
	assert_true(elf_parse(&o, (struct str){packed, bytes.n}, &a, &e));
	assert_str(o.packer, "UPX");
}

/* ---- Names in the data ---- */

static const struct name_case {
	const char *text, *found;
} name_cases[] = {
	{"libpq.so.5", "libpq.so.5"},
	{"libX-1.2+b_c.so", "libX-1.2+b_c.so"},
	{"/usr/lib/libz.so.1.2.3", "/usr/lib/libz.so.1.2.3"},
	{"libone.so\\0libtwo.so.2", "libone.so libtwo.so.2"},
	{"cannot open libpq.so.5", ""},
	{"libpq.so.5: missing", ""},
	{"lib%s.so", ""},
	{"folder/libx.so", ""},
	{"/libx.so", ""},
	{"/../lib/libx.so", ""},
	{"module.so", ""},
	{"lib.so", ""},
	{"libx.sort", ""},
	{"libx.so.x", ""},
	{"libx.so.", ""},
	{"libx.so.1..2", ""},
	{"libself.so.1", ""},
	{"libxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.so", ""},
};

static void names_of_libraries_are_seen(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof name_cases / sizeof name_cases[0]; i++) {
		const struct name_case *c = &name_cases[i];
		struct str source = arena_printf(&a, "const char a[] = \"\\1\\2\\0%s\";", c->text);
		struct elf_object o = built(
			&a, "names", "-fPIC -shared -nostdlib -Wl,-soname,libself.so.1", source.p);
		assert_list(&o.name_strings, c->found);
	}
}

/* A hit lies anywhere in the 16 bytes that are looked at together, and at their seam. */
static void names_are_seen_at_every_offset(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct elf_object o = built(&a, "offset", "-fPIC -shared -nostdlib",
	                            "const char room[64] = \"ROOM HERE\";");
	struct str bytes = compiled_bytes(&a, "offset");
	char *changed = arena_cstr(&a, bytes);
	size_t at = str_find(bytes, STR("ROOM HERE"));
	for (size_t i = 0; i < 40; i++) {
		memset(changed + at, 0, 64);
		memcpy(changed + at + i, "liby.so.7", 9);
		assert_true(elf_parse(&o, (struct str){changed, bytes.n}, &a, &e));
		assert_list(&o.name_strings, "liby.so.7");
	}
}

static const struct path_case {
	const char *text, *found;
} path_cases[] = {
	{"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt"},
	{"glued/etc/ssl/cert.pem/usr/share/zoneinfo/x", "/etc/ssl/cert.pem /usr/share/zoneinfo"},
	{"/etc/ssl/certs/", "/etc/ssl/certs"},
	{"exec /bin/sh -c", "/bin/sh"},
	{"/usr/bin/sh", ""},
	{"/bin/sha256sum", ""},
	{"/etc/ssl", ""},
};

static void well_known_paths_are_seen(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof path_cases / sizeof path_cases[0]; i++) {
		const struct path_case *c = &path_cases[i];
		struct str source = arena_printf(&a, "const char a[] = \"\\1\\2\\0%s\";", c->text);
		struct elf_object o = built(&a, "paths", "-fPIC -shared -nostdlib", source.p);
		assert_list(&o.path_strings, c->found);
	}
}

/* ---- What a loader or libc says about itself ---- */

static bool parse_file(struct elf_object *o, struct arena *a, const char *path)
{
	struct err e = ERR_INIT;
	struct str bytes;
	if (!file_read(path, 64 << 20, a, &bytes, &e))
		return false;
	if (!elf_parse(o, bytes, a, &e))
		fail_msg("%s: %s", path, e.message);
	return true;
}

static void glibc_names_its_folders_and_version(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o;
	if (!parse_file(&o, &a, "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")) {
		puts("skipped: no glibc of Debian for amd64 here");
		return;
	}
	assert_true(o.is_glibc_loader);
	assert_false(elf_is_program(&o));
	assert_list(&o.system_dirs,
	            "/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib /usr/lib");
	assert_true(parse_file(&o, &a, "/lib/x86_64-linux-gnu/libc.so.6"));
	assert_true(str_starts(o.libc_banner, STR("GNU C Library (Debian GLIBC ")));
	assert_true(str_contains(o.libc_banner, STR(" release version 2.")));
	assert_false(elf_is_program(&o));
}

/* A loader as other distributions configure it, boiled down to what is looked at. */
static const struct folder_case {
	const char *distribution, *text, *dirs;
} folder_cases[] = {
	{"Fedora", "/lib64/\\0/usr/lib64/", "/lib64 /usr/lib64"},
	{"Wolfi", "/lib/\\0/usr/lib/", "/lib /usr/lib"},
	{"Arch", "/usr/lib/", "/usr/lib"},
	{"Nix", "/nix/store/0-glibc-2.39/lib/", "/nix/store/0-glibc-2.39/lib"},
	{"Debian, and single folders before",
	 "/usr/lib/locale/\\0x\\0/lib/a/\\0/usr/lib/a/\\0/lib/\\0/usr/lib/",
	 "/lib/a /usr/lib/a /lib /usr/lib"},
};

static void folders_of_other_distributions(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	assert_true(compiled_run(&a, "echo 'GLIBC_PRIVATE { };' > @/private"));
	for (size_t i = 0; i < sizeof folder_cases / sizeof folder_cases[0]; i++) {
		const struct folder_case *c = &folder_cases[i];
		struct str source =
			arena_printf(&a, "const char d[] = \"\\1\\2\\0%s\"; int x;", c->text);
		struct elf_object o = built(&a, "loader",
		                            "-fPIC -shared -nostdlib -Wl,--version-script,@/private"
		                            " -Wl,-soname,ld-linux-x86-64.so.2",
		                            source.p);
		assert_true(o.is_glibc_loader);
		assert_list(&o.system_dirs, c->dirs);
	}
}

static const struct musl_case {
	const char *archive, *member, *version;
} musl_cases[] = {
	{"alpine-minirootfs-3.19.4-x86_64.tar.gz", "./lib/ld-musl-x86_64.so.1",
	 "1.2.4_git20230717"},
	{"alpine-minirootfs-3.20.3-x86_64.tar.gz", "./lib/ld-musl-x86_64.so.1", "1.2.5"},
	{"alpine-minirootfs-3.20.3-aarch64.tar.gz", "./lib/ld-musl-aarch64.so.1", "1.2.5"},
};

/* $SOCLE_BASES: the folder with the file systems as their makers publish them; else where
 * they lie beside the project. */
static void musl_names_its_folders_and_version(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const char *bases = getenv("SOCLE_BASES");
	bases = bases ? bases : "../shared/bases";
	for (size_t i = 0; i < sizeof musl_cases / sizeof musl_cases[0]; i++) {
		const struct musl_case *c = &musl_cases[i];
		if (!compiled_run(&a, arena_printf(&a, "tar -xOzf '%s/%s' %s > @/musl 2>/dev/null",
		                                   bases, c->archive, c->member)
		                              .p)) {
			printf("skipped: no %s in %s\n", c->archive, bases);
			continue;
		}
		struct elf_object o = compiled_object(&a, "musl");
		assert_true(o.is_musl);
		assert_false(o.is_glibc_loader);
		assert_false(elf_is_program(&o));
		assert_str(o.libc_banner, c->version);
		assert_list(&o.system_dirs, "/lib /usr/local/lib /usr/lib");
		assert_int_equal(o.name_strings.n, 0);
	}
}

/* musl-tools: its libc has no soname; a static program with musl inside is no musl. */
static void musl_of_this_machine(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o;
	if (!parse_file(&o, &a, "/usr/lib/x86_64-linux-musl/libc.so") ||
	    !compile(&a, "musl-gcc", "static", "-static", "int main(void) { return 0; }")) {
		puts("skipped: no musl-tools here");
		return;
	}
	assert_true(o.is_musl);
	assert_true(str_starts(o.libc_banner, STR("1.")));
	assert_list(&o.system_dirs, "/lib /usr/local/lib /usr/lib");
	o = compiled_object(&a, "static");
	assert_false(o.is_musl);
	assert_true(elf_is_program(&o));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_for_loaders_and_people),
		cmocka_unit_test(what_may_be_opened_is_declared),
		cmocka_unit_test(build_tools_leave_marks),
		cmocka_unit_test(only_a_packed_program_is_packed),
		cmocka_unit_test(names_of_libraries_are_seen),
		cmocka_unit_test(names_are_seen_at_every_offset),
		cmocka_unit_test(well_known_paths_are_seen),
		cmocka_unit_test(glibc_names_its_folders_and_version),
		cmocka_unit_test(folders_of_other_distributions),
		cmocka_unit_test(musl_names_its_folders_and_version),
		cmocka_unit_test(musl_of_this_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
