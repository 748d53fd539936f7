/* SPDX 2.3 as JSON (specification, clauses 6 to 12). The same image gives the same bytes: packages
 * stand in a fixed order, the namespace is made of the document's digest, and the time, which must
 * be there, is SOURCE_DATE_EPOCH's, else the image's own, else the epoch's.
 *
 * Files are not listed: each would need its SHA-1 (clause 8.4), which no facts hold. */
#include "image/stream.h"
#include "package/license.h"
#include "package/purl.h"
#include "report/sbom_report.h"

#define TOOL "Tool: socle-" SOCLE_VERSION

struct writing {
	const struct sbom_result *result;
	struct str time;
	json_t *packages, *relationships, *licenses;
	struct map references; /* of licences that are not on SPDX's list: identifier to text */
	struct arena *arena;
};

/* ---- Time ---- */

/* Clause 6.9: "2026-11-24T00:00:00Z". */
static struct str utc_seconds(struct str time, struct arena *a)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	size_t n = sizeof form - 1;
	if (time.n <= n || time.p[time.n - 1] != 'Z')
		return STR("");
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? time.p[i] < '0' || time.p[i] > '9' : time.p[i] != form[i])
			return STR("");
	return arena_printf(a, "%.*sZ", (int)n, time.p);
}

static struct str created(const struct sbom_result *r, struct arena *a)
{
	struct str own = utc_seconds(r->base->image.config.created, a);
	return r->time.n ? r->time : own.n ? own : STR("1970-01-01T00:00:00Z");
}

/* ---- Identifiers ---- */

/* Clause 3.2: letters, digits, "." and "-". */
static struct str plain(struct str s, struct arena *a)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-",
			    p[i]) ||
		    !p[i])
			p[i] = '-';
	return (struct str){p, s.n};
}

static struct str short_digest(struct str s, struct arena *a)
{
	return str_slice(str_skip(sha256_of(s, a), sizeof "sha256:" - 1), 0, 12);
}

static struct str id_of(const struct package *p, struct str purl, struct arena *a)
{
	return arena_printf(a, "SPDXRef-Package-%s-%.*s-%.*s", package_type_name(p->type),
			    STR_ARG(plain(p->name, a)), STR_ARG(short_digest(purl, a)));
}

/* ---- Licences ---- */

/* Clause 10: what is on no list is told with its text. Two texts never share an identifier. */
static struct str license_reference(struct writing *w, struct str text)
{
	struct arena *a = w->arena;
	bool added;
	struct str name = plain(str_slice(text, 0, 64), a);
	struct str id = arena_printf(a, "LicenseRef-%.*s-%.*s", STR_ARG(name),
				     STR_ARG(short_digest(text, a)));
	map_put(&w->references, a, id, &added);
	if (!added)
		return id;
	json_t *j = json_object();
	json_set_str(j, "licenseId", id);
	json_set_str(j, "extractedText", text);
	json_set_str(j, "name", text);
	json_array_append_new(w->licenses, j);
	return id;
}

static struct str declared_license(struct writing *w, const struct package *p)
{
	struct str text = str_trim(p->license);
	if (!text.n)
		return STR("NOASSERTION");
	struct str expression = license_expression(text, w->arena);
	return expression.n ? expression : license_reference(w, text);
}

/* ---- Packages ---- */

/* What clause 7 wants of every package and we do not know. */
static json_t *bare_package(struct str id, struct str name, struct str version)
{
	json_t *j = json_object();
	json_set_str(j, "SPDXID", id);
	json_set_str(j, "name", name);
	json_set_str_if(j, "versionInfo", version);
	json_set_str(j, "downloadLocation", STR("NOASSERTION"));
	json_object_set_new(j, "filesAnalyzed", json_false());
	json_set_str(j, "licenseConcluded", STR("NOASSERTION"));
	json_set_str(j, "copyrightText", STR("NOASSERTION"));
	return j;
}

static void relate(struct writing *w, struct str from, const char *how, struct str to)
{
	json_t *j = json_object();
	json_set_str(j, "spdxElementId", from);
	json_set_str(j, "relationshipType", str_of(how));
	json_set_str(j, "relatedSpdxElement", to);
	json_array_append_new(w->relationships, j);
}

static struct str source_info(const struct package *p, struct arena *a)
{
	struct str version = p->source_version.n ? p->source_version : p->version;
	struct str built = STR(""), told = STR("");
	if (p->source.n && (!str_eq(p->source, p->name) || p->source_version.n))
		built = arena_printf(a, "built from %.*s %.*s", STR_ARG(p->source),
				     STR_ARG(version));
	if (p->path.n)
		told = arena_printf(a, "%stold by %.*s", built.n ? "; " : "", STR_ARG(p->path));
	return arena_printf(a, "%.*s%.*s", STR_ARG(built), STR_ARG(told));
}

static void add_purl(json_t *j, struct str purl)
{
	json_t *all = json_array(), *ref = json_object();
	json_set_str(ref, "referenceCategory", STR("PACKAGE-MANAGER"));
	json_set_str(ref, "referenceType", STR("purl"));
	json_set_str(ref, "referenceLocator", purl);
	json_array_append_new(all, ref);
	json_object_set_new(j, "externalRefs", all);
}

