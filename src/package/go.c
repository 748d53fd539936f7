/* What a Go program was built from: its build information, as runtime/debug and debug/buildinfo of
 * Go's standard library describe it. Behind a head of 32 bytes stand the toolchain's version and the
 * modules, each with its length as a varint before it; the modules between marks of 16 bytes, a line
 * each:
 *
 *     mod	PATH	VERSION	SUM
 *     dep	PATH	VERSION	SUM
 *     =>	PATH	VERSION	SUM      instead of the line before
 *     build	KEY=VALUE             since Go 1.18; GOOS and GOARCH are among the keys
 */
#include "package/formats.h"

enum { HEAD = 32, MARK = 16 };

/* Takes a string with its length (encoding/binary's Uvarint) off the front; empty where it does not
 * fit. */
static struct str take_string(struct str *rest)
{
	uint64_t n = 0;
	for (unsigned shift = 0; shift < 63 && rest->n; shift += 7) {
		unsigned char byte = (unsigned char)rest->p[0];
		*rest = str_skip(*rest, 1);
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (n > rest->n)
			break;
		struct str taken = str_slice(*rest, 0, (size_t)n);
		*rest = str_skip(*rest, (size_t)n);
		return taken;
	}
	*rest = STR("");
	return STR("");
}

static struct str without_marks(struct str modules)
{
	if (modules.n < 2 * MARK + 1 || modules.p[modules.n - MARK - 1] != '\n')
		return STR("");
	return str_slice(modules, MARK, modules.n - MARK);
}

struct module {
	struct str path, version;
};

/* "PATH\tVERSION[\tSUM]"; "(devel)" is what Go writes for no version. */
static struct module module_of(struct str fields)
{
	struct module m = {.version = STR("")};
	if (!str_next(&fields, '\t', &m.path))
		m.path = STR("");
	if (!str_next(&fields, '\t', &m.version) || str_eq(m.version, STR("(devel)")))
		m.version = STR("");
	return m;
}

struct program {
	struct packages *out;
	const struct node *node;
	struct str path;
	struct str goos, goarch;
	struct arena *arena;
};

static void add_module(const struct program *p, const struct module *m)
{
	if (!m->path.n)
		return;
	struct package *to = packages_add(p->out, PACKAGE_GOLANG, p->node, p->path, p->arena);
	to->name = m->path;
	to->source = m->path;
	to->version = m->version;
	to->goos = p->goos;
	to->goarch = p->goarch;
}

/* A folder in place of a module keeps its name: which version lies there, nobody says. */
static struct module replaced(const struct module *was, struct str fields)
{
	struct module now = module_of(fields);
	if (!now.version.n)
		now.path = was->path;
	return now;
}

static void add_modules(const struct program *p, struct str lines)
{
	struct str line;
	struct module m = {.path = STR("")};
	while (str_next(&lines, '\n', &line)) {
		if (str_starts(line, STR("=>\t"))) {
			m = replaced(&m, str_skip(line, 3));
		} else if (str_starts(line, STR("mod\t")) || str_starts(line, STR("dep\t"))) {
			add_module(p, &m);
			m = module_of(str_skip(line, 4));
		}
	}
	add_module(p, &m);
}

/* What the program was built for. */
static void read_settings(struct program *p, struct str lines)
{
	struct str line;
	while (str_next(&lines, '\n', &line)) {
		if (str_starts(line, STR("build\tGOOS=")))
			p->goos = str_skip(line, sizeof "build\tGOOS=" - 1);
		else if (str_starts(line, STR("build\tGOARCH=")))
			p->goarch = str_skip(line, sizeof "build\tGOARCH=" - 1);
	}
}

/* The standard library by the toolchain's version: "go1.22.3", "go1.22.3 X:nocoverageredesign". */
static void add_standard_library(const struct program *p, struct str toolchain)
{
	struct module m = {.path = STR("stdlib"), .version = STR("")};
	toolchain = str_slice(toolchain, 0, str_index(toolchain, ' '));
	if (!str_starts(toolchain, STR("go")))
		return; /* "devel go1.23-…": between releases */
	m.version = str_skip(toolchain, 2);
	add_module(p, &m);
}

void go_read(struct packages *out, const struct node *n, struct arena *a)
{
	const struct elf_object *elf = node_elf(n);
	if (!elf || elf->go_build_info.n < HEAD)
		return;
	struct program p = {.out = out, .node = n, .path = tree_path(n, a), .arena = a};
	struct str rest = str_skip(elf->go_build_info, HEAD), toolchain = take_string(&rest);
	struct str modules = without_marks(take_string(&rest));
	read_settings(&p, modules);
	add_standard_library(&p, toolchain);
	add_modules(&p, modules);
}
