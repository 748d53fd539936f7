#include "scan/compare.h"

const char *fate_name(enum fate fate)
{
	static const char *const names[] = {"removed", "fixed", "invisible", "same", "new"};
	return names[fate];
}

/* Binary packages of one source have its vulnerabilities together, whatever the package manager. */
static struct str group_of(const struct package *p, struct arena *a)
{
	const char *kind = p->type <= PACKAGE_RPM ? "system" : package_type_name(p->type);
	return arena_printf(a, "%s %.*s", kind, STR_ARG(p->source.n ? p->source : p->name));
}

/* ---- The second image, by what may be asked of it ---- */

struct second {
	const struct compared_image *image;
	const uint8_t *covered;        /* inodes that a record tells of */
	struct map names;              /* of its vulnerabilities */
	struct map groups;             /* to struct package * */
	struct map sonames, build_ids; /* of objects that no record tells of, to their nodes */
	struct arena *arena;
};

static void note_names(struct second *s)
{
	for (size_t i = 0; i < s->image->scan->findings.n; i++)
		map_put(&s->names, s->arena, vulnerability_name(&s->image->scan->findings.p[i]),
			NULL);
	for (size_t i = 0; i < s->image->packages->list.n; i++) {
		const struct package *p = &s->image->packages->list.p[i];
		*map_put(&s->groups, s->arena, group_of(p, s->arena), NULL) = (uintptr_t)p;
	}
}

static bool note_object(const struct node *n, void *context)
{
	struct second *s = context;
	const struct elf_object *elf =
		node_type(n) == ENTRY_FILE && !inode_is_covered(s->covered, n) ? node_elf(n) : NULL;
	if (elf && elf->soname.n)
		*map_put(&s->sonames, s->arena, elf->soname, NULL) = (uintptr_t)n;
	if (elf && elf->build_id.n)
		*map_put(&s->build_ids, s->arena, elf->build_id, NULL) = (uintptr_t)n;
	return true;
}

/* ---- The first image's files ---- */

struct owned {
	VEC(const struct node *) files;
	bool has_objects; /* then they are what is looked for, and data beside them is not */
};

struct first {
	const struct compared_image *image;
	struct map owned;    /* group to struct owned * */
	struct map binaries; /* names of binary packages with vulnerabilities, to their group's */
	struct arena *arena;
};

/* Papers and translations say nothing: Distroless keeps the licences of what it leaves out. */
static bool is_paper(struct str folder)
{
	static const struct str papers[] = {
		STR_INIT("usr/share/doc"),      STR_INIT("usr/share/man"),
		STR_INIT("usr/share/locale"),   STR_INIT("usr/share/info"),
		STR_INIT("usr/share/licenses"), STR_INIT("usr/share/lintian"),
		STR_INIT("var/lib/dpkg"),       STR_INIT("etc"),
	};
	for (size_t i = 0; i < sizeof papers / sizeof *papers; i++)
		if (str_starts(folder, papers[i]) &&
		    (folder.n == papers[i].n || folder.p[papers[i].n] == '/'))
			return true;
	return false;
}

static bool note_file(const struct package_file *f, void *context)
{
	struct first *s = context;
	struct owned *owned = map_get(&s->binaries, f->package);
	struct node *n;
	if (!owned || is_paper(f->folder))
		return true;
	struct str path =
		arena_printf(s->arena, "/%.*s/%.*s", STR_ARG(f->folder), STR_ARG(f->name));
	if (tree_lookup(s->image->tree, NULL, path, false, &n) != TREE_FOUND ||
	    node_type(n) != ENTRY_FILE)
		return true;
	*vec_push(&owned->files, s->arena) = n;
	owned->has_objects = owned->has_objects || node_elf(n);
	return true;
}

/* All binary packages of a source that has one: its library may be in any of them. */
static void note_owned(struct first *s)
{
	const struct packages *packages = s->image->packages;
	for (size_t i = 0; i < s->image->scan->findings.n; i++) {
		struct str group = group_of(s->image->scan->findings.p[i].package, s->arena);
		uintptr_t *owned = map_put(&s->owned, s->arena, group, NULL);
		if (!*owned)
			*owned = (uintptr_t)ARENA_NEW(s->arena, struct owned);
	}
	for (size_t i = 0; i < packages->list.n; i++) {
		const struct package *p = &packages->list.p[i];
		struct owned *owned = map_get(&s->owned, group_of(p, s->arena));
		if (owned && p->type <= PACKAGE_RPM)
			*map_put(&s->binaries, s->arena, p->name, NULL) = (uintptr_t)owned;
	}
	package_files(s->image->tree, NULL, note_file, s);
}

