/* CycloneDX as JSON (ECMA-424): components, in whatever component they lie. */
#include "package/sbom_parts.h"

static const struct jnode *property(const struct jnode *component, const char *name)
{
	const struct jnode *all = jnode_get(component, "properties");
	for (const struct jnode *p = jnode_first(all); p; p = jnode_next(all, p)) {
		const struct jnode *n = jnode_get(p, "name");
		if (jnode_is(n, JNODE_STRING) && str_eq(n->text, str_of(name)))
			return jnode_get(p, "value");
	}
	return NULL;
}

/* The first of the properties that is there. */
static struct str first_property(const struct jnode *component, const char *const *names,
				 struct arena *a)
{
	struct str value = STR("");
	for (; *names && !value.n; names++)
		value = jnode_str(property(component, *names), a);
	return value;
}

static struct str where_it_is(const struct jnode *component, struct arena *a)
{
	static const char *const names[] = {"syft:location:0:path", "aquasecurity:trivy:FilePath",
					    NULL};
	const struct jnode *all = jnode_get(jnode_get(component, "evidence"), "occurrences");
	struct str path = jnode_get_str(jnode_first(all), "location", a);
	return path.n ? path : first_property(component, names, a);
}

static struct str license_of(const struct jnode *component, struct arena *a)
{
	const struct jnode *choice = jnode_first(jnode_get(component, "licenses"));
	const struct jnode *license = jnode_get(choice, "license");
	struct str said = jnode_get_str(choice, "expression", a);
	said = said.n ? said : jnode_get_str(license, "id", a);
	return said.n ? said : jnode_get_str(license, "name", a);
}

/* trivy tells epoch, version and release apart. */
static struct str trivy_source_version(const struct jnode *component, struct arena *a)
{
	struct str version = jnode_str(property(component, "aquasecurity:trivy:SrcVersion"), a);
	struct str release = jnode_str(property(component, "aquasecurity:trivy:SrcRelease"), a);
	struct str epoch = jnode_str(property(component, "aquasecurity:trivy:SrcEpoch"), a);
	bool has_epoch = epoch.n && !str_eq(epoch, STR("0"));
	return arena_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(has_epoch ? epoch : STR("")),
			    has_epoch ? ":" : "", STR_ARG(version), release.n ? "-" : "",
			    STR_ARG(release));
}

static void add_source(struct package *p, const struct jnode *component, struct arena *a)
{
	struct str ours = jnode_str(property(component, "socle:source:name"), a);
	struct str trivys = jnode_str(property(component, "aquasecurity:trivy:SrcName"), a);
	if (!ours.n && !trivys.n)
		return;
	p->source = ours.n ? ours : trivys;
	p->source_version = ours.n ? jnode_str(property(component, "socle:source:version"), a)
				   : trivy_source_version(component, a);
	if (str_eq(p->source_version, p->version))
		p->source_version = STR("");
}

static void add_details(struct package *p, const struct jnode *component, struct arena *a)
{
	static const char *const modules[] = {"socle:module", "aquasecurity:trivy:Modularitylabel",
					      "syft:metadata:modularityLabel", NULL};
	struct str module = first_property(component, modules, a);
	struct str layer = jnode_str(property(component, "socle:layer"), a);
	uint64_t number;
	p->path = where_it_is(component, a);
	p->license = license_of(component, a);
	p->module = module.n ? module : p->module;
	p->likely = property(component, "socle:likely") != NULL;
	p->application = property(component, "socle:application") != NULL;
	if (str_to_u64(layer, &number) && number < UINT32_MAX)
		p->layer = (uint32_t)number;
	struct str goos = jnode_str(property(component, "socle:goos"), a);
	struct str goarch = jnode_str(property(component, "socle:goarch"), a);
	p->goos = goos.n ? goos : p->goos;
	p->goarch = goarch.n ? goarch : p->goarch;
	add_source(p, component, a);
}

/* Other tools list as occurrences where a package is used. */
static void add_places(struct sbom_reading *r, const struct package *p,
		       const struct jnode *component)
{
	const struct jnode *all = jnode_get(jnode_get(component, "evidence"), "occurrences");
	const struct jnode *place = r->ours ? jnode_first(all) : NULL;
	struct package told = *p;
	while (place && (place = jnode_next(all, place)))
		sbom_add_place(r, &told, jnode_get_str(place, "location", r->arena));
}

/* Without a URL: a library or a program is a package that is left out; files, containers and the
 * like are none, and neither are the lock files that trivy groups packages by. */
static bool should_have_url(const struct jnode *component, struct str type)
{
	return (str_eq(type, STR("library")) || str_eq(type, STR("framework")) ||
		str_eq(type, STR("application"))) &&
	       !property(component, "aquasecurity:trivy:Class");
}

static void add_component(struct sbom_reading *r, const struct jnode *component)
{
	struct arena *a = r->arena;
	struct str type = jnode_get_str(component, "type", a);
	struct str name = jnode_get_str(component, "name", a);
	struct str version = jnode_get_str(component, "version", a);
	struct str url = jnode_get_str(component, "purl", a);
	struct str group = jnode_get_str(component, "group", a);
	if (str_eq(type, STR("operating-system"))) {
		sbom_system(r, name, version);
		return;
	}
	if (!url.n) {
		if (should_have_url(component, type))
			sbom_leave_out(r,
				       group.n ? arena_printf(a, "%.*s/%.*s", STR_ARG(group),
							      STR_ARG(name))
					       : name,
				       version);
		return;
	}
	struct package *p = sbom_add(r, url, name, version);
	if (!p)
		return;
	add_details(p, component, a);
	add_places(r, p, component);
}

/* The nesting is that of the text, which has its limit. */
static void add_components(struct sbom_reading *r, const struct jnode *of)
{
	const struct jnode *all = jnode_get(of, "components");
	for (const struct jnode *c = jnode_first(all); c; c = jnode_next(all, c)) {
		add_component(r, c);
		add_components(r, c);
	}
}

static bool is_ours(const struct jnode *metadata, struct arena *a)
{
	const struct jnode *tools = jnode_get(jnode_get(metadata, "tools"), "components");
	return str_eq(jnode_get_str(jnode_first(tools), "name", a), STR("socle"));
}

void sbom_read_cyclonedx(struct sbom_reading *r, const struct jnode *document)
{
	const struct jnode *metadata = jnode_get(document, "metadata");
	const struct jnode *subject = jnode_get(metadata, "component");
	struct str version = jnode_get_str(subject, "version", r->arena);
	r->of->name = jnode_get_str(subject, "name", r->arena);
	if (str_starts(version, STR("sha256:")))
		r->of->digest = version;
	r->ours = is_ours(metadata, r->arena);
	add_components(r, document);
	add_components(r, subject);
}
