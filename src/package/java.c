/* Java archives, by the gist that was made of each when its layer was read (src/image/gist_archive.c):
 * Maven's coordinates from the pom.properties inside; where there is none that is the archive's own,
 * the manifest (JAR file specification, OSGi core) and the file's name, which Maven makes of artifact
 * and version. A shaded archive holds several pom.properties: each is a package that is in it. */
#include <strings.h>

#include "package/formats.h"

struct pom {
	struct str group, artifact, version;
};

/* What one archive says of itself. */
struct archive {
	struct str inner;  /* its path inside the outermost; empty: that one */
	VEC(struct pom) poms;
	struct str title, version, vendor_id, spec_version;   /* Implementation-…, Specification-… */
	struct str bundle, bundle_version, module;            /* OSGi; Automatic-Module-Name */
	struct str extension, short_name, group_id, plugin_version; /* Jenkins' plugins */
	bool broken;
};

struct reading {
	struct packages *out;
	const struct node *node;
	struct str path;
	struct arena *arena;
	struct archive archive;
};

bool is_java_archive(const struct node *n)
{
	struct str gist;
	return node_gist(n, &gist) && str_starts(gist, STR("jar\t"));
}

/* ---- File names ---- */

/* "b-1.0.jar" of "lib/b-1.0.jar", without its ending: "b-1.0". */
static struct str stem_of(struct str path)
{
	struct str name = str_basename(path);
	return str_slice(name, 0, str_rindex(name, '.'));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "1.2.3", "2.0-rc1": what Maven's versions look like where nobody is playful. */
static struct str plausible_version(struct str s)
{
	s = str_slice(s, 0, str_index(s, ' '));
	bool plausible = s.n && is_digit(s.p[0]) && !str_contains(s, STR("${"));
	return plausible ? s : STR("");
}

/* "alpha", "rc": words between the parts of a version. */
static bool is_stage(struct str word)
{
	static const char *const stages[] = {"alpha", "beta", "rc", "cr", "milestone", "pre", "m"};
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (word.n == strlen(stages[i]) && strncasecmp(word.p, stages[i], word.n) == 0)
			return true;
	return false;
}

/* Where the version begins in "log4j-1.2-api-2.17.1": behind the last hyphen that a digit follows;
 * stem.n where none is. "1.0-alpha-2" is one version. */
static size_t version_start(struct str stem)
{
	size_t start = stem.n, end = stem.n;
	while (end > 0) {
		size_t hyphen = str_rindex(str_slice(stem, 0, end), '-');
		if (hyphen >= end)
			break;
		bool digit = hyphen + 1 < stem.n && is_digit(stem.p[hyphen + 1]);
		if (start < stem.n && digit)
			return hyphen + 1;
		if (start < stem.n && !is_stage(str_slice(stem, hyphen + 1, end)))
			break;
		if (digit)
			start = hyphen + 1;
		end = hyphen;
	}
	return start > 1 ? start : stem.n;
}

/* The name's parts. What the manifest says of the version tells where it begins, and where a
 * classifier does: "netty-2.0.61.Final-linux-x86_64". */
static void split_stem(struct str stem, struct str said, struct str *artifact, struct str *version)
{
	size_t start = version_start(stem);
	*artifact = stem;
	*version = STR("");
	if (said.n && stem.n > said.n + 1) {
		size_t at = str_find(stem, said);
		bool whole = at > 1 && at < stem.n && stem.p[at - 1] == '-' &&
		             (at + said.n == stem.n || stem.p[at + said.n] == '-');
		if (whole) {
			*artifact = str_slice(stem, 0, at - 1);
			*version = said;
			return;
		}
	}
	if (start < stem.n) {
		*artifact = str_slice(stem, 0, start - 1);
		*version = str_skip(stem, start);
	}
}

/* ---- Groups ---- */

/* "org.example", as reversed domain names begin. */
static bool is_group(struct str s)
{
	static const char *const tops[] = {"com", "org", "net", "io",  "dev", "edu", "gov", "de",
	                                   "uk",  "fr",  "ch",  "jp",  "cn",  "ru",  "eu",  "me",
	                                   "nl",  "it",  "at",  "app", "co",  "info", "javax", "jakarta"};
	struct str top = str_slice(s, 0, str_index(s, '.'));
	if (top.n + 1 >= s.n || str_contains(s, STR(" ")) || str_contains(s, STR("/")))
		return false;
	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
		if (str_eq(top, str_of(tops[i])))
			return true;
	return false;
}

/* Equal but for hyphens, which a module's or bundle's name cannot have. */
static bool same_word(struct str x, struct str y)
{
	if (x.n != y.n)
		return false;
	for (size_t i = 0; i < x.n; i++) {
		char a = x.p[i], b = y.p[i];
		if (a != b && !((a == '-' || a == '.' || a == '_') && (b == '-' || b == '.' || b == '_')))
			return false;
	}
	return true;
}

/* "org.a" of "org.a.b" for the artifact "b"; the whole name where the artifact does not end it. */
static struct str group_of_name(struct str name, struct str artifact)
{
	if (name.n > artifact.n + 1 && name.p[name.n - artifact.n - 1] == '.' &&
	    same_word(str_skip(name, name.n - artifact.n), artifact))
		return str_slice(name, 0, name.n - artifact.n - 1);
	return name;
}

static struct str guess_group(const struct archive *from, struct str artifact, struct str version)
{
	struct str known = java_known_group(artifact, version);
	const struct str said[] = {from->group_id, from->vendor_id,
	                           group_of_name(from->bundle, artifact),
	                           group_of_name(from->module, artifact)};
	if (known.n)
		return known;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (is_group(said[i]))
			return said[i];
	return STR("");
}

/* ---- Packages ---- */

static void add(const struct reading *r, struct str group, struct str artifact, struct str version,
                bool likely)
{
	struct str inner = r->archive.inner, path = r->path;
	if (inner.n)
		path = arena_printf(r->arena, "%.*s!/%.*s", STR_ARG(path), STR_ARG(inner));
	struct package *p = packages_add(r->out, PACKAGE_MAVEN, r->node, path, r->arena);
	p->name = group.n ? arena_printf(r->arena, "%.*s:%.*s", STR_ARG(group), STR_ARG(artifact))
	                  : artifact;
	p->source = p->name;
	p->version = version;
	p->likely = likely;
}

/* The first version that looks like one. */
static struct str said_version(const struct archive *from)
{
	const struct str said[] = {from->version, from->bundle_version, from->plugin_version,
	                           from->spec_version};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (plausible_version(said[i]).n)
			return plausible_version(said[i]);
	return STR("");
}

/* "demo" may be an artifact, "Demo of Something" is none. */
static bool is_artifact(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
		      c == '.' || c == '_'))
			return false;
	}
	return s.n > 0;
}