/* ---- Evidence ---- */

static const struct node *uncovered_node(const struct second *s, struct str path)
{
	struct node *n;
	if (tree_lookup(s->image->tree, NULL, path, true, &n) != TREE_FOUND)
		return NULL;
	return inode_is_covered(s->covered, n) ? NULL : n;
}

/* /bin, /sbin and /lib… are links into /usr in one image and folders in another. */
static struct str across_usr(struct str path, struct arena *a)
{
	bool in_usr = str_starts(path, STR("/usr/"));
	struct str rest = in_usr ? str_skip(path, 4) : path;
	if (!str_starts(rest, STR("/bin/")) && !str_starts(rest, STR("/sbin/")) &&
	    !str_starts(rest, STR("/lib")))
		return STR("");
	return in_usr ? rest : arena_printf(a, "/usr%.*s", STR_ARG(path));
}

static const struct node *uncovered_at(const struct second *s, struct str path)
{
	const struct node *n = uncovered_node(s, path);
	struct str other = n ? STR("") : across_usr(path, s->arena);
	return other.n ? uncovered_node(s, other) : n;
}

static struct str found(const struct second *s, const struct node *n, const char *how)
{
	return arena_printf(s->arena, "%.*s is there (%s), and no record tells of it",
			    STR_ARG(tree_path(n, s->arena)), how);
}

static struct str find_build(const struct second *s, const struct node *file)
{
	struct str id = node_elf(file)->build_id;
	const struct node *n = id.n ? map_get(&s->build_ids, id) : NULL;
	return n ? found(s, n, "the same build ID") : STR("");
}

/* The same bytes, the same library, or a file of the same name; empty: none. */
static struct str find_object(const struct second *s, const struct node *file)
{
	const struct elf_object *elf = node_elf(file);
	struct str why = find_build(s, file);
	const struct node *n;
	if (why.n)
		return why;
	n = elf->soname.n ? map_get(&s->sonames, elf->soname) : NULL;
	if (n)
		return found(s, n, "the same soname");
	n = uncovered_at(s, tree_path(file, s->arena));
	return n && node_type(n) == ENTRY_FILE ? found(s, n, "the same name") : STR("");
}

static struct str find_data(const struct second *s, const struct node *file)
{
	const struct node *n = uncovered_at(s, tree_path(file, s->arena));
	bool same = n && node_type(n) == ENTRY_FILE && node_size_bytes(n) &&
		    node_size_bytes(n) == node_size_bytes(file);
	return same ? found(s, n, "the same name and size") : STR("");
}

static struct str find_owned(const struct second *s, const struct owned *owned)
{
	struct str why = STR("");
	for (size_t i = 0; !why.n && i < owned->files.n; i++) {
		const struct node *file = owned->files.p[i];
		if (node_elf(file))
			why = find_object(s, file);
		else if (!owned->has_objects)
			why = find_data(s, file);
	}
	return why;
}

/* The very objects of the first image, beside a record of another version. A copy of the library
 * that is only named alike may be any version. */
static struct str find_left(const struct second *s, const struct owned *owned)
{
	struct str why = STR("");
	for (size_t i = 0; owned && !why.n && i < owned->files.n; i++)
		if (node_elf(owned->files.p[i]))
			why = find_build(s, owned->files.p[i]);
	return why;
}

/* Where a language's package lies when its record is gone: the archive or program itself, the
 * folder of a module, a gem or a package. */
static struct str_vec places_of(const struct package *p, struct arena *a)
{
	struct str_vec places = {0};
	struct str record = str_slice(p->path, 0, str_find(p->path, STR("!/")));
	struct str above = str_dirname(str_dirname(record));
	char *module = arena_cstr(a, p->name);
	for (char *c = module; *c; c++)
		*c = *c == '-' || *c == '.' ? '_' : *c;
	switch (p->type) {
	case PACKAGE_PYPI:
		*vec_push(&places, a) = arena_printf(a, "%.*s/%s", STR_ARG(above), module);
		*vec_push(&places, a) =
			arena_printf(a, "%.*s/%.*s", STR_ARG(above), STR_ARG(p->name));
		*vec_push(&places, a) = arena_printf(a, "%.*s/%s.py", STR_ARG(above), module);
		break;
	case PACKAGE_NPM:
		*vec_push(&places, a) = str_dirname(record);
		break;
	case PACKAGE_GEM:
		*vec_push(&places, a) = arena_printf(a, "%.*s/gems/%.*s-%.*s", STR_ARG(above),
						     STR_ARG(p->name), STR_ARG(p->version));
		break;
	case PACKAGE_COMPOSER:
		*vec_push(&places, a) =
			arena_printf(a, "%.*s/%.*s", STR_ARG(above), STR_ARG(p->name));
		break;
	default:
		*vec_push(&places, a) = record;
	}
	return places;
}

