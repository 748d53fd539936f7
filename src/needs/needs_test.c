/* Applications made of compiled programs and scripts, and what they need. */
#include "needs/app_test.h"

/* ---- Programs ---- */

static void a_program_needs_its_loader_and_libc(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	struct elf_object o = built(&a, "plain", "-fPIE -pie", "int main(void) { return 0; }");
	const struct app_file files[] = {{"app/server", .object = "plain"}, {0}};
	struct needs needs = needs_of(files, "/app/server", &a);
	assert_int_equal(needs.libc, NEEDS_LIBC_GLIBC);
	assert_string_equal(needs_libc_name(needs.libc), "glibc");

	const struct need *loader = &needs.list.p[0];
	assert_int_equal(loader->kind, NEED_INTERPRETER);
	assert_true(str_eq(loader->name, o.interp));
	assert_int_equal(loader->because.n, 1);
	assert_str(loader->because.p[0].file, "/app/server");
	assert_str(loader->because.p[0].how, "PT_INTERP");
	const struct need *libc = need_called(&needs, NEED_LIBRARY, "libc.so.6");
	assert_int_equal(libc->certainty, CERTAINTY_CERTAIN);
	assert_str(libc->because.p[0].how, "DT_NEEDED");
}

static void a_static_program_needs_nothing(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "static", "-static -nostdlib -Wl,-e,main", "int main(void) { return 0; }");
	built(&a, "static-pie", "-static-pie -nostdlib -fPIE -Wl,-e,main",
	      "int main(void) { return 0; }");
	const struct app_file files[] = {{"app/one", .object = "static"}, {0}};
	const struct app_file pie[] = {{"app/one", .object = "static-pie"}, {0}};
	struct needs needs = needs_of(files, "/app/one", &a);
	assert_int_equal(needs.list.n, 0);
	assert_int_equal(needs.libc, NEEDS_LIBC_NONE);
	assert_int_equal(needs_of(pie, "/app/one", &a).list.n, 0);
}

static void what_a_static_program_reads_shows_in_its_data(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "reads", "-static -nostdlib -Wl,-e,main",
	      "const char *volatile a = \"/etc/ssl/certs/ca-certificates.crt\";"
	      "const char *volatile b = \"/usr/share/zoneinfo/\"; const char *volatile c = "
	      "\"/bin/sh\";"
	      "const char *volatile d = \"libnss_files.so.2\"; const char *volatile e = "
	      "\"libc.so.6\";"
	      "int main(void) { return a != b; }");
	const struct app_file files[] = {{"app/one", .object = "reads"}, {0}};
	struct needs needs = needs_of(files, "/app/one", &a);
	assert_str(needs_text(&needs, &a), "likely data /etc/ssl/certs/ca-certificates.crt\n"
	                                   "possible library libnss_files.so.2\n"
	                                   "possible executable /bin/sh\n"
	                                   "possible data /usr/share/zoneinfo\n");
}

static void libraries_of_its_own_are_looked_into(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "libouter.so", "-fPIC -shared -nostdlib -Wl,-soname,libouter.so.1", "int outer;");
	built(&a, "libinner.so",
	      "-fPIC -shared -nostdlib -Wl,--no-as-needed,-soname,libinner.so.1"
	      " @/libouter.so",
	      "int inner;");
	built(&a, "main", "-fPIE -pie -nostdlib -Wl,--no-as-needed @/libinner.so",
	      "int main(void) { return 0; }");
	const struct app_file files[] = {
		{"app/bin/main", .object = "main"},
		{"app/lib/libinner.so.1", .link = "libinner.so.1.0", .text = ""},
		{"app/lib/libinner.so.1.0", .object = "libinner.so"},
		{0},
	};
	struct needs needs = needs_of(files, "/app/bin/main", &a);
	assert_null(need_called(&needs, NEED_LIBRARY, "libinner.so.1"));
	const struct need *outer = need_called(&needs, NEED_LIBRARY, "libouter.so.1");
	assert_int_equal(outer->certainty, CERTAINTY_CERTAIN);
	assert_int_equal(outer->because.n, 1);
	assert_str(outer->because.p[0].file, "/app/lib/libinner.so.1.0");
}

