/* Languages' runtimes: told by the command in a `#!` line, by what an extension
 * module exports for its host, by the ending of an entry's name, and by the
 * files that a language's package managers leave. */
#include "needs/collect.h"

/* ---- By command ---- */

static const struct {
	struct str command, runtime; /* an empty runtime: as written, with its version */
} commands[] = {
	{STR_INIT("python"), STR_INIT("")},      {STR_INIT("pypy"), STR_INIT("")},
	{STR_INIT("nodejs"), STR_INIT("node")},  {STR_INIT("node"), STR_INIT("node")},
	{STR_INIT("ruby"), STR_INIT("")},        {STR_INIT("jruby"), STR_INIT("")},
	{STR_INIT("perl"), STR_INIT("")},        {STR_INIT("php"), STR_INIT("")},
	{STR_INIT("java"), STR_INIT("java")},    {STR_INIT("lua"), STR_INIT("")},
	{STR_INIT("luajit"), STR_INIT("")},      {STR_INIT("tclsh"), STR_INIT("")},
	{STR_INIT("Rscript"), STR_INIT("R")},    {STR_INIT("dotnet"), STR_INIT("dotnet")},
	{STR_INIT("deno"), STR_INIT("deno")},    {STR_INIT("bun"), STR_INIT("bun")},
	{STR_INIT("guile"), STR_INIT("")},       {STR_INIT("escript"), STR_INIT("erlang")},
	{STR_INIT("elixir"), STR_INIT("elixir")}, {STR_INIT("groovy"), STR_INIT("groovy")},
};

/* "python3.11" is python in a version. */
static bool is_command(struct str name, struct str command)
{
	if (!str_starts(name, command))
		return false;
	for (size_t i = command.n; i < name.n; i++)
		if ((name.p[i] < '0' || name.p[i] > '9') && name.p[i] != '.' && name.p[i] != '-')
			return false;
	return true;
}

void runtime_of_command(struct collector *c, const struct visit *v, struct str command,
                        struct str how)
{
	struct str name = str_basename(command);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (is_command(name, commands[i].command)) {
			collect_need(c, v, NEED_RUNTIME,
			             commands[i].runtime.n ? commands[i].runtime : name,
			             CERTAINTY_CERTAIN, how);
			return;
		}
}

/* ---- By what a module exports, or takes from its host ---- */

static const struct {
	bool exported; /* else imported */
	struct str prefix, runtime;
} modules[] = {
	{true, STR_INIT("PyInit_"), STR_INIT("python")},
	{true, STR_INIT("napi_register_module_v"), STR_INIT("node")},
	{false, STR_INIT("napi_module_register"), STR_INIT("node")},
	{false, STR_INIT("node_module_register"), STR_INIT("node")},
	{false, STR_INIT("_ZN2v8"), STR_INIT("node")},
	{false, STR_INIT("rb_define_"), STR_INIT("ruby")},
	{false, STR_INIT("zend_parse_"), STR_INIT("php")},
	{false, STR_INIT("zend_register_"), STR_INIT("php")},
	{false, STR_INIT("Perl_xs_handshake"), STR_INIT("perl")},
	{true, STR_INIT("luaopen_"), STR_INIT("lua")},
	{true, STR_INIT("JNI_OnLoad"), STR_INIT("java")},
	{true, STR_INIT("Java_"), STR_INIT("java")},
};

/* A library that implements the interface needs no other host. */
static struct str exported_with(const struct elf_object *elf, struct str prefix)
{
	for (size_t i = 0; i < elf->exports.n; i++)
		if (str_starts(elf->exports.p[i].name, prefix))
			return elf->exports.p[i].name;
	return STR_NONE;
}

static struct str imported_with(const struct elf_object *elf, struct str prefix)
{
	for (size_t i = 0; i < elf->imports.n; i++)
		if (elf->imports.p[i].use && str_starts(elf->imports.p[i].name, prefix))
			return elf->imports.p[i].name;
	return STR_NONE;
}

