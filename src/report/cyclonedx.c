/* CycloneDX 1.6 (ECMA-424). The same image gives the same bytes: packages stand in a fixed order,
 * the serial number is made of the document's digest, and the time is SOURCE_DATE_EPOCH's or
 * none. */
#include <stdlib.h>

#include "image/stream.h"
#include "package/purl.h"
#include "report/sbom_report.h"

/* ---- Components ---- */

/* Licences as the record writes them: no promise that they are of SPDX's list. */
static json_t *licenses_of(struct str license)
{
	json_t *inner = json_object(), *choice = json_object(), *all = json_array();
	json_set_str(inner, "name", license);
	json_set_str(inner, "acknowledgement", STR("declared"));
	json_object_set_new(choice, "license", inner);
	json_array_append_new(all, choice);
	return all;
}

static void add_property(json_t *properties, const char *name, struct str value)
{
	json_t *j = json_object();
	json_set_str(j, "name", str_of(name));
	json_set_str(j, "value", value);
	json_array_append_new(properties, j);
}

static json_t *properties_of(const struct package *p, const struct sbom_result *r, struct arena *a)
{
	const struct image *image = &r->base->image;
	json_t *properties = json_array();
	add_property(properties, "socle:layer", arena_printf(a, "%u", p->layer));
	if (p->layer < image->layer_count && image->layers[p->layer]->diff_id.n)
		add_property(properties, "socle:layer:diff-id", image->layers[p->layer]->diff_id);
	if (!str_eq(p->source, p->name) || p->source_version.n) {
		add_property(properties, "socle:source:name", p->source);
		add_property(properties, "socle:source:version",
		             p->source_version.n ? p->source_version : p->version);
	}
	return properties;
}

static void add_occurrence(json_t *component, const struct package *p)
{
	json_t *evidence = json_object_get(component, "evidence");
	if (!evidence) {
		evidence = json_object();
		json_object_set_new(evidence, "occurrences", json_array());
		json_object_set_new(component, "evidence", evidence);
	}
	json_t *at = json_object();
	json_set_str(at, "location", p->path);
	json_array_append_new(json_object_get(evidence, "occurrences"), at);
}

static json_t *component_of(const struct package *p, struct str purl, const struct sbom_result *r,
                            struct arena *a)
{
	json_t *j = json_object();
	json_set_str(j, "type", STR("library"));
	json_set_str(j, "bom-ref", purl);
	json_set_str(j, "name", p->name);
	json_set_str_if(j, "version", p->version);
	if (p->license.n)
		json_object_set_new(j, "licenses", licenses_of(p->license));
	json_set_str(j, "purl", purl);
	add_occurrence(j, p);
	json_object_set_new(j, "properties", properties_of(p, r, a));
	return j;
}

static json_t *system_of(const struct packages *p)
{
	json_t *j = json_object();
	json_set_str(j, "type", STR("operating-system"));
	json_set_str(j, "bom-ref", STR("system"));
	json_set_str(j, "name", p->system);
	json_set_str_if(j, "version", p->system_version);
	return j;
}

/* What has the same URL stands in one component, with every place that tells of it. */
static json_t *components_of(const struct sbom_result *r, json_t *refs, struct arena *a)
{
	json_t *all = json_array();
	struct map seen = {0};
	if (r->packages->system.n) {
		json_array_append_new(all, system_of(r->packages));
		json_array_append_new(refs, json_of_str(STR("system")));
	}
	for (size_t i = 0; i < r->packages->list.n; i++) {
		const struct package *p = &r->packages->list.p[i];
		struct str purl = purl_of_package(p, r->packages, a);
		bool added;
		uintptr_t *component = map_put(&seen, a, purl, &added);
		if (!added) {
			add_occurrence((json_t *)*component, p);
			continue;
		}
		*component = (uintptr_t)component_of(p, purl, r, a);
		json_array_append_new(all, (json_t *)*component);
		json_array_append_new(refs, json_of_str(purl));
	}
	return all;
}

/* ---- The document ---- */

static json_t *metadata_of(const struct sbom_result *r)
{
	json_t *metadata = json_object(), *tools = json_object(), *tool = json_object();
	json_t *list = json_array(), *image = json_object();
	json_set_str_if(metadata, "timestamp", r->time);
	json_set_str(tool, "type", STR("application"));
	json_set_str(tool, "name", STR("socle"));
	json_set_str(tool, "version", str_of(SOCLE_VERSION));
	json_array_append_new(list, tool);
	json_object_set_new(tools, "components", list);
	json_object_set_new(metadata, "tools", tools);
	json_set_str(image, "type", STR("container"));
	json_set_str(image, "bom-ref", STR("image"));
	json_set_str(image, "name", r->base->name);
	json_set_str_if(image, "version", r->base->image.digest);
	json_object_set_new(metadata, "component", image);
	return metadata;
}

static json_t *dependencies_of(json_t *refs)
{
	json_t *all = json_array(), *image = json_object();
	json_set_str(image, "ref", STR("image"));
	json_object_set_new(image, "dependsOn", refs);
	json_array_append_new(all, image);
	return all;
}

/* Whether the list may be taken for all that is there: never where a database was not read. */
static json_t *compositions_of(const struct packages *p)
{
	json_t *all = json_array(), *j = json_object(), *of = json_array();
	json_set_str(j, "aggregate", p->unread.n ? STR("incomplete") : STR("unknown"));
	json_array_append_new(of, json_of_str(STR("image")));
	json_object_set_new(j, "assemblies", of);
	json_array_append_new(all, j);
	return all;
}

/* RFC 9562, version 8: bits of one's own choice, here the document's SHA-256. */
static struct str serial_number(const json_t *document, struct arena *a)
{
	char *text = json_dumps(document, JSON_COMPACT);
	if (!text)
		out_of_memory();
	struct str digest = str_skip(sha256_of(str_of(text), a), sizeof "sha256:" - 1);
	free(text);
	char *d = arena_cstr(a, digest);
	d[12] = '8';
	d[16] = "89ab"[d[16] & 3];
	return arena_printf(a, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", d, d + 8, d + 12, d + 16, d + 20);
}

json_t *cyclonedx_of(const struct sbom_result *r, struct arena *a)
{
	json_t *document = json_object(), *refs = json_array();
	json_set_str(document, "bomFormat", STR("CycloneDX"));
	json_set_str(document, "specVersion", STR("1.6"));
	json_set_str(document, "serialNumber", STR(""));
	json_object_set_new(document, "version", json_integer(1));
	json_object_set_new(document, "metadata", metadata_of(r));
	json_object_set_new(document, "components", components_of(r, refs, a));
	json_object_set_new(document, "dependencies", dependencies_of(refs));
	json_object_set_new(document, "compositions", compositions_of(r->packages));
	json_set_str(document, "serialNumber", serial_number(document, a));
	return document;
}