static void what_no_entry_leads_to_is_less_sure(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "libdep.so", "-fPIC -shared -nostdlib -Wl,-soname,libdep.so.1", "int x;");
	built(&a, "plugin", "-fPIC -shared -nostdlib -Wl,--no-as-needed @/libdep.so",
	      "int plugin;");
	built(&a, "main", "-static -nostdlib -Wl,-e,main", "int main(void) { return 0; }");
	const struct app_file files[] = {
		{"app/main", .object = "main"}, {"app/plugins/one.so", .object = "plugin"}, {0}};
	struct needs needs = needs_of(files, "/app/main", &a);
	assert_str(needs_text(&needs, &a), "likely library libdep.so.1\n");
	needs = needs_of(files, "/app/plugins/one.so", &a);
	assert_str(needs_text(&needs, &a), "certain library libdep.so.1\n");
}

static void what_dependencies_bring_is_less_sure(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	const struct app_file files[] = {
		{"app/run", .text = "#!/bin/sh\n"},
		{"app/node_modules/x/bin/x", .text = "#!/bin/zsh\n"},
		{0},
	};
	struct tree t = app_of(files, &a);
	const struct node *both[] = {tree_find(&t, STR("/app/node_modules/x/bin/x")),
	                             tree_find(&t, STR("/app/run"))};
	struct needs needs;
	needs_collect(&needs, &t, &(struct needs_entries){.p = both, .n = 2}, &a);
	assert_str(needs_text(&needs, &a), "certain interpreter /bin/sh\n"
	                                   "likely interpreter /bin/zsh\n");
	needs_collect(&needs, &t, &(struct needs_entries){.p = both, .n = 1}, &a); /* named */
	assert_str(needs_text(&needs, &a), "certain interpreter /bin/zsh\n");
}

static void a_library_may_be_named_from_the_origin(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "lib", "-fPIC -shared -nostdlib -Wl,-soname,'$ORIGIN/../lib/libown.so'",
	      "int x;");
	built(&a, "user", "-fPIC -shared -nostdlib -Wl,--no-as-needed @/lib", "int y;");
	const struct app_file files[] = {{"app/bin/x.so", .object = "user"},
	                                 {"app/lib/libown.so", .object = "lib"},
	                                 {0}};
	struct needs needs = needs_of(files, "/app/bin/x.so", &a);
	assert_str(needs_text(&needs, &a), "");
}

/* ---- Versions ---- */

static void make_versioned(struct arena *a)
{
	assert_true(compiled_run(a, "printf 'API_1.2 { global: old; }; API_1.10 { global: new; }"
	                            " API_1.2; ODD { global: odd; };' > @/map"));
	built(a, "libapi.so",
	      "-fPIC -shared -nostdlib -Wl,-soname,libapi.so.1"
	      " -Wl,--version-script,@/map",
	      "int old(void) { return 1; } int new(void) { return 2; } int odd(void) { return 3; "
	      "}");
}

static void the_highest_version_stands_for_the_lower(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	make_versioned(&a);
	built(&a, "user", "-fPIE -pie -nostdlib @/libapi.so",
	      "int old(void); int new(void); int odd(void);"
	      "int main(void) { return old() + new() + odd(); }");
	const struct app_file files[] = {{"app/user", .object = "user"}, {0}};
	struct needs needs = needs_of(files, "/app/user", &a);
	assert_null(need_called(&needs, NEED_VERSION, "API_1.2"));
	const struct need *version = need_called(&needs, NEED_VERSION, "API_1.10");
	assert_int_equal(version->because.n, 1);
	assert_str(version->because.p[0].how, "of libapi.so.1, for new");
	assert_non_null(need_called(&needs, NEED_VERSION, "ODD"));
}