/* PEP 3149: "x.cpython-311-x86_64-linux-gnu.so" is for CPython 3.11, "x.abi3.so" for any 3. */
static struct str python_of(struct str file, struct arena *a)
{
	size_t at = str_find(file, STR(".cpython-3"));
	struct str minor = str_skip(file, at + sizeof ".cpython-3" - 1);
	size_t n = 0;
	while (n < minor.n && minor.p[n] >= '0' && minor.p[n] <= '9')
		n++;
	if (n)
		return arena_printf(a, "python3.%.*s", STR_ARG(str_slice(minor, 0, n)));
	return STR("python3");
}

void runtime_of_module(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	if (elf_is_program(elf))
		return;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		struct str name = modules[i].exported ? exported_with(elf, modules[i].prefix)
		                                      : imported_with(elf, modules[i].prefix);
		if (!name.n)
			continue;
		struct str runtime = modules[i].runtime;
		if (str_eq(runtime, STR("python")))
			runtime = python_of(v->node->name, c->arena);
		collect_need(c, v, NEED_RUNTIME, runtime, CERTAINTY_CERTAIN,
		             arena_printf(c->arena, "is a module: %s %.*s",
		                          modules[i].exported ? "exports" : "imports",
		                          STR_ARG(name)));
		return;
	}
}

/* ---- By name ---- */

static const struct {
	struct str ending, runtime;
} entry_endings[] = {
	{STR_INIT(".jar"), STR_INIT("java")},  {STR_INIT(".war"), STR_INIT("java")},
	{STR_INIT(".py"), STR_INIT("python")}, {STR_INIT(".pyz"), STR_INIT("python")},
	{STR_INIT(".js"), STR_INIT("node")},   {STR_INIT(".mjs"), STR_INIT("node")},
	{STR_INIT(".cjs"), STR_INIT("node")},  {STR_INIT(".rb"), STR_INIT("ruby")},
	{STR_INIT(".pl"), STR_INIT("perl")},   {STR_INIT(".php"), STR_INIT("php")},
	{STR_INIT(".phar"), STR_INIT("php")},  {STR_INIT(".dll"), STR_INIT("dotnet")},
	{STR_INIT(".lua"), STR_INIT("lua")},   {STR_INIT(".R"), STR_INIT("R")},
};

static size_t ending_of(const struct node *file)
{
	size_t i = 0, count = sizeof entry_endings / sizeof *entry_endings;
	if (node_elf(file) || node_shebang(file).n)
		return count;
	while (i < count && !str_ends(file->name, entry_endings[i].ending))
		i++;
	return i;
}

struct str needs_runtime_of(const struct node *file)
{
	size_t i = ending_of(file);
	return i < sizeof entry_endings / sizeof *entry_endings ? entry_endings[i].runtime : STR("");
}

/* An entry that the kernel cannot start is handed to its language's runtime. */
void runtime_of_entry(struct collector *c, const struct visit *v)
{
	size_t i = ending_of(v->node);
	if (i < sizeof entry_endings / sizeof *entry_endings)
		collect_need(c, v, NEED_RUNTIME, entry_endings[i].runtime, CERTAINTY_CERTAIN,
		             arena_printf(c->arena, "an entry that ends in %.*s",
		                          STR_ARG(entry_endings[i].ending)));
}

static const struct {
	struct str name;
	bool ending;
	struct str runtime;
} project_files[] = {
	{STR_INIT("package.json"), false, STR_INIT("node")},
	{STR_INIT("requirements.txt"), false, STR_INIT("python")},
	{STR_INIT("pyvenv.cfg"), false, STR_INIT("python")},
	{STR_INIT("Gemfile.lock"), false, STR_INIT("ruby")},
	{STR_INIT("composer.json"), false, STR_INIT("php")},
	{STR_INIT(".jar"), true, STR_INIT("java")},
	{STR_INIT(".runtimeconfig.json"), true, STR_INIT("dotnet")},
};

