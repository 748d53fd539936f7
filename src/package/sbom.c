#include "package/sbom.h"

#include "package/sbom_parts.h"
#include "package/version_parts.h"

/* ---- The system ---- */

/* What documents call systems beside os-release's ID. */
static struct str system_id(struct str name, struct arena *a)
{
	static const struct {
		struct str called, id;
	} others[] = {{STR_INIT("redhat"), STR_INIT("rhel")},
		      {STR_INIT("amazon"), STR_INIT("amzn")},
		      {STR_INIT("oracle"), STR_INIT("ol")},
		      {STR_INIT("alma"), STR_INIT("almalinux")},
		      {STR_INIT("opensuse.leap"), STR_INIT("opensuse-leap")},
		      {STR_INIT("opensuse.tumbleweed"), STR_INIT("opensuse-tumbleweed")},
		      {STR_INIT("suse linux enterprise server"), STR_INIT("sles")},
		      {STR_INIT("suse"), STR_INIT("sles")},
		      {STR_INIT("cbl-mariner"), STR_INIT("mariner")}};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (small_cmp(name, others[i].called) == 0)
			return others[i].id;
	return arena_lower(a, name);
}

/* Releases by name, as purl's own examples have them ("distro=jessie"). */
static struct str version_of_codename(struct str word)
{
	static const struct {
		struct str word, version;
	} names[] = {
		{STR_INIT("jessie"), STR_INIT("8")},     {STR_INIT("stretch"), STR_INIT("9")},
		{STR_INIT("buster"), STR_INIT("10")},    {STR_INIT("bullseye"), STR_INIT("11")},
		{STR_INIT("bookworm"), STR_INIT("12")},  {STR_INIT("trixie"), STR_INIT("13")},
		{STR_INIT("bionic"), STR_INIT("18.04")}, {STR_INIT("focal"), STR_INIT("20.04")},
		{STR_INIT("jammy"), STR_INIT("22.04")},  {STR_INIT("noble"), STR_INIT("24.04")}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(word, names[i].word))
			return names[i].version;
	return STR("");
}

/* os-release of Debian has "12" where documents may have "12.5". */
static void set_system(struct sbom_reading *r, struct str id, struct str version)
{
	struct str word = version_of_codename(version);
	r->out->system = system_id(id, r->arena);
	r->out->system_version = word.n ? word : version;
	if (str_eq(r->out->system, STR("debian")))
		r->out->system_version = str_slice(r->out->system_version, 0,
						   str_index(r->out->system_version, '.'));
}

void sbom_system(struct sbom_reading *r, struct str name, struct str version)
{
	if (r->has_system || !name.n)
		return;
	r->has_system = true;
	set_system(r, name, version);
}

/* "debian-12", "opensuse-leap-15.5", "alpine-edge", "3.20.1", "bookworm": behind the last "-" that
 * a digit follows is the version; without one the namespace may be what stands in front. */
static void system_by_distro(struct sbom_reading *r)
{
	struct str distro = r->distro, id = r->space;
	size_t dash = distro.n;
	while (dash > 0 &&
	       !(distro.p[dash - 1] == '-' && dash < distro.n && is_digit(distro.p[dash])))
		dash--;
	if (dash > 0)
		set_system(r, str_slice(distro, 0, dash - 1), str_skip(distro, dash));
	else if (str_starts(distro, id) && distro.n > id.n && distro.p[id.n] == '-')
		set_system(r, id, str_skip(distro, id.n + 1));
	else if (distro.n && (is_digit(distro.p[0]) || version_of_codename(distro).n))
		set_system(r, id, distro);
	else
		set_system(r, distro.n ? distro : id, STR(""));
}

/* ---- Packages ---- */

void sbom_leave_out(struct sbom_reading *r, struct str name, struct str version)
{
	*vec_push(&r->out->unplaced, r->arena) =
		version.n ? arena_printf(r->arena, "%.*s %.*s", STR_ARG(name), STR_ARG(version))
			  : name;
}