static void a_plugin_may_ask_for_more(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	make_versioned(&a);
	built(&a, "user", "-fPIE -pie -nostdlib @/libapi.so",
	      "int old(void); int main(void) { return old(); }");
	built(&a, "plugin", "-fPIC -shared -nostdlib @/libapi.so",
	      "int new(void); int f(void) { return new(); }");
	const struct app_file files[] = {
		{"app/user", .object = "user"}, {"app/plugin.so", .object = "plugin"}, {0}};
	struct needs needs = needs_of(files, "/app/user", &a);
	assert_int_equal(need_called(&needs, NEED_VERSION, "API_1.2")->certainty,
	                 CERTAINTY_CERTAIN);
	assert_int_equal(need_called(&needs, NEED_VERSION, "API_1.10")->certainty,
	                 CERTAINTY_LIKELY);
	needs = needs_of(files, "/app/plugin.so", &a);
	assert_null(need_called(&needs, NEED_VERSION, "API_1.2"));
}

/* Made by hand: no toolchain of this machine has all of these versions. */
static void the_smallest_glibc_is_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	assert_true(compiled_run(&a, "printf 'GLIBC_2.9 { global: f; }; GLIBC_2.17 { global: g; }"
	                             " GLIBC_2.9; GLIBC_ABI_DT_RELR { global: h; };' > @/map"));
	built(&a, "libc.so.6",
	      "-fPIC -shared -nostdlib -Wl,-soname,libc.so.6 -Wl,--version-script,@/map",
	      "int f(void) { return 1; } int g(void) { return 2; } int h(void) { return 3; }");
	built(&a, "one", "-fPIC -shared -nostdlib @/libc.so.6",
	      "int f(void); int g(void); int x(void) { return f() + g(); }");
	built(&a, "two", "-fPIC -shared -nostdlib @/libc.so.6",
	      "int h(void); int y(void) { return h(); }");
	const struct app_file one[] = {{"app/one.so", .object = "one"}, {0}};
	const struct app_file both[] = {
		{"app/one.so", .object = "one"}, {"app/two.so", .object = "two"}, {0}};
	struct needs needs = needs_of(one, "/app/one.so", &a);
	assert_int_equal(needs.libc, NEEDS_LIBC_GLIBC);
	assert_str(needs.libc_min_version, "2.17");
	assert_str(needs_of(both, "/app/one.so", &a).libc_min_version, "2.36");
}

/* ---- musl, and both ---- */

static void prebuilt_modules_for_both_libcs_need_neither(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "glibc", "-fPIC -shared -nostdlib -Wl,-soname,libc.so.6", "int x;");
	built(&a, "musl", "-fPIC -shared -nostdlib -Wl,-soname,libc.musl-x86_64.so.1", "int x;");
	built(&a, "for-glibc", "-fPIC -shared -nostdlib -Wl,--no-as-needed @/glibc", "int y;");
	built(&a, "for-musl", "-fPIC -shared -nostdlib -Wl,--no-as-needed @/musl", "int y;");
	const struct app_file both[] = {{"app/start", .text = "#!/bin/sh\n"},
	                                {"app/glibc.node", .object = "for-glibc"},
	                                {"app/musl.node", .object = "for-musl"},
	                                {0}};
	const struct app_file musl[] = {
		{"app/start", .text = "#!/bin/sh\n"}, {"app/musl.node", .object = "for-musl"}, {0}};
	struct needs needs = needs_of(both, "/app/start", &a);
	assert_int_equal(needs.libc, NEEDS_LIBC_NONE);
	assert_int_equal(need_called(&needs, NEED_LIBRARY, "libc.so.6")->certainty,
	                 CERTAINTY_LIKELY);
	needs = needs_of(musl, "/app/start", &a);
	assert_int_equal(needs.libc, NEEDS_LIBC_MUSL);
	assert_int_equal(needs.libc_min_version.n, 0);
}

/* ---- Calls ---- */

