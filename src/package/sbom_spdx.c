/* SPDX 2.2 and 2.3 as JSON (specification 2.3, clause 7). */
#include "package/sbom_parts.h"

struct spdx {
	struct sbom_reading *reading;
	struct map described; /* identifiers of what the document is about */
	struct map licenses;  /* "LicenseRef-…" to its text, struct str */
};

/* ---- What is told elsewhere ---- */

static void read_described(struct spdx *s, const struct jnode *document)
{
	struct arena *a = s->reading->arena;
	const struct jnode *all = jnode_get(document, "documentDescribes");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		map_put(&s->described, a, jnode_str(n, a), NULL);
	all = jnode_get(document, "relationships");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		if (str_eq(jnode_get_str(n, "relationshipType", a), STR("DESCRIBES")))
			map_put(&s->described, a, jnode_get_str(n, "relatedSpdxElement", a), NULL);
}

static void read_licenses(struct spdx *s, const struct jnode *document)
{
	struct arena *a = s->reading->arena;
	const struct jnode *all = jnode_get(document, "hasExtractedLicensingInfos");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		struct str *text = ARENA_NEW(a, struct str);
		*text = jnode_get_str(n, "extractedText", a);
		*map_put(&s->licenses, a, jnode_get_str(n, "licenseId", a), NULL) = (uintptr_t)text;
	}
}

static struct str license_of(const struct spdx *s, const struct jnode *package)
{
	struct str said = jnode_get_str(package, "licenseDeclared", s->reading->arena);
	if (str_eq(said, STR("NOASSERTION")) || str_eq(said, STR("NONE")))
		return STR("");
	const struct str *text = map_get(&s->licenses, said);
	return text && text->n ? *text : said;
}

/* ---- Packages ---- */

static struct str url_of(const struct jnode *package, struct arena *a)
{
	const struct jnode *all = jnode_get(package, "externalRefs");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		if (str_eq(jnode_get_str(n, "referenceType", a), STR("purl")))
			return jnode_get_str(n, "referenceLocator", a);
	return STR("");
}

/* "built package from: glibc 2.36-9" is trivy's, "built from glibc 2.36-9; told by /var/…" ours. */
static void add_source_info(struct package *p, struct str info)
{
	static const struct str trivys = STR_INIT("built package from: "),
				ours = STR_INIT("told by ");
	size_t told = str_find(info, ours);
	if (told < info.n)
		p->path = str_skip(info, told + ours.n);
	if (!str_starts(info, trivys))
		return;
	struct str rest = str_skip(info, trivys.n), name = rest, version = STR("");
	str_word(&rest, &name);
	str_word(&rest, &version);
	p->source = name;
	p->source_version = str_eq(version, p->version) ? STR("") : version;
}

/* What SPDX has no field for, "socle:goos=linux", stands in annotations; see src/report/spdx.c. */
static void add_note(struct package *p, struct str note)
{
	const struct {
		struct str name;
		struct str *field;
	} fields[] = {{STR("socle:goos="), &p->goos},
		      {STR("socle:goarch="), &p->goarch},
		      {STR("socle:module="), &p->module}};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (str_starts(note, fields[i].name))
			*fields[i].field = str_skip(note, fields[i].name.n);
	p->application = p->application || str_eq(note, STR("socle:application"));
	p->likely = p->likely || str_starts(note, STR("likely:"));
}

static void add_notes(struct sbom_reading *r, struct package *p, const struct jnode *package)
{
	static const struct str place = STR_INIT("socle:place=");
	const struct jnode *all = jnode_get(package, "annotations"), *n;
	for (n = jnode_first(all); n; n = jnode_next(all, n))
		add_note(p, jnode_get_str(n, "comment", r->arena));
	struct package told = *p;
	for (n = jnode_first(all); n; n = jnode_next(all, n)) {
		struct str note = jnode_get_str(n, "comment", r->arena);
		if (str_starts(note, place))
			sbom_add_place(r, &told, str_skip(note, place.n));
	}
}

/* What is a package by its purpose, or has none told. */
static bool should_have_url(struct str purpose)
{
	return !purpose.n || str_eq(purpose, STR("LIBRARY")) || str_eq(purpose, STR("FRAMEWORK"));
}

static void add_package(struct spdx *s, const struct jnode *n)
{
	struct sbom_reading *r = s->reading;
	struct arena *a = r->arena;
	struct str name = jnode_get_str(n, "name", a), version = jnode_get_str(n, "versionInfo", a);
	struct str purpose = jnode_get_str(n, "primaryPackagePurpose", a), url = url_of(n, a);
	bool subject = map_find(&s->described, jnode_get_str(n, "SPDXID", a)) != NULL;
	if (str_starts(purpose, STR("OPERATING"))) {
		sbom_system(r, name, version);
		return;
	}
	if (subject && str_starts(version, STR("sha256:")))
		r->of->digest = version;
	if (!url.n) {
		if (!subject && should_have_url(purpose))
			sbom_leave_out(r, name, version);
		return;
	}
	struct package *p = sbom_add(r, url, name, version);
	if (!p)
		return;
	p->license = license_of(s, n);
	add_source_info(p, jnode_get_str(n, "sourceInfo", a));
	add_notes(r, p, n);
}

void sbom_read_spdx(struct sbom_reading *r, const struct jnode *document)
{
	struct spdx s = {.reading = r};
	const struct jnode *all = jnode_get(document, "packages");
	r->of->name = jnode_get_str(document, "name", r->arena);
	read_described(&s, document);
	read_licenses(&s, document);
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		add_package(&s, n);
}
