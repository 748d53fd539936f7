#include "report/registry_report.h"

static bool print_line(const struct out *o, struct str text, struct arena *a)
{
	struct str clean = text_clean(text, a);
	return fprintf(o->file, "%.*s\n", STR_ARG(clean)) > 0;
}

bool digest_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct digest_result *r = result;
	if (!str_eq(format, STR("json"))) {
		for (size_t i = 0; i < r->count; i++)
			if (!print_line(o, r->rows[i].manifest.digest, a))
				return false;
		return true;
	}
	json_t *doc = json_object(), *images = json_array();
	json_set_str(doc, "schema", STR("socle/digest/1"));
	for (size_t i = 0; i < r->count; i++) {
		json_t *j = json_object();
		json_set_str(j, "image", r->rows[i].image);
		json_set_str(j, "reference", r->rows[i].reference);
		json_set_str(j, "digest", r->rows[i].manifest.digest);
		json_set_str_if(j, "media_type", r->rows[i].manifest.media_type);
		json_array_append_new(images, j);
	}
	json_object_set_new(doc, "images", images);
	return json_write(doc, o->file);
}

bool tags_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct tags_result *r = result;
	if (!str_eq(format, STR("json"))) {
		for (size_t i = 0; i < r->tags->n; i++)
			if (!print_line(o, r->tags->p[i], a))
				return false;
		return true;
	}
	json_t *doc = json_object();
	json_set_str(doc, "schema", STR("socle/tags/1"));
	json_set_str(doc, "repository", r->repository);
	json_object_set_new(doc, "tags", json_of_strs(r->tags));
	return json_write(doc, o->file);
}