static bool has_file(const struct node *n)
{
	if (node_type(n) == ENTRY_FILE)
		return node_size_bytes(n) > 0;
	for (const struct node *child = n->child; child; child = child->next)
		if (has_file(child))
			return true;
	return false;
}

static struct str find_place(const struct second *s, const struct package *p)
{
	struct str_vec places = places_of(p, s->arena);
	for (size_t i = 0; i < places.n; i++) {
		const struct node *n = uncovered_at(s, places.p[i]);
		if (n && has_file(n))
			return found(s, n, "the same name");
	}
	return STR("");
}

/* ---- Fates ---- */

static bool is_judged(const struct second *s, const struct package *p)
{
	struct osv_place place;
	if (!p->version.n || !osv_place_of(p, s->image->packages, &place, s->arena))
		return false;
	for (size_t i = 0; i < s->image->scan->coverage.n; i++)
		if (str_eq(s->image->scan->coverage.p[i].base, place.base))
			return s->image->scan->coverage.p[i].advisories > 0;
	return false;
}

static struct compared fate_of(const struct first *f, const struct second *s,
			       const struct vulnerability *v)
{
	struct compared c = {.vulnerability = v, .fate = FATE_SAME, .why = STR("")};
	struct str group = group_of(v->package, s->arena);
	const struct package *now = map_get(&s->groups, group);
	if (map_find(&s->names, vulnerability_name(v)))
		return c;
	if (now && is_judged(s, now)) {
		c.why = find_left(s, map_get(&f->owned, group));
		c.fate = c.why.n ? FATE_INVISIBLE : FATE_FIXED;
		if (!c.why.n)
			c.why = arena_printf(s->arena, "%.*s %.*s", STR_ARG(now->name),
					     STR_ARG(now->version));
		return c;
	}
	if (now)
		c.why = now->version.n
				? arena_printf(s->arena,
					       "%.*s %.*s is there, and no advisories at hand "
					       "speak of it",
					       STR_ARG(now->name), STR_ARG(now->version))
				: arena_printf(s->arena,
					       "%.*s is there, and its record tells no version",
					       STR_ARG(now->name));
	else if (v->package->type <= PACKAGE_RPM)
		c.why = find_owned(s, map_get(&f->owned, group));
	else
		c.why = find_place(s, v->package);
	c.fate = c.why.n ? FATE_INVISIBLE : FATE_REMOVED;
	return c;
}

/* Whether it is the first of its name and source. */
static bool is_first(struct map *seen, const struct vulnerability *v, struct arena *a)
{
	bool added;
	struct str name = vulnerability_name(v), group = group_of(v->package, a);
	map_put(seen, a, arena_printf(a, "%.*s %.*s", STR_ARG(name), STR_ARG(group)), &added);
	return added;
}

static void add(struct comparison *out, struct compared c, struct arena *a)
{
	*vec_push(&out->list, a) = c;
	out->counts[c.fate]++;
}

static void add_new(struct comparison *out, const struct compared_image *first,
		    const struct compared_image *second, struct arena *a)
{
	struct map names = {0}, seen = {0};
	for (size_t i = 0; i < first->scan->findings.n; i++)
		map_put(&names, a, vulnerability_name(&first->scan->findings.p[i]), NULL);
	for (size_t i = 0; i < second->scan->findings.n; i++) {
		const struct vulnerability *v = &second->scan->findings.p[i];
		if (!map_find(&names, vulnerability_name(v)) && is_first(&seen, v, a))
			add(out, (struct compared){v, FATE_NEW, STR("")}, a);
	}
}

void compare_images(struct comparison *out, const struct compared_image *first,
		    const struct compared_image *second, struct arena *a)
{
	struct first f = {.image = first, .arena = a};
	struct second s = {.image = second, .arena = a};
	struct map seen = {0};
	*out = (struct comparison){0};
	s.covered = packages_covered(second->tree, second->packages, a);
	note_names(&s);
	tree_walk(second->tree, second->tree->root, a, note_object, &s);
	note_owned(&f);
	for (size_t i = 0; i < first->scan->findings.n; i++)
		if (is_first(&seen, &first->scan->findings.p[i], a))
			add(out, fate_of(&f, &s, &first->scan->findings.p[i]), a);
	add_new(out, first, second, a);
}
