#include "image/contents.h"

struct printing {
	const struct entry *entry;
	bool (*write)(const void *p, size_t n, void *context);
	void *context;
};

static bool put(const struct printing *p, const void *bytes, size_t n, struct err *e)
{
	return p->write(bytes, n, p->context) || err_set(e, ERR_IO, "writing was ended");
}

static bool put_zeros(const struct printing *p, uint64_t n, struct err *e)
{
	static const char zeros[65536];
	while (n > 0) {
		size_t some = n < sizeof zeros ? (size_t)n : sizeof zeros;
		if (!put(p, zeros, some, e))
			return false;
		n -= some;
	}
	return true;
}

static bool wants(const struct entry *entry, void *context)
{
	const struct printing *p = context;
	return entry == p->entry;
}

static bool take(const struct entry *entry, struct content content, bool *done, void *context,
                 struct err *e)
{
	const struct printing *p = context;
	struct str piece;
	uint64_t off = 0, at = 0;
	bool more = true;
	*done = true;
	for (;;) {
		if (!content.next(content.context, &piece, &off, &more, e))
			return false;
		if (!more)
			break;
		if (!put_zeros(p, off - at, e) || !put(p, piece.p, piece.n, e))
			return false;
		at = off + piece.n;
	}
	return at >= entry->size_bytes || put_zeros(p, entry->size_bytes - at, e);
}

static bool find_file(const struct contents *c, struct str path, const struct node **file,
                      struct err *e)
{
	static const char *const why[] = {
		[TREE_ENOENT] = "no such file",
		[TREE_ENOTDIR] = "no folder where the path needs one",
		[TREE_ELOOP] = "too many links",
		[TREE_ENAMETOOLONG] = "too long a name",
	};
	struct node *n;
	enum tree_miss miss = tree_lookup(&c->tree, NULL, path, true, &n);
	if (miss != TREE_FOUND)
		return err_set(e, ERR_INPUT, "%.*s: %s", STR_ARG(path), why[miss]);
	if (node_type(n) == ENTRY_DIR)
		return err_set(e, ERR_INPUT, "%.*s is a folder", STR_ARG(path));
	if (node_type(n) != ENTRY_FILE)
		return err_set(e, ERR_INPUT, "%.*s is no regular file", STR_ARG(path));
	*file = n->same;
	return true;
}

bool image_cat(const struct reference *ref, const struct image_options *options, struct str path,
               bool (*write)(const void *p, size_t n, void *context), void *context, struct err *e)
{
	CLEANUP_CONTENTS struct contents c;
	const struct node *file = NULL;
	struct str kept;
	if (!contents_open(&c, ref, options, e))
		return false;
	if (!find_file(&c, path, &file, e))
		return err_wrap(e, "%.*s", STR_ARG(ref->text));
	struct printing printing = {file->entry, write, context};
	if (node_kept(file, &kept))
		return put(&printing, kept.p, kept.n, e);
	struct contents_reader reader = {wants, take, &printing};
	return file->entry->size_bytes == 0 ||
	       contents_read(&c, contents_layer_of(&c, file->facts), &reader, e) ||
	       err_wrap(e, "%.*s: %.*s", STR_ARG(ref->text), STR_ARG(path));
}
