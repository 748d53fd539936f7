/* Unpacking: the merged tree is made as folders, links and empty files, and then each layer
 * is read for the files that are visible.
 *
 * Names and types come from the tree, where every folder is a real one and links have been
 * resolved already: nothing here follows a link, so that nothing can be written outside,
 * whatever the archives say. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/vec.h"
#include "image/contents.h"
#include "os/beneath.h"
#include "os/file.h"

struct unpacking {
	struct contents c;
	const struct tree *only; /* NULL: everything */
	int root_fd;
	bool keep_owners;
	const struct node **first;        /* by inode: the name that is written first */
	const struct node ***target;      /* by layer and entry: the name that its content fills */
	VEC(const struct node *) folders; /* from the root downwards */
	const struct node *parent;        /* of the node before, and its folder */
	int parent_fd;
};

static char *path_of(struct unpacking *u, const struct node *n)
{
	return arena_cstr(&u->c.arena, str_skip(tree_path(n, &u->c.arena), 1));
}

static bool fail(struct unpacking *u, const struct node *n, struct err *e)
{
	return err_errno(e, "unpacking /%s", path_of(u, n));
}

/* Nodes come folder by folder. */
static int folder_of(struct unpacking *u, const struct node *n)
{
	if (u->parent == n->parent && u->parent_fd >= 0)
		return u->parent_fd;
	fd_close(&u->parent_fd);
	u->parent_fd = open_beneath(u->root_fd, path_of(u, n->parent), O_PATH | O_DIRECTORY, 0);
	u->parent = n->parent;
	return u->parent_fd;
}

/* ---- Owner, mode, time ---- */

/* Owners are kept as far as this process may. */
static bool set_owner(const struct unpacking *u, int dir_fd, const char *name, const struct node *n)
{
	const struct entry *entry = n->same->entry;
	uid_t uid = entry ? entry->uid : 0;
	gid_t gid = entry ? entry->gid : 0;
	return u->keep_owners &&
	       fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0;
}

/* A set-id bit is for the owner that the file had: under another it would hand that one's
 * rights to whoever runs the file. */
static mode_t mode_of(const struct node *n, bool owned)
{
	return node_mode(n) & (owned ? 07777 : 01777);
}

static void times_of(const struct node *n, struct timespec times[2])
{
	const struct entry *entry = n->same->entry;
	times[0] = times[1] = (struct timespec){.tv_sec = entry ? entry->mtime_s : 0};
}

static void set_times(int dir_fd, const char *name, const struct node *n)
{
	struct timespec times[2];
	times_of(n, times);
	utimensat(dir_fd, name, times, AT_SYMLINK_NOFOLLOW);
}

/* chown(2) clears set-id bits: the mode comes behind it. */
static bool set_all(const struct unpacking *u, int fd, const struct node *n)
{
	struct timespec times[2];
	times_of(n, times);
	bool owned = set_owner(u, fd, "", n);
	return fchmod(fd, mode_of(n, owned)) == 0 && futimens(fd, times) == 0;
}

/* ---- Making the tree ---- */

static bool make_symlink(struct unpacking *u, const struct node *n, int dir_fd, const char *name,
                         struct err *e)
{
	if (symlinkat(arena_cstr(&u->c.arena, node_link(n)), dir_fd, name) < 0)
		return fail(u, n, e);
	set_owner(u, dir_fd, name, n);
	set_times(dir_fd, name, n);
	return true;
}

static dev_t device_of(const struct node *n)
{
	struct str numbers = n->same->entry->link;
	uint64_t major = 0, minor = 0;
	size_t colon = str_index(numbers, ':');
	str_to_u64(str_slice(numbers, 0, colon), &major);
	str_to_u64(str_skip(numbers, colon + 1), &minor);
	return makedev((unsigned)major, (unsigned)minor);
}

/* Devices are for root alone; a container's own are the runtime's to make, so that a folder
 * without them serves as well. 0:0 is no device, but a whiteout to overlayfs, below which the
 * folder may come to lie. */
static bool make_special(struct unpacking *u, const struct node *n, int dir_fd, const char *name,
                         struct err *e)
{
	mode_t type = node_type(n) == ENTRY_CHAR    ? S_IFCHR
	              : node_type(n) == ENTRY_BLOCK ? S_IFBLK
	                                            : S_IFIFO;
	dev_t device = type == S_IFIFO ? 0 : device_of(n);
	if (type == S_IFCHR && device == 0)
		return true;
	if (mknodat(dir_fd, name, type | 0600, device) < 0)
		return (type != S_IFIFO && (errno == EPERM || errno == EACCES)) || fail(u, n, e);
	bool owned = set_owner(u, dir_fd, name, n);
	if (fchmodat(dir_fd, name, mode_of(n, owned), 0) < 0)
		return fail(u, n, e);
	set_times(dir_fd, name, n);
	return true;
}

/* Empty for now; its layer is read later. */
static bool make_file(struct unpacking *u, const struct node *n, int dir_fd, const char *name,
                      struct err *e)
{
	CLEANUP_FD int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(u, n, e);
	if (n->same->entry->size_bytes == 0)
		return set_all(u, fd, n) || fail(u, n, e);
	const struct facts *facts = n->same->facts;
	size_t layer = contents_layer_of(&u->c, facts);
	u->target[layer][n->same->entry - facts->entries] = n;
	return true;
}

