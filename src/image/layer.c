#include "image/layer.h"

#include <stdlib.h>

#include "core/limits.h"
#include "image/intake.h"
#include "image/tar.h"

/* Fetching and the digest of the packed bytes have a thread, inflating has one; the diff ID,
 * the tar and the facts take the caller's. Inflating costs about as much as what comes behind
 * it, and twice what comes before. */
struct layer {
	struct layer_input input;
	struct sha256 *packed, *unpacked; /* packed: NULL where nobody asks */
	struct pump *pump;
	struct tar *tar;
};

void layer_close(struct layer **layer)
{
	struct layer *l = *layer;
	if (!l)
		return;
	tar_close(&l->tar);
	pump_close(&l->pump);
	sha256_free(&l->packed);
	sha256_free(&l->unpacked);
	free(l);
	*layer = NULL;
}

static bool next_block(void *context, struct str *block, struct err *e)
{
	struct layer *l = context;
	if (!pump_next(l->pump, block, e))
		return false;
	sha256_update(l->unpacked, block->p, block->n);
	return true;
}

/* One stream alone, also to see how it begins: from a registry each costs a request. */
static struct stream *open_stream(struct layer *l, struct err *e)
{
	char head[PACKING_MAGIC_BYTES];
	size_t n;
	struct stream *s = stream_source(l->input.source);
	if (l->input.digest.n && !l->input.source.checked) {
		l->packed = sha256_new();
		s = stream_digest(s, l->packed);
	}
	if (l->packed || l->input.source.open)
		s = stream_ahead(s);
	if (!stream_fill(s, head, sizeof head, &n, e)) {
		stream_close(&s);
		return NULL;
	}
	struct str begins = {head, n};
	s = stream_unpack(stream_after(begins, s), packing_of(begins), e);
	return s ? stream_limit(s, LIMIT_LAYER_BYTES) : NULL;
}

struct layer *layer_open(const struct layer_input *input, struct err *e)
{
	struct layer *l = calloc(1, sizeof *l);
	if (!l)
		out_of_memory();
	l->input = *input;
	l->unpacked = sha256_new();
	struct stream *s = open_stream(l, e);
	if (!s) {
		layer_close(&l);
		return NULL;
	}
	l->pump = pump_start(s);
	l->tar = tar_open((struct tar_input){next_block, NULL, l});
	return l;
}

struct tar *layer_tar(struct layer *l)
{
	return l->tar;
}

static bool check(const char *what, struct str wanted, struct str got, struct err *e)
{
	return wanted.n == 0 || str_eq(wanted, got) ||
	       err_set(e, ERR_INPUT, "%s is %.*s, but should be %.*s: damaged, or not what it says",
	               what, STR_ARG(got), STR_ARG(wanted));
}

/* A tar ends before its file does: padding, and whatever else stands there, counts for the
 * digests. */
bool layer_finish(struct layer *l, struct str *diff_id, struct arena *a, struct err *e)
{
	struct str block;
	do
		if (!next_block(l, &block, e))
			return false;
	while (block.n > 0);
	*diff_id = sha256_final(l->unpacked, a);
	if (l->packed && !check("its digest", l->input.digest, sha256_final(l->packed, a), e))
		return false;
	return check("its diff ID", l->input.diff_id, *diff_id, e);
}

static bool read_entry(struct layer *l, struct intake *in, struct entry *entry,
                       struct arena *scratch, struct err *e)
{
	bool skip;
	if (!tar_whiteout(entry, scratch, &skip, e))
		return err_wrap(e, "the entry at offset %llu",
		                (unsigned long long)tar_header_offset(l->tar));
	if (skip)
		return true;
	if (entry->type != ENTRY_FILE)
		return facts_builder_add(in->builder, entry, NULL, NULL, e);
	if (intake_file(in, entry, tar_content(l->tar), e))
		return true;
	return err_wrap(e, "%.*s", STR_ARG(entry->path));
}

static bool read_entries(struct layer *l, struct intake *in, struct err *e)
{
	for (;;) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct entry entry;
		bool more;
		if (!tar_next(l->tar, &scratch, &entry, &more, e))
			return false;
		if (!more)
			return true;
		if (!read_entry(l, in, &entry, &scratch, e))
			return false;
	}
}

bool layer_read(const struct layer_input *input, struct buf *record, struct str *diff_id,
                struct arena *a, struct err *e)
{
	CLEANUP_LAYER struct layer *l = layer_open(input, e);
	if (!l)
		return false;
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct facts_builder *builder = facts_builder_new(&scratch);
	struct intake in;
	intake_open(&in, builder);
	bool ok = read_entries(l, &in, e) && layer_finish(l, diff_id, a, e) &&
	          facts_builder_encode(builder, *diff_id, input->source.size_bytes, record, e);
	intake_close(&in);
	facts_builder_release(builder);
	return ok;
}
