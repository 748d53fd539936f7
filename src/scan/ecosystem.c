#include "scan/ecosystem.h"

#include "package/purl.h"

/* ---- Systems ---- */

/* How releases are written behind the base. */
enum release_form {
	RELEASE_NONE,    /* there are none */
	RELEASE_WHOLE,   /* VERSION_ID: "12" */
	RELEASE_MAJOR,   /* "9" of "9.4" */
	RELEASE_ALPINE,  /* "v3.20" of "3.20.3"; "edge" */
	RELEASE_UBUNTU,  /* "24.04:LTS", "24.10", "Pro:18.04:LTS" */
	RELEASE_REDHAT,  /* "enterprise_linux:9::baseos": a CPE without its front */
	RELEASE_SUSE,    /* "Linux Enterprise Server 15 SP5" of "15.5" */
	RELEASE_OPENSUSE /* "Leap 15.5", "Tumbleweed" */
};

struct system_row {
	struct str id; /* os-release(5) */
	struct str base;
	enum release_form form;
};

static const struct system_row systems[] = {
	{STR_INIT("debian"), STR_INIT("Debian"), RELEASE_WHOLE},
	{STR_INIT("ubuntu"), STR_INIT("Ubuntu"), RELEASE_UBUNTU},
	{STR_INIT("alpine"), STR_INIT("Alpine"), RELEASE_ALPINE},
	{STR_INIT("wolfi"), STR_INIT("Wolfi"), RELEASE_NONE},
	{STR_INIT("chainguard"), STR_INIT("Chainguard"), RELEASE_NONE},
	{STR_INIT("minimos"), STR_INIT("MinimOS"), RELEASE_NONE},
	{STR_INIT("rhel"), STR_INIT("Red Hat"), RELEASE_REDHAT},
	{STR_INIT("almalinux"), STR_INIT("AlmaLinux"), RELEASE_MAJOR},
	{STR_INIT("rocky"), STR_INIT("Rocky Linux"), RELEASE_MAJOR},
	{STR_INIT("sles"), STR_INIT("SUSE"), RELEASE_SUSE},
	{STR_INIT("opensuse-leap"), STR_INIT("openSUSE"), RELEASE_OPENSUSE},
	{STR_INIT("opensuse-tumbleweed"), STR_INIT("openSUSE"), RELEASE_OPENSUSE},
	{STR_INIT("mageia"), STR_INIT("Mageia"), RELEASE_WHOLE},
	{STR_INIT("photon"), STR_INIT("Photon OS"), RELEASE_WHOLE},
	{STR_INIT("azurelinux"), STR_INIT("Azure Linux"), RELEASE_MAJOR},
};

static const struct system_row *system_of(const struct packages *in)
{
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		if (str_eq(systems[i].id, in->system))
			return &systems[i];
	return NULL;
}

/* ---- Names ---- */

static void add_name(struct osv_place *place, struct str name, struct str version)
{
	place->names[place->name_count++] = (struct osv_name){name, version};
}

static struct str source_version(const struct package *p)
{
	return p->source_version.n ? p->source_version : p->version;
}

/* Debian, Ubuntu, Alpine, Wolfi and SUSE file what they know under the source package; AlmaLinux
 * and Red Hat list every binary package. Rocky's records have one or the other. */
static void name_of_system(struct osv_place *place, const struct package *p,
			   const struct system_row *system)
{
	bool suse = system->form == RELEASE_SUSE || system->form == RELEASE_OPENSUSE;
	if (p->type != PACKAGE_RPM || suse) {
		add_name(place, p->source.n ? p->source : p->name, source_version(p));
		return;
	}
	add_name(place, p->name, p->version);
	if (str_eq(place->base, STR("Rocky Linux")) && p->source.n && !str_eq(p->source, p->name))
		add_name(place, p->source, source_version(p));
}

static const struct {
	struct str base; /* empty: OSV has no ecosystem of them */
	enum version_order order;
} languages[] = {
	[PACKAGE_PYPI] = {STR_INIT("PyPI"), VERSION_PEP440},
	[PACKAGE_GOLANG] = {STR_INIT("Go"), VERSION_GO},
	[PACKAGE_NPM] = {STR_INIT("npm"), VERSION_SEMVER},
	[PACKAGE_CARGO] = {STR_INIT("crates.io"), VERSION_SEMVER},
	[PACKAGE_MAVEN] = {STR_INIT("Maven"), VERSION_MAVEN},
	[PACKAGE_GEM] = {STR_INIT("RubyGems"), VERSION_GEM},
	[PACKAGE_COMPOSER] = {STR_INIT("Packagist"), VERSION_COMPOSER},
	[PACKAGE_NUGET] = {STR_INIT("NuGet"), VERSION_NUGET},
	[PACKAGE_CONDA] = {STR_INIT(""), VERSION_PEP440},
	[PACKAGE_GENERIC] = {STR_INIT("Bitnami"), VERSION_SEMVER},
};