/* A self-contained .NET application brings its own; hostfxr belongs to an installed one. */
static void note_dotnet(struct collector *c, const struct node *n)
{
	struct str text;
	if (!node_kept(n, &text))
		return;
	c->dotnet = true;
	size_t at = str_find(text, STR("\"System.Globalization.Invariant\""));
	struct str value = str_slice(text, at, at + 48);
	if (!str_contains(value, STR("true")))
		c->dotnet_invariant = false;
}

void runtime_of_file(struct collector *c, const struct node *n)
{
	/* Below folders of dependencies the same files say nothing about the application. */
	if (node_type(n) != ENTRY_FILE || files_is_dependency(n))
		return;
	for (size_t i = 0; i < sizeof project_files / sizeof *project_files; i++) {
		bool fits = project_files[i].ending ? str_ends(n->name, project_files[i].name)
		                                    : str_eq(n->name, project_files[i].name);
		if (!fits)
			continue;
		bool dotnet = str_eq(project_files[i].runtime, STR("dotnet"));
		if (dotnet)
			note_dotnet(c, n);
		if (dotnet && files_have(c, STR("libcoreclr.so")))
			continue;
		collect_need(c, &(struct visit){.node = n}, NEED_RUNTIME, project_files[i].runtime,
		             CERTAINTY_LIKELY, STR("is part of the application"));
	}
}

/* ---- In the end ---- */

/* .NET opens ICU by name for its culture data and gives up without it, unless told to do
 * without (docs: "Globalization invariant mode"). */
static void dotnet_needs_icu(struct collector *c)
{
	const struct str name = STR("libSystem.Globalization.Native.so");
	bool own = files_have(c, STR("libcoreclr.so"));
	if (!own || (c->dotnet && c->dotnet_invariant))
		return;
	for (size_t i = 0; i < c->queue.n; i++)
		if (str_eq(c->queue.p[i].node->name, name))
			collect_need(c, &(struct visit){.node = c->queue.p[i].node}, NEED_LIBRARY,
			             STR("libicuuc.so"), CERTAINTY_LIKELY,
			             STR(".NET opens ICU by name, in whatever version there is"));
}

static struct need *versioned(const struct needs *needs, struct str runtime)
{
	for (size_t i = 0; i < needs->list.n; i++) {
		struct need *n = &needs->list.p[i];
		if (n->kind == NEED_RUNTIME && n->name.n > runtime.n &&
		    is_command(n->name, runtime))
			return n;
	}
	return NULL;
}

/* Who asks for "python3" is served by "python3.11". */
static void merge_into(struct collector *c, struct need *to, const struct need *from)
{
	if (from->certainty < to->certainty)
		to->certainty = from->certainty;
	for (size_t i = 0; i < from->because.n; i++)
		*vec_push(&to->because, c->arena) = from->because.p[i];
}

static void take_out(struct needs *needs, size_t index)
{
	struct need *n = &needs->list.p[index];
	memmove(n, n + 1, (needs->list.n - index - 1) * sizeof *n);
	needs->list.n--;
}

/* Takes out the runtimes without a version beside one that has it, then those that the
 * application brings along. */
void runtime_finish(struct collector *c)
{
	struct needs *needs = c->out;
	dotnet_needs_icu(c);
	for (size_t i = needs->list.n; i-- > 0;) {
		struct need *n = &needs->list.p[i];
		struct need *better = n->kind == NEED_RUNTIME ? versioned(needs, n->name) : NULL;
		if (!better)
			continue;
		merge_into(c, better, n);
		take_out(needs, i);
	}
	for (size_t i = needs->list.n; i-- > 0;)
		if (needs->list.p[i].kind == NEED_RUNTIME &&
		    files_executable(c, needs->list.p[i].name))
			take_out(needs, i);
}