static void calls_imply_needs(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "libc.so.6", "-fPIC -shared -nostdlib -Wl,-soname,libc.so.6", "int x;");
	built(&a, "calls", "-fPIC -shared -nostdlib -fno-builtin -Wl,--no-as-needed @/libc.so.6",
	      "void system(void), getpwuid(void), getaddrinfo(void), localtime(void), "
	      "mkstemp(void),"
	      "setlocale(void), iconv_open(void), getservbyname(void), pthread_exit(void),"
	      "SSL_CTX_set_default_verify_paths(void), getgrnam(void), Py_Initialize(void);"
	      "void f(void) { system(); getpwuid(); getaddrinfo(); localtime(); mkstemp(); "
	      "setlocale();"
	      "iconv_open(); getservbyname(); pthread_exit(); SSL_CTX_set_default_verify_paths();"
	      "getgrnam(); Py_Initialize(); }");
	const struct app_file files[] = {{"app/x.so", .object = "calls"}, {0}};
	struct needs needs = needs_of(files, "/app/x.so", &a);
	assert_str(needs_text(&needs, &a), "certain library libc.so.6\n"
	                                   "likely library libgcc_s.so.1\n"
	                                   "likely executable /bin/sh\n"
	                                   "likely runtime python\n"
	                                   "likely data /etc/ssl/certs/ca-certificates.crt\n"
	                                   "possible data /etc/nsswitch.conf\n"
	                                   "possible data /etc/services\n"
	                                   "possible data /tmp\n"
	                                   "possible data /usr/share/zoneinfo\n"
	                                   "possible data gconv\n"
	                                   "possible user /etc/group\n"
	                                   "possible user /etc/passwd\n"
	                                   "possible locale C.UTF-8\n");
	assert_str(need_called(&needs, NEED_LIBRARY, "libgcc_s.so.1")->because.p[0].how,
	           "calls pthread_exit");
}

static void tls_libraries_want_certificates(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "libcurl", "-fPIC -shared -nostdlib -Wl,-soname,libcurl.so.4", "int x;");
	built(&a, "user", "-fPIC -shared -nostdlib -Wl,--no-as-needed @/libcurl", "int y;");
	const struct app_file files[] = {{"app/x.so", .object = "user"}, {0}};
	const struct app_file own[] = {
		{"app/x.so", .object = "user"}, {"app/libcurl.so.4", .object = "libcurl"}, {0}};
	struct needs needs = needs_of(files, "/app/x.so", &a);
	assert_str(needs_text(&needs, &a), "certain library libcurl.so.4\n"
	                                   "likely data /etc/ssl/certs/ca-certificates.crt\n");
	needs = needs_of(own, "/app/x.so", &a);
	assert_str(needs_text(&needs, &a), "likely data /etc/ssl/certs/ca-certificates.crt\n");
}

/* ---- Opened by name ---- */

#define Q "\\\\\\\""

static const struct note_case {
	const char *json, *needs;
} note_cases[] = {
	{"[{" Q "soname" Q ":[" Q "liba.so.1" Q "]}]", "likely library liba.so.1\n"},
	{"[{" Q "priority" Q ": " Q "required" Q ", " Q "soname" Q ": [" Q "liba.so.1" Q "]}]",
	 "certain library liba.so.1\n"},
	{"[{" Q "priority" Q ":" Q "suggested" Q "," Q "x" Q ":[1,{" Q "y" Q ":null}]," Q "soname" Q
	 ":[" Q "liba.so.2" Q "," Q "liba.so.1" Q "]},{" Q "soname" Q ":[" Q "libb.so" Q "]}]",
	 "likely library libb.so\npossible library liba.so.2\n"},
	{"[{" Q "soname" Q ":[" Q "liba.so.1" Q "]", ""},
	{"{}", ""},
	{"", ""},
};

static void dlopen_notes_are_read(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof note_cases / sizeof note_cases[0]; i++) {
		struct str source =
			arena_printf(&a,
		                     "__asm__(\".pushsection .note.dlopen, \\\"a\\\", %%note;"
		                     ".balign 4; .4byte 4; .4byte 2f-1f; .4byte 0x407c0c0a;"
		                     ".asciz \\\"FDO\\\"; 1: .asciz \\\"%s\\\"; 2: .balign 4;"
		                     ".popsection\"); int x;",
		                     note_cases[i].json);
		built(&a, "note", "-fPIC -shared -nostdlib", source.p);
		const struct app_file files[] = {{"app/x.so", .object = "note"}, {0}};
		struct needs needs = needs_of(files, "/app/x.so", &a);
		/* The names stand in the data as well, inside a longer text. */
		assert_str(needs_text(&needs, &a), note_cases[i].needs);
	}
}