/* Clause 12. */
static void annotate(json_t *j, const struct writing *w, struct str comment)
{
	json_t *all = json_object_get(j, "annotations"), *one = json_object();
	if (!all) {
		all = json_array();
		json_object_set_new(j, "annotations", all);
	}
	json_set_str(one, "annotationDate", w->time);
	json_set_str(one, "annotationType", STR("OTHER"));
	json_set_str(one, "annotator", STR(TOOL));
	json_set_str(one, "comment", comment);
	json_array_append_new(all, one);
}

static void note(json_t *j, const struct writing *w, const char *name, struct str value)
{
	if (value.n)
		annotate(j, w, arena_printf(w->arena, "socle:%s=%.*s", name, STR_ARG(value)));
}

static json_t *package_of(struct writing *w, size_t at, struct str id, struct str purl)
{
	const struct package *p = &w->result->packages->list.p[at];
	json_t *j = bare_package(id, p->name, p->version);
	json_set_str_if(j, "sourceInfo", source_info(p, w->arena));
	json_set_str(j, "licenseDeclared", declared_license(w, p));
	add_purl(j, purl);
	if (p->likely)
		annotate(j, w,
			 STR("likely: told by a version marker in the file's bytes, not by a record"));
	if (sbom_is_application(w->result->packages, at))
		annotate(j, w, STR("socle:application"));
	note(j, w, "module", p->module);
	note(j, w, "goos", p->goos);
	note(j, w, "goarch", p->goarch);
	return j;
}

static void add_packages(struct writing *w, struct str image)
{
	const struct packages *packages = w->result->packages;
	struct map seen = {0};
	for (size_t i = 0; i < packages->list.n; i++) {
		const struct package *p = &packages->list.p[i];
		struct str purl = purl_of_package(p, packages, w->arena);
		struct str id = id_of(p, purl, w->arena);
		bool added;
		uintptr_t *package = map_put(&seen, w->arena, purl, &added);
		if (!added) {
			note((json_t *)*package, w, "place", p->path);
			continue;
		}
		*package = (uintptr_t)package_of(w, i, id, purl);
		json_array_append_new(w->packages, (json_t *)*package);
		relate(w, image, "CONTAINS", id);
	}
}

static void add_system(struct writing *w, struct str image)
{
	const struct packages *packages = w->result->packages;
	struct str id = STR("SPDXRef-OperatingSystem");
	if (!packages->system.n)
		return;
	json_t *j = bare_package(id, packages->system, packages->system_version);
	json_set_str(j, "licenseDeclared", STR("NOASSERTION"));
	json_set_str(j, "primaryPackagePurpose", STR("OPERATING_SYSTEM"));
	json_array_append_new(w->packages, j);
	relate(w, image, "CONTAINS", id);
}

static struct str add_image(struct writing *w)
{
	const struct base *b = w->result->base;
	struct str id = STR("SPDXRef-Image");
	json_t *j = bare_package(id, b->name, b->image.digest);
	json_set_str(j, "licenseDeclared", STR("NOASSERTION"));
	json_set_str(j, "primaryPackagePurpose", STR("CONTAINER"));
	if (w->result->packages->unread.n || w->result->packages->unplaced.n)
		annotate(j, w, STR("incomplete: not all packages could be read"));
	json_array_append_new(w->packages, j);
	relate(w, STR("SPDXRef-DOCUMENT"), "DESCRIBES", id);
	return id;
}

/* ---- The document ---- */

static json_t *creation_of(const struct writing *w)
{
	json_t *j = json_object(), *creators = json_array();
	json_set_str(j, "created", w->time);
	json_array_append_new(creators, json_of_str(STR(TOOL)));
	json_object_set_new(j, "creators", creators);
	return j;
}

json_t *spdx_of(const struct sbom_result *r, struct arena *a)
{
	struct writing w = {.result = r,
			    .time = created(r, a),
			    .packages = json_array(),
			    .relationships = json_array(),
			    .licenses = json_array(),
			    .arena = a};
	json_t *document = json_object();
	struct str image = add_image(&w);
	add_system(&w, image);
	add_packages(&w, image);
	json_set_str(document, "spdxVersion", STR("SPDX-2.3"));
	json_set_str(document, "dataLicense", STR("CC0-1.0"));
	json_set_str(document, "SPDXID", STR("SPDXRef-DOCUMENT"));
	json_set_str(document, "name", r->base->name);
	json_set_str(document, "documentNamespace", STR(""));
	json_object_set_new(document, "creationInfo", creation_of(&w));
	json_object_set_new(document, "packages", w.packages);
	if (json_array_size(w.licenses))
		json_object_set(document, "hasExtractedLicensingInfos", w.licenses);
	json_decref(w.licenses);
	json_object_set_new(document, "relationships", w.relationships);
	json_set_str(document, "documentNamespace", sbom_uuid(document, a));
	return document;
}
