#include "package/package.h"

#include <stdlib.h>

#include "package/formats.h"

static const char *const type_names[] = {"deb",   "apk",   "rpm", "pypi",     "golang", "npm",   "cargo",
                                         "maven", "gem", "composer", "nuget",  "conda", "generic"};

const char *package_type_name(enum package_type type)
{
	return type_names[type];
}

bool package_type_parse(struct str name, enum package_type *type)
{
	for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
		if (!str_eq(name, str_of(type_names[i])))
			continue;
		*type = (enum package_type)i;
		return true;
	}
	return false;
}

struct package *packages_add(struct packages *p, enum package_type type, const struct node *n,
                             struct str path, struct arena *a)
{
	struct package *new = vec_push(&p->list, a);
	new->type = type;
	new->path = path;
	new->layer = n->layer;
	return new;
}

/* ---- The system ---- */

/* os-release(5): a value may stand in quotes. */
static struct str unquoted(struct str value)
{
	value = str_trim(value);
	if (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') &&
	    value.p[value.n - 1] == value.p[0])
		value = str_slice(value, 1, value.n - 1);
	return value;
}

void packages_system(const struct tree *t, struct str *id, struct str *version)
{
	struct str content, line;
	*id = *version = STR("");
	if (!tree_kept(t, STR("/etc/os-release"), &content) &&
	    !tree_kept(t, STR("/usr/lib/os-release"), &content))
		return;
	while (str_next(&content, '\n', &line)) {
		if (str_starts(line, STR("ID=")))
			*id = unquoted(str_skip(line, 3));
		else if (str_starts(line, STR("VERSION_ID=")))
			*version = unquoted(str_skip(line, 11));
	}
}

/* ---- All of it ---- */

static int in_order(const void *left, const void *right)
{
	const struct package *x = left, *y = right;
	int c = (x->type > y->type) - (x->type < y->type);
	c = c ? c : str_cmp(x->name, y->name);
	c = c ? c : str_cmp(x->version, y->version);
	c = c ? c : str_cmp(x->architecture, y->architecture);
	return c ? c : str_cmp(x->path, y->path);
}

void packages_sort(struct packages *p)
{
	if (p->list.n)
		qsort(p->list.p, p->list.n, sizeof *p->list.p, in_order);
}

void packages_read(struct packages *p, const struct tree *t, struct arena *a)
{
	*p = (struct packages){0};
	packages_system(t, &p->system, &p->system_version);
	dpkg_read(p, t, a);
	apk_read(p, t, a);
	rpm_read(p, t, a);
	languages_read(p, t, a);
	packages_sort(p);
}

struct str_vec packages_of(const struct tree *t, struct arena *a)
{
	struct packages p = {0};
	struct str_vec names = {0};
	dpkg_read(&p, t, a);
	apk_read(&p, t, a);
	rpm_read(&p, t, a);
	for (size_t i = 0; i < p.list.n; i++)
		*vec_push(&names, a) = p.list.p[i].name;
	str_vec_sort_unique(&names);
	return names;
}