static void names_in_the_data_are_possible(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "names", "-fPIC -shared -nostdlib",
	      "const char *volatile a = \"libX11.so\"; const char *volatile b = \"libX11.so.6\";"
	      "const char *volatile c = \"libown.so.1\";");
	built(&a, "own", "-fPIC -shared -nostdlib", "const char *volatile a = \"libdeep.so.1\";");
	const struct app_file files[] = {
		{"app/x.so", .object = "names"}, {"app/libown.so.1", .object = "own"}, {0}};
	struct needs needs = needs_of(files, "/app/x.so", &a);
	assert_str(needs_text(&needs, &a), "possible library libX11.so.6\n"
	                                   "possible library libdeep.so.1\n");
}

/* ---- Runtimes ---- */

static const struct runtime_case {
	const char *path, *text, *needs;
} runtime_cases[] = {
	{"app/run", "#!/usr/bin/python3.11\n",
	 "certain interpreter /usr/bin/python3.11\ncertain runtime python3.11\n"},
	{"app/run", "#!/usr/bin/env node\n",
	 "certain interpreter /usr/bin/env\ncertain executable node\ncertain runtime node\n"},
	{"app/run", "#!/usr/bin/env -S PERL=1 perl -w\n",
	 "certain interpreter /usr/bin/env\ncertain executable perl\ncertain runtime perl\n"},
	{"app/run", "#!/usr/bin/env -Sruby -w\n",
	 "certain interpreter /usr/bin/env\ncertain executable ruby\ncertain runtime ruby\n"},
	{"app/run", "#!/bin/sh\n", "certain interpreter /bin/sh\n"},
	{"app/run", "#!\n", ""},
	{"app/main.jar", "PK", "certain runtime java\n"},
	{"app/main.py", "import os", "certain runtime python\n"},
	{"app/x.runtimeconfig.json", "{}", "likely runtime dotnet\n"},
	{"app/package.json", "{}", "likely runtime node\n"},
	{"app/node_modules/x/package.json", "{}", ""},
};

static void runtimes_are_told(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	for (size_t i = 0; i < sizeof runtime_cases / sizeof runtime_cases[0]; i++) {
		const struct runtime_case *c = &runtime_cases[i];
		const struct app_file files[] = {{c->path, .text = c->text}, {0}};
		struct needs needs = needs_of(files, c->path, &a);
		if (!str_eq(needs_text(&needs, &a), str_of(c->needs)))
			fail_msg("%s %s: %s", c->path, c->text, needs_text(&needs, &a).p);
	}
}

static void modules_need_their_host(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "py", "-fPIC -shared -nostdlib", "int PyInit_x(void) { return 0; }");
	built(&a, "node", "-fPIC -shared -nostdlib",
	      "void napi_module_register(void); void f(void) { napi_module_register(); }");
	const struct app_file files[] = {
		{"app/x.cpython-311-x86_64-linux-gnu.so", .object = "py"},
		{"app/y.abi3.so", .object = "py"},
		{"app/z.node", .object = "node"},
		{0},
	};
	struct needs needs = needs_of(files, NULL, &a);
	assert_str(needs_text(&needs, &a), "likely runtime node\nlikely runtime python3.11\n");
	assert_int_equal(needs.list.p[1].because.n, 2);
	assert_str(needs.list.p[1].because.p[1].how, "is a module: exports PyInit_x");
}

static void what_is_brought_along_is_no_need(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "python", "-static -nostdlib -Wl,-e,main", "int main(void) { return 0; }");
	const struct app_file files[] = {{"app/run", .text = "#!/app/venv/bin/python3\n"},
	                                 {"app/venv/bin/python3", .link = "python3.11", .text = ""},
	                                 {"app/venv/bin/python3.11", .object = "python"},
	                                 {"app/requirements.txt", .text = ""},
	                                 {0}};
	struct needs needs = needs_of(files, "/app/run", &a);
	assert_str(needs_text(&needs, &a), "");
}

