/* Which bytes no record covers: one pass over the records, which sets a bit for each inode that they
 * name, then one over the tree.
 *
 * A list of files covers what it lists. A folder that a package manager fills with one package (npm,
 * RubyGems, Composer) is covered whole. A program or an archive that tells its own contents covers
 * itself. The databases count as covered: they are the records. What only looks like a known program
 * has no record. */
#include "package/formats.h"

struct known_folder {
	struct str path;         /* as the lists write it */
	const struct node *node; /* NULL: the tree has none */
};

struct cover {
	const struct tree *tree;
	struct arena *arena;
	uint8_t *covered;   /* a bit an inode; a folder's is set where all that it holds is covered */
	struct map folders; /* paths in lists to struct known_folder */
	const struct known_folder *last; /* the one before */
	struct map records; /* paths of records that were looked at */
};

static bool is_covered(const struct cover *c, const struct node *n)
{
	return inode_is_covered(c->covered, n);
}

static void set(struct cover *c, const struct node *n)
{
	c->covered[n->inode / 8] |= (uint8_t)(1u << n->inode % 8);
}

/* ---- For records ---- */

void cover_whole(struct cover *c, const struct node *n)
{
	if (node_type(n) == ENTRY_DIR && is_covered(c, n))
		return;
	set(c, n);
	for (const struct node *child = n->child; child; child = child->next)
		cover_whole(c, child);
}

static bool lies_in(const struct node *n, const struct node *folder)
{
	while (n && n != folder)
		n = n->parent;
	return n != NULL;
}

const struct node *cover_find(const struct cover *c, const struct node *record, unsigned levels,
                              struct str path)
{
	const struct node *from = record;
	struct node *n;
	while (levels-- && from->parent)
		from = from->parent;
	return tree_lookup(c->tree, from, path, false, &n) == TREE_FOUND ? n : NULL;
}

void cover_path(struct cover *c, const struct node *record, unsigned levels, struct str path)
{
	const struct node *n = cover_find(c, record, levels, path);
	if (n && !lies_in(record, n))
		cover_whole(c, n);
}

/* ---- Lists of the distribution ---- */

/* A package's files stand together, folder by folder. What a list tells ends with the telling. */
static const struct node *folder_at(struct cover *c, struct str path)
{
	if (c->last && str_eq(c->last->path, path))
		return c->last->node;
	const struct known_folder *known = map_get(&c->folders, path);
	if (!known) {
		struct known_folder *new = ARENA_NEW(c->arena, struct known_folder);
		struct str whole = arena_printf(c->arena, "/%.*s", STR_ARG(path));
		*new = (struct known_folder){str_skip(whole, 1), tree_find(c->tree, whole)};
		*map_put(&c->folders, c->arena, new->path, NULL) = (uintptr_t)new;
		known = new;
	}
	c->last = known;
	return known->node;
}

static bool cover_listed(const struct package_file *f, void *context)
{
	struct cover *c = context;
	const struct node *folder = folder_at(c, f->folder);
	const struct node *n = folder ? tree_child(c->tree, folder, f->name) : NULL;
	if (n && node_type(n) != ENTRY_DIR)
		set(c, n);
	return true;
}

static void cover_databases(struct cover *c)
{
	static const struct str folders[] = {
		STR_INIT("/var/lib/dpkg"),         STR_INIT("/lib/apk/db"),  STR_INIT("/usr/lib/apk/db"),
		STR_INIT("/usr/lib/sysimage/rpm"), STR_INIT("/var/lib/rpm"), STR_INIT("/usr/share/rpm"),
		STR_INIT("/var/lib/rpmmanifest"),
	};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		const struct node *n = tree_find(c->tree, folders[i]);
		if (n)
			cover_whole(c, n);
	}
}

/* ---- Packages of languages ---- */

/* In an archive's archives: "/app.jar!/lib/a.jar" is the file before the mark. */
static const struct node *record_of(const struct cover *c, struct str path)
{
	const struct node *n = tree_find(c->tree, path);
	return n ? n : tree_find(c->tree, str_slice(path, 0, str_find(path, STR("!/"))));
}

static void cover_package(struct cover *c, const struct package *p)
{
	static void (*const covers[])(struct cover *c, const struct node *record) = {
		[PACKAGE_PYPI] = python_cover,       [PACKAGE_NPM] = npm_cover,
		[PACKAGE_GEM] = gem_cover,           [PACKAGE_COMPOSER] = composer_cover,
		[PACKAGE_NUGET] = nuget_cover,       [PACKAGE_CONDA] = conda_cover,
		[PACKAGE_GENERIC] = NULL,
	};
	bool added;
	if (p->type <= PACKAGE_RPM || p->likely)
		return;
	map_put(&c->records, c->arena, p->path, &added);
	const struct node *n = added ? record_of(c, p->path) : NULL;
	if (!n)
		return;
	set(c, n);
	if (covers[p->type])
		covers[p->type](c, n);
}

/* ---- The tree ---- */

static void add_up(const uint8_t *bits, const struct node *dir, uint8_t *seen, struct unowned *u)
{
	for (const struct node *n = dir->child; n; n = n->next) {
		uint8_t *byte = &seen[n->inode / 8], bit = (uint8_t)(1u << n->inode % 8);
		if (node_type(n) == ENTRY_FILE && !(*byte & bit)) {
			bool covered = inode_is_covered(bits, n);
			*byte |= bit;
			u->all_files++;
			u->all_bytes += node_size_bytes(n);
			u->files += !covered;
			u->bytes += covered ? 0 : node_size_bytes(n);
		}
		add_up(bits, n, seen, u);
	}
}

static uint8_t *new_bits(const struct tree *t, struct arena *a)
{
	return arena_alloc(a, (size_t)(t->next_inode / 8 + 1));
}

const uint8_t *packages_covered(const struct tree *t, const struct packages *p, struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct cover c = {.tree = t, .arena = &scratch, .covered = new_bits(t, a)};
	cover_databases(&c);
	package_files(t, NULL, cover_listed, &c);
	for (size_t i = 0; i < p->list.n; i++)
		cover_package(&c, &p->list.p[i]);
	return c.covered;
}

struct unowned packages_unowned(const struct tree *t, const struct packages *p)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct unowned u = {0};
	add_up(packages_covered(t, p, &scratch), t->root, new_bits(t, &scratch), &u);
	return u;
}
