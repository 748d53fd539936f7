/* The tree: one hash table from (parent, name) to nodes, and the nodes linked
 * as a tree. A node that is replaced or whited out leaves its folder but stays
 * in memory: hard links made earlier still mean its file. Its place in the
 * table is taken by the next node of that name. */
#include "facts/tree.h"

#include "core/limits.h"

void tree_init(struct tree *t, struct arena *a)
{
	*t = (struct tree){.arena = a};
	t->root = ARENA_NEW(a, struct node);
	t->root->name = STR("");
	t->root->same = t->root;
	t->root->inode = t->next_inode++;
}

/* ---- Nodes ---- */

/* Eight bytes a step; names are short, and a layer has thousands. The tree's own address,
 * which changes from run to run, is the seed: nobody makes an archive whose names meet. */
static uint32_t child_hash(const struct tree *t, const struct node *parent, struct str name)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t h = (uintptr_t)t->root * odd ^ (uintptr_t)parent, word;
	for (; name.n > 8; name = str_skip(name, 8)) {
		memcpy(&word, name.p, 8);
		h = (h ^ word) * odd;
		h ^= h >> 29;
	}
	word = 0;
	if (name.n)
		memcpy(&word, name.p, name.n);
	h = (h ^ word ^ (uint64_t)name.n << 56) * odd;
	h = (h ^ h >> 32) * odd;
	return (uint32_t)(h >> 32);
}

/* The place of (parent, name): its node, a gone node of that name, or an empty slot. */
static struct node **find_slot(const struct tree *t, const struct node *parent, struct str name,
                               uint32_t hash)
{
	for (size_t i = hash & (t->slot_cap - 1);; i = (i + 1) & (t->slot_cap - 1)) {
		struct node *n = t->slot[i];
		if (!n || (n->hash == hash && n->parent == parent && str_eq(n->name, name)))
			return &t->slot[i];
	}
}

static void reserve_slots(struct tree *t, size_t more)
{
	size_t cap = t->slot_cap ? t->slot_cap : 64;
	while ((t->slot_used + more) * 2 > cap)
		cap *= 2;
	if (cap == t->slot_cap)
		return;

	struct node **old = t->slot;
	size_t old_cap = t->slot_cap;
	t->slot = arena_array(t->arena, cap, sizeof(struct node *));
	t->slot_cap = cap;
	for (size_t i = 0; i < old_cap; i++)
		if (old[i])
			*find_slot(t, old[i]->parent, old[i]->name, old[i]->hash) = old[i];
}

static struct node *child_at(const struct tree *t, const struct node *dir, struct str name,
                             uint32_t hash)
{
	if (t->slot_cap == 0)
		return NULL;
	struct node *n = *find_slot(t, dir, name, hash);
	return n && !n->gone ? n : NULL;
}

struct node *tree_child(const struct tree *t, const struct node *dir, struct str name)
{
	return child_at(t, dir, name, child_hash(t, dir, name));
}

/* A new node; there is no visible one of that name. The caller checks the depth. */
static struct node *make_child(struct tree *t, struct node *parent, struct str name, uint32_t hash)
{
	reserve_slots(t, 1);
	struct node *n = ARENA_NEW(t->arena, struct node);
	n->name = name;
	n->parent = parent;
	n->hash = hash;
	n->same = n;
	n->inode = t->next_inode++;
	n->layer = t->layer_count;
	n->depth = (uint16_t)(parent->depth + 1);

	n->next = parent->child;
	if (n->next)
		n->next->prev = n;
	parent->child = n;

	struct node **slot = find_slot(t, parent, name, hash);
	if (!*slot)
		t->slot_used++;
	*slot = n;
	return n;
}

static void take_out(struct node *n)
{
	if (n->prev)
		n->prev->next = n->next;
	else
		n->parent->child = n->next;
	if (n->next)
		n->next->prev = n->prev;
	n->gone = true;
}

/* ---- Laying a layer on top ---- */

struct laying {
	struct tree *t;
	const struct facts *facts;
	struct node *base;                 /* where the layer's root lies in the tree */
	struct str last_dir;               /* the folder of the entry before, and its node: */
	struct node *last_node;            /* archives list folder by folder */
	VEC(const struct entry *) waiting; /* hard links whose target has not come yet */
};