static bool make_other_name(struct unpacking *u, const struct node *n, int dir_fd, const char *name,
                            struct err *e)
{
	const struct node *first = u->first[n->inode];
	CLEANUP_FD int from =
		open_beneath(u->root_fd, path_of(u, first->parent), O_PATH | O_DIRECTORY, 0);
	char *first_name = arena_cstr(&u->c.arena, first->name);
	return (from >= 0 && linkat(from, first_name, dir_fd, name, 0) == 0) || fail(u, n, e);
}

static bool make_folder(struct unpacking *u, const struct node *n, int dir_fd, const char *name,
                        struct err *e)
{
	*vec_push(&u->folders, &u->c.arena) = n;
	return mkdirat(dir_fd, name, 0700) == 0 || fail(u, n, e);
}

static bool make_node(struct unpacking *u, const struct node *n, struct err *e)
{
	int dir_fd = folder_of(u, n);
	char *name = arena_cstr(&u->c.arena, n->name);
	if (dir_fd < 0)
		return fail(u, n, e);
	if (node_type(n) == ENTRY_DIR)
		return make_folder(u, n, dir_fd, name, e);
	if (u->first[n->inode])
		return make_other_name(u, n, dir_fd, name, e);
	u->first[n->inode] = n;
	switch (node_type(n)) {
	case ENTRY_FILE:
		return make_file(u, n, dir_fd, name, e);
	case ENTRY_SYMLINK:
		return make_symlink(u, n, dir_fd, name, e);
	default:
		return make_special(u, n, dir_fd, name, e);
	}
}

static bool is_wanted(struct unpacking *u, const struct node *n)
{
	struct node *same;
	return !u->only ||
	       tree_lookup(u->only, NULL, tree_path(n, &u->c.arena), false, &same) == TREE_FOUND;
}

struct making {
	struct unpacking *u;
	struct err *e;
};

static bool visit(const struct node *n, void *context)
{
	struct making *m = context;
	if (n->parent)
		return !is_wanted(m->u, n) || make_node(m->u, n, m->e);
	*vec_push(&m->u->folders, &m->u->c.arena) = n; /* the root is there already */
	return true;
}

static bool make_tree(struct unpacking *u, struct err *e)
{
	struct contents *c = &u->c;
	struct making making = {u, e};
	u->first = arena_array(&c->arena, c->tree.next_inode, sizeof *u->first);
	u->target = arena_array(&c->arena, c->image.layer_count, sizeof *u->target);
	for (size_t i = 0; i < c->image.layer_count; i++)
		u->target[i] =
			arena_array(&c->arena, c->image.layers[i]->entry_count, sizeof **u->target);
	return tree_walk(&c->tree, c->tree.root, &c->arena, visit, &making);
}

/* ---- Filling files ---- */

struct filling {
	struct unpacking *u;
	const struct facts *facts;
	const struct node **target; /* by entry */
};

static bool wants(const struct entry *entry, void *context)
{
	const struct filling *f = context;
	return f->target[entry - f->facts->entries] != NULL;
}

static bool write_content(int fd, const struct entry *entry, struct content content, struct err *e)
{
	struct str piece;
	uint64_t off;
	bool more;
	for (;;) {
		if (!content.next(content.context, &piece, &off, &more, e))
			return false;
		if (!more)
			break;
		if (lseek(fd, (off_t)off, SEEK_SET) < 0)
			return err_errno(e, "seeking");
		if (!fd_write_all(fd, piece.p, piece.n, e))
			return false;
	}
	/* A sparse file may end in a hole. */
	return ftruncate(fd, (off_t)entry->size_bytes) == 0 || err_errno(e, "sizing");
}

static bool take(const struct entry *entry, struct content content, bool *done, void *context,
                 struct err *e)
{
	struct filling *f = context;
	struct unpacking *u = f->u;
	const struct node *n = f->target[entry - f->facts->entries];
	(void)done;
	CLEANUP_FD int fd = open_beneath(u->root_fd, path_of(u, n), O_WRONLY, 0);
	if (fd < 0)
		return fail(u, n, e);
	if (!write_content(fd, entry, content, e))
		return err_wrap(e, "unpacking /%s", path_of(u, n));
	return set_all(u, fd, n) || fail(u, n, e);
}

static bool fill_files(struct unpacking *u, struct err *e)
{
	for (size_t i = 0; i < u->c.image.layer_count; i++) {
		struct filling filling = {u, u->c.image.layers[i], u->target[i]};
		struct contents_reader reader = {wants, take, &filling};
		if (!contents_read(&u->c, i, &reader, e))
			return false;
	}
	return true;
}

/* From the bottom up: what is made in a folder changes its time, and a folder that may not
 * be written to takes nothing. */
static bool finish_folders(struct unpacking *u, struct err *e)
{
	for (size_t i = u->folders.n; i-- > 0;) {
		const struct node *n = u->folders.p[i];
		CLEANUP_FD int fd =
			open_beneath(u->root_fd, path_of(u, n), O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0 || !set_all(u, fd, n))
			return fail(u, n, e);
	}
	return true;
}

bool image_unpack(const struct reference *ref, const struct image_options *options,
                  const struct tree *only, int folder_fd, struct err *e)
{
	struct unpacking u = {.only = only, .root_fd = folder_fd, .parent_fd = -1,
	                      .keep_owners = geteuid() == 0};
	bool ok = contents_open(&u.c, ref, options, e);
	if (ok) {
		ok = make_tree(&u, e) && fill_files(&u, e) && finish_folders(&u, e);
		if (!ok)
			err_wrap(e, "%.*s", STR_ARG(ref->text));
	}
	fd_close(&u.parent_fd);
	contents_close(&u.c);
	return ok;
}
