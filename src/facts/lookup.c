/* Path resolution as path_resolution(7) has it, in a root of our own: an
 * absolute link starts at the root, ".." at the root stays there, and after
 * LIMIT_SYMLINKS links comes ELOOP. */
#include "core/limits.h"
#include "facts/tree.h"

struct walk {
	const struct tree *t;
	const struct node *root;
	const struct node *at;
	struct str rest[LIMIT_SYMLINKS + 1]; /* what is still to walk; links push theirs on top */
	size_t depth;
	unsigned links;
	bool follow;
	bool ended_in_slash; /* some path did: what it names must be a folder */
};

/* The next component of the innermost path; false when all are walked. */
static bool next_part(struct walk *w, struct str *part)
{
	while (w->depth > 0) {
		struct str *rest = &w->rest[w->depth - 1];
		while (rest->n && rest->p[0] == '/')
			*rest = str_skip(*rest, 1);
		if (rest->n)
			return str_next(rest, '/', part);
		w->depth--;
	}
	return false;
}

/* True where nothing but the end of all paths follows. A slash counts as something: it
 * makes the kernel follow a link and want a folder. */
static bool is_last(const struct walk *w)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->rest[i].n)
			return false;
	return true;
}

static enum tree_miss push(struct walk *w, struct str path)
{
	if (path.n == 0)
		return TREE_ENOENT;
	if (path.n >= LIMIT_PATH_BYTES)
		return TREE_ENAMETOOLONG;
	if (path.p[0] == '/')
		w->at = w->root;
	if (path.p[path.n - 1] == '/' && is_last(w))
		w->ended_in_slash = true;
	/* Paths walked to their end make room: at most one a link stays. */
	while (w->depth > 0 && w->rest[w->depth - 1].n == 0)
		w->depth--;
	w->rest[w->depth++] = path;
	return TREE_FOUND;
}

static enum tree_miss follow_link(struct walk *w, const struct node *link)
{
	if (w->links++ >= LIMIT_SYMLINKS)
		return TREE_ELOOP;
	return push(w, node_link(link));
}

static enum tree_miss step(struct walk *w, struct str part)
{
	if (part.n > LIMIT_NAME_BYTES)
		return TREE_ENAMETOOLONG;
	if (node_type(w->at) != ENTRY_DIR)
		return TREE_ENOTDIR;
	if (str_eq(part, STR(".")))
		return TREE_FOUND;
	if (str_eq(part, STR(".."))) {
		if (w->at != w->root && w->at->parent)
			w->at = w->at->parent;
		return TREE_FOUND;
	}
	struct node *n = tree_child(w->t, w->at, part);
	if (!n)
		return TREE_ENOENT;
	/* A link's own path starts in the link's folder, where `at` still is. */
	if (node_type(n) == ENTRY_SYMLINK && (w->follow || w->ended_in_slash || !is_last(w)))
		return follow_link(w, n);
	w->at = n;
	return TREE_FOUND;
}

enum tree_miss tree_lookup_within(const struct tree *t, const struct node *root,
                                  const struct node *from, struct str path, bool follow,
                                  struct node **node)
{
	struct walk w = {.t = t, .root = root, .at = from ? from : root, .follow = follow};
	*node = NULL;
	enum tree_miss miss = push(&w, path);
	struct str part;
	while (miss == TREE_FOUND && next_part(&w, &part))
		miss = step(&w, part);
	if (miss != TREE_FOUND)
		return miss;
	if (w.ended_in_slash && node_type(w.at) != ENTRY_DIR)
		return TREE_ENOTDIR;
	*node = (struct node *)(uintptr_t)w.at;
	return TREE_FOUND;
}

enum tree_miss tree_lookup(const struct tree *t, const struct node *from, struct str path,
                           bool follow, struct node **node)
{
	return tree_lookup_within(t, t->root, from, path, follow, node);
}

struct node *tree_find(const struct tree *t, struct str path)
{
	struct node *n;
	tree_lookup(t, NULL, path, true, &n);
	return n;
}

bool tree_kept(const struct tree *t, struct str path, struct str *content)
{
	struct node *n = tree_find(t, path);
	*content = STR_NONE;
	return n && node_kept(n, content);
}
