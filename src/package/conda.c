/* What Conda installed: conda-meta/NAME-VERSION-BUILD.json in each environment (conda, "Conda
 * environments: conda-meta"). A Python package that came this way has its own record as well, under
 * which its advisories are known: both are listed. */
#include "package/formats.h"

bool is_conda_record(const struct node *n)
{
	return str_ends(n->name, STR(".json")) && str_eq(folder_above(n, 1), STR("conda-meta"));
}

void conda_read(struct packages *out, const struct node *n, struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct jnode *json = record_json(n, &scratch);
	struct str path = tree_path(n, a), name = jnode_get_str(json, "name", a);
	if (!json)
		*vec_push(&out->unread, a) = path;
	if (!name.n)
		return;
	struct package *p = packages_add(out, PACKAGE_CONDA, n, path, a);
	p->name = p->source = name;
	p->version = jnode_get_str(json, "version", a);
	p->architecture = jnode_get_str(json, "subdir", a);
	p->license = jnode_get_str(json, "license", a);
}

/* "files" are seen from the environment. */
void conda_cover(struct cover *c, const struct node *record)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct jnode *files = jnode_get(record_json(record, &scratch), "files");
	for (const struct jnode *one = jnode_first(files); one; one = jnode_next(files, one))
		cover_path(c, record, 2, jnode_str(one, &scratch));
}
