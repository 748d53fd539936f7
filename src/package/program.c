/* Well-known programs and libraries that no record lists, by what their bytes or their folders say:
 * the gist of src/image/gist_program.c, what a libc says of itself (src/elf/libc_marks.c), the
 * "release" file of a Java runtime, the VERSION of Go's toolchain, the folder of a .NET runtime, and
 * Erlang's OTP_VERSION. languages.c reports them where no package of the distribution brought the
 * file. */
#include "package/formats.h"

struct program {
	struct str name, version;
};

/* "NAME=value" or "NAME=\"value\"", a line each, as a Java runtime's release file has them. */
static struct str setting(struct str text, struct str name)
{
	struct str line;
	while (str_next(&text, '\n', &line)) {
		if (!str_starts(line, name))
			continue;
		struct str value = str_trim(str_skip(line, name.n));
		if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = str_slice(value, 1, value.n - 1);
		return value;
	}
	return STR("");
}

static struct program of_gist(const struct node *n)
{
	struct program p = {STR(""), STR("")};
	struct str gist, kind;
	if (!node_gist(n, &gist) || !str_next(&gist, '\t', &kind) || !str_eq(kind, STR("program")))
		return p;
	str_next(&gist, '\t', &p.name);
	str_next(&gist, '\n', &p.version);
	return p;
}

/* "GNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.", or musl's "1.2.5". */
static struct program of_libc(const struct node *n)
{
	struct program p = {STR(""), STR("")};
	static const struct str before = STR_INIT(" version ");
	if (!str_starts(n->name, STR("libc.")) && !str_starts(n->name, STR("libc-")) &&
	    !str_starts(n->name, STR("ld-musl-")))
		return p;
	const struct elf_object *elf = node_elf(n);
	if (!elf || !elf->libc_banner.n)
		return p;
	struct str rest = str_skip(elf->libc_banner, str_find(elf->libc_banner, before) + before.n);
	p.name = elf->is_musl ? STR("musl") : STR("glibc");
	p.version = elf->is_musl ? elf->libc_banner : str_slice(rest, 0, str_index(rest, ' '));
	if (str_ends(p.version, STR(".")))
		p.version = str_slice(p.version, 0, p.version.n - 1);
	return p;
}

static struct program of_kept(const struct node *n)
{
	struct program p = {STR(""), STR("")};
	struct str text, line = STR(""), folder = n->parent ? n->parent->name : STR("");
	bool release = str_eq(n->name, STR("release"));
	bool go = str_eq(n->name, STR("VERSION")) && str_eq(folder, STR("go"));
	bool erlang = str_eq(n->name, STR("OTP_VERSION"));
	if ((!release && !go && !erlang) || !node_kept(n, &text))
		return p;
	if (release && str_contains(text, STR("JAVA_VERSION=")))
		return (struct program){STR("java"), setting(text, STR("JAVA_VERSION="))};
	str_next(&text, '\n', &line);
	if (go && str_starts(line, STR("go")))
		return (struct program){STR("go"), str_trim(str_skip(line, 2))};
	if (erlang)
		return (struct program){STR("erlang"), str_trim(line)};
	return p;
}

/* shared/Microsoft.NETCore.App/8.0.4/libcoreclr.so, libhostpolicy.so of runtimes and applications. */
static struct program of_dotnet(const struct node *n)
{
	struct program p = {STR(""), STR("")};
	const struct node *version = n->parent, *framework = version ? version->parent : NULL;
	if (!framework || !str_eq(n->name, STR("libcoreclr.so")) ||
	    !str_eq(framework->name, STR("Microsoft.NETCore.App")))
		return p;
	return (struct program){STR("dotnet"), version->name};
}

static struct program program_of(const struct node *n)
{
	static struct program (*const told[])(const struct node *) = {of_gist, of_libc, of_kept,
	                                                              of_dotnet};
	struct program p = {STR(""), STR("")};
	for (size_t i = 0; i < sizeof told / sizeof *told && !p.version.n; i++)
		p = told[i](n);
	return p;
}

bool is_known_program(const struct node *n)
{
	return program_of(n).version.n > 0;
}

void program_read(struct packages *out, const struct node *n, struct arena *a)
{
	struct program told = program_of(n);
	struct package *p = packages_add(out, PACKAGE_GENERIC, n, tree_path(n, a), a);
	p->name = p->source = told.name;
	p->version = told.version;
	p->likely = true;
}
