/* socle compare: images side by side, by facts and one snapshot of advisories. */
#include "cmd/commands.h"
#include "cmd/open.h"
#include "report/compare_report.h"

/* One image, with all that the comparison asks of it. */
struct side {
	struct base base;
	struct tree tree;
	struct packages packages;
	struct scan scan;
};

/* ---- What is in a tree ---- */

static bool count_set_id(const struct node *n, void *context)
{
	*(size_t *)context += n->same == n && node_type(n) == ENTRY_FILE && (node_mode(n) & 06000);
	return true;
}

/* What /bin/sh is: the last of its links names it. */
static struct str shell_of(const struct tree *t)
{
	const struct node *n = tree_find(t, STR("/bin/sh"));
	return n && node_type(n) == ENTRY_FILE ? n->name : STR("");
}

static struct str package_manager_of(const struct tree *t)
{
	static const struct {
		struct str path, name;
	} managers[] = {
		{STR_INIT("/usr/bin/apt-get"), STR_INIT("apt")},
		{STR_INIT("/sbin/apk"), STR_INIT("apk")},
		{STR_INIT("/usr/bin/dnf"), STR_INIT("dnf")},
		{STR_INIT("/usr/bin/microdnf"), STR_INIT("microdnf")},
		{STR_INIT("/usr/bin/yum"), STR_INIT("yum")},
		{STR_INIT("/usr/bin/zypper"), STR_INIT("zypper")},
		{STR_INIT("/usr/bin/tdnf"), STR_INIT("tdnf")},
		{STR_INIT("/usr/bin/pacman"), STR_INIT("pacman")},
		{STR_INIT("/usr/bin/apk"), STR_INIT("apk")},
		{STR_INIT("/usr/bin/dpkg"), STR_INIT("dpkg")},
		{STR_INIT("/usr/bin/rpm"), STR_INIT("rpm")},
	};
	for (size_t i = 0; i < sizeof managers / sizeof *managers; i++)
		if (tree_find(t, managers[i].path))
			return managers[i].name;
	return STR("");
}

static void describe(const struct side *side, struct compared_side *out, struct arena *a)
{
	out->name = side->base.name;
	out->unpacked_bytes = tree_size_bytes(&side->tree, &out->files);
	for (size_t i = 0; i < side->base.image.layer_count; i++)
		out->compressed_bytes += side->base.image.layers[i]->compressed_bytes;
	if (out->compressed_bytes >= out->unpacked_bytes)
		out->compressed_bytes = 0;
	out->packages = side->packages.list.n;
	out->out_of_sight = !out->packages && out->files;
	tree_walk(&side->tree, side->tree.root, a, count_set_id, &out->set_id);
	out->shell = shell_of(&side->tree);
	out->package_manager = package_manager_of(&side->tree);
	out->user = side->base.image.config.user;
	out->unowned = packages_unowned(&side->tree, &side->packages);
	out->scan = &side->scan;
	out->unread = side->packages.unread;
	for (size_t i = 0; i < side->scan.coverage.n; i++)
		if (!side->scan.coverage.p[i].advisories)
			*vec_push(&out->uncovered, a) = side->scan.coverage.p[i].ecosystem;
}

/* ---- All of it ---- */

static bool open_side(struct workplace *w, struct session *s, struct str name,
		      const struct advisory_shelf *shelf, struct side *out, struct err *e)
{
	if (str_starts(name, STR("sbom:")))
		return err_set(e, ERR_USAGE,
			       "%.*s: an SBOM has no files to compare; compare wants images, and "
			       "`socle scan` takes SBOMs",
			       STR_ARG(name));
	if (!workplace_tree(w, s, name, &out->base, &out->tree, e))
		return false;
	packages_read(&out->packages, &out->tree, s->arena);
	if (!scan_packages(&out->scan, &out->packages, shelf, s->arena, e))
		return err_wrap(e, "%.*s", STR_ARG(name));
	return true;
}

static struct compared_image image_of(const struct side *side)
{
	return (struct compared_image){&side->tree, &side->packages, &side->scan};
}

int cmd_compare(struct session *s)
{
	struct err e = ERR_INIT;
	struct workplace w;
	CLEANUP_ADVISORIES struct advisories advisories = {.folder = {0}};
	size_t n = s->args.n;
	if (n < 2 || n > TABLE_COLUMNS - 2)
		return session_usage(s, "compare wants two images or more, and eight at most");
	if (!workplace_open(&w, s, &e) ||
	    !advisories_open(&advisories, advisories_folder(s->arena), s->arena, &e))
		return session_fail(&e);

	struct advisory_shelf shelf = advisories_shelf(&advisories);
	struct side *sides = arena_array(s->arena, n, sizeof *sides);
	struct compared_side *rows = arena_array(s->arena, n, sizeof *rows);
	for (size_t i = 0; i < n; i++) {
		if (!open_side(&w, s, s->args.p[i], &shelf, &sides[i], &e))
			return session_fail(&e);
		describe(&sides[i], &rows[i], s->arena);
		struct compared_image first = image_of(&sides[0]), other = image_of(&sides[i]);
		if (i)
			compare_images(&rows[i].against_first, &first, &other, s->arena);
	}
	struct compare_result result = {rows, n, &advisories};
	if (!session_render(s, compare_render, &result, &e))
		return session_fail(&e);
	return EXIT_YES;
}
