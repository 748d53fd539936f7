/* What is installed for Node: the package.json right in node_modules/NAME or
 * node_modules/@SCOPE/NAME, where Node itself looks (nodejs.org, "Loading from node_modules
 * folders"), at any depth; pnpm and yarn lay packages out so, too. Others inside a package are parts
 * and test data of it.
 *
 * Outside, a package.json with a name and a version is an application's own: but not one that lies in
 * a package of another language or among test data, and no manifest of an editor's extension, whose
 * names are not the registry's.
 *
 * Lock files tell what would be installed, for development and for other systems as well: in an image
 * they prove nothing, and are not read. */
#include "package/formats.h"

static bool in_node_modules(const struct node *n)
{
	struct str one = folder_above(n, 1), two = folder_above(n, 2);
	if (str_starts(one, STR(".")) || str_starts(one, STR("@")))
		return false;
	return str_eq(two, STR("node_modules")) ||
	       (str_starts(two, STR("@")) && str_eq(folder_above(n, 3), STR("node_modules")));
}

static bool is_part_of_a_package(const struct node *n)
{
	static const struct str homes[] = {
		STR_INIT("node_modules"), STR_INIT("bower_components"), STR_INIT("site-packages"),
		STR_INIT("dist-packages"), STR_INIT("gems"), STR_INIT("vendor"),
		STR_INIT("test"), STR_INIT("tests"), STR_INIT("__tests__"), STR_INIT("fixtures"),
	};
	for (n = n->parent; n; n = n->parent)
		for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
			if (str_eq(n->name, homes[i]))
				return true;
	return false;
}

bool is_npm_record(const struct node *n)
{
	return str_eq(n->name, STR("package.json")) &&
	       (in_node_modules(n) || !is_part_of_a_package(n));
}

void npm_read(struct packages *out, const struct node *n, struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct jnode *json = record_json(n, &scratch);
	struct str path = tree_path(n, a);
	if (!json && in_node_modules(n))
		*vec_push(&out->unread, a) = path;
	struct str name = jnode_get_str(json, "name", a), version = jnode_get_str(json, "version", a);
	bool application = !in_node_modules(n);
	if (!name.n || !version.n ||
	    (application && jnode_get(jnode_get(json, "engines"), "vscode")))
		return;
	struct package *p = packages_add(out, PACKAGE_NPM, n, path, a);
	p->application = application;
	p->name = p->source = name;
	p->version = version;
	p->license = license_of(jnode_get(json, "license"), a);
	if (!p->license.n)
		p->license = license_of(jnode_get(json, "licenses"), a); /* until npm 2 */
}

/* An application's own package.json says nothing of what lies around it. */
void npm_cover(struct cover *c, const struct node *record)
{
	if (in_node_modules(record))
		cover_whole(c, record->parent);
}