static bool is_own(const struct laying *l, const struct node *n)
{
	return n->layer == l->t->layer_count && n->entry;
}

/* Where a link of the layer itself leads, as unpacking the layer would follow it; NULL where
 * that is no folder. */
static struct node *follow_own(const struct laying *l, const struct node *link)
{
	struct node *to;
	tree_lookup_within(l->t, l->base, link->parent, link->name, true, &to);
	return to && node_type(to) == ENTRY_DIR ? to : NULL;
}

/* The part `name` of an entry's folder. A folder that an entry merely implies is real all
 * the same: what a lower layer has there instead, even a link, is hidden (overlayfs:
 * only folders merge). */
static struct node *enter(struct laying *l, struct node *dir, struct str name)
{
	uint32_t hash = child_hash(l->t, dir, name);
	struct node *n = child_at(l->t, dir, name, hash);
	if (n && node_type(n) == ENTRY_DIR)
		return n;
	if (n && is_own(l, n))
		return follow_own(l, n);
	if (dir->depth >= LIMIT_TREE_DEPTH)
		return NULL;
	if (n)
		take_out(n);
	return make_child(l->t, dir, name, hash);
}

static struct node *folder(struct laying *l, struct str path, struct err *e)
{
	if (l->last_node && str_eq(path, l->last_dir))
		return l->last_node;

	struct node *at = l->base;
	struct str rest = path, part;
	while (str_next(&rest, '/', &part)) {
		at = enter(l, at, part);
		if (!at) {
			err_set(e, ERR_INPUT, "%.*s: \"%.*s\" is no folder in the same layer",
			        STR_ARG(path), STR_ARG(part));
			return NULL;
		}
	}
	l->last_dir = path;
	l->last_node = at;
	return at;
}

static void set_entry(struct laying *l, struct node *n, const struct entry *entry)
{
	n->facts = l->facts;
	n->entry = entry;
	n->layer = l->t->layer_count;
}

/* The root of the layer. Where the tree's root is meant, a layer that says it is anything
 * but a folder is not believed. */
static void put_root(struct laying *l, const struct entry *entry)
{
	if (entry->type == ENTRY_DIR)
		set_entry(l, l->base, entry);
}

/* NULL where folders would be nested too deeply. */
static struct node *put(struct laying *l, const struct entry *entry, struct node *parent,
                        struct err *e)
{
	struct str name = str_basename(entry->path);
	uint32_t hash = child_hash(l->t, parent, name);
	struct node *n = child_at(l->t, parent, name, hash);
	if (n && entry->type == ENTRY_DIR && node_type(n) == ENTRY_DIR) {
		set_entry(l, n, entry);
		return n;
	}
	if (parent->depth >= LIMIT_TREE_DEPTH) {
		err_set(e, ERR_LIMIT, "%.*s: more than %u folders deep", STR_ARG(entry->path),
		        LIMIT_TREE_DEPTH);
		return NULL;
	}
	if (n) {
		take_out(n);
		l->last_node = NULL; /* it may lie in, or lead through, what goes away */
	}
	n = make_child(l->t, parent, name, hash);
	set_entry(l, n, entry);
	return n;
}

/* The node that a hard link means: links before the last part are followed, the last one
 * is not, as link(2) does. */
static struct node *link_target(const struct laying *l, const struct entry *entry)
{
	struct node *target;
	tree_lookup_within(l->t, l->base, NULL, entry->link, false, &target);
	return target;
}

static bool put_hard_link(struct laying *l, const struct entry *entry, struct node *target,
                          struct err *e)
{
	if (node_type(target) == ENTRY_DIR)
		return err_set(e, ERR_INPUT, "%.*s: a hard link to the folder %.*s",
		               STR_ARG(entry->path), STR_ARG(entry->link));
	struct node *parent = folder(l, str_dirname(entry->path), e);
	if (!parent)
		return false;
	if (tree_child(l->t, parent, str_basename(entry->path)) == target)
		return true; /* to itself: an archive that lists a file twice */
	struct node *n = put(l, entry, parent, e);
	if (!n)
		return false;
	n->same = target->same;
	n->inode = target->inode;
	return true;
}