static void dotnet_wants_icu_unless_told_otherwise(void **state)
{
	(void)state;
	CLEANUP_ARENA struct arena a = ARENA_INIT;
	built(&a, "lib", "-fPIC -shared -nostdlib", "int x;");
	const char *invariant =
		"{\"configProperties\": {\"System.Globalization.Invariant\": true}}";
	for (int told = 0; told < 2; told++) {
		const struct app_file files[] = {
			{"app/libcoreclr.so", .object = "lib"},
			{"app/libSystem.Globalization.Native.so", .object = "lib"},
			{"app/x.runtimeconfig.json", .text = told ? invariant : "{}"},
			{0},
		};
		struct needs needs = needs_of(files, NULL, &a);
		assert_str(needs_text(&needs, &a), told ? "" : "likely library libicuuc.so\n");
	}
}

/* What the configuration of an image starts. */
static void commands_are_followed(void **state)
{
	(void)state;
	static const struct app_file files[] = {
		{.path = "srv/main.py", .text = "import os\n", .mode = 0644},
		{.path = "srv/run", .text = "#!/bin/sh\nexec jq .\n"},
		{0}};
	static const struct {
		const char *argv[4], *working_dir, *started, *needs;
	} rows[] = {
		{{"./run"}, "/srv", "/srv/run", "interpreter /bin/sh; executable jq"},
		{{"run"}, "/", "/srv/run", "interpreter /bin/sh; executable jq"},
		{{"nothing"}, "/srv", "", "executable nothing"},
		{{"python3", "main.py"}, "/srv", "", "executable python3; runtime python3"},
		{{"/bin/sh", "-c", "/srv/run | grep x"}, "", "/srv/run",
	         "interpreter /bin/sh; executable /bin/sh; executable grep; executable jq"},
		{{NULL}, "", "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP_ARENA struct arena a = ARENA_INIT;
		static const char *const kinds[] = {"interpreter", "library", "version", "executable",
		                                    "runtime"};
		struct tree t = app_of(files, &a);
		struct needs_command command = {.where = STR("CMD")};
		struct needs needs;
		struct str said = STR("");
		for (size_t k = 0; k < 4 && rows[i].argv[k]; k++)
			*vec_push(&command.argv, &a) = str_of(rows[i].argv[k]);
		needs_collect(&needs, &t,
		              &(struct needs_entries){.commands = &command, .command_count = 1,
		                                      .working_dir = str_of(rows[i].working_dir)},
		              &a);
		for (size_t k = 0; k < needs.list.n; k++)
			if (needs.list.p[k].certainty != CERTAINTY_POSSIBLE)
				said = arena_printf(&a, "%.*s%s%s %.*s", STR_ARG(said), said.n ? "; " : "",
				                    kinds[needs.list.p[k].kind], STR_ARG(needs.list.p[k].name));
		assert_string_equal(arena_cstr(&a, said), rows[i].needs);
		assert_int_equal(needs.started.n, rows[i].started[0] != 0);
		if (needs.started.n)
			assert_string_equal(arena_cstr(&a, needs.started.p[0]), rows[i].started);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_needs_its_loader_and_libc),
		cmocka_unit_test(a_static_program_needs_nothing),
		cmocka_unit_test(what_a_static_program_reads_shows_in_its_data),
		cmocka_unit_test(libraries_of_its_own_are_looked_into),
		cmocka_unit_test(what_no_entry_leads_to_is_less_sure),
		cmocka_unit_test(what_dependencies_bring_is_less_sure),
		cmocka_unit_test(a_library_may_be_named_from_the_origin),
		cmocka_unit_test(the_highest_version_stands_for_the_lower),
		cmocka_unit_test(a_plugin_may_ask_for_more),
		cmocka_unit_test(the_smallest_glibc_is_told),
		cmocka_unit_test(prebuilt_modules_for_both_libcs_need_neither),
		cmocka_unit_test(calls_imply_needs),
		cmocka_unit_test(tls_libraries_want_certificates),
		cmocka_unit_test(dlopen_notes_are_read),
		cmocka_unit_test(names_in_the_data_are_possible),
		cmocka_unit_test(runtimes_are_told),
		cmocka_unit_test(modules_need_their_host),
		cmocka_unit_test(what_is_brought_along_is_no_need),
		cmocka_unit_test(dotnet_wants_icu_unless_told_otherwise),
		cmocka_unit_test(commands_are_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
