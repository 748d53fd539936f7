/* CycloneDX 1.6 (ECMA-424). The same image gives the same bytes: packages stand in a fixed order,
 * the serial number is made of the document's digest, and the time is SOURCE_DATE_EPOCH's or
 * none. */
#include "package/license.h"
#include "package/purl.h"
#include "report/sbom_report.h"

/* ---- Components ---- */

/* By the SPDX License List where that knows it; else as the record writes it. */
static json_t *licenses_of(struct str license, struct arena *a)
{
	struct str expression = license_expression(license, a);
	json_t *choice = json_object(), *all = json_array(), *inner = choice;
	if (!expression.n || license_is_id(expression)) {
		inner = json_object();
		json_set_str(inner, expression.n ? "id" : "name", expression.n ? expression : license);
		json_object_set_new(choice, "license", inner);
	} else {
		json_set_str(inner, "expression", expression);
	}
	json_set_str(inner, "acknowledgement", STR("declared"));
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

struct writing {
	const struct sbom_result *result;
	struct sbom_files files;
	struct arena *arena;
};

static json_t *properties_of(size_t at, const struct writing *w)
{
	const struct package *p = &w->result->packages->list.p[at];
	const struct image *image = &w->result->base->image;
	struct arena *a = w->arena;
	json_t *properties = json_array();
	if (w->result->tree)
		add_property(properties, "socle:layer", arena_printf(a, "%u", p->layer));
	if (p->layer < image->layer_count && image->layers[p->layer]->diff_id.n)
		add_property(properties, "socle:layer:diff-id", image->layers[p->layer]->diff_id);
	if (p->source.n && (!str_eq(p->source, p->name) || p->source_version.n)) {
		add_property(properties, "socle:source:name", p->source);
		add_property(properties, "socle:source:version",
		             p->source_version.n ? p->source_version : p->version);
	}
	if (p->module.n)
		add_property(properties, "socle:module", p->module);
	if (p->goos.n)
		add_property(properties, "socle:goos", p->goos);
	if (p->goarch.n)
		add_property(properties, "socle:goarch", p->goarch);
	if (p->likely)
		add_property(properties, "socle:likely", STR("true"));
	if (sbom_is_application(w->result->packages, at))
		add_property(properties, "socle:application", STR("true"));
	const struct str_vec *files = sbom_files_of(&w->files, p, a);
	for (size_t i = 0; i < files->n; i++)
		add_property(properties, "socle:file", files->p[i]);
	return properties;
}

static void add_occurrence(json_t *component, const struct package *p)
{
	if (!p->path.n)
		return;
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

static json_t *component_of(size_t at, struct str purl, const struct writing *w)
{
	const struct package *p = &w->result->packages->list.p[at];
	json_t *j = json_object();
	json_set_str(j, "type", STR("library"));
	json_set_str(j, "bom-ref", purl);
	json_set_str(j, "name", p->name);
	json_set_str_if(j, "version", p->version);
	if (p->license.n)
		json_object_set_new(j, "licenses", licenses_of(p->license, w->arena));
	json_set_str(j, "purl", purl);
	add_occurrence(j, p);
	json_t *properties = properties_of(at, w);
	if (json_array_size(properties))
		json_object_set(j, "properties", properties);
	json_decref(properties);
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
	struct writing w = {.result = r, .arena = a};
	sbom_files_read(&w.files, r, a);
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
		*component = (uintptr_t)component_of(i, purl, &w);
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
	json_set_str(j, "aggregate", p->unread.n || p->unplaced.n ? STR("incomplete") : STR("unknown"));
	json_array_append_new(of, json_of_str(STR("image")));
	json_object_set_new(j, "assemblies", of);
	json_array_append_new(all, j);
	return all;
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
	json_set_str(document, "serialNumber", sbom_uuid(document, a));
	return document;
}
