#include "advise/above.h"

#include "core/limits.h"
#include "facts/flatten.h"
#include "os/file.h"
#include "package/package.h"

const char *above_how_name(enum above_how how)
{
	static const char *const name[] = {"", "--base-was", "its layers", "its annotations",
	                                   "its packages"};
	return name[how];
}

struct str above_text(struct str name, const struct above *above, struct arena *a)
{
	size_t own = above->layer_count - above->base_layers;
	struct str packages = STR("");
	if (above->how == ABOVE_UNKNOWN)
		return arena_printf(a, "%.*s: its base is not known, so all of it is the application "
		                    "(--base-was says what it stands on)", STR_ARG(name));
	struct str part = above->base_layers
		? arena_printf(a, "%zu of %zu layers are the application", own, above->layer_count)
		: STR("what is not that base's is the application");
	if (above->packages.n > 4)
		packages = arena_printf(a, ", with %zu packages added", above->packages.n);
	else
		for (size_t i = 0; i < above->packages.n; i++)
			packages = arena_printf(a, "%.*s%s%.*s", STR_ARG(packages), i ? ", " : ", with ",
			                        STR_ARG(above->packages.p[i]));
	return arena_printf(a, "%.*s stands on %.*s (by %s): %.*s%.*s", STR_ARG(name),
	                    STR_ARG(above->base), above_how_name(above->how), STR_ARG(part),
	                    STR_ARG(packages));
}

struct finding_base {
	const struct base_context *c;
	const struct image *img;
	struct tree whole;      /* of the image */
	struct str_vec packages;
	struct base base;       /* that was found */
	struct tree base_tree;
	struct str_vec base_packages;
};

/* ---- By layers ---- */

/* Whether the lowest layers of `img` are these. */
static bool begins_with(const struct image *img, const struct image_layer *layers, size_t count)
{
	if (count == 0 || count > img->layer_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!layers[i].diff_id.n || !str_eq(layers[i].diff_id, img->layer_info[i].diff_id))
			return false;
	return true;
}

/* A base of the catalogue that has been fetched before, by its digest: nobody is asked for it. */
static bool fetched(const struct catalogue_base *b, const struct base_context *c,
                    struct reference *ref, struct arena *a)
{
	struct str digest, name = catalogue_reference(b, a);
	struct err ignored = ERR_INIT;
	if (!name.n)
		return false;
	name = arena_printf(a, "docker://%.*s", STR_ARG(name));
	if (!reference_parse(ref, name, path_exists, a, &ignored))
		return false;
	struct registry_name tag = registry_name_of(ref, a);
	struct str kept_name = registry_kept_name(c->image_options->registry, &tag, a);
	if (!blobs_tag_get(c->image_options->blobs, kept_name, &digest, a))
		return false;
	name = arena_printf(a, "%.*s@%.*s", STR_ARG(name), STR_ARG(digest));
	return reference_parse(ref, name, path_exists, a, &ignored);
}

/* Of those the highest that lies below this image. */
static bool by_layers(struct finding_base *f, struct arena *a)
{
	const struct base_context *c = f->c;
	struct err ignored = ERR_INIT;
	struct str name = STR(""), found = STR("");
	size_t most = 0;
	for (size_t i = 0; c->image_options->blobs && i < c->catalogue->n; i++) {
		struct reference ref;
		struct image b;
		if (!fetched(&c->catalogue->bases[i], c, &ref, a) ||
		    !image_peek(&b, &ref, c->image_options, a, &ignored) || b.layer_count <= most ||
		    !begins_with(f->img, b.layer_info, b.layer_count))
			continue;
		most = b.layer_count;
		found = ref.text;
		name = c->catalogue->bases[i].name;
	}
	if (!most || !base_open(&f->base, found, c, &ignored))
		return false;
	f->base.name = name;
	return true;
}

/* ---- By packages ---- */

static struct map set_of(const struct str_vec *names, struct arena *a)
{
	struct map set = {0};
	for (size_t i = 0; i < names->n; i++)
		map_put(&set, a, names->p[i], NULL);
	return set;
}

static bool has_all(const struct map *set, const struct str_vec *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!map_find(set, names->p[i]))
			return false;
	return names->n > 0;
}

/* ID, and VERSION_ID where `exact`. */
static struct str system_of(const struct tree *t, bool exact, struct arena *a)
{
	struct str id, version;
	packages_system(t, &id, &version);
	/* Alpine's "3.20.3" is 3.20. */
	size_t dot = str_index(version, '.');
	version = str_slice(version, 0, dot + 1 + str_index(str_skip(version, dot + 1), '.'));
	return exact ? arena_printf(a, "%.*s %.*s", STR_ARG(id), STR_ARG(version)) : id;
}

/* The base of the same system all of whose packages are there, and that has the most of them: of
 * the same version where one is known. */
