/* What Composer installed for PHP: vendor/composer/installed.json, an array of packages until Composer
 * 1, an object with one from then on (composer, InstalledFilesystemRepository). composer.lock tells
 * what would be installed, and is not read. */
#include "package/formats.h"

bool is_composer_record(const struct node *n)
{
	return str_eq(n->name, STR("installed.json")) && str_eq(folder_above(n, 1), STR("composer"));
}

void composer_read(struct packages *out, const struct node *n, struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct jnode *json = record_json(n, &scratch);
	struct str path = tree_path(n, a);
	const struct jnode *all = jnode_is(json, JNODE_ARRAY) ? json : jnode_get(json, "packages");
	if (!jnode_is(all, JNODE_ARRAY))
		*vec_push(&out->unread, a) = path;
	for (const struct jnode *one = jnode_first(all); one; one = jnode_next(all, one)) {
		struct str name = jnode_get_str(one, "name", a);
		if (!name.n)
			continue;
		struct package *p = packages_add(out, PACKAGE_COMPOSER, n, path, a);
		p->name = p->source = name;
		p->version = jnode_get_str(one, "version", a);
		p->license = license_of(jnode_get(one, "license"), a);
	}
}

/* "install-path" is seen from the record; Composer 1 has none, and lays packages out by their names.
 * What lies beside the record are Composer's own lists. */
void composer_cover(struct cover *c, const struct node *record)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct jnode *json = record_json(record, &scratch);
	const struct jnode *all = jnode_is(json, JNODE_ARRAY) ? json : jnode_get(json, "packages");
	for (const struct node *n = record->parent->child; n; n = n->next)
		if (node_type(n) == ENTRY_FILE)
			cover_whole(c, n);
	for (const struct jnode *one = jnode_first(all); one; one = jnode_next(all, one)) {
		struct str name = jnode_get_str(one, "name", &scratch);
		const struct jnode *path = jnode_get(one, "install-path");
		if (path)
			cover_path(c, record, 1, jnode_str(path, &scratch));
		else if (name.n)
			cover_path(c, record, 2, name);
	}
}
