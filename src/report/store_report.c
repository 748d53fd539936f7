#include "report/store_report.h"

#include "image/platform.h"

/* ---- pull ---- */

static struct str platform_of(const struct image_config *c, struct arena *a)
{
	struct platform p = {c->os, c->architecture, c->variant};
	return c->architecture.n ? platform_str(&p, a) : STR("-");
}

/* What a FROM line wants: the index where there is one. */
static struct str outer_digest(const struct pull_row *r)
{
	return r->index_digest.n ? r->index_digest : r->digest;
}

static bool pull_table(const struct out *o, const struct pull_result *r, struct arena *a)
{
	static const char *const heads[] = {"IMAGE", "PLATFORM", "PACKED", "UNPACKED", "FETCHED",
	                                    "DIGEST"};
	struct table t;
	table_init(&t, a, 6);
	for (size_t i = 0; i < 6; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (size_t i = 0; i < r->count; i++) {
		const struct pull_row *row = &r->rows[i];
		table_cell(&t, STYLE_BOLD, row->image);
		table_cell(&t, STYLE_PLAIN, platform_of(&row->config, a));
		table_number(&t, text_bytes(row->packed_bytes, a));
		table_number(&t, text_bytes(row->unpacked_bytes, a));
		table_number(&t, text_bytes(row->fetched_bytes, a));
		table_cell(&t, STYLE_PLAIN, outer_digest(row));
	}
	table_print(&t, o);
	if (r->to.n)
		out_printf(o, STYLE_PLAIN, "\nwritten to %.*s\n", STR_ARG(r->to));
	return !ferror(o->file);
}

static json_t *json_of_pull(const struct pull_row *row, struct arena *a)
{
	json_t *j = json_object();
	json_set_str(j, "image", row->image);
	json_set_str(j, "reference", row->reference);
	json_set_str(j, "digest", row->digest);
	json_set_str_if(j, "index_digest", row->index_digest);
	json_set_str(j, "platform", platform_of(&row->config, a));
	json_object_set_new(j, "layers", json_integer((json_int_t)row->layers));
	json_object_set_new(j, "packed_bytes", json_of_number(row->packed_bytes, true));
	json_object_set_new(j, "unpacked_bytes", json_of_number(row->unpacked_bytes, true));
	json_object_set_new(j, "fetched_bytes", json_of_number(row->fetched_bytes, true));
	return j;
}

bool pull_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct pull_result *r = result;
	if (!str_eq(format, STR("json")))
		return pull_table(o, r, a);
	json_t *doc = json_object(), *images = json_array();
	json_set_str(doc, "schema", STR("socle/pull/1"));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(images, json_of_pull(&r->rows[i], a));
	json_object_set_new(doc, "images", images);
	json_set_str_if(doc, "to", r->to);
	return json_write(doc, o->file);
}

/* ---- push ---- */

bool push_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct push_result *r = result;
	if (!str_eq(format, STR("json"))) {
		struct str sent = text_bytes(r->sent_bytes, a);
		out_printf(o, STYLE_BOLD, "%.*s@%.*s\n", STR_ARG(r->reference), STR_ARG(r->digest));
		out_printf(o, STYLE_PLAIN,
		           "blobs: %zu sent (%.*s), %zu mounted, %zu there already; manifests: %zu\n",
		           r->blobs[REGISTRY_SENT], STR_ARG(sent), r->blobs[REGISTRY_MOUNTED],
		           r->blobs[REGISTRY_THERE], r->manifests);
		return !ferror(o->file);
	}
	json_t *doc = json_object(), *blobs = json_object();
	json_set_str(doc, "schema", STR("socle/push/1"));
	json_set_str(doc, "source", r->source);
	json_set_str(doc, "reference", r->reference);
	json_set_str(doc, "digest", r->digest);
	json_set_str(doc, "media_type", r->media_type);
	json_object_set_new(doc, "manifests", json_of_number(r->manifests, true));
	json_object_set_new(blobs, "sent", json_of_number(r->blobs[REGISTRY_SENT], true));
	json_object_set_new(blobs, "mounted", json_of_number(r->blobs[REGISTRY_MOUNTED], true));
	json_object_set_new(blobs, "there", json_of_number(r->blobs[REGISTRY_THERE], true));
	json_object_set_new(doc, "blobs", blobs);
	json_object_set_new(doc, "sent_bytes", json_of_number(r->sent_bytes, true));
	return json_write(doc, o->file);
}

/* ---- cache ---- */

static struct cache_use together(const struct cache_report *r)
{
	struct cache_use all = {0};
	for (unsigned i = 0; i < CACHE_KINDS; i++) {
		all.count += r->kinds[i].count;
		all.bytes += r->kinds[i].bytes;
	}
	return all;
}

static void cache_row(struct table *t, struct str name, struct cache_use use, struct str words,
                      struct arena *a)
{
	table_cell(t, STYLE_BOLD, name);
	table_number(t, arena_printf(a, "%llu", (unsigned long long)use.count));
	table_number(t, text_bytes(use.bytes, a));
	table_cell(t, STYLE_DIM, words);
}

static bool cache_table(const struct out *o, const struct cache_result *r, struct arena *a)
{
	static const char *const heads[] = {"KIND", "COUNT", "SIZE", "WHAT"};
	struct table t;
	table_init(&t, a, 4);
	for (size_t i = 0; i < 4; i++)
		table_cell(&t, STYLE_PLAIN, str_of(heads[i]));
	for (unsigned i = 0; i < CACHE_KINDS; i++)
		cache_row(&t, str_of(cache_kind_name(i)), r->report.kinds[i],
		          str_of(cache_kind_words(i)), a);
	cache_row(&t, STR("together"), together(&r->report),
	          arena_printf(a, "%s %.*s", r->pruned ? "removed from" : "in",
	                       STR_ARG(r->report.folder)),
	          a);
	table_print(&t, o);
	return !ferror(o->file);
}

static json_t *json_of_use(struct cache_use use)
{
	json_t *j = json_object();
	json_object_set_new(j, "count", json_of_number(use.count, true));
	json_object_set_new(j, "bytes", json_of_number(use.bytes, true));
	return j;
}

bool cache_render(const struct out *o, struct str format, const void *result, struct arena *a)
{
	const struct cache_result *r = result;
	if (!str_eq(format, STR("json")))
		return cache_table(o, r, a);
	json_t *doc = json_object(), *kinds = json_object();
	json_set_str(doc, "schema", STR("socle/cache/1"));
	json_set_str(doc, "folder", r->report.folder);
	json_object_set_new(doc, "pruned", json_boolean(r->pruned));
	for (unsigned i = 0; i < CACHE_KINDS; i++)
		json_object_set_new(kinds, cache_kind_name(i), json_of_use(r->report.kinds[i]));
	json_object_set_new(doc, "kinds", kinds);
	json_object_set_new(doc, "together", json_of_use(together(&r->report)));
	json_object_set_new(doc, "in_use", json_of_number(r->report.in_use, true));
	return json_write(doc, o->file);
}