static bool by_packages(struct finding_base *f, bool exact, struct arena *a)
{
	const struct base_context *c = f->c;
	struct map has = set_of(&f->packages, a);
	struct str system = system_of(&f->whole, exact, a);
	struct str architecture = f->img->config.architecture;
	size_t most = 0, count;
	const struct shipped_facts *shipped = shipped_list(&count);
	for (size_t i = 0; i < count; i++) {
		struct base b;
		struct tree t;
		struct err ignored = ERR_INIT;
		if ((architecture.n && !str_eq(shipped[i].architecture, architecture)) ||
		    !base_open_shipped(&b, &shipped[i], c, &ignored) || !base_tree(&b, &t, a, &ignored) ||
		    !str_eq(system_of(&t, exact, a), system))
			continue;
		struct str_vec names = packages_of(&t, a);
		if (names.n <= most || !has_all(&has, &names))
			continue;
		most = names.n;
		f->base = b;
	}
	return most > 0;
}

/* ---- Finding it ---- */

/* What an annotation names, by its digest where it says one; false where that is out of reach. */
static bool annotated(struct finding_base *f, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct str name = f->img->base_name, digest = f->img->base_digest;
	if (!name.n)
		return false;
	struct str pinned = digest.n ? arena_printf(a, "docker://%.*s@%.*s", STR_ARG(name), STR_ARG(digest))
	                             : arena_printf(a, "docker://%.*s", STR_ARG(name));
	if (base_open(&f->base, pinned, f->c, &ignored)) {
		f->base.name = name;
		return true;
	}
	return catalogue_find(f->c->catalogue, name, a) &&
	       base_open(&f->base, name, f->c, &ignored) && f->base.has_facts;
}

static bool said(struct finding_base *f, struct str base_was, struct err *e)
{
	if (!base_open(&f->base, base_was, f->c, e))
		return err_wrap(e, "--base-was");
	return f->base.has_facts ||
	       err_set(e, ERR_USAGE, "--base-was %.*s: nothing is known of what is in it: %.*s",
	               STR_ARG(base_was), STR_ARG(f->base.how_to_get));
}

/* ---- Telling them apart ---- */

struct splitting {
	struct finding_base *f;
	size_t base_layers;  /* that hold the base's packages */
	bool all;            /* and nothing else */
	bool exact;          /* they are the base's own layers, and no others are */
	bool mixed;          /* files of both lie in one layer */
	struct map base_own; /* inode of a file of the base's packages */
	struct map kept;     /* node, by its address */
	struct arena *arena;
};

static struct str key_of(const void *p, size_t size, struct arena *a)
{
	char *key = arena_alloc(a, size);
	memcpy(key, p, size);
	return (struct str){key, size};
}

/* The fewest layers that hold all of the base's packages; 0: they never do. *all: they hold no
 * others, and the application's layers stand above them. */
static bool layers_with_packages(const struct finding_base *f, size_t *count, bool *all,
                                 struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct tree t;
	*count = 0;
	tree_init(&t, &scratch);
	for (size_t i = 0; i < f->img->layer_count; i++) {
		if (!tree_add(&t, f->img->layers[i], STR(""), e))
			return false;
		struct str_vec names = packages_of(&t, &scratch);
		struct map has = set_of(&names, &scratch);
		if (!has_all(&has, &f->base_packages))
			continue;
		*all = names.n == f->base_packages.n && i + 1 < f->img->layer_count;
		*count = i + 1;
		return true;
	}
	return true;
}

/* Whether the base that was found is below the image at all, and how far up it reaches. */
static bool find_boundary(struct splitting *s, bool *fits, struct err *e)
{
	struct finding_base *f = s->f;
	const struct image *b = &f->base.image;
	s->base_layers = 0;
	s->all = s->exact = false;
	if (!base_tree(&f->base, &f->base_tree, f->c->arena, e))
		return false;
	f->base_packages = packages_of(&f->base_tree, f->c->arena);
	if (b->layer_info && begins_with(f->img, b->layer_info, b->layer_count)) {
		s->base_layers = b->layer_count;
		s->all = s->exact = true;
	} else if (f->base_packages.n &&
	           !layers_with_packages(f, &s->base_layers, &s->all, e)) {
		return false;
	}
	*fits = s->base_layers > 0 || f->base.reference.kind == REFERENCE_SCRATCH;
	return true;
}

/* ---- One way after the other ---- */

static bool find_said(struct splitting *s, struct str base_was, struct err *e)
{
	bool fits;
	if (!said(s->f, base_was, e) || !find_boundary(s, &fits, e))
		return false;
	return fits || err_set(e, ERR_USAGE, "--base-was %.*s: neither its layers nor its packages are "
	                       "in %.*s", STR_ARG(s->f->base.name), STR_ARG(s->f->img->name));
}

static bool exact_packages(struct finding_base *f, struct arena *a)
{
	return by_packages(f, true, a);
}

static bool like_packages(struct finding_base *f, struct arena *a)
{
	return by_packages(f, false, a);
}

