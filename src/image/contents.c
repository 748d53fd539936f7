#include "image/contents.h"

#include <fcntl.h>

#include "image/layer.h"
#include "image/opening.h"
#include "image/tar.h"
#include "os/beneath.h"
#include "os/file.h"

bool contents_open(struct contents *c, const struct reference *ref,
                   const struct image_options *options, struct err *e)
{
	*c = (struct contents){.arena = ARENA_INIT, .located.fd = -1, .store.dir_fd = -1};
	store_open(&c->store, &c->arena);
	tree_init(&c->tree, &c->arena);
	return image_open_located(&c->image, &c->located, ref, &c->store, options, &c->arena, e) &&
	       image_merge(&c->image, STR(""), &c->tree, e);
}

void contents_close(struct contents *c)
{
	located_close(&c->located);
	store_close(&c->store);
	arena_release(&c->arena);
}

size_t contents_layer_of(const struct contents *c, const struct facts *f)
{
	size_t i = 0;
	while (i < c->image.layer_count && c->image.layers[i] != f)
		i++;
	return i;
}

/* ---- Layers ---- */

static bool changed(const struct entry *entry, struct err *e)
{
	return err_set(e, ERR_INPUT, "%.*s: the archive changed while it was read",
	               STR_ARG(entry->path));
}

/* Entries stand in a record as they stand in the archive: both are walked side by side. */
static bool read_entries(struct layer *l, const struct facts *f,
                         const struct contents_reader *reader, bool *done, struct err *e)
{
	for (size_t i = 0; !*done;) {
		CLEANUP_ARENA struct arena scratch = ARENA_INIT;
		struct entry entry;
		bool more, skip;
		if (!tar_next(layer_tar(l), &scratch, &entry, &more, e))
			return false;
		if (!more)
			return i == f->entry_count || changed(&f->entries[i], e);
		if (!tar_whiteout(&entry, &scratch, &skip, e))
			return false;
		if (skip)
			continue;
		if (i >= f->entry_count || !str_eq(entry.path, f->entries[i].path) ||
		    entry.type != f->entries[i].type ||
		    entry.size_bytes != f->entries[i].size_bytes)
			return changed(&entry, e);
		const struct entry *known = &f->entries[i++];
		if (known->type == ENTRY_FILE && reader->wants(known, reader->context) &&
		    !reader->take(known, tar_content(layer_tar(l)), done, reader->context, e))
			return false;
	}
	return true;
}

static bool read_layer(struct contents *c, size_t index, const struct contents_reader *reader,
                       struct err *e)
{
	const struct located_layer *at = &c->located.layers.p[index];
	const struct facts *f = c->image.layers[index];
	struct layer_input input = {at->source, at->digest, f->diff_id};
	struct str diff_id;
	bool done = false;
	CLEANUP_LAYER struct layer *l = layer_open(&input, e);
	return l && read_entries(l, f, reader, &done, e) &&
	       (done || layer_finish(l, &diff_id, &c->arena, e));
}

/* ---- Folders and single files ---- */

static bool read_file(int fd, const struct entry *entry, const struct contents_reader *reader,
                      bool *done, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	return reader->take(entry, file_content(fd, entry->size_bytes, &scratch), done,
	                    reader->context, e);
}

static bool read_folder(struct contents *c, const struct contents_reader *reader, struct err *e)
{
	const struct facts *f = c->image.layers[0];
	bool done = false;
	for (size_t i = 0; i < f->entry_count && !done; i++) {
		const struct entry *entry = &f->entries[i];
		if (entry->type != ENTRY_FILE || !reader->wants(entry, reader->context))
			continue;
		char *path = arena_cstr(&c->arena, entry->path);
		CLEANUP_FD int fd = open_beneath(c->located.fd, path, O_RDONLY | O_NONBLOCK, 0);
		if (fd < 0)
			return err_errno(e, "%s", path);
		if (!read_file(fd, entry, reader, &done, e))
			return false;
	}
	return true;
}

bool contents_read(struct contents *c, size_t layer, const struct contents_reader *reader,
                   struct err *e)
{
	bool done = false;
	switch (c->located.kind) {
	case LOCATED_SCRATCH:
		return true;
	case LOCATED_FOLDER:
		return read_folder(c, reader, e);
	case LOCATED_ONE_FILE:
		return !reader->wants(&c->image.layers[0]->entries[0], reader->context) ||
		       read_file(c->located.fd, &c->image.layers[0]->entries[0], reader, &done, e);
	case LOCATED_LAYERS:
		break;
	}
	const struct located_layer *at = &c->located.layers.p[layer];
	struct registry *registry = c->located.registry;
	if (registry && !located_is_kept(&c->located, at))
		registry_await(registry, at->source.size_bytes);
	bool ok = read_layer(c, layer, reader, e);
	if (registry)
		registry_settle(registry);
	if (ok)
		return true;
	if (c->image.layer_count > 1)
		err_wrap(e, "layer %zu of %zu", layer + 1, c->image.layer_count);
	return false;
}
