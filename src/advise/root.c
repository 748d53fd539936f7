#include "advise/root.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "image/cache.h"
#include "os/file.h"
#include "os/folder_tree.h"

struct hashing {
	EVP_MD_CTX *ctx;
	struct arena *arena;
	bool ok;
};

static void hash(struct hashing *h, struct str s)
{
	h->ok = h->ok && EVP_DigestUpdate(h->ctx, s.p, s.n) && EVP_DigestUpdate(h->ctx, " ", 1);
}

static bool hash_path(const struct node *n, void *context)
{
	struct hashing *h = context;
	hash(h, tree_path(n, h->arena));
	return true;
}

/* OCI image-spec config.md, "Layer ChainID", folded into one digest; the owner that unpacks
 * belongs to the name, since only root keeps other owners. */
static struct str root_name(const struct image *img, const struct tree *only, struct arena *a)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct hashing h = {ctx, a, ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL)};
	for (size_t i = 0; i < img->layer_count; i++)
		hash(&h, img->layers[i]->diff_id);
	if (only)
		tree_walk(only, only->root, a, hash_path, &h);
	bool ok = h.ok && EVP_DigestFinal_ex(ctx, digest, &length);
	EVP_MD_CTX_free(ctx);
	if (!ok)
		out_of_memory();
	struct str name = arena_printf(a, "%u-", (unsigned)geteuid());
	for (unsigned i = 0; i < length; i++)
		name = arena_printf(a, "%.*s%02x", STR_ARG(name), digest[i]);
	return name;
}

static bool unpack(struct str roots, struct str folder, const struct reference *ref,
                   const struct image_options *options, const struct tree *only, struct arena *a,
                   struct err *e)
{
	char *temporary = arena_cstr(a, arena_printf(a, "%.*s/.unpacking-XXXXXX", STR_ARG(roots)));
	/* In use before it has its name: nobody who prunes finds it free. */
	if (!mkdtemp(temporary) || !cache_use_root(temporary))
		return err_errno(e, "%s", temporary);
	CLEANUP_FD int fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 ? image_unpack(ref, options, only, fd, e) : err_errno(e, "%s", temporary);
	if (ok && chmod(temporary, 0755) < 0)
		ok = err_errno(e, "%s", temporary);
	/* Another run may have been faster: then its folder is as good. */
	if (ok && rename(temporary, folder.p) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		ok = err_errno(e, "%.*s", STR_ARG(folder));
	/* The folder has the times that the image says by now. */
	ok = ok && (cache_use_root(folder.p) || err_errno(e, "%.*s", STR_ARG(folder)));
	struct err ignored = ERR_INIT;
	return folder_tree_remove(AT_FDCWD, temporary, ok ? e : &ignored) && ok;
}

bool root_folder(const struct image *img, const struct reference *ref,
                 const struct image_options *options, const struct tree *only, struct str cache,
                 struct str *folder, struct arena *a, struct err *e)
{
	*folder = img->folder;
	if (img->folder.n || ref->kind == REFERENCE_SCRATCH)
		return true;
	if (!cache.n)
		return err_set(e, ERR_IO, "no cache folder to unpack %.*s into: set XDG_CACHE_HOME or HOME",
		               STR_ARG(img->name));
	struct str roots = arena_printf(a, "%.*s/roots", STR_ARG(cache));
	*folder = arena_printf(a, "%.*s/%.*s", STR_ARG(roots), STR_ARG(root_name(img, only, a)));
	if (cache_use_root(folder->p))
		return true;
	if (!folder_make(roots.p, e))
		return false;
	cache_sweep_roots(roots.p);
	return unpack(roots, *folder, ref, options, only, a, e);
}
