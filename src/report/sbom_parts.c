/* What both documents of contents share. */
#include <stdlib.h>

#include "image/stream.h"
#include "report/sbom_report.h"

bool sbom_is_application(const struct packages *p, size_t i)
{
	const struct package *of = &p->list.p[i];
	for (; i < p->list.n; i++) {
		const struct package *other = &p->list.p[i];
		if (other->type != of->type || !str_eq(other->name, of->name) ||
		    !str_eq(other->version, of->version))
			break;
		if (!other->application)
			return false;
	}
	return of->application;
}

struct str sbom_uuid(const json_t *document, struct arena *a)
{
	char *text = json_dumps(document, JSON_COMPACT);
	if (!text)
		out_of_memory();
	struct str digest = str_skip(sha256_of(str_of(text), a), sizeof "sha256:" - 1);
	free(text);
	char *d = arena_cstr(a, digest);
	d[12] = '8';
	d[16] = "89ab"[d[16] & 3];
	return arena_printf(a, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", d, d + 8, d + 12, d + 16,
			    d + 20);
}

/* ---- Which files are whose ---- */

struct reading {
	struct sbom_files *files;
	const struct tree *tree;
	struct arena *arena;
};

static struct str key_of(enum package_type type, struct str name, struct arena *a)
{
	return arena_printf(a, "%s/%.*s", package_type_name(type), STR_ARG(name));
}

static bool add_file(const struct package_file *f, void *context)
{
	const struct reading *r = context;
	struct str path = f->folder.n ? arena_printf(r->arena, "/%.*s/%.*s", STR_ARG(f->folder),
						     STR_ARG(f->name))
				      : arena_printf(r->arena, "/%.*s", STR_ARG(f->name));
	struct node *n;
	if (tree_lookup(r->tree, NULL, path, false, &n) != TREE_FOUND || node_type(n) == ENTRY_DIR)
		return true;
	uintptr_t *of =
		map_put(&r->files->of, r->arena, key_of(f->type, f->package, r->arena), NULL);
	if (!*of)
		*of = (uintptr_t)ARENA_NEW(r->arena, struct str_vec);
	*vec_push((struct str_vec *)*of, r->arena) = path;
	return true;
}

void sbom_files_read(struct sbom_files *f, const struct sbom_result *r, struct arena *a)
{
	*f = (struct sbom_files){0};
	if (!r->tree)
		return;
	package_files(r->tree, NULL, add_file, &(struct reading){f, r->tree, a});
	for (size_t i = 0; i < f->of.cap; i++) {
		if (f->of.slot[i].used)
			str_vec_sort_unique((struct str_vec *)f->of.slot[i].value);
	}
}

const struct str_vec *sbom_files_of(const struct sbom_files *f, const struct package *p,
				    struct arena *a)
{
	static const struct str_vec none = {0};
	const struct str_vec *found = map_get(&f->of, key_of(p->type, p->name, a));
	return found ? found : &none;
}