/* Types of URLs that name no package in the image. */
static bool is_no_package(const char *type)
{
	static const char *const types[] = {"oci",  "docker", "file",
					    "swid", "github", "githubactions"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* "glibc", "glibc@2.36-9"; of RPMs "bash-5.1.8-6.el9.src.rpm". */
static void set_source(struct package *p, struct str upstream)
{
	size_t at = str_index(upstream, '@');
	p->source = str_slice(upstream, 0, at);
	p->source_version = str_skip(upstream, at + 1);
	if (p->type == PACKAGE_RPM && str_ends(upstream, STR(".src.rpm"))) {
		struct str name = str_slice(upstream, 0, upstream.n - 8);
		struct str release = take_revision(&name), version = take_revision(&name);
		p->source = name;
		p->source_version = (struct str){version.p, version.n + 1 + release.n};
	}
	if (!p->source.n)
		p->source = p->name;
	if (str_eq(p->source_version, p->version))
		p->source_version = STR("");
}

/* The first that says its release, or else the first that says who made it. */
static void note_distro(struct sbom_reading *r, const struct purl *url)
{
	struct str name = purl_qualifier(url, "os_name"), version = purl_qualifier(url, "os_version");
	struct str distro = purl_qualifier(url, "distro");
	if (!distro.n && name.n)
		distro = arena_printf(r->arena, "%.*s%s%.*s", STR_ARG(name), version.n ? "-" : "",
				      STR_ARG(version));
	if (r->distro.n || (r->space.n && !distro.n))
		return;
	r->space = url->space;
	r->distro = distro;
}

/* What a distribution's package has in its URL. */
static void add_system_parts(struct sbom_reading *r, struct package *p, const struct purl *url)
{
	struct str epoch = purl_qualifier(url, "epoch");
	if (epoch.n && number_cmp(epoch, STR("")) != 0 &&
	    str_index(p->version, ':') == p->version.n)
		p->version =
			arena_printf(r->arena, "%.*s:%.*s", STR_ARG(epoch), STR_ARG(p->version));
	p->architecture = purl_qualifier(url, "arch");
	p->module = purl_qualifier(url, "rpmmod");
	note_distro(r, url);
}

struct package *sbom_add(struct sbom_reading *r, struct str url, struct str name,
			 struct str version)
{
	struct purl parsed;
	struct package p = {.source_version = STR("")};
	if (!purl_parse(&parsed, url, r->arena)) {
		sbom_leave_out(r, name, version);
		return NULL;
	}
	if (is_no_package(parsed.type))
		return NULL;
	if (!package_type_parse(str_of(parsed.type), &p.type)) {
		sbom_leave_out(r, name, version);
		return NULL;
	}
	p.name = purl_name(&parsed, r->arena);
	if (small_cmp(p.name, name) == 0)
		p.name = name;
	p.version = parsed.version.n ? parsed.version : version;
	p.goos = purl_qualifier(&parsed, "goos");
	p.goarch = purl_qualifier(&parsed, "goarch");
	if (p.type <= PACKAGE_RPM)
		add_system_parts(r, &p, &parsed);
	set_source(&p, purl_qualifier(&parsed, "upstream"));
	struct package *added = vec_push(&r->out->list, r->arena);
	*added = p;
	return added;
}

void sbom_add_place(struct sbom_reading *r, const struct package *p, struct str path)
{
	struct package another = *p; /* which moves when the list grows */
	another.path = path;
	*vec_push(&r->out->list, r->arena) = another;
}

static bool same(const struct package *x, const struct package *y)
{
	return x->type == y->type && str_eq(x->name, y->name) && str_eq(x->version, y->version) &&
	       str_eq(x->architecture, y->architecture) && str_eq(x->path, y->path);
}

static void drop_doubles(struct packages *p)
{
	size_t kept = 0;
	for (size_t i = 0; i < p->list.n; i++)
		if (kept == 0 || !same(&p->list.p[kept - 1], &p->list.p[i]))
			p->list.p[kept++] = p->list.p[i];
	p->list.n = kept;
}

/* ---- The document ---- */

static bool other_form(struct str text, struct err *e)
{
	if (str_starts(text, STR("<")))
		return err_set(e, ERR_UNSUPPORTED,
			       "an SBOM as XML is not read: write it as JSON (of "
			       "CycloneDX: cyclonedx convert --output-format json)");
	if (str_starts(text, STR("SPDXVersion:")) || str_starts(text, STR("#")))
		return err_set(e, ERR_UNSUPPORTED,
			       "an SBOM as SPDX tag-value is not read: write it as "
			       "SPDX JSON");
	return true;
}

/* The document in the frame that a tool has put around it. */
static const struct jnode *unframed(const struct jnode *n)
{
	static const char *const frames[] = {"predicate", "sbom", "Data"};
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		const struct jnode *inner = jnode_get(n, frames[i]);
		if (jnode_is(inner, JNODE_OBJECT))
			n = inner;
	}
	return n;
}

static bool read_document(struct sbom_reading *r, const struct jnode *n, struct err *e)
{
	struct str cyclonedx = jnode_get_str(n, "specVersion", r->arena);
	struct str spdx = jnode_get_str(n, "spdxVersion", r->arena);
	if (str_eq(jnode_get_str(n, "bomFormat", r->arena), STR("CycloneDX"))) {
		if (!str_starts(cyclonedx, STR("1.")))
			return err_set(e, ERR_UNSUPPORTED,
				       "CycloneDX %.*s is not read, 1.2 to 1.6 are",
				       STR_ARG(cyclonedx));
		sbom_read_cyclonedx(r, n);
		return true;
	}
	if (str_starts(spdx, STR("SPDX-2."))) {
		sbom_read_spdx(r, n);
		return true;
	}
	if (spdx.n || jnode_get(n, "@graph"))
		return err_set(e, ERR_UNSUPPORTED, "only versions 2.2 and 2.3 of SPDX are read");
	return err_set(e, ERR_INPUT, "no SBOM: neither CycloneDX nor SPDX as JSON");
}

bool sbom_read(struct packages *p, struct sbom_subject *of, struct str text, struct arena *a,
	       struct err *e)
{
	struct jnodes nodes = {0};
	struct sbom_reading r = {.out = p, .of = of, .arena = a};
	*p = (struct packages){0};
	*of = (struct sbom_subject){0};
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_skip(text, 3);
	text = str_trim(text);
	if (!other_form(text, e))
		return false;
	const struct jnode *n = jnode_parse(&nodes, text, a, e);
	if (!n)
		return err_wrap(e, "no SBOM as JSON");
	if (!read_document(&r, unframed(n), e))
		return false;
	if (!r.has_system && (r.distro.n || r.space.n))
		system_by_distro(&r);
	packages_sort(p);
	drop_doubles(p);
	return true;
}