/* True where it is the same by a name that somebody gave the file: "servlet-api-3.1.jar" is
 * javax.servlet-api 3.1.0. */
static bool is_near(const struct pom *pom, struct str artifact, struct str version)
{
	return (version.n && (str_starts(pom->version, version) || str_starts(version, pom->version))) ||
	       str_contains(pom->artifact, artifact) || str_contains(artifact, pom->artifact);
}

/* The archive's own package where no pom.properties is its own: "b-1.0.jar" is "b" 1.0; a name
 * without a version is what somebody gave it, so the manifest's comes first. */
static void add_by_name(const struct reading *r)
{
	const struct archive *from = &r->archive;
	struct str stem = stem_of(from->inner.n ? from->inner : r->path), artifact, version;
	split_stem(stem, plausible_version(from->version), &artifact, &version);
	if (!version.n) {
		struct str known = java_known_artifact(artifact);
		version = said_version(from);
		if (known.n)
			artifact = known;
		else if (from->short_name.n && from->plugin_version.n)
			artifact = from->short_name;
		else if (is_artifact(from->title) && !is_group(from->title))
			artifact = from->title;
	}
	for (size_t i = 0; i < from->poms.n; i++)
		if (is_near(&from->poms.p[i], artifact, version))
			return;
	if (version.n && artifact.n)
		add(r, guess_group(from, artifact, version), artifact, version, true);
}

static bool is_own(const struct pom *pom, struct str stem)
{
	return str_starts(stem, pom->artifact) &&
	       (stem.n == pom->artifact.n || stem.p[pom->artifact.n] == '-');
}

/* A renamed archive with one pom.properties and no version in its name is that one. */
static void finish(const struct reading *r)
{
	const struct archive *from = &r->archive;
	struct str stem = stem_of(from->inner.n ? from->inner : r->path);
	bool own = from->poms.n > 0 && version_start(stem) == stem.n;
	for (size_t i = 0; i < from->poms.n; i++) {
		const struct pom *pom = &from->poms.p[i];
		own = own || is_own(pom, stem);
		add(r, pom->group, pom->artifact, plausible_version(pom->version).n ? pom->version : STR(""),
		    false);
	}
	if (!own && !from->broken)
		add_by_name(r);
	if (from->broken) {
		struct str inner = from->inner;
		*vec_push(&r->out->unread, r->arena) =
			inner.n ? arena_printf(r->arena, "%.*s!/%.*s", STR_ARG(r->path), STR_ARG(inner))
				: r->path;
	}
}

/* ---- The gist ---- */

static void set_field(struct archive *to, struct str name, struct str value)
{
	const struct {
		const char *name;
		struct str *field;
	} fields[] = {
		{"Implementation-Title", &to->title},
		{"Implementation-Version", &to->version},
		{"Implementation-Vendor-Id", &to->vendor_id},
		{"Specification-Version", &to->spec_version},
		{"Bundle-SymbolicName", &to->bundle},
		{"Bundle-Version", &to->bundle_version},
		{"Automatic-Module-Name", &to->module},
		{"Extension-Name", &to->extension},
		{"Short-Name", &to->short_name},
		{"Group-Id", &to->group_id},
		{"Plugin-Version", &to->plugin_version},
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (name.n == strlen(fields[i].name) && strncasecmp(name.p, fields[i].name, name.n) == 0)
			*fields[i].field = value;
	to->bundle = str_trim(str_slice(to->bundle, 0, str_index(to->bundle, ';')));
}

static void read_pom(struct reading *r, struct str fields)
{
	struct pom pom = {0};
	str_next(&fields, '\t', &pom.group);
	str_next(&fields, '\t', &pom.artifact);
	str_next(&fields, '\t', &pom.version);
	if (pom.artifact.n)
		*vec_push(&r->archive.poms, r->arena) = pom;
}

void java_read(struct packages *out, const struct node *n, struct arena *a)
{
	struct reading r = {.out = out, .node = n, .path = tree_path(n, a), .arena = a};
	struct str gist, line, kind, name;
	bool any = false;
	if (!node_gist(n, &gist))
		return;
	while (str_next(&gist, '\n', &line)) {
		if (!str_next(&line, '\t', &kind))
			continue;
		if (str_eq(kind, STR("jar"))) {
			if (any)
				finish(&r);
			any = true;
			r.archive = (struct archive){.inner = line};
		} else if (str_eq(kind, STR("pom"))) {
			read_pom(&r, line);
		} else if (str_eq(kind, STR("field")) && str_next(&line, '\t', &name)) {
			set_field(&r.archive, name, line);
		} else if (str_eq(kind, STR("broken"))) {
			r.archive.broken = true;
		}
	}
	if (any)
		finish(&r);
}