/* What an image says of its base it may have from that base itself, of which it is then not true. */
static bool find_base(struct splitting *s, enum above_how *how, struct str base_was, struct err *e)
{
	static const struct {
		enum above_how how;
		bool (*find)(struct finding_base *f, struct arena *a);
	} ways[] = {{ABOVE_LAYERS, by_layers}, {ABOVE_ANNOTATION, annotated},
	            {ABOVE_PACKAGES, exact_packages}, {ABOVE_PACKAGES, like_packages}};
	*how = ABOVE_SAID;
	if (base_was.n)
		return find_said(s, base_was, e);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		bool fits = false;
		*how = ways[i].how;
		if (ways[i].find(s->f, s->f->c->arena) && !find_boundary(s, &fits, e))
			return false;
		if (fits)
			return true;
	}
	*how = ABOVE_UNKNOWN;
	return true;
}

/* ---- File by file ---- */

static void mark_own(const struct node *n, void *context)
{
	struct splitting *s = context;
	map_put(&s->base_own, s->arena, key_of(&n->inode, sizeof n->inode, s->arena), NULL);
}

/* As far as facts tell: kind, size, mode, where a link points, and the text of small files. */
static bool is_same_file(const struct node *x, const struct node *y)
{
	struct str a, b;
	if (node_type(x) != node_type(y) || node_mode(x) != node_mode(y))
		return false;
	if (node_type(x) == ENTRY_DIR)
		return true;
	if (node_size_bytes(x) != node_size_bytes(y) || !str_eq(node_link(x), node_link(y)))
		return false;
	return !node_kept(x, &a) || !node_kept(y, &b) || str_eq(a, b);
}

/* Where layers tell them apart, they do. Else the base's is what its packages list in the layers that
 * hold these, and what the base has likewise: it may have been built again since, in more layers. */
static bool is_of_base(const struct splitting *s, const struct node *n)
{
	struct node *same;
	struct str inode = {(const char *)&n->inode, sizeof n->inode};
	bool below = n->layer < s->base_layers;
	if (s->exact || (below && s->all))
		return below;
	if (below && map_find(&s->base_own, inode))
		return true;
	return tree_lookup(&s->f->base_tree, NULL, tree_path(n, s->arena), false, &same) == TREE_FOUND &&
	       is_same_file(n, same);
}

/* A folder that the base has as well says nothing of whose layers are whose. */
static bool mark_kept(const struct node *n, void *context)
{
	struct splitting *s = context;
	bool added = true, below = n->layer < s->base_layers;
	if (is_of_base(s, n)) {
		s->mixed |= !below && node_type(n) != ENTRY_DIR;
		return true;
	}
	s->mixed |= below;
	for (const struct node *up = n; up && added; up = up->parent)
		map_put(&s->kept, s->arena, key_of(&up, sizeof up, s->arena), &added);
	return true;
}

static bool is_kept(const struct node *n, void *context)
{
	const struct splitting *s = context;
	return map_find(&s->kept, (struct str){(const char *)&n, sizeof n}) != NULL;
}

static bool keep_above(struct splitting *s, struct image *img, struct err *e)
{
	struct arena *a = s->f->c->arena;
	CLEANUP_BUF struct buf record = BUF_INIT(LIMIT_RECORD_BYTES);
	struct facts *facts = ARENA_NEW(a, struct facts);
	const struct facts **layers = ARENA_NEW(a, const struct facts *);
	struct map names = set_of(&s->f->base_packages, s->arena);
	if (!s->all)
		packages_files(&s->f->whole, &names, s->arena, mark_own, s);
	tree_walk(&s->f->whole, s->f->whole.root, s->arena, mark_kept, s);
	if (!facts_flatten(&s->f->whole, STR(""), is_kept, s, &record, s->arena, e) ||
	    !facts_open(facts, arena_str(a, buf_str(&record)), a, e))
		return false;
	layers[0] = facts;
	img->layers = layers;
	img->layer_info = NULL;
	img->layer_count = 1;
	return true;
}

/* Those of the image that the base has not; both sorted. */
static struct str_vec added_packages(const struct finding_base *f, struct arena *a)
{
	struct map base = set_of(&f->base_packages, a);
	struct str_vec added = {0};
	for (size_t i = 0; i < f->packages.n; i++)
		if (!map_find(&base, f->packages.p[i]))
			*vec_push(&added, a) = f->packages.p[i];
	return added;
}

bool above_split(struct above *out, struct image *img, struct str base_was,
                 const struct base_context *c, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct finding_base f = {.c = c, .img = img};
	struct splitting s = {.f = &f, .arena = &scratch};
	*out = (struct above){.layer_count = img->layer_count};
	tree_init(&f.whole, c->arena);
	if (!image_merge(img, STR(""), &f.whole, e))
		return false;
	f.packages = packages_of(&f.whole, c->arena);
	if (!find_base(&s, &out->how, base_was, e))
		return false;
	if (out->how == ABOVE_UNKNOWN)
		return true;
	out->base = f.base.name;
	out->packages = added_packages(&f, c->arena);
	out->base_config = f.base.image.config;
	if (!keep_above(&s, img, e))
		return false;
	out->base_layers = s.mixed ? 0 : s.base_layers;
	return true;
}
