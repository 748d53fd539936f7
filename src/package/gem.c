/* What is installed for Ruby: specifications/NAME-VERSION.gemspec, Ruby code in the one form in which
 * RubyGems writes it (Gem::Specification#to_ruby), and specifications/default for what comes with
 * Ruby itself:
 *
 *     # stub: nokogiri 1.16.2 x86_64-linux lib
 *     Gem::Specification.new do |s|
 *       s.name = "nokogiri".freeze
 *       s.version = "1.16.2"
 *       s.licenses = ["MIT".freeze]
 *
 * Some defaults are what a person wrote, with a constant for a version: the file's name has it
 * then. */
#include "package/formats.h"

static const struct str ending = STR_INIT(".gemspec");

bool is_gem_record(const struct node *n)
{
	struct str folder = folder_above(n, 1);
	return str_ends(n->name, ending) &&
	       (str_eq(folder, STR("specifications")) ||
	        (str_eq(folder, STR("default")) &&
	         str_eq(folder_above(n, 2), STR("specifications"))));
}

/* Takes the next string in quotes off the front. */
static bool take_quoted(struct str *rest, struct str *value)
{
	size_t from = 0;
	while (from < rest->n && rest->p[from] != '"' && rest->p[from] != '\'')
		from++;
	if (from == rest->n)
		return false;
	struct str behind = str_skip(*rest, from + 1);
	size_t to = str_index(behind, rest->p[from]);
	*value = str_slice(behind, 0, to);
	*rest = str_skip(behind, to + 1);
	return to < behind.n;
}

/* "s.name = …", whatever the block calls its argument: what stands behind the sign. */
static bool assigned(struct str line, struct str attribute, struct str *value)
{
	size_t dot = str_index(line, '.'), equals = str_index(line, '=');
	if (equals >= line.n || dot > equals ||
	    !str_eq(str_trim(str_slice(line, dot + 1, equals)), attribute))
		return false;
	*value = str_trim(str_skip(line, equals + 1));
	return true;
}

static struct str licenses(struct str list, struct arena *a)
{
	struct str all = STR(""), one;
	for (unsigned i = 0; i < LICENSES_MAX && take_quoted(&list, &one); i++)
		all = all.n ? arena_printf(a, "%.*s OR %.*s", STR_ARG(all), STR_ARG(one)) : one;
	return all;
}

static void read_attributes(struct package *p, struct str content, struct arena *a)
{
	struct str line, value;
	while (str_next(&content, '\n', &line)) {
		if (!p->name.n && assigned(line, STR("name"), &value))
			take_quoted(&value, &p->name);
		else if (!p->version.n && assigned(line, STR("version"), &value))
			take_quoted(&value, &p->version);
		else if (!p->license.n && (assigned(line, STR("licenses"), &value) ||
		                           assigned(line, STR("license"), &value)))
			p->license = licenses(value, a);
	}
}

/* "nokogiri-1.16.2-x86_64-linux": a version begins with a digit. */
static void read_file_name(struct package *p, struct str name)
{
	struct str whole = str_slice(name, 0, name.n - ending.n);
	for (size_t i = 0; i + 1 < whole.n; i++) {
		if (whole.p[i] != '-' || whole.p[i + 1] < '0' || whole.p[i + 1] > '9')
			continue;
		struct str version = str_skip(whole, i + 1);
		if (!p->name.n)
			p->name = str_slice(whole, 0, i);
		if (!p->version.n)
			p->version = str_slice(version, 0, str_index(version, '-'));
		return;
	}
}

void gem_read(struct packages *out, const struct node *n, struct arena *a)
{
	struct str content, path = tree_path(n, a);
	struct package p = {.type = PACKAGE_GEM, .path = path, .layer = n->layer};
	if (node_kept(n, &content))
		read_attributes(&p, content, a);
	if (!p.name.n || !p.version.n)
		read_file_name(&p, n->name);
	p.source = p.name;
	if (p.name.n && p.version.n)
		*packages_add(out, PACKAGE_GEM, n, path, a) = p;
	else
		*vec_push(&out->unread, a) = path;
}

/* What was compiled for a gem: extensions/PLATFORM/RUBY/NAME-VERSION; of each there is one, or a few. */
static void cover_extensions(struct cover *c, const struct node *record, unsigned home,
                             struct str name)
{
	enum { TRIED_MAX = 16 };
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct node *all = cover_find(c, record, home, STR("extensions"));
	unsigned tried = 0;
	for (const struct node *p = all ? all->child : NULL; p && tried < TRIED_MAX; p = p->next)
		for (const struct node *r = p->child; r && tried++ < TRIED_MAX; r = r->next)
			cover_path(c, record, home,
			           arena_printf(&scratch, "extensions/%.*s/%.*s/%.*s", STR_ARG(p->name),
			                        STR_ARG(r->name), STR_ARG(name)));
}

/* gems/NAME-VERSION beside specifications, and the archive that it came in. */
void gem_cover(struct cover *c, const struct node *record)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	unsigned home = str_eq(folder_above(record, 1), STR("default")) ? 3 : 2;
	struct str name = str_slice(record->name, 0, record->name.n - ending.n);
	cover_path(c, record, home, arena_printf(&scratch, "gems/%.*s", STR_ARG(name)));
	cover_path(c, record, home, arena_printf(&scratch, "cache/%.*s.gem", STR_ARG(name)));
	cover_extensions(c, record, home, name);
}
