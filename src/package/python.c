/* What is installed for Python: NAME-VERSION.dist-info/METADATA (the core metadata specification,
 * PEP 427), NAME.egg-info/PKG-INFO (setuptools), the
 * same as EGG-INFO in a folder NAME.egg, and NAME.egg-info, a file (distutils). */
#include "package/formats.h"

bool is_python_record(const struct node *n)
{
	if (node_type(n) != ENTRY_FILE)
		return false;
	struct str folder = n->parent ? n->parent->name : STR("");
	return (str_eq(n->name, STR("METADATA")) && str_ends(folder, STR(".dist-info"))) ||
	       (str_eq(n->name, STR("PKG-INFO")) &&
	        (str_ends(folder, STR(".egg-info")) ||
	         (str_eq(folder, STR("EGG-INFO")) && str_ends(folder_above(n, 2), STR(".egg"))))) ||
	       str_ends(n->name, STR(".egg-info"));
}

/* The first of each counts. `License` may be a whole text, which goes on in lines that begin with a
 * blank; then it is no licence's name. */
static void read_headers(struct package *p, struct str content)
{
	struct str line, value, license = STR("");
	bool in_license = false;
	while (str_next(&content, '\n', &line) && str_trim(line).n) {
		if (in_license && (line.p[0] == ' ' || line.p[0] == '\t'))
			license = STR("");
		in_license = false;
		if (!p->name.n && record_field(line, "Name", &value))
			p->name = value;
		else if (!p->version.n && record_field(line, "Version", &value))
			p->version = value;
		else if (record_field(line, "License-Expression", &value))
			p->license = value;
		else if ((in_license = record_field(line, "License", &value)))
			license = value;
	}
	if (!p->license.n && !str_eq(license, STR("UNKNOWN"))) /* distutils' word for nothing */
		p->license = license;
}

void python_read(struct packages *out, const struct node *n, struct arena *a)
{
	struct str content, path = tree_path(n, a);
	struct package p = {.type = PACKAGE_PYPI, .path = path, .layer = n->layer};
	if (!node_kept(n, &content)) {
		*vec_push(&out->unread, a) = path;
		return;
	}
	read_headers(&p, content);
	p.source = p.name;
	if (p.name.n)
		*packages_add(out, PACKAGE_PYPI, n, path, a) = p;
}

/* ---- Files ---- */

/* The first field of a line of RFC 4180: in quotes where it holds a comma. */
static struct str first_field(struct str line)
{
	if (!str_starts(line, STR("\"")))
		return str_trim(str_slice(line, 0, str_index(line, ',')));
	line = str_skip(line, 1);
	return str_slice(line, 0, str_index(line, '"'));
}

static const struct node *sibling(const struct node *n, struct str name)
{
	for (n = n->parent ? n->parent->child : NULL; n; n = n->next)
		if (str_eq(n->name, name))
			return n;
	return NULL;
}

/* What was imported under: folders or modules beside the record's. */
static void cover_top_level(struct cover *c, const struct node *record, struct str names)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str name;
	while (str_next(&names, '\n', &name)) {
		name = str_trim(name);
		if (!name.n)
			continue;
		cover_path(c, record, 2, name);
		cover_path(c, record, 2, arena_printf(&scratch, "%.*s.py", STR_ARG(name)));
	}
}

/* RECORD (PEP 376, PEP 627) lists every file, seen from the folder that the record's folder lies in.
 * Without it, an egg is its folder, and what setuptools laid out is named by top_level.txt. */
void python_cover(struct cover *c, const struct node *record)
{
	struct str folder = folder_above(record, 1), content, line;
	bool has_folder = !str_ends(record->name, STR(".egg-info"));
	const struct node *list = has_folder ? sibling(record, STR("RECORD")) : NULL;
	if (!has_folder)
		return;
	cover_whole(c, record->parent);
	if (str_eq(folder, STR("EGG-INFO"))) {
		cover_whole(c, record->parent->parent);
	} else if (list && node_kept(list, &content)) {
		while (str_next(&content, '\n', &line))
			cover_path(c, record, 2, first_field(line));
	} else {
		list = sibling(record, STR("top_level.txt"));
		if (list && node_kept(list, &content))
			cover_top_level(c, record, content);
	}
}
