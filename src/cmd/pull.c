/* socle pull: images of registries into the store, and from there into layouts. */
#include "cmd/commands.h"
#include "cmd/open.h"
#include "image/layout_write.h"
#include "report/store_report.h"

/* Facts may be known without the bytes, which are what is wanted here. */
static bool check_kept(const struct workplace *w, const struct image *img, struct err *e)
{
	for (size_t i = 0; i < img->layer_count; i++) {
		const struct image_layer *l = &img->layer_info[i];
		if (blobs_has(&w->blobs, l->digest, l->packed_bytes))
			continue;
		struct err why = blobs_why_not((struct blobs *)(uintptr_t)&w->blobs);
		return err_set(e, ERR_IO, "%.*s could not be kept: %s", STR_ARG(img->name),
		               why.code ? why.message : "it is gone again");
	}
	return true;
}

static void count(struct pull_row *row, const struct image *img)
{
	for (size_t i = 0; i < img->layer_count; i++) {
		row->packed_bytes += img->layer_info[i].packed_bytes;
		row->unpacked_bytes += img->layers[i]->unpacked_bytes;
		if (!img->layer_info[i].was_kept)
			row->fetched_bytes += img->layer_info[i].packed_bytes;
	}
	row->layers = img->layer_count;
}

static bool pull_one(struct workplace *w, struct session *s, struct str text,
                     struct pull_row *row, struct layout_image *to, struct err *e)
{
	struct image img;
	*row = (struct pull_row){.image = text};
	if (!workplace_remote(w, s, text, &to->ref, e) ||
	    !image_open(&img, &to->ref, &w->store, &w->image_options, s->arena, e) ||
	    !check_kept(w, &img, e))
		return false;
	struct registry_name name = registry_name_of(&to->ref, s->arena);
	row->reference = to->full_name = registry_name_str(&name, s->arena);
	to->tag = name.by_digest ? STR_NONE : name.reference;
	row->digest = img.digest;
	row->index_digest = img.index_digest;
	row->config = img.config;
	count(row, &img);
	/* A tag may move meanwhile: what was pulled is what is written. */
	to->ref.digest = img.digest;
	return true;
}

int cmd_pull(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	struct str to = session_value(s, "to");
	if (s->args.n < 1)
		return session_usage(s, "pull wants at least one image");
	if (to.n && !layout_write_check(to, &e))
		return session_fail(&e);
	if (!workplace_open(&w, s, &e))
		return session_fail(&e);
	w.image_options.keep = KEEP_ALL;
	struct pull_row *rows = arena_array(s->arena, s->args.n, sizeof *rows);
	struct layout_image *images = arena_array(s->arena, s->args.n, sizeof *images);
	for (size_t i = 0; i < s->args.n; i++)
		if (!pull_one(&w, s, s->args.p[i], &rows[i], &images[i], &e))
			return session_fail(&e);
	/* By digest there is no platform left to choose. */
	w.image_options.platform = STR_NONE;
	if (to.n && !layout_write(to, images, s->args.n, &w.image_options, s->arena, &e))
		return session_fail(&e);
	struct pull_result result = {.rows = rows, .count = s->args.n, .to = to};
	if (!session_render(s, pull_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
