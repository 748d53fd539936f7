/* tree: layers laid over one another, and paths looked up as in a chroot.
 *
 * tree_add() lays one layer's facts on top by the OCI layer rules (image-spec
 * layer.md: whiteouts, opaque whiteouts, hard links) as overlayfs shows them.
 * Links are resolved inside the root: an absolute target starts at the root,
 * and ".." at the root stays there. Pure; the facts must outlive the tree. */
#pragma once

#include "core/arena.h"
#include "core/map.h"
#include "facts/facts.h"

struct node {
	struct str name; /* last component; the root's is empty */
	struct node *parent, *child, *next; /* child: newest first; siblings through next */
	struct node *prev;                  /* the sibling before, for taking a node out */
	const struct facts *facts;          /* the layer that `entry` comes from */
	const struct entry *entry;          /* NULL: a folder that no layer lists (implied) */
	const struct node *same;            /* hard link: the node whose file this is; else itself */
	uint32_t layer;                     /* 0 is the lowest; implied: the first to need it */
	uint32_t hash;                      /* of (parent, name) */
	uint64_t inode;                     /* equal for names of one file */
	uint16_t depth;                     /* 0 at the root, LIMIT_TREE_DEPTH at most */
	bool gone;                          /* taken out; only the hash table still holds it */
};

struct tree {
	struct arena *arena;
	struct node *root;
	struct node **slot; /* hash table: (parent, name) to node */
	size_t slot_used, slot_cap;
	uint32_t layer_count;
	uint64_t next_inode;
};

void tree_init(struct tree *t, struct arena *a);

/* Lays `f` over what is there. With `at` ("app") every path of the layer is put below it;
 * `at` itself is looked up as in a chroot (links followed) and made where it is missing.
 * False where a layer contradicts itself (ERR_INPUT): a hard link to nothing, a path that
 * leads through one of its own files. */
MUST_USE bool tree_add(struct tree *t, const struct facts *f, struct str at, struct err *e);

enum tree_miss { TREE_FOUND, TREE_ENOENT, TREE_ENOTDIR, TREE_ELOOP, TREE_ENAMETOOLONG };

/* Looks `path` up from `from` (NULL: the root; an absolute path always starts there).
 * Follows a link at the end only with `follow`. *node is NULL unless TREE_FOUND. */
enum tree_miss tree_lookup(const struct tree *t, const struct node *from, struct str path,
                           bool follow, struct node **node);

/* The same with `root` for the root, which is left neither upwards nor by absolute paths;
 * `from` (NULL: root) lies in it. */
enum tree_miss tree_lookup_within(const struct tree *t, const struct node *root,
                                  const struct node *from, struct str path, bool follow,
                                  struct node **node);

/* tree_lookup() from the root, following, or NULL. */
struct node *tree_find(const struct tree *t, struct str path);

/* The child called `name`, links not followed, or NULL. */
struct node *tree_child(const struct tree *t, const struct node *dir, struct str name);

/* "/usr/lib/libc.so.6", in `a`. The root is "/". */
struct str tree_path(const struct node *n, struct arena *a);

uint8_t node_type(const struct node *n); /* enum entry_type; hard links give ENTRY_FILE */
uint16_t node_mode(const struct node *n);
uint64_t node_size_bytes(const struct node *n);
struct str node_link(const struct node *n);
struct str node_shebang(const struct node *n);
struct str node_elf_error(const struct node *n);
const struct elf_object *node_elf(const struct node *n);
bool node_kept(const struct node *n, struct str *content);
bool node_gist(const struct node *n, struct str *gist);

/* Convenience: the kept content of `path`, links followed; false where there is none. */
bool tree_kept(const struct tree *t, struct str path, struct str *content);

/* A folder's children in byte order of their names, in `a`. */
const struct node **node_children(const struct node *dir, struct arena *a, size_t *count);

/* Depth first, children in byte order of their names; stops when `visit` gives false. */
bool tree_walk(const struct tree *t, const struct node *from, struct arena *scratch,
               bool (*visit)(const struct node *n, void *context), void *context);

/* What is visible, each inode once. */
struct tree_size {
	size_t files, folders, links;       /* folders: with the root, once it holds anything */
	uint64_t file_bytes, link_bytes;    /* contents; lengths of symbolic links' targets */
};
struct tree_size tree_measure(const struct tree *t);

/* Unpacked size as `du -sb` gives it on ext4: file_bytes + link_bytes + 4096 a folder. */
uint64_t tree_size_bytes(const struct tree *t, size_t *files);