bool osv_place_of(const struct package *p, const struct packages *in, struct osv_place *place,
		  struct arena *a)
{
	static const enum version_order orders[] = {VERSION_DEB, VERSION_APK, VERSION_RPM};
	*place = (struct osv_place){.name_count = 0};
	if (p->type > PACKAGE_RPM) {
		place->base = languages[p->type].base;
		place->order = languages[p->type].order;
		add_name(place, p->name, p->version);
		if (place->base.n)
			return true;
		place->base = arena_printf(a, "%s packages", package_type_name(p->type));
		return false;
	}
	const struct system_row *system = system_of(in);
	place->order = orders[p->type];
	if (!system) {
		place->base =
			arena_printf(a, "%s packages of %.*s", package_type_name(p->type),
				     STR_ARG(in->system.n ? in->system : STR("an unnamed system")));
		return false;
	}
	place->base = system->base;
	name_of_system(place, p, system);
	return true;
}

struct str osv_key(struct str base, struct str name, struct arena *a)
{
	if (str_eq(base, STR("PyPI")))
		return python_normalised(name, a);
	if (str_eq(base, STR("NuGet")) || str_eq(base, STR("Packagist")))
		return arena_lower(a, name);
	return name;
}

struct str osv_base(struct str ecosystem)
{
	return str_slice(ecosystem, 0, str_index(ecosystem, ':'));
}

/* ---- Releases ---- */

static struct str major(struct str version)
{
	return str_slice(version, 0, str_index(version, '.'));
}

/* "3.20" of "3.20.3"; the version itself where it has two parts. */
static struct str two_parts(struct str version)
{
	size_t first = str_index(version, '.');
	struct str rest = str_skip(version, first + 1);
	return str_slice(version, 0, first + 1 + str_index(rest, '.'));
}

/* "v3.20"; what is not released yet ("3.23_alpha20250612") is edge. */
static bool is_alpine(struct str release, struct str version)
{
	if (str_contains(version, STR("_alpha")))
		return str_eq(release, STR("edge"));
	return str_starts(release, STR("v")) && str_eq(str_skip(release, 1), two_parts(version));
}

static bool is_ubuntu(struct str release, struct str version)
{
	if (str_starts(release, STR("Pro:")))
		release = str_skip(release, 4);
	return str_eq(str_slice(release, 0, str_index(release, ':')), version);
}

static bool is_redhat(struct str release, struct str version)
{
	struct str product, number;
	if (!str_next(&release, ':', &product) || !str_eq(product, STR("enterprise_linux")))
		return false;
	return str_next(&release, ':', &number) && str_eq(major(number), major(version));
}

/* "15.5" is "15 SP5" in products' names, and "15" has no service pack. A container has what the
 * server and its modules have. */
static bool is_suse(struct str product, struct str version)
{
	struct str pack = str_skip(version, str_index(version, '.') + 1), tail;
	size_t digits = major(version).n;
	if (!str_starts(product, STR("Linux Enterprise Server ")) &&
	    !str_starts(product, STR("Linux Enterprise Module for ")))
		return false;
	tail = pack.n ? str_skip(product, str_find(product, STR(" SP")) + 3) : STR("");
	if (!str_eq(tail, pack))
		return false;
	struct str rest = pack.n ? str_slice(product, 0, str_find(product, STR(" SP"))) : product;
	struct str number = str_skip(rest, str_rindex(rest, ' ') + 1);
	return number.n == digits && str_eq(number, major(version)) &&
	       !str_contains(product, STR(" for SAP"));
}

static bool is_opensuse(struct str product, const struct packages *in)
{
	if (str_eq(in->system, STR("opensuse-tumbleweed")))
		return str_eq(product, STR("Tumbleweed"));
	return str_starts(product, STR("Leap ")) &&
	       str_eq(str_skip(product, 5), in->system_version);
}

bool osv_release_is(struct str ecosystem, const struct packages *in)
{
	const struct system_row *system = system_of(in);
	struct str base = osv_base(ecosystem), release = str_skip(ecosystem, base.n + 1);
	struct str version = in->system_version;
	if (!system || !str_eq(system->base, base) || !release.n)
		return true;
	switch (system->form) {
	case RELEASE_NONE:
		return true;
	case RELEASE_WHOLE:
		return str_eq(release, version);
	case RELEASE_MAJOR:
		return str_eq(major(release), major(version));
	case RELEASE_ALPINE:
		return is_alpine(release, version);
	case RELEASE_UBUNTU:
		return is_ubuntu(release, version);
	case RELEASE_REDHAT:
		return is_redhat(release, version);
	case RELEASE_SUSE:
		return is_suse(release, version);
	case RELEASE_OPENSUSE:
		return is_opensuse(release, in);
	}
	return false;
}

bool osv_is_extended(struct str ecosystem)
{
	return str_starts(ecosystem, STR("Ubuntu:Pro:"));
}

struct str osv_ecosystem_text(struct str base, const struct packages *in, struct arena *a)
{
	const struct system_row *system = system_of(in);
	if (!system || !str_eq(system->base, base) || system->form == RELEASE_NONE)
		return base;
	if (!in->system_version.n)
		return arena_printf(a, "%.*s of no release that it names", STR_ARG(base));
	if (system->form == RELEASE_ALPINE && !str_contains(in->system_version, STR("_alpha")))
		return arena_printf(a, "%.*s:v%.*s", STR_ARG(base),
				    STR_ARG(two_parts(in->system_version)));
	struct str shown = system->form == RELEASE_MAJOR || system->form == RELEASE_REDHAT
				   ? major(in->system_version)
				   : in->system_version;
	return arena_printf(a, "%.*s:%.*s", STR_ARG(base), STR_ARG(shown));
}