static bool lay_entry(struct laying *l, const struct entry *entry, struct err *e)
{
	if (entry->type == ENTRY_OPAQUE)
		return folder(l, entry->path, e) != NULL;
	if (entry->type == ENTRY_WHITEOUT)
		return folder(l, str_dirname(entry->path), e) != NULL;
	if (entry->path.n == 0) {
		put_root(l, entry);
		return true;
	}
	if (entry->type == ENTRY_HARDLINK) {
		struct node *target = link_target(l, entry);
		if (target)
			return put_hard_link(l, entry, target, e);
		*vec_push(&l->waiting, l->t->arena) = entry;
		return true;
	}
	struct node *parent = folder(l, str_dirname(entry->path), e);
	return parent && put(l, entry, parent, e);
}

/* Hard links may come before what they mean, and mean one another: each round places some. */
static bool lay_waiting(struct laying *l, struct err *e)
{
	size_t left = l->waiting.n;
	for (unsigned round = 0; left > 0; round++) {
		const struct entry *first = l->waiting.p[0];
		size_t still = 0;
		for (size_t i = 0; i < left; i++) {
			const struct entry *entry = l->waiting.p[i];
			struct node *target = link_target(l, entry);
			if (!target)
				l->waiting.p[still++] = entry;
			else if (!put_hard_link(l, entry, target, e))
				return false;
		}
		if (still == left || round == LIMIT_LINK_ROUNDS)
			return err_set(e, ERR_INPUT,
			               "%.*s: a hard link to %.*s, which is not there",
			               STR_ARG(first->path), STR_ARG(first->link));
		left = still;
	}
	return true;
}

/* ---- Whiteouts ---- */

/* The folder or file of a lower layer at `path`, no links followed. */
static struct node *lower(const struct laying *l, struct str path)
{
	struct node *n = l->base;
	struct str rest = path, part;
	while (n && str_next(&rest, '/', &part))
		n = tree_child(l->t, n, part);
	return n;
}

static void empty_folder(struct node *dir)
{
	while (dir->child)
		take_out(dir->child);
}

/* All whiteouts come first: they hide what lower layers have, never what their own layer
 * brings, wherever in it they stand (image-spec, layer.md, "Whiteouts"). */
static void apply_whiteouts(struct laying *l)
{
	for (size_t i = 0; i < l->facts->entry_count; i++) {
		const struct entry *entry = &l->facts->entries[i];
		if (entry->type != ENTRY_WHITEOUT && entry->type != ENTRY_OPAQUE)
			continue;
		struct node *n = lower(l, entry->path);
		if (n && entry->type == ENTRY_OPAQUE)
			empty_folder(n);
		else if (n && n != l->base)
			take_out(n);
	}
}

/* The folder that `at` names, made where it is missing. */
static struct node *base_folder(struct tree *t, struct str at, struct err *e)
{
	struct node *dir = t->root;
	struct str rest = at, part;
	while (str_next(&rest, '/', &part)) {
		struct node *next = NULL;
		if (part.n == 0)
			continue;
		if (tree_lookup(t, dir, part, true, &next) != TREE_FOUND) {
			if (tree_child(t, dir, part) || dir->depth >= LIMIT_TREE_DEPTH) {
				err_set(e, ERR_INPUT, "/%.*s: \"%.*s\" leads nowhere", STR_ARG(at),
				        STR_ARG(part));
				return NULL;
			}
			next = make_child(t, dir, part, child_hash(t, dir, part));
		}
		if (node_type(next) != ENTRY_DIR) {
			err_set(e, ERR_INPUT, "/%.*s: \"%.*s\" is no folder", STR_ARG(at),
			        STR_ARG(part));
			return NULL;
		}
		dir = next;
	}
	return dir;
}

bool tree_add(struct tree *t, const struct facts *f, struct str at, struct err *e)
{
	struct laying l = {.t = t, .facts = f};
	l.base = base_folder(t, at, e);
	if (!l.base)
		return false;
	reserve_slots(t, f->entry_count);
	apply_whiteouts(&l);
	for (size_t i = 0; i < f->entry_count; i++)
		if (!lay_entry(&l, &f->entries[i], e))
			return false;
	if (!lay_waiting(&l, e))
		return false;
	t->layer_count++;
	return true;
}
